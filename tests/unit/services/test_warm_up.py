from collections.abc import Sequence

import pytest

from services.detect import DetectLanguage
from services.model import LanguagePair
from services.ports import Hypothesis
from services.warm_up import WarmUp
from tests.fakes.models import BrokenTranslator, FixedIdentifier, LeadRanker, MarkingTranslator


class Naming(MarkingTranslator):
    """Remembers the models whose id was asked for, and the pairs that were translated."""

    def __init__(self, *pairs: str) -> None:
        super().__init__(*pairs)
        self.named: list[str] = []
        self.decoded: list[str] = []

    def model_id(self, pair: LanguagePair) -> str:
        """Remember, and name."""
        self.named.append(str(pair))
        return super().model_id(pair)

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        """Remember, and translate."""
        self.decoded.append(str(pair))
        return super().translate(texts, pair, hypotheses, detailed)


def test_every_model_decodes_a_sentence_and_every_connection_is_made_ready() -> None:
    translator, prepared = Naming("en>pt", "pt>en", "es>en"), []
    WarmUp(
        translator,
        DetectLanguage(FixedIdentifier()),
        LeadRanker(),
        [lambda: prepared.append("s3"), lambda: prepared.append("sqs")],
    )()
    assert translator.named == translator.decoded == ["en-pt", "es-en", "pt-en"]
    assert all(any(map(str.isalpha, text)) for text in translator.texts)
    assert prepared == ["s3", "sqs"]


def test_a_model_that_fails_does_not_keep_the_service_from_starting(caplog: pytest.LogCaptureFixture) -> None:
    WarmUp(BrokenTranslator(), DetectLanguage(FixedIdentifier()), LeadRanker(), [])()
    assert [record.code for record in caplog.records] == ["engine-failed"] * 2  # type: ignore[attr-defined]
