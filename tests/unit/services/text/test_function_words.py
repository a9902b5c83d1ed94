import pytest

from services.text.function_words import is_small


@pytest.mark.parametrize(
    ("primary", "words"),
    [
        ("ar", "في وفي التي والتي الى إلى وقال بأن هَذَا"),
        ("bg", "които обаче"),
        ("de", "dieser sagte"),
        ("el", "είναι σύμφωνα"),
        ("en", "That would"),
        ("es", "también"),
        ("fa", "که این می‌شود پنج‌شنبه"),
        ("fr", "plusieurs"),
        ("he", "של ושל שהוא"),
        ("hi", "है नहीं में"),
        ("it", "anche"),
        ("ko", "하지만 밝혔다"),
        ("nl", "volgens"),
        ("pl", "który powiedział"),
        ("pt", "também"),
        ("ru", "который заявил Однако"),
        ("sv", "enligt"),
        ("tr", "çünkü daha"),
        ("uk", "який також"),
        ("zh", "表示"),
    ],
)
def test_words_that_join_point_or_report_are_small(primary: str, words: str) -> None:
    assert [word for word in words.split() if not is_small(word, primary)] == []


@pytest.mark.parametrize(
    ("primary", "word"),
    [("ar", "وزير"), ("ar", "الوزير"), ("he", "ממשלה"), ("fa", "کتاب‌ها"), ("en", "ferry"), ("", "the")],
)
def test_words_that_tell_something_are_not(primary: str, word: str) -> None:
    assert not is_small(word, primary)
