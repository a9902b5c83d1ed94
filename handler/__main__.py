"""On a laptop: `python -m handler serve`, `work`, and `demo FILE TARGET`."""

import argparse
import logging
import socket
import sys
import textwrap
import time
from pathlib import Path
from threading import Event, Thread

from pydantic import ValidationError

from handler.settings import Settings
from handler.telemetry import configure_logging
from handler.wiring import Services, build
from services.errors import ServiceError
from services.model import Content, Format, Language

log = logging.getLogger(__name__)

_SWEEP_EVERY_S = 6 * 3_600
_FORMATS = {".html": Format.HTML, ".htm": Format.HTML, ".md": Format.MARKDOWN, ".markdown": Format.MARKDOWN}
_SAMPLE = Path(__file__).parent / "sample.txt"


def main() -> None:
    """Run one of the commands; what goes wrong, or is interrupted, ends in one clear sentence or none."""
    arguments = _parser().parse_args()
    try:
        settings = Settings()
        services = build(settings)
        if arguments.command == "demo":
            demo(services, arguments.file, arguments.target)
            return
        configure_logging(settings.log_level, settings.service)
        if arguments.command == "work":
            services.pump.work(Event())
        else:
            serve(services, arguments.host, arguments.port)
    except ValidationError as exc:
        faults = (f"INTERLEDE_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in exc.errors())
        sys.exit(f"interlede: {'; '.join(faults)}")
    except (ServiceError, OSError, UnicodeDecodeError) as exc:
        sys.exit(f"interlede: {exc}")
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says that SIGINT ended it


def demo(services: Services, file: Path, target: str) -> None:
    """Print the translation and the summary of a file: HTML or Markdown by its name, else text.

    The first line of a text may be a headline before a blank line.
    """
    format_, text = _FORMATS.get(file.suffix.lower(), Format.TEXT), file.read_text(encoding="utf-8-sig")
    title, text = _split_headline(text) if format_ is Format.TEXT else (None, text)
    began = time.perf_counter()
    answer = services.prepare_article(title, Content(text, format_), None, Language.parse(target))
    elapsed_s = time.perf_counter() - began
    article = answer.result
    print(f"\n{file.name}: {article.body.source or 'unknown'} -> {target}", end=" ")
    print(f"({len(text):,} characters, {elapsed_s:.2f} s, model {article.body.model}, cache {answer.cache})\n")
    if article.title:
        print(_wrapped(article.title.text), end="\n\n")
    print(_wrapped(article.body.text) if format_ is Format.TEXT else article.body.content, end="\n\n")
    print(f"In {len(article.summary.sentences)} sentences ({article.summary.method}):")
    for sentence in article.summary_translations:
        print(textwrap.fill(sentence, 100, initial_indent="  * ", subsequent_indent="    "))
    print(flush=True)


def serve(services: Services, host: str, port: int) -> None:
    """Take the port, show the sample article as a first sign of life, and serve until interrupted."""
    import uvicorn

    from handler.app import create_app  # which a worker does without, and its half second

    with _listen(host, port) as listener:
        try:
            demo(services, _SAMPLE, "pt")
        except ServiceError as exc:  # with other packages than the embedded ones there may be no way to Portuguese
            print(f"The sample article cannot be shown: {exc}")
        Thread(target=_sweep, args=(services,), name="sweep", daemon=True).start()
        address = f"[{host}]" if ":" in host else host
        print(f"Serving on http://{address}:{port} (described at /openapi.json; Ctrl-C ends it)", flush=True)
        config = uvicorn.Config(
            create_app(services),
            log_config=None,
            access_log=False,  # it would tell query strings, with the texts and keys in them
            lifespan="off",
            timeout_graceful_shutdown=30,
        )
        with services.pump.at_work():
            uvicorn.Server(config).run(sockets=[listener])


def _sweep(services: Services) -> None:
    """Delete what has expired, now and every few hours."""
    while True:
        try:
            services.sweep()
        except ServiceError as exc:
            log.warning("not swept: %s", exc.detail, extra={"code": exc.code})
        time.sleep(_SWEEP_EVERY_S)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=512)
        # asyncio does this for listeners of its own only; without it each answer on a kept connection takes 40 ms more.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, OverflowError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else exc
        raise OSError(f"cannot listen on {host}:{port} ({reason}); choose another, as in PORT=8001") from exc


def _split_headline(text: str) -> tuple[str | None, str]:
    first, blank, rest = text.partition("\n\n")
    is_headline = blank and rest.strip() and "\n" not in first.strip() and len(first) <= 200
    return (first.strip(), rest) if is_headline else (None, text)


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, 100) for line in text.splitlines())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m handler", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="show a sample article and serve the API")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8000)
    commands.add_parser("work", help="do the tasks of jobs, and serve nothing")
    showing = commands.add_parser("demo", help="translate and summarise a file: text, HTML or Markdown")
    showing.add_argument("file", type=Path)
    showing.add_argument("target", help="a language tag, such as pt")
    return parser


if __name__ == "__main__":
    main()
