"""`python -m infra.keys`."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from handler.settings import Settings
from handler.wiring import access_store
from infra.keys import main
from services.api_keys import digest_of
from services.callers import current_caller
from tests.fakes.access import admitted
from tests.fakes.ministack import make_access_table
from tests.fakes.services import fake_services

LIMITS = ["--chars-per-month", "500000", "--requests-per-minute", "60", "--chars-per-request", "20000"]


@pytest.fixture(autouse=True, params=["sqlite", "dynamodb"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where keys are kept, by the environment."""
    monkeypatch.setenv("INTERLEDE_RESULTS", str(tmp_path))
    if request.param == "dynamodb":
        request.getfixturevalue("aws")
        url, table = request.getfixturevalue("ministack_url"), f"access-{uuid.uuid4().hex}"
        make_access_table(url, table)
        monkeypatch.setenv("INTERLEDE_USAGE_TABLE", table)
        monkeypatch.setenv("INTERLEDE_DYNAMODB_ENDPOINT_URL", url)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:  # noqa: ANN401
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_key_is_shown_once_and_lets_in_until_it_is_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    made = told(capsys, "create", "sports desk", *LIMITS, "--expires", "2099-12-31")
    assert (made["name"], made["state"], made["valid_until"]) == ("sports desk", "valid", "2099-12-31T00:00:00+00:00")
    assert made["limits"] == {"chars_per_month": 500_000, "requests_per_minute": 60, "chars_per_request": 20_000}
    services = fake_services(access=access_store(Settings()), keys="required")
    with admitted(services.access, made["key"], 1_000):
        assert current_caller().owner == made["owner"]
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert made["id"] in listed
    assert "chars per month 500,000" in listed
    assert told(capsys, "list") == [{name: value for name, value in made.items() if name != "key"}]
    assert made["key"] not in listed
    assert digest_of(made["key"]) not in listed
    revoked = told(capsys, "revoke", made["id"])
    assert (revoked["id"], revoked["state"]) == (made["id"], "revoked")
    assert told(capsys, "revoke", made["id"]) == revoked == told(capsys, "list")[0]
    kept = access_store(Settings()).find(digest_of(made["key"]))
    assert kept
    assert kept.revoked_at


def test_a_key_in_the_place_of_another_has_its_owner(capsys: pytest.CaptureFixture[str]) -> None:
    first = told(capsys, "create", "desk")
    second = told(capsys, "create", "desk, 2027", "--owner", first["owner"])
    assert second["owner"] == first["owner"]
    assert second["id"] != first["id"]
    assert {key["name"] for key in told(capsys, "list")} == {"desk", "desk, 2027"}


def test_people_are_told_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "There are no keys.\n"
    assert main(["create", "desk"]) == 0
    key, _, sentence = capsys.readouterr().out.partition("\n\n")
    assert key.startswith("interlede_")
    assert sentence.startswith("This is the key of desk (id ")
    assert main(["list"]) == 0
    assert capsys.readouterr().out.endswith("; no limits)\n")
    assert main(["revoke", digest_of(key)[:16]]) == 0
    assert "(desk) is revoked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["revoke", "0123456789abcdef"], "no key has this id"),
        (["create", ""], "a name has 1 to 100 printable characters"),
        (["create", "desk", "--chars-per-month", "0"], "chars per month: give a whole number from 1 on"),
        (["create", "desk", "--expires", "2001-01-01"], "a key expires in the future"),
        (["create", "desk", "--owner", "nobody"], "no key has this owner"),
    ],
)
def test_what_cannot_be_done_ends_in_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1)
    assert complaint in output.err


def test_a_date_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["create", "desk", "--expires", "tomorrow"])
    assert "a date looks like 2027-12-31" in capsys.readouterr().err


def test_a_place_that_cannot_be_reached_is_said_to_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("INTERLEDE_USAGE_TABLE", raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("INTERLEDE_RESULTS", str(tmp_path / "file"))
    assert main(["list"]) == 2
    assert capsys.readouterr().err == "keys: the key file failed to list\n"
