"""Keys and what they use in one DynamoDB table, or in anything that speaks its protocol."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from services.adapters.aws import Connection, may_be_done, translated
from services.api_keys import NO_RECORD, ApiKey
from services.errors import KeysUnavailable, UsageUnavailable
from services.ports import RECEIPT_S, Slot

# The table's keys are `owner` and `period`, and its time to live is `expires_at`; a key's record has none.
_KEY, _KEY_PERIOD = "key#", "key"
_REFUSED = frozenset({"ConditionalCheckFailedException"})
# The receipts of the last while are sets in the item: one for each stretch of time, under four names by turns. Who
# writes looks into this stretch's, the last one's and, as clocks differ, the next one's, and drops the fourth.
_STRETCHES = 4
_CLOCKS_DIFFER_S = 10.0
_STRETCH_S = RECEIPT_S + _CLOCKS_DIFFER_S


class DynamoAccess:
    """Keeps the ports KeyStore and UsageCounter: an item for each key, and one for each slot.

    A count is one UpdateItem, and no transaction: those of one item, as a busy key would have them, cancel each other.
    Nothing is tried again here, as the core does that, under one receipt.
    """

    def __init__(self, table: str, endpoint_url: str | None = None, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._client = Connection("dynamodb", endpoint_url=endpoint_url, read_timeout_s=2, max_attempts=1)
        self._clock = clock

    def prepare(self) -> None:
        """Do what the first request would have to, short of sending it."""
        self._client()

    def find(self, digest: str) -> ApiKey | None:
        """The key of a digest, revoked and expired ones too. Takes GetItem. Raises KeysUnavailable."""
        with _keys("read"):
            answer = self._client().get_item(TableName=self._table, Key=_key(_KEY + digest, _KEY_PERIOD))
        return _api_key(answer["Item"]) if "Item" in answer else None

    def keep(self, key: ApiKey) -> None:
        """Keep a key in the place of any of this digest. Takes PutItem. Raises KeysUnavailable."""
        record = {"record": {"S": json.dumps(key.record())}}
        with _keys("write"):
            self._client().put_item(TableName=self._table, Item=_key(_KEY + key.digest, _KEY_PERIOD) | record)

    def all(self) -> list[ApiKey]:
        """All keys. Takes Scan. Raises KeysUnavailable."""
        with _keys("list"):
            pages = (
                self._client()
                .get_paginator("scan")
                .paginate(
                    TableName=self._table,
                    FilterExpression="#period = :key",
                    ExpressionAttributeNames={"#period": "period"},
                    ExpressionAttributeValues={":key": {"S": _KEY_PERIOD}},
                    ConsistentRead=True,
                )
            )
            items = [item for page in pages for item in page["Items"]]
        return [_api_key(item) for item in items]

    def add(self, slot: Slot, amount: int, receipt: str, limit: int | None = None) -> bool:
        """Count an amount once, unless that leads beyond a limit. Takes UpdateItem, and GetItem where it does.

        Raises UsageUnavailable.
        """
        if limit is not None and amount > limit:
            return False
        stretch = int(self._clock() // _STRETCH_S)
        conditions = [f"NOT contains({one}, :receipt)" for one in ("#last", "#now", "#next")]
        values = {
            ":amount": {"N": str(amount)},
            ":expires": {"N": str(slot.expires_at)},
            ":receipt": {"B": bytes.fromhex(receipt)},
            ":receipts": {"BS": [bytes.fromhex(receipt)]},
        }
        if limit is not None:
            conditions.append("(attribute_not_exists(#amount) OR #amount <= :room)")
            values[":room"] = {"N": str(limit - amount)}
        with _counts("count"):
            self._client().update_item(
                TableName=self._table,
                Key=_key(slot.owner, slot.period),
                UpdateExpression="ADD #amount :amount, #now :receipts SET #expires = :expires REMOVE #old",
                ConditionExpression=" AND ".join(conditions),
                ExpressionAttributeNames={
                    "#amount": "amount",
                    "#expires": "expires_at",
                    "#now": _receipts(stretch),
                    "#last": _receipts(stretch - 1),
                    "#next": _receipts(stretch + 1),
                    "#old": _receipts(stretch + 2),
                },
                ExpressionAttributeValues=values,
            )
            return True
        item = self._item(slot)
        return any(bytes.fromhex(receipt) in item.get(_receipts(one), {}).get("BS", ()) for one in range(_STRETCHES))

    def total(self, slot: Slot) -> int:
        """What is counted in a slot. Takes GetItem. Raises UsageUnavailable."""
        return int(self._item(slot).get("amount", {"N": "0"})["N"])

    def _item(self, slot: Slot) -> dict[str, Any]:
        with _counts("read"):
            answer = self._client().get_item(
                TableName=self._table, Key=_key(slot.owner, slot.period), ConsistentRead=True
            )
        item: dict[str, Any] = answer.get("Item", {})
        return item


def _key(owner: str, period: str) -> dict[str, Any]:
    return {"owner": {"S": owner}, "period": {"S": period}}


def _api_key(item: Mapping[str, Any]) -> ApiKey:
    try:
        return ApiKey.of_record(json.loads(item["record"]["S"]))
    except NO_RECORD as exc:
        raise KeysUnavailable("DynamoDB holds a key that cannot be read", operation="read") from exc


def _receipts(stretch: int) -> str:
    """The name of the set with the receipts of a stretch."""
    return f"receipts_{stretch % _STRETCHES}"


def _keys(operation: str) -> AbstractContextManager[None]:
    return translated(KeysUnavailable, "DynamoDB", operation)


@contextmanager
def _counts(operation: str) -> Iterator[None]:
    """Foreign errors as UsageUnavailable, in doubt where it may be done; a condition that fails is no error."""
    try:
        with translated(UsageUnavailable, "DynamoDB", operation, but_for=_REFUSED):
            yield
    except UsageUnavailable as exc:
        exc.in_doubt = may_be_done(exc.__cause__)
        raise
