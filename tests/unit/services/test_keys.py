import pytest

from services import keys
from services.keys import check_key, name_key, result_key


def test_a_key_is_what_it_always_was() -> None:
    """A key that changes without PIPELINE changing loses every kept result; one that stays serves old answers."""
    key = result_key(
        "translations", texts=["Olá"], target="en", models=["pt_en-1.0-0123456789ab"], ratio=0.5, none=None
    )
    assert key == "translations/a174942bc8f4d65be4968850d5892e8500ce47ca55ae4523ce5c8243251f2da6"


def test_a_key_tells_one_text_from_a_list_of_it() -> None:
    assert len({result_key("t", texts=texts) for texts in ("a", ["a"], ["a|b"], ["a", "b"], ['a","b'])}) == 5


def test_the_order_of_options_does_not_matter_to_a_key() -> None:
    assert result_key("t", a=1, b=2) == result_key("t", b=2, a=1)


def test_what_has_a_name_is_found_by_all_later_code(monkeypatch: pytest.MonkeyPatch) -> None:
    key = name_key("glossaries", "Olá")
    assert key == "glossaries/5251c3c68010bca32f4dbedb142270f720fa84a0599816524c85d50c3f589365"
    monkeypatch.setattr(keys, "PIPELINE", keys.PIPELINE + 1)
    assert name_key("glossaries", "Olá") == key


def test_names_and_kinds_have_keys_of_their_own() -> None:
    named = [
        name_key(kind, name) for kind in ("glossaries", "story-files") for name in ("", "a", "A", "../a", "á" * 999)
    ]
    assert len(set(named)) == len(named)
    for key in named:
        check_key(key)
