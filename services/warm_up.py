"""Does at the start what the first requests would have to wait for."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.detect import DetectLanguage
from services.errors import EngineFailed
from services.model import Content, Language
from services.ports import SentenceRanker, Translator
from services.text.reading import read

log = logging.getLogger(__name__)

# Of no language in particular: a model need not translate them well, only once.
_SENTENCES = ("Radio Europa, Madrid.", "Angela Merkel, Berlin.", "Lisboa, 2024.")
_ENGLISH = Language("en")


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Loads every model and decodes a sentence with each, detects a language, picks a sentence, prepares connections.

    It opens none of them and keeps nothing.
    """

    translator: Translator
    detect: DetectLanguage
    ranker: SentenceRanker
    prepare: Sequence[Callable[[], object]]

    def __call__(self) -> None:
        """Do it all; a model that fails is logged, and fails again when it is asked for."""
        for prepare in self.prepare:
            prepare()
        self.detect(" ".join(_SENTENCES), self.translator.languages().keys())
        reading = read(Content(" ".join(_SENTENCES)))
        texts = reading.segment([((0, len(reading.text)), _ENGLISH)]).texts
        self.ranker.top(texts, 1, _ENGLISH, None)
        for pair in sorted(self.translator.pairs(), key=str):
            try:
                self.translator.model_id(pair)
                self.translator.translate(_SENTENCES[:1], pair)
            except EngineFailed as exc:
                log.error("model not loaded", extra={"code": exc.code, "facts": exc.facts})
