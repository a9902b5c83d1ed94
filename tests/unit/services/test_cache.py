from concurrent.futures import ThreadPoolExecutor

from services.cache import SentenceCache


def test_a_known_sentence_is_found_and_an_unknown_one_is_absent() -> None:
    cache = SentenceCache(max_chars=100)
    cache.put_many("m", {"a": "A"})
    assert cache.get_many("m", ["a", "b"]) == {"a": "A"}


def test_a_sentence_is_known_for_its_model_only() -> None:
    cache = SentenceCache(max_chars=100)
    cache.put_many("m", {"a": "A"})
    assert cache.get_many("n", ["a"]) == {}


def test_the_least_recently_used_sentences_make_room() -> None:
    cache = SentenceCache(max_chars=6)
    cache.put_many("m", {"a": "A", "b": "B", "c": "C"})
    cache.get_many("m", ["a"])
    cache.put_many("m", {"d": "D"})
    assert set(cache.get_many("m", "abcd")) == {"a", "c", "d"}


def test_putting_a_sentence_again_takes_no_more_room() -> None:
    cache = SentenceCache(max_chars=4)
    for _ in range(10):
        cache.put_many("m", {"a": "A"})
    cache.put_many("m", {"b": "B"})
    assert set(cache.get_many("m", "ab")) == {"a", "b"}


def test_a_sentence_longer_than_the_bound_is_not_kept() -> None:
    cache = SentenceCache(max_chars=0)
    cache.put_many("m", {"a": "A"})
    assert cache.get_many("m", "a") == {}


def test_threads_do_not_disturb_each_other() -> None:
    cache = SentenceCache(max_chars=50)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: cache.put_many("m", {str(n): "x"}), range(2_000)))
    assert len(cache.get_many("m", map(str, range(2_000)))) in range(10, 17)
