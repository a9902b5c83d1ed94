from services.keys import result_key


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
