"""API keys, kept where the settings say: `python -m infra.keys create NAME`, `list`, `revoke ID`."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from handler.settings import Settings
from handler.wiring import access_store
from services.api_keys import ApiKey, KeyLimits, issue
from services.clock import utc_now
from services.errors import InvalidOption, ServiceError
from services.ports import KeyStore


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 when it is done, 2 with one sentence when it cannot be."""
    try:
        given = _parser().parse_args(arguments)
        store = access_store(Settings())
        told: dict[str, Any] | list[dict[str, Any]]
        match given.command:
            case "create":
                told = create(store, given)
            case "revoke":
                told = revoke(store, given.id)
            case _:
                told = [shown(key) for key in sorted(store.all(), key=lambda key: key.created_at)]
    except ValidationError as exc:
        return _refused("; ".join(fault["msg"] for fault in exc.errors()))
    except ServiceError as exc:
        return _refused(exc.detail)
    print(json.dumps(told, indent=2, ensure_ascii=False) if given.json else _written(given.command, told))
    return 0


def create(store: KeyStore, given: argparse.Namespace) -> dict[str, Any]:
    """Keep a new key, and tell it: it is told once, and kept nowhere. Raises InvalidOption, KeysUnavailable."""
    now = utc_now()
    if given.expires is not None and given.expires <= now:
        raise InvalidOption("a key expires in the future")
    if given.owner is not None and not any(key.owner == given.owner for key in store.all()):
        raise InvalidOption("no key has this owner")
    limits = KeyLimits(given.chars_per_request, given.requests_per_minute, given.chars_per_month)
    key, kept = issue(given.name, now, limits, given.expires, given.owner)
    store.keep(kept)
    return {"key": key, **shown(kept)}


def revoke(store: KeyStore, key_id: str) -> dict[str, Any]:
    """End a key, which may have been ended before. Raises InvalidOption, KeysUnavailable."""
    found = [key for key in store.all() if key.id == key_id]
    if not found:
        raise InvalidOption("no key has this id; `list` tells them")
    revoked = found[0].revoked(utc_now())
    store.keep(revoked)
    return shown(revoked)


def shown(key: ApiKey) -> dict[str, Any]:
    """What is told of a key."""
    record = key.record()
    del record["digest"]
    return {"id": key.id, "state": key.fault(utc_now()) or "valid", **record}


def _written(command: str, told: Any) -> str:  # noqa: ANN401
    if command == "create":
        return f"{told['key']}\n\nThis is the key of {told['name']} (id {told['id']}); it is not shown again."
    if command == "revoke":
        return f"{told['id']} ({told['name']}) is revoked; whoever has shown it may go on for a minute."
    return "\n".join(_line(key) for key in told) or "There are no keys."


def _line(key: dict[str, Any]) -> str:
    limits = ", ".join(f"{name.replace('_', ' ')} {limit:,}" for name, limit in key["limits"].items() if limit)
    until = f", until {key['valid_until'][:10]}" if key["valid_until"] else ""
    return f"{key['id']}  {key['state']:<8} {key['name']}  (owner {key['owner']}{until}; {limits or 'no limits'})"


def _refused(why: str) -> int:
    print(f"keys: {why}", file=sys.stderr)
    return 2


def _day(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a date looks like 2027-12-31") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="tell it as JSON")
    parser = argparse.ArgumentParser(prog="python -m infra.keys", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    creating = commands.add_parser("create", parents=[common], help="make a key, and show it once")
    creating.add_argument("name", help="whom it is for")
    creating.add_argument("--chars-per-request", type=int, metavar="N")
    creating.add_argument("--requests-per-minute", type=int, metavar="N")
    creating.add_argument("--chars-per-month", type=int, metavar="N")
    creating.add_argument("--expires", type=_day, metavar="DATE", help="from when it is not valid, in UTC: 2027-12-31")
    creating.add_argument("--owner", help="of an earlier key, whose usage, glossaries and stories it has, too")
    commands.add_parser("list", parents=[common], help="list all keys, without the keys themselves")
    commands.add_parser("revoke", parents=[common], help="end a key").add_argument("id")
    return parser


if __name__ == "__main__":
    sys.exit(main())
