"""A sentence is translated the same, whatever else is being translated."""

from collections.abc import Collection

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.cache import SentenceCache
from services.model import LanguagePair
from services.rendering import Rendering
from services.route import Route
from services.schedule import FairPool
from services.sentences import TranslateSentences
from tests.fakes.meters import RecordingMeter
from tests.fakes.models import MarkingTranslator, pair

EN_PT = Route((pair("en>pt"),))
POOL = FairPool(1)
# Letters beside what they come to without their marks, which is unknown or known by itself: µ and μ, ſ and s.
LETTERS = "µμﬁfiſsĿlÅéeŁ⁵5漢я€ a."


class Unlettered(MarkingTranslator):
    """Cannot read some characters, and spells out whatever is not ASCII, so that one sees what it was given."""

    def __init__(self, unread: Collection[str]) -> None:
        super().__init__()
        self._unread = frozenset(unread)

    def unknown(self, characters: Collection[str], pair: LanguagePair) -> frozenset[str]:
        """Those that were asked for, and no others."""
        return self._unread.intersection(characters)

    def translation(self, text: str, pair: LanguagePair) -> str:
        return text.encode("ascii", "backslashreplace").decode()


def rendered(unread: Collection[str], *sentences: str) -> tuple[Rendering, ...]:
    return TranslateSentences(Unlettered(unread), SentenceCache(0), POOL, RecordingMeter())(sentences, EN_PT).items


@pytest.mark.parametrize(
    ("unread", "sentence", "other"),
    [
        ("µμ", "It is 5 µm wide.", "The letter is μ."),
        ("ſs", "It was loſt.", "She is here."),
        ("ée", "A café.", "The end."),
        ("ée", "A cafe.", "Un été."),
        ("é", "CAFÉ REOPENS IN THE OLD TOWN TODAY", "Un été."),
    ],
)
def test_letters_of_another_sentence_change_nothing(unread: str, sentence: str, other: str) -> None:
    (alone,) = rendered(unread, sentence)
    assert rendered(unread, sentence, other)[0] == alone
    assert rendered(unread, other, sentence)[1] == alone


@given(
    st.lists(st.text(LETTERS, max_size=12), min_size=1, max_size=5), st.frozensets(st.sampled_from(LETTERS)), st.data()
)
@example(["µ", "μ"], frozenset("µμ"), None)
def test_any_sentence_is_the_same_alone_and_in_company(
    sentences: list[str], unread: frozenset[str], data: st.DataObject | None
) -> None:
    together = rendered(unread, *sentences)
    at = data.draw(st.integers(0, len(sentences) - 1)) if data else 0
    assert rendered(unread, sentences[at]) == (together[at],)
