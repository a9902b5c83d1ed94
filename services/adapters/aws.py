"""The one room for boto3, which finds credentials and region as it always does, but credentials at the first call."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from services.errors import ServiceError


class Connection:
    """A client of one service, made when it is first wanted, and then again and again until that succeeds.

    It holds no socket and no credentials before its first call: a snapshot of the process may be taken until then.
    """

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
                import botocore.session
                from botocore.config import Config

                session = botocore.session.get_session()
                found = session.get_component("credential_provider")
                session.register_component("credential_provider", _Provider(found.load_credentials))
                config = Config(**self._config)
                self._client = boto3.Session(botocore_session=session).client(
                    self._service, endpoint_url=self._endpoint_url, config=config
                )
            return self._client


class _Provider:
    """What a session of botocore asks for credentials."""

    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find

    def load_credentials(self) -> "_Credentials":
        return _Credentials(self._find)


class _Credentials:
    """Credentials that are looked for when a request is to be signed, as far as botocore uses them."""

    method = "deferred"

    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find
        self._found: Any = None
        self._lock = Lock()

    def get_frozen_credentials(self) -> Any:  # noqa: ANN401
        return self._real().get_frozen_credentials()

    def get_deferred_property(self, name: str) -> Callable[[], Any]:
        return lambda: getattr(self._real(), name, None)

    def _real(self) -> Any:  # noqa: ANN401
        from botocore.exceptions import NoCredentialsError

        with self._lock:
            self._found = self._found or self._find()
            if self._found is None:
                raise NoCredentialsError
            return self._found


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


def may_be_done(cause: BaseException | None) -> bool:
    """Whether a call that failed once may have been carried out even so: it was sent, and was not refused."""
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError

    if isinstance(cause, ClientError):
        return bool(cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) >= 500)
    return isinstance(cause, ConnectionClosedError | ReadTimeoutError) or not isinstance(cause, BotoCoreError)
