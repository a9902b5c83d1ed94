import pytest

from handler.media import answer_type, charset, media_type

JSON, TEXT = "application/json", "text/plain"


@pytest.mark.parametrize(
    ("accept", "content_type", "answer"),
    [
        ("", "", JSON),
        ("", JSON, JSON),
        ("", TEXT, TEXT),
        ("*/*", "text/plain; charset=utf-8", TEXT),
        ("*/*", JSON, JSON),
        (JSON, TEXT, JSON),
        (TEXT, JSON, TEXT),
        ("text/*", JSON, TEXT),
        ("text/plain;q=0.5, application/json", TEXT, JSON),
        ("application/json;q=0.5, text/plain;q=0.9", JSON, TEXT),
        ("text/plain;q=0, */*", TEXT, JSON),
        ("image/png", TEXT, TEXT),
        ("image/png", JSON, JSON),
        ("text/plain;q=much", TEXT, TEXT),
        ("TEXT/PLAIN", JSON, TEXT),
    ],
)
def test_accept_is_weighed_and_the_bodys_own_type_breaks_a_tie(accept: str, content_type: str, answer: str) -> None:
    assert answer_type(accept, content_type) == answer


@pytest.mark.parametrize(
    ("content_type", "media", "encoding"),
    [
        ("", "", "utf-8"),
        ("Text/Plain", "text/plain", "utf-8"),
        ('text/plain; format=flowed; charset="ISO-8859-1"', "text/plain", "iso-8859-1"),
        ("application/json;charset", "application/json", ""),
    ],
)
def test_a_content_type_is_taken_apart(content_type: str, media: str, encoding: str) -> None:
    assert (media_type(content_type), charset(content_type)) == (media, encoding)
