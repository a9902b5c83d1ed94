import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.patterns import pattern


def test_a_pattern_does_what_it_would_do_compiled() -> None:
    later, compiled = pattern(r"(?P<word>\w+) ", re.IGNORECASE), re.compile(r"(?P<word>\w+) ", re.IGNORECASE)
    text = "One two three "
    for _ in range(2):
        assert [found["word"] for found in later.finditer(text)] == ["One", "two", "three"]
        assert later.sub(r"\g<word>", text) == compiled.sub(r"\g<word>", text)
        assert later.findall(text) == compiled.findall(text)
        assert (later.fullmatch(text), later.groups, later.flags) == (None, compiled.groups, compiled.flags)


def test_it_is_compiled_when_it_is_used_and_not_before() -> None:
    wrong = pattern("(")
    with pytest.raises(re.error):
        wrong.search("")


def test_threads_may_use_it_for_the_first_time_together() -> None:
    for _ in range(50):
        later = pattern("b+")
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(lambda text, later=later: later.sub("c", text), ["abbb"] * 8)) == {"ac"}
