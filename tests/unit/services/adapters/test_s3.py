"""S3Store against a server that answers what it is told to; against a real one, see tests/contract."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from services.adapters.s3 import S3Store
from services.errors import StoreUnavailable
from services.ports import ANYTHING, NOTHING, Stored

pytestmark = pytest.mark.usefixtures("aws")

KEY = "articles/0123"


class Server(ThreadingHTTPServer):
    """Gives every request the same answer, and remembers the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.forget()

    def forget(self) -> None:
        """Answer with success from now on."""
        self.status = 200
        self.body = b""
        self.missing_bytes = 0  # how much less is sent than promised
        self.noise = b""  # sent after the body, and not encrypted
        self.asked: list[tuple[str, str]] = []  # method and path
        self.put: list[tuple[str | None, str | None, bytes]] = []  # If-None-Match, If-Match and body
        self.encryption: str | None = None

    def says(self, status: int, code: str = "") -> None:
        """Answer with an error of S3, or with a bare status where it has no code."""
        self.status = status
        self.body = f"<Error><Code>{code}</Code><Message>{KEY}</Message></Error>".encode() if code else b""


class Handler(BaseHTTPRequestHandler):
    """Receives one request and gives the answer."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Answer a read."""
        server = self.server
        server.asked.append((self.command, self.path))
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(server.body) + server.missing_bytes))
        self.send_header("ETag", '"etag"')
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(server.body)
        os.write(self.connection.fileno(), server.noise)

    def do_PUT(self) -> None:
        """Answer a write."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.put.append((self.headers["If-None-Match"], self.headers["If-Match"], body))
        self.server.encryption = self.headers["x-amz-server-side-encryption"]
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def listening() -> Iterator[Server]:
    """A server."""
    with serving(Server()) as server:
        yield server


@pytest.fixture
def server(listening: Server) -> Server:
    """The server, to be told what to answer."""
    listening.forget()
    return listening


@pytest.fixture(scope="module")
def store(listening: Server) -> S3Store:
    """A store on the server; one for all tests, since boto3 takes its time to make a client."""
    return S3Store("bucket", "prefix", url(listening))


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("prefix", "path"),
    [("", "/bucket/articles/0123"), ("/a/b/", "/bucket/a/b/articles/0123")],
)
def test_an_object_lies_below_the_prefix(server: Server, prefix: str, path: str) -> None:
    store = S3Store("bucket", prefix, url(server))
    store.put(KEY, b"value")
    store.get(KEY)
    assert server.asked == [("PUT", path), ("GET", path)]


@pytest.mark.parametrize(
    ("over", "conditions"), [(NOTHING, ("*", None)), ('"etag"', (None, '"etag"')), (ANYTHING, (None, None))]
)
def test_a_value_is_put_over_what_it_is_meant_to_replace(
    server: Server, store: S3Store, over: str | None, conditions: tuple[str | None, str | None]
) -> None:
    assert store.put(KEY, b"value", over)
    assert server.put == [(*conditions, b"value")]


def test_the_version_of_an_object_is_its_etag(server: Server, store: S3Store) -> None:
    server.body = b"value"
    assert store.get(KEY) == Stored(b"value", '"etag"')


@pytest.mark.parametrize("encryption", ["AES256", "aws:kms", None])
def test_an_object_is_encrypted_as_it_is_wanted(server: Server, encryption: str | None) -> None:
    S3Store("bucket", "", url(server), encryption).put(KEY, b"value")
    assert server.encryption == encryption


@pytest.mark.parametrize(("status", "code"), [(412, "PreconditionFailed"), (409, "ConditionalRequestConflict")])
def test_a_value_that_is_there_already_stays_without_complaint(
    server: Server, store: S3Store, status: int, code: str
) -> None:
    server.says(status, code)
    assert not store.put(KEY, b"value")
    assert not store.put(KEY, b"value", '"etag"')
    assert len(server.asked) == 2


def test_over_the_version_of_what_is_gone_nothing_is_put(server: Server, store: S3Store) -> None:
    server.says(404, "NoSuchKey")
    assert not store.put(KEY, b"value", '"etag"')


@pytest.mark.parametrize(("status", "code"), [(404, "NoSuchKey"), (404, ""), (403, "AccessDenied"), (403, "")])
def test_a_missing_object_has_no_value_even_where_listing_is_forbidden(
    server: Server, store: S3Store, status: int, code: str
) -> None:
    server.says(status, code)
    assert store.get(KEY) is None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "NoSuchBucket"),
        (403, "InvalidAccessKeyId"),
        (403, "SignatureDoesNotMatch"),
        (403, "AllAccessDisabled"),
        (400, "ExpiredToken"),
        (409, "OperationAborted"),
        (501, "NotImplemented"),
    ],
)
def test_a_refusal_is_no_missing_value(server: Server, store: S3Store, status: int, code: str) -> None:
    server.says(status, code)
    with pytest.raises(StoreUnavailable, match="S3 failed to read"):
        store.get(KEY)
    with pytest.raises(StoreUnavailable, match="S3 failed to write"):
        store.put(KEY, b"value")


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (404, "NoSuchKey"), (403, "")])
def test_a_value_that_may_not_be_put_is_not_kept_in_silence(
    server: Server, store: S3Store, status: int, code: str
) -> None:
    server.says(status, code)
    with pytest.raises(StoreUnavailable, match="S3 failed to write"):
        store.put(KEY, b"value")


def test_a_server_in_trouble_is_asked_once(server: Server, store: S3Store) -> None:
    server.says(503, "SlowDown")
    with pytest.raises(StoreUnavailable, match="S3 failed to read"):
        store.get(KEY)
    server.says(500)
    with pytest.raises(StoreUnavailable, match="S3 failed to write"):
        store.put(KEY, b"value")
    assert [method for method, _ in server.asked] == ["GET", "PUT"]


def test_a_value_cut_off_on_its_way_is_no_value(server: Server, store: S3Store) -> None:
    server.body, server.missing_bytes = b"val", 2
    with pytest.raises(StoreUnavailable, match="S3 failed to read"):
        store.get(KEY)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_a_value_whose_encryption_breaks_is_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    options = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(
        ["openssl", *options.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60
    )
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = Server()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.body, server.missing_bytes, server.noise = b"val", 2, b"no TLS record"
    with serving(server), pytest.raises(StoreUnavailable, match="S3 failed to read") as raised:
        S3Store("bucket", endpoint_url=url(server).replace("http:", "https:")).get(KEY)
    assert "SSL" in repr(raised.value.__cause__)


def test_without_credentials_the_store_is_down(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    store = S3Store("bucket", endpoint_url=url(server))
    with pytest.raises(StoreUnavailable, match="S3 failed to read"):
        store.get(KEY)
    with pytest.raises(StoreUnavailable, match="S3 failed to write"):
        store.put(KEY, b"value")
    assert server.asked == []


@pytest.mark.parametrize(
    ("name", "value"), [("AWS_PROFILE", "secret"), ("AWS_DEFAULT_REGION", "no region"), ("AWS_CONFIG_FILE", "broken")]
)
def test_with_a_broken_configuration_the_store_is_down_until_it_is_mended(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    (tmp_path / "broken").write_text("no section")
    monkeypatch.chdir(tmp_path)
    store = S3Store("bucket", endpoint_url=url(server))
    with monkeypatch.context() as broken:
        broken.setenv(name, value)
        with pytest.raises(StoreUnavailable, match="S3 failed to read"):
            store.get(KEY)
        with pytest.raises(StoreUnavailable, match="S3 failed to write"):
            store.put(KEY, b"value")
    assert server.asked == []
    server.body = b"value"
    assert store.get(KEY) == Stored(b"value", '"etag"')
