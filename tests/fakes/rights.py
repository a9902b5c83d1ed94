"""The rights that calls of AWS want, and those that a role of a template gives."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

# Service Authorization Reference: what a batch does is a right of its own for nobody.
_ACTIONS = {"sqs:SendMessageBatch": "sqs:SendMessage"}


class Right(NamedTuple):
    """An action, and the logical id of what it is for, `/*` for what is in it, or `*`."""

    action: str
    resource: str


class Call(NamedTuple):
    """An operation of a service, and what it is for, if that has a name here."""

    service: str
    operation: str
    resource: str

    @property
    def right(self) -> Right:
        """What it wants."""
        action = f"{self.service}:{self.operation}"
        return Right(_ACTIONS.get(action, action), self.resource)


@contextmanager
def recorded(names: Mapping[str, str]) -> Iterator[set[Call]]:
    """Give the calls that clients made from here on make meanwhile.

    `names` has the resources by their buckets, the URLs of their queues and their tables.
    """
    import botocore

    calls = set[Call]()

    def note(params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401
        asked = params.get("Bucket") or params.get("QueueUrl") or params.get("TableName") or ""
        calls.add(Call(model.service_model.service_name, model.name, names.get(asked, asked)))

    def listen(session: Any) -> None:  # noqa: ANN401
        session.register("before-parameter-build", note)

    botocore.register_initializer(listen)
    try:
        yield calls
    finally:
        botocore.unregister_initializer(listen)


def given(role: Mapping[str, Any]) -> set[Right]:
    """The rights of a role."""
    statements = [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    return {
        Right(action, resource)
        for statement in statements
        for action in _listed(statement["Action"])
        for resource in map(_named, _listed(statement["Resource"]))
    }


def _listed(one_or_many: Any) -> list[Any]:  # noqa: ANN401
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]


def _named(resource: Any) -> str:  # noqa: ANN401
    """The logical id in a reference, with what stands behind it."""
    if isinstance(resource, str):
        return resource
    (function, argument), *more = resource.items()
    assert not more
    name: str = argument[0] if function == "Fn::GetAtt" else argument.replace("${", "").replace(".Arn}", "")
    return name
