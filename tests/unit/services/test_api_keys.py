from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.api_keys import ApiKey, KeyLimits, digest_of, issue
from services.errors import InvalidOption

NOW = datetime(2026, 11, 28, 10, 30, tzinfo=UTC)


def test_a_key_is_random_and_only_its_digest_is_kept() -> None:
    issued = [issue("desk", NOW) for _ in range(50)]
    assert len({key for key, _ in issued} | {kept.digest for _, kept in issued} | {k.owner for _, k in issued}) == 150
    for key, kept in issued:
        assert len(key.removeprefix("interlede_")) >= 43  # 256 bits in base64
        assert key.isascii()
        assert not set(key) & set(" \t,;:=\"'")
        assert key not in repr(kept)
        assert kept.digest == digest_of(key)


def test_the_digest_is_sha_256_in_hexadecimal() -> None:
    assert digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(digest_of("\ud800 half of a pair, which JSON may hold")) == 64


def test_a_key_is_told_from_others() -> None:
    key, kept = issue("desk", NOW)
    assert kept.is_of(digest_of(key))
    assert not kept.is_of(digest_of(key + " "))


def test_a_key_ends_when_it_expires_or_is_revoked() -> None:
    until = NOW + timedelta(days=1)
    kept = issue("desk", NOW, valid_until=until)[1]
    assert kept.fault(until - timedelta(microseconds=1)) is None
    assert kept.fault(until) == "expired"
    assert kept.fault(until.astimezone(timezone(timedelta(hours=9)))) == "expired"
    assert kept.revoked(NOW).fault(NOW) == "revoked"
    assert kept.revoked(NOW).revoked(until).revoked_at == NOW
    assert issue("desk", NOW)[1].fault(datetime.max.replace(tzinfo=UTC)) is None


def test_keys_of_one_owner_have_ids_of_their_own() -> None:
    first = issue("desk", NOW)[1]
    second = issue("desk", NOW, owner=first.owner)[1]
    assert first.owner == second.owner
    assert first.id != second.id


@pytest.mark.parametrize("name", ["", "a" * 101, "a\nb", "a\0", "\x1b[31m"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidOption):
        issue(name, NOW)


@pytest.mark.parametrize("limits", [{"chars_per_request": 0}, {"requests_per_minute": -1}, {"chars_per_month": 0}])
def test_a_limit_that_is_none_is_refused(limits: dict[str, int]) -> None:
    with pytest.raises(InvalidOption):
        KeyLimits(**limits)


def test_a_record_is_read_by_earlier_code_and_later_code() -> None:
    kept = issue("desk", NOW, KeyLimits(chars_per_month=5), NOW + timedelta(days=1))[1]
    later = kept.record() | {"origins": ["https://a.example"]}
    later["limits"] |= {"documents_per_day": 3}
    assert ApiKey.of_record(later) == kept
    bare = replace(kept, limits=KeyLimits(), valid_until=None)
    assert ApiKey.of_record(bare.record()) == bare
