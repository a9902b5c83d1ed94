"""The contestants of bench.translation, each in a process of its own: `python -m bench.peers NAME CORES`.

A line in is an article, as a JSON string; the line out is how many seconds its translation took.
"""

import json
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from types import ModuleType, SimpleNamespace

import httpx2
import uvicorn

from handler.app import create_app
from handler.settings import Settings
from handler.wiring import build
from services.model import Language
from services.text.segment import segment

SOURCE, TARGET = Language("en"), Language("pt")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

Work = Callable[[], object]
Peer = Callable[[str], Work]
"""Takes an article, and gives the work that is to be timed."""


def argos_default(cores: int, scratch: Path) -> Peer:
    """The Argos library as it comes: it chooses its threads itself, unless there is one core."""
    return _argos_library({"ARGOS_INTRA_THREADS": "1"} if cores == 1 else {}, scratch)


def argos_tuned(cores: int, scratch: Path) -> Peer:
    """The Argos library with the threads that we take ourselves: a worker for each core, one thread each."""
    return _argos_library({"ARGOS_INTER_THREADS": str(cores), "ARGOS_INTRA_THREADS": "1"}, scratch)


def use_case(cores: int, scratch: Path) -> Peer:
    """Our translation without HTTP."""
    translate = build(_settings(cores, scratch)).translate
    return lambda text: partial(translate, [text], SOURCE, TARGET)


def http_api(cores: int, scratch: Path) -> Peer:
    """Our translation over HTTP, client and server in one process."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does so only for sockets that it makes
    app = create_app(build(_settings(cores, scratch)))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    client = httpx2.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60)

    def post(text: str) -> str:
        body = {"text": text, "source": str(SOURCE), "target": str(TARGET)}
        return str(client.post("/v1/translations", json=body).raise_for_status().json())

    return lambda text: partial(post, text)


def ceiling(cores: int, _scratch: Path) -> Peer:
    """CTranslate2 and nothing else: sentences are found and tokenised before, and nothing is put together after."""
    import ctranslate2
    import sentencepiece

    package = Settings().packages / f"translate-{SOURCE}_{TARGET}-1_0"
    processor = sentencepiece.SentencePieceProcessor(model_file=str(package / "sentencepiece.model"))
    translator = ctranslate2.Translator(
        str(package / "model"), compute_type="int8", inter_threads=cores, intra_threads=1
    )

    def prepare(text: str) -> Work:
        pieces = processor.encode(segment(text, SOURCE).texts, out_type=str)
        return partial(translator.translate_batch, pieces, beam_size=1, use_vmap=True, max_batch_size=1)

    return prepare


PEERS = {peer.__name__.replace("_", "-"): peer for peer in (argos_default, argos_tuned, use_case, http_api, ceiling)}


def _argos_library(threads: dict[str, str], scratch: Path) -> Peer:
    """The library over our packages. Its sentence splitter is another, and a cheaper one: the models are downloads."""
    os.environ.update(dict.fromkeys(("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(scratch)))
    os.environ.update(threads, ARGOS_PACKAGES_DIR=str(Settings().packages))
    sys.modules["minisbd"] = _minisbd()
    from argostranslate.translate import translate

    return lambda text: partial(translate, text, str(SOURCE), str(TARGET))


def _settings(cores: int, scratch: Path) -> Settings:
    return Settings(workers=cores, results=str(scratch / "results"))


def _minisbd() -> ModuleType:
    """What the Argos library imports of MiniSBD, which is AGPL and not installed, with a regular expression inside."""
    module = ModuleType("minisbd")
    splitter = SimpleNamespace(sentences=_SENTENCE_END.split)
    models = SimpleNamespace(list_models=lambda: [str(SOURCE), str(TARGET)])
    vars(module).update(SBDetect=lambda _language, use_gpu: splitter, models=models)
    return module


def _seconds(work: Work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(name: str, cores: int) -> None:
    """Translate every article that comes, on so many cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    with tempfile.TemporaryDirectory() as scratch:
        peer = PEERS[name](cores, Path(scratch))
        for line in sys.stdin:
            print(_seconds(peer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
