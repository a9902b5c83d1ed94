"""Argos packages, read with argostranslate and decoded with CTranslate2 (docs/adr/0001)."""

import hashlib
import logging
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any, Protocol

from services.errors import EngineFailed
from services.model import Language, LanguagePair

log = logging.getLogger(__name__)

# Argos has two codes of its own for what BCP 47 calls by a script or a region.
_CODES = {"zt": "zh-Hant", "pb": "pt-BR"}
# Pieces decoded at once, and the most that they may become. The embedded models know 1,024 positions, other packages
# 512 and more, and are trained on 200; segments are shorter than this unless a script falls apart into characters.
_MAX_PIECES = 256
_MAX_DECODED_PIECES = 2 * _MAX_PIECES
# Sources decoded at once where there is no vocabulary map.
_MAX_BATCH = 32


class _Tokenizer(Protocol):
    def encode(self, texts: Sequence[str]) -> list[list[str]]: ...
    def decode(self, pieces: Sequence[str]) -> str: ...


@dataclass(frozen=True, slots=True)
class _SentencePiece:
    """The package's SentencePiece model. Argos' own decode is not used: it turns every underscore into a space."""

    processor: Any

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        pieces: list[list[str]] = self.processor.encode(list(texts), out_type=str)
        return pieces

    def decode(self, pieces: Sequence[str]) -> str:
        return str(self.processor.decode(list(pieces))).strip()


@dataclass(frozen=True, slots=True)
class _Bpe:
    """The package's BPE codes behind Moses' tokenizer, as Argos runs them."""

    tokenizer: Any

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        return [self.tokenizer.encode(text) for text in texts]

    def decode(self, pieces: Sequence[str]) -> str:
        return str(self.tokenizer.decode(list(pieces))).strip()


@dataclass(frozen=True, slots=True)
class _Engine:
    """A model in memory."""

    translator: Any
    tokenizer: _Tokenizer
    target_prefix: str
    has_vocabulary_map: bool

    def translate(self, texts: Sequence[str]) -> list[str]:
        # The model knows no white space but the space; SentencePiece would drop a vertical tab and join two words.
        encoded = self.tokenizer.encode([" ".join(text.split()) for text in texts])
        windows = [
            (at, pieces[start : start + _MAX_PIECES])
            for at, pieces in enumerate(encoded)
            for start in range(0, len(pieces), _MAX_PIECES)
        ]
        decoded: list[list[str]] = [[] for _ in texts]
        for (at, _), pieces in zip(windows, self._decode([pieces for _, pieces in windows]), strict=True):
            decoded[at] += pieces
        return [self.tokenizer.decode(pieces) for pieces in decoded]

    def _decode(self, sources: list[list[str]]) -> list[list[str]]:
        """Decode each source as if it were alone.

        A vocabulary map takes its candidates from the whole batch, so there each is decoded by itself. Without a map
        only padding shows: it turns the last bits of the attention, which int8 makes large. Batches of sources of
        one length need none, and are faster.
        """
        prefix = [self.target_prefix] if self.target_prefix else []
        by_length: dict[int, list[int]] = {}
        for at, pieces in enumerate(sources):
            by_length.setdefault(len(pieces), []).append(at)
        waiting: dict[int, Any] = {}
        for _, places in sorted(by_length.items(), reverse=True):  # the longest first, so that no worker ends late
            results = self.translator.translate_batch(
                [sources[at] for at in places],
                target_prefix=[prefix] * len(places) if prefix else None,
                beam_size=1,
                replace_unknowns=True,
                max_input_length=0,
                max_decoding_length=len(prefix) + _MAX_DECODED_PIECES,
                use_vmap=self.has_vocabulary_map,
                max_batch_size=1 if self.has_vocabulary_map else _MAX_BATCH,
                asynchronous=True,
            )
            waiting.update(zip(places, results, strict=True))
        return [waiting[at].result().hypotheses[0][len(prefix) :] for at in range(len(sources))]


class ArgosTranslator:
    """The packages in a folder, each loaded when it is first needed and kept on the instance. Thread-safe.

    `workers` sentences are decoded at a time, one thread each. A package that cannot be read is left out and logged.
    """

    def __init__(self, packages: Path, workers: int) -> None:
        _import_argos_settings()
        self._folder = packages
        self._workers = workers
        self._packages: dict[LanguagePair, Any] | None = None
        self._engines: dict[LanguagePair, _Engine] = {}
        self._model_ids: dict[LanguagePair, str] = {}
        self._lock = RLock()

    def languages(self) -> Mapping[Language, str]:
        """Every language that some package reads or writes, with the name its metadata gives."""
        names = {}
        for pair, package in self._installed().items():
            names[pair.source] = package.from_name or str(pair.source)
            names[pair.target] = package.to_name or str(pair.target)
        return names

    def pairs(self) -> Collection[LanguagePair]:
        """The pairs of the installed packages."""
        return self._installed().keys()

    def model_id(self, pair: LanguagePair) -> str:
        """`en_pt-1.0-` and a digest of the package's content and of the decoder's version. Raises EngineFailed."""
        with self._lock, _translated(pair):
            if pair not in self._model_ids:
                package = self._installed()[pair]
                digest = _content_digest(package.package_path)
                self._model_ids[pair] = f"{package.from_code}_{package.to_code}-{package.package_version}-{digest}"
            return self._model_ids[pair]

    def translate(self, texts: Sequence[str], pair: LanguagePair) -> list[str]:
        """Translate each text by itself, greedily. Raises EngineFailed."""
        with _translated(pair):
            return self._engine(pair).translate(texts)

    def _installed(self) -> dict[LanguagePair, Any]:
        with self._lock:
            if self._packages is None:
                self._packages = self._read_packages()
            return self._packages

    def _read_packages(self) -> dict[LanguagePair, Any]:
        """The packages that can be read; of several for one pair the highest version."""
        from argostranslate import package as argos

        found: dict[LanguagePair, Any] = {}
        for folder in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            try:
                if not (folder / "metadata.json").is_file():
                    continue
                package = argos.Package(folder)
                if package.type != "translate":
                    continue
                pair = LanguagePair(_language(package.from_code), _language(package.to_code))
                package.tokenizer  # noqa: B018  a package without a tokenizer has no such attribute
            except Exception:
                log.exception("package left out", extra={"package": folder.name})
                continue
            if pair not in found or _version(package) > _version(found[pair]):
                found[pair] = package
        return found

    def _engine(self, pair: LanguagePair) -> _Engine:
        """The one place where the heavy libraries are imported and a model is read from disk."""
        with self._lock:
            if pair not in self._engines:
                import ctranslate2

                package = self._installed()[pair]
                model = package.package_path / "model"
                self._engines[pair] = _Engine(
                    ctranslate2.Translator(
                        str(model), device="cpu", compute_type="int8", inter_threads=self._workers, intra_threads=1
                    ),
                    _tokenizer(package),
                    package.target_prefix,
                    (model / "vmap.txt").is_file(),
                )
            return self._engines[pair]


def _tokenizer(package: Any) -> _Tokenizer:  # noqa: ANN401
    if hasattr(package.tokenizer, "lazy_processor"):
        return _SentencePiece(package.tokenizer.lazy_processor())
    package.tokenizer.lazy_load()  # here, in one thread: it is not safe in several
    return _Bpe(package.tokenizer)


def _language(code: str) -> Language:
    return Language.parse(_CODES.get(code, code))


def _version(package: Any) -> list[int]:  # noqa: ANN401
    return [int(number) for number in re.findall(r"\d+", str(package.package_version))]


def _content_digest(package: Path) -> str:
    """Twelve hex digits over all that decides an answer: weights, tokenizer, metadata, decoder version."""
    import ctranslate2

    digest = hashlib.sha256(ctranslate2.__version__.encode())
    used = [package / "metadata.json", package / "sentencepiece.model", package / "bpe.model"]
    for path in [*used, *sorted((package / "model").rglob("*"))]:
        if path.is_file():
            digest.update(str(path.relative_to(package)).encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]


def _import_argos_settings() -> None:
    """Import the module of argostranslate that makes folders under HOME at import, giving it a passing folder.

    On Lambda HOME is read-only, and on a laptop those folders are nobody's wish. The environment is the process's, so
    this is done while there is one thread, and imports nothing heavy.
    """
    folders = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ARGOS_PACKAGES_DIR")
    before = {name: os.environ.get(name) for name in folders}
    with TemporaryDirectory() as passing:
        os.environ.update(dict.fromkeys(folders, passing))
        try:
            import argostranslate.settings  # noqa: F401
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _translated(pair: LanguagePair) -> Iterator[None]:
    try:
        yield
    # CTranslate2 and SentencePiece raise RuntimeError, OSError, ValueError and more; Argos exits at broken BPE codes.
    except (Exception, SystemExit) as exc:
        raise EngineFailed(f"the model for {pair} failed", pair=str(pair)) from exc
