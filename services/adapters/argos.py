"""Argos packages, read with argostranslate and decoded with CTranslate2 (docs/adr/0001)."""

import hashlib
import logging
import os
import re
import unicodedata
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any, Protocol

from services.errors import EngineFailed
from services.model import Language, LanguagePair
from services.ports import Count, Hypothesis, Meter
from services.text.clauses import Span
from services.text.edits import Edit, Edits

log = logging.getLogger(__name__)

# Argos has two codes of its own for what BCP 47 calls by a script or a region.
_CODES = {"zt": "zh-Hant", "pb": "pt-BR"}
# Pieces decoded at once, and the most that they may become. The embedded models know 1,024 positions, other packages
# 512 and more, and are trained on 200; segments are shorter than this unless a script falls apart into characters.
_MAX_PIECES = 256
_MAX_DECODED_PIECES = 2 * _MAX_PIECES
# Sources decoded at once where there is no vocabulary map.
_MAX_BATCH = 32
_MIN_BEAM = 4
_SIGNS = ("No", "So", "Sk")  # other numbers, other symbols, modifiers
_LAYOUT = re.compile(r"^\s+|\s+$|(?! (?!\s))\s+")


@dataclass(frozen=True, slots=True)
class _Pieces:
    """A text as a model sees it, and where each piece stands in it."""

    pieces: list[str]
    spans: list[Span]


class _Tokenizer(Protocol):
    def knows(self, character: str) -> bool: ...
    def rarity(self, word: str) -> float: ...
    def encode(self, texts: Sequence[str]) -> list[_Pieces]: ...
    def decode(self, pieces: Sequence[str]) -> tuple[str, list[Span]]: ...


@dataclass(frozen=True, slots=True)
class _SentencePiece:
    """The package's SentencePiece model. Argos' own decode is not used: it turns every underscore into a space."""

    processor: Any

    def knows(self, character: str) -> bool:
        pieces = self.processor.encode(character)
        if self.processor.unk_id() in pieces:
            return False
        # SentencePiece reads ² as 2 and ™ as TM, and what was written is lost.
        return unicodedata.category(character) not in _SIGNS or self.processor.decode(pieces).strip() == character

    def rarity(self, word: str) -> float:
        return -float(sum(map(self.processor.get_score, self.processor.encode(word))))

    def encode(self, texts: Sequence[str]) -> list[_Pieces]:
        # One by one: for a list SentencePiece starts threads, which takes longer than a sentence.
        encoded = (self.processor.encode(text, return_type="offset_mapping") for text in texts)
        return [_Pieces(text["pieces"], text["offsets"]) for text in encoded]

    def decode(self, pieces: Sequence[str]) -> tuple[str, list[Span]]:
        decoded = self.processor.decode(list(pieces), return_type="offset_mapping")
        return decoded["text"], decoded["offsets"]


@dataclass(frozen=True, slots=True)
class _Bpe:
    """The package's BPE codes behind Moses' tokenizer, as Argos runs them."""

    tokenizer: Any

    def knows(self, character: str) -> bool:
        return True  # its codes do not tell; the packages with BPE are trained on whole scripts

    def rarity(self, word: str) -> float:
        return float(len(self.tokenizer.encode(word)))

    def encode(self, texts: Sequence[str]) -> list[_Pieces]:
        encoded = (self.tokenizer.encode(text) for text in texts)
        return [_Pieces(pieces, _located(pieces, text)) for pieces, text in zip(encoded, texts, strict=True)]

    def decode(self, pieces: Sequence[str]) -> tuple[str, list[Span]]:
        text = str(self.tokenizer.decode(list(pieces)))
        return text, _located(pieces, text)


def _located(pieces: Sequence[str], text: str) -> list[Span]:
    """Where BPE pieces stand in a text, each looked for after the one before; an empty span for one not to be found."""
    spans, position = list[Span](), 0
    for piece in pieces:
        word = unescape(piece.removesuffix("@@"))
        at = text.find(word, position, position + len(word) + 16)
        spans.append((at, at + len(word)) if at >= 0 else (position, position))
        position = spans[-1][1]
    return spans


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A hypothesis in pieces, the sum of their log-probabilities, and for each the source piece most attended to.

    Without details there are no origins, and the sum is nothing.
    """

    pieces: list[str]
    log_probability: float
    origins: list[int]


@dataclass(frozen=True, slots=True)
class _Engine:
    """A model in memory."""

    translator: Any
    tokenizer: _Tokenizer
    target_prefix: str
    has_vocabulary_map: bool
    size_bytes: int
    known: dict[str, bool] = field(default_factory=dict, compare=False)

    def unknown(self, characters: Collection[str]) -> frozenset[str]:
        for character in characters:
            if character not in self.known:
                self.known[character] = self.tokenizer.knows(character)
        return frozenset(character for character in characters if not self.known[character])

    def batches(self, texts: Sequence[str], hypotheses: int) -> list[list[int]]:
        if self._max_batch(hypotheses) == 1:
            return [[at] for at in sorted(range(len(texts)), key=lambda at: len(texts[at]), reverse=True)]
        encoded = self.tokenizer.encode(texts)
        return _of_one_length([len(text.pieces) for text in encoded], _MAX_BATCH)

    def translate(self, texts: Sequence[str], hypotheses: int, detailed: bool) -> list[list[Hypothesis]]:
        # The model knows no white space but the space; SentencePiece would drop a vertical tab and join two words.
        layouts = [Edits(Edit(m.start(), m.end(), _one_space(m)) for m in _LAYOUT.finditer(text)) for text in texts]
        encoded = self.tokenizer.encode([edits.apply(text) for text, edits in zip(texts, layouts, strict=True)])
        windows = [
            (at, start, text.pieces[start : start + _MAX_PIECES])
            for at, text in enumerate(encoded)
            for start in range(0, len(text.pieces), _MAX_PIECES)
        ]
        decoded: list[list[list[_Decoded]]] = [[] for _ in texts]
        answers = self._decode([pieces for _, _, pieces in windows], hypotheses, detailed)
        for (at, start, _), answer in zip(windows, answers, strict=True):
            decoded[at].append([replace(one, origins=[start + origin for origin in one.origins]) for one in answer])
        return [
            [self._hypothesis(combined, source, edits.reversed(text), detailed) for combined in _combined(of_windows)]
            for text, source, edits, of_windows in zip(texts, encoded, layouts, decoded, strict=True)
        ]

    def _hypothesis(self, decoded: _Decoded, source: _Pieces, to_text: Edits, detailed: bool) -> Hypothesis:
        text, spans = self.tokenizer.decode(decoded.pieces)
        if not detailed:
            return Hypothesis(text.strip())
        indent = len(text) - len(text.lstrip())
        links = tuple(
            (*to_text.moved(*source.spans[origin]), max(0, start - indent), max(0, end - indent))
            for origin, (start, end) in zip(decoded.origins, spans, strict=False)
        )
        return Hypothesis(text.strip(), decoded.log_probability / max(1, len(decoded.pieces)), links)

    def _max_batch(self, hypotheses: int) -> int:
        """How many sources are decoded at once.

        A vocabulary map takes its candidates from the whole batch, so there each is decoded by itself. Without a map
        only padding shows: it turns the last bits of the attention, which int8 makes large. Batches of sources of
        one length need none, and are faster.
        """
        return 1 if self.has_vocabulary_map or hypotheses > 1 else _MAX_BATCH

    def _decode(self, sources: list[list[str]], hypotheses: int, detailed: bool) -> list[list[_Decoded]]:
        """Decode each source as if it were alone."""
        size = self._max_batch(hypotheses)
        batches = _of_one_length([len(pieces) for pieces in sources], size)
        if size == 1 and batches:  # CTranslate2 goes from one to the next more quickly than we do
            batches = [list(chain.from_iterable(batches))]
        answers = (self._decode_batch([sources[at] for at in batch], hypotheses, detailed) for batch in batches)
        decoded = dict(zip(chain.from_iterable(batches), chain.from_iterable(answers), strict=True))
        return [decoded[at] for at in range(len(sources))]

    def _decode_batch(self, sources: list[list[str]], hypotheses: int, detailed: bool) -> list[list[_Decoded]]:
        prefix = [self.target_prefix] if self.target_prefix else []
        results = self.translator.translate_batch(
            sources,
            target_prefix=[prefix] * len(sources) if prefix else None,
            beam_size=1 if hypotheses == 1 else max(_MIN_BEAM, hypotheses),
            num_hypotheses=hypotheses,
            return_scores=detailed,
            return_attention=detailed,
            replace_unknowns=True,
            max_input_length=0,
            max_batch_size=self._max_batch(hypotheses),
            max_decoding_length=len(prefix) + _MAX_DECODED_PIECES,
            use_vmap=self.has_vocabulary_map,
        )
        if not detailed:
            return [[_Decoded(pieces[len(prefix) :], 0.0, []) for pieces in result.hypotheses] for result in results]
        return [
            [
                _Decoded(
                    pieces[len(prefix) :],
                    score * len(pieces),  # CTranslate2 divides by the length
                    [_strongest(row[: len(source)]) for row in attention[len(prefix) :]],
                )
                for pieces, score, attention in zip(result.hypotheses, result.scores, result.attention, strict=True)
            ]
            for source, result in zip(sources, results, strict=True)
        ]


def _of_one_length(lengths: Sequence[int], size: int) -> list[list[int]]:
    """The positions of equal lengths, at most so many together, the longest first, so that no worker ends late."""
    by_length: dict[int, list[int]] = {}
    for at, length in enumerate(lengths):
        by_length.setdefault(length, []).append(at)
    return [
        places[start : start + size]
        for _, places in sorted(by_length.items(), reverse=True)
        for start in range(0, len(places), size)
    ]


def _combined(windows: Sequence[Sequence[_Decoded]]) -> list[_Decoded]:
    """The hypotheses of a text from those of its windows: best with best."""
    if len(windows) == 1:
        return list(windows[0])
    return [
        _Decoded(
            [piece for one in ranked for piece in one.pieces],
            sum(one.log_probability for one in ranked),
            [origin for one in ranked for origin in one.origins],
        )
        for ranked in zip(*windows, strict=False)
    ] or [_Decoded([], 0.0, [])]


def _strongest(weights: Sequence[float]) -> int:
    return weights.index(max(weights))


def _one_space(layout: re.Match[str]) -> str:
    return " " if layout.start() > 0 and layout.end() < len(layout.string) else ""


class ArgosTranslator:
    """The packages in a folder, each loaded when it is first needed and kept on the instance. Thread-safe.

    Each decodes for so many threads at a time. Those used least recently are unloaded when the files of the loaded
    models exceed `max_model_bytes`. A package that cannot be read is left out and logged.
    """

    def __init__(self, packages: Path, workers: int, max_model_bytes: int, meter: Meter) -> None:
        _import_argos_settings()
        self._meter = meter
        self._folder = packages
        self._workers = workers
        self._max_model_bytes = max_model_bytes
        self._packages: dict[LanguagePair, Any] | None = None
        self._engines: OrderedDict[LanguagePair, _Engine] = OrderedDict()
        self._model_ids: dict[LanguagePair, str] = {}
        self._lock = RLock()
        self._pair_locks: defaultdict[LanguagePair, RLock] = defaultdict(RLock)

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
        with _translated(pair), self._alone(pair):
            if pair not in self._model_ids:
                package = self._installed()[pair]
                digest = _content_digest(package.package_path)
                self._model_ids[pair] = f"{package.from_code}_{package.to_code}-{package.package_version}-{digest}"
            return self._model_ids[pair]

    def unknown(self, characters: Collection[str], pair: LanguagePair) -> frozenset[str]:
        """The characters without a piece of their own. Raises EngineFailed."""
        with _translated(pair):
            return self._engine(pair).unknown(characters)

    def rarity(self, word: str, pair: LanguagePair) -> float:
        """The negative log-probability of a word's pieces, or how many there are. Raises EngineFailed."""
        with _translated(pair):
            return self._engine(pair).tokenizer.rarity(word)

    def batches(self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1) -> list[list[int]]:
        """Texts of one length in pieces together; each alone with a vocabulary map, or a beam. Raises EngineFailed."""
        with _translated(pair):
            return self._engine(pair).batches(texts, hypotheses)

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        """Translate each text by itself, greedily or with a beam of at least four. Raises EngineFailed."""
        with _translated(pair):
            return self._engine(pair).translate(texts, hypotheses, detailed)

    def _alone(self, pair: LanguagePair) -> RLock:
        """One thread for each pair: a model that is being read makes nobody wait who needs another."""
        with self._lock:
            return self._pair_locks[pair]

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
        if engine := self._loaded(pair):  # nearly always, and it waits for nobody
            return engine
        with self._alone(pair):
            if engine := self._loaded(pair):
                return engine
            engine = self._load(self._installed()[pair])
            self._meter.count(Count.MODELS_LOADED)
            with self._lock:
                self._engines[pair] = engine
                self._unload_others()
            return engine

    def _loaded(self, pair: LanguagePair) -> _Engine | None:
        with self._lock:
            if engine := self._engines.get(pair):
                self._engines.move_to_end(pair)
            return engine

    def _load(self, package: Any) -> _Engine:  # noqa: ANN401
        """The one place where the heavy libraries are imported and a model is read from disk."""
        import ctranslate2

        model = package.package_path / "model"
        return _Engine(
            # Each of its workers does one translation at a time, in one thread; the weights are there once.
            ctranslate2.Translator(
                str(model), device="cpu", compute_type="int8", inter_threads=self._workers, intra_threads=1
            ),
            _tokenizer(package),
            package.target_prefix,
            (model / "vmap.txt").is_file(),
            sum(file.stat().st_size for file in model.iterdir()),
        )

    def _unload_others(self) -> None:
        """Forget models until the rest is small enough; whoever still decodes with one keeps it until the end."""
        while len(self._engines) > 1 and sum(e.size_bytes for e in self._engines.values()) > self._max_model_bytes:
            pair, _ = self._engines.popitem(last=False)
            log.info("model unloaded", extra={"pair": str(pair)})


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
