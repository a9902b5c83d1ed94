"""The one room for boto3, which finds credentials and region as it always does."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from services.errors import ServiceError


class Connection:
    """A client of one service, made at the first call, and then again and again until that succeeds."""

    def __init__(
        self,
        service: str,
        *,
        endpoint_url: str | None = None,
        read_timeout_s: float = 3,
        max_attempts: int = 2,
        max_connections: int = 10,
    ) -> None:
        self._service = service
        self._endpoint_url = endpoint_url
        self._config = {
            "connect_timeout": 1,
            "read_timeout": read_timeout_s,
            "retries": {"mode": "standard", "total_max_attempts": max_attempts},  # after a second at most
            "max_pool_connections": max_connections,
        }
        self._client: Any = None
        self._lock = Lock()

    def __call__(self) -> Any:  # noqa: ANN401
        """The one place where boto3 is imported: it takes a quarter of a second and is needed at the first request."""
        with self._lock:
            if self._client is None:
                import boto3
                from botocore.config import Config

                config = Config(**self._config)
                self._client = boto3.Session().client(self._service, endpoint_url=self._endpoint_url, config=config)
            return self._client


def folder(prefix: str) -> str:
    """A prefix of keys as a folder: with one slash at its end, and nothing where there is none."""
    return f"{prefix.strip('/')}/" if prefix.strip("/") else ""


@contextmanager
def translated(
    failure: type[ServiceError], service: str, operation: str, but_for: Collection[str] = ()
) -> Iterator[None]:
    """Foreign errors as `failure`; the service's error codes in `but_for` are no errors."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError  # botocore lets it through when TLS fails in the middle of a body

    try:
        yield
    except (ClientError, BotoCoreError, HTTPError) as exc:
        if isinstance(exc, ClientError) and exc.response["Error"]["Code"] in but_for:
            return
        raise failure(f"{service} failed to {operation}", operation=operation) from exc
