"""HttpWebhooks against servers on this machine, under names that a resolver of the test knows."""

import base64
import hashlib
import hmac
import logging
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.webhooks import HostRule, HttpWebhooks, NoWebhooks, Resolve, signing_key
from services.errors import InvalidOption, WebhookFailed

# The example of the reference implementations of Standard Webhooks, with its signature.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

HOST = "hooks.example.org"
URL = f"https://{HOST}/jobs"
HERE = "127.0.0.1"
FAR = "93.184.215.14"
ENOUGH_S = 5.0
IMPATIENT_S = 0.5

Script = Callable[[socket.socket], None]


class Receiver(ThreadingHTTPServer):
    """Gives every request the same answer, and remembers the requests."""

    def __init__(self, status: int = 204, location: str = "") -> None:
        super().__init__((HERE, 0), Handler)
        self.status = status
        self.location = location
        self.got: list[tuple[str, dict[str, str], bytes]] = []  # path, headers in small letters, body


class Handler(BaseHTTPRequestHandler):
    """Receives one request and gives the answer."""

    server: Receiver

    def do_POST(self) -> None:
        """Remember a webhook."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.append((self.path, headers, body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(receiver: Receiver) -> Iterator[Receiver]:
    with receiver:
        thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


@contextmanager
def listening(script: Script) -> Iterator[int]:
    """The port of a server that treats each connection by a script, until its client has gone."""
    with socket.create_server((HERE, 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        script(connection)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def always(*addresses: str) -> Resolve:
    """Every name has these addresses."""
    return lambda host: addresses


def webhooks(
    *hosts: str, private: bool = False, timeout_s: float = ENOUGH_S, resolve: Resolve | None = None
) -> HttpWebhooks:
    rules = [HostRule.parse(host) for host in hosts]
    return HttpWebhooks(signing_key(SECRET), rules, private, timeout_s, resolve or always(HERE))


def deliver(port: int, url: str = "http://{}:{}/jobs", timeout_s: float = ENOUGH_S) -> None:
    """Post the example to a server on this machine."""
    here = webhooks(f"{HOST}:{port}", private=True, timeout_s=timeout_s)
    here.deliver(url.format(HOST, port), EVENT, BODY)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server, to be told what to answer."""
    with serving(Receiver()) as server:
        yield server


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The places to which a connection was to be made; none is."""
    places: list[tuple[str, int]] = []

    def refuse(place: tuple[str, int], *_: object, **__: object) -> socket.socket:
        places.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr("urllib3.util.connection.create_connection", refuse)
    return places


# What is sent


def test_a_receiver_can_verify_who_sent_it(receiver: Receiver) -> None:
    before = int(time.time())
    deliver(receiver.server_port)
    ((path, headers, body),) = receiver.got
    assert (path, body, headers["content-type"], headers["webhook-id"]) == ("/jobs", BODY, "application/json", EVENT)
    assert headers["host"] == f"{HOST}:{receiver.server_port}"
    assert before <= int(headers["webhook-timestamp"]) <= time.time()
    signed = b".".join([EVENT.encode(), headers["webhook-timestamp"].encode(), body])
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = hmac.new(key, signed, hashlib.sha256).digest()
    version, signature = headers["webhook-signature"].split(",")
    assert (version, base64.b64decode(signature)) == ("v1", expected)


def test_the_signature_is_that_of_the_reference_implementations(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: TIMESTAMP + 0.9)
    deliver(receiver.server_port)
    assert receiver.got[0][1]["webhook-signature"] == SIGNATURE


@pytest.mark.parametrize("event_id", ["", "a.b", "a b", "a\r\nx: y", "é", "x" * 101])
def test_an_id_that_blurs_the_signature_is_a_mistake(event_id: str) -> None:
    with pytest.raises(ValueError, match="event id"):
        webhooks(HOST).deliver(URL, event_id, BODY)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_MfKQ", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", f"{SECRET}\n"])
def test_a_secret_that_is_none_is_refused_without_being_quoted(secret: str) -> None:
    with pytest.raises(ValueError, match="24 to 64 random bytes") as raised:
        signing_key(secret)
    assert len(secret) < 10 or secret not in str(raised.value)


@pytest.mark.parametrize(("size", "taken"), [(23, False), (24, True), (64, True), (65, False)])
def test_a_key_has_24_to_64_bytes(size: int, taken: bool) -> None:
    secret = "whsec_" + base64.b64encode(bytes(size)).decode()
    try:
        assert signing_key(secret) == bytes(size)
    except ValueError:
        assert not taken
    else:
        assert taken


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://{}:{}", "/"),
        ("http://{}:{}?a[]=1", "/?a[]=1"),
        ("HTTP://{}:{}/a/../b%20c?d=%2F@", "/a/../b%20c?d=%2F@"),
    ],
)
def test_path_and_query_arrive_as_they_were_written(receiver: Receiver, url: str, path: str) -> None:
    deliver(receiver.server_port, url)
    assert receiver.got[0][0] == path


def test_the_proxies_of_the_environment_are_ignored(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Receiver()) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            for spelling in (name, name.upper()):
                monkeypatch.setenv(spelling, f"http://{HERE}:{proxy.server_port}")
        deliver(receiver.server_port)
        assert (len(receiver.got), proxy.got) == (1, [])


# What is answered


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_one(receiver: Receiver, status: int) -> None:
    receiver.status = status
    deliver(receiver.server_port)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(400, False), (401, False), (404, False), (410, False), (422, False)]
    + [(status, True) for status in (304, 408, 425, 429, 500, 502, 503, 504)],
)
def test_a_refusal_is_final_and_trouble_passes_and_neither_is_tried_twice(
    receiver: Receiver, status: int, retryable: bool
) -> None:
    receiver.status = status
    with pytest.raises(WebhookFailed) as raised:
        deliver(receiver.server_port)
    assert (raised.value.facts, raised.value.retryable) == ({"status": status}, retryable)
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    with serving(Receiver()) as other:
        receiver.status, receiver.location = status, f"http://{HERE}:{other.server_port}/"
        with pytest.raises(WebhookFailed) as raised:
            deliver(receiver.server_port)
        assert raised.value.facts == {"status": status}
        assert (len(receiver.got), other.got) == (1, [])


def test_a_huge_answer_is_not_read() -> None:
    sent = 0

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while sent < 1_000_000_000:
            sent += connection.send(b"x" * 65536)

    with listening(flood) as port:
        deliver(port)
    assert sent < 32_000_000  # what the system's buffers took


def silence(connection: socket.socket) -> None:
    """Answer nothing."""
    while connection.recv(65536):
        pass


def drip(*starts: bytes) -> Script:
    """Send a start at once, and then without an end one byte after the other."""

    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"".join(starts))
        for _ in range(200):
            connection.sendall(b"x")
            time.sleep(0.05)

    return script


def continuing(connection: socket.socket) -> None:
    """Say without an end that the request may go on."""
    connection.recv(65536)
    for _ in range(1000):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.01)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "script", [silence, drip(), drip(b"HTTP/1.1 200 OK\r\nx: "), continuing], ids=["silence", "status", "header", "100"]
)
def test_a_slow_receiver_costs_no_more_than_the_time_it_has(scheme: str, script: Script) -> None:
    with listening(script) as port:
        started = time.monotonic()
        with pytest.raises(WebhookFailed) as raised:
            deliver(port, scheme + "://{}:{}/", IMPATIENT_S)
        assert time.monotonic() - started < IMPATIENT_S + 2
    assert raised.value.retryable


def test_a_receiver_may_take_most_of_the_time_for_itself() -> None:
    def ponder(connection: socket.socket) -> None:
        connection.recv(65536)
        time.sleep(1.2)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    with listening(ponder) as port:
        deliver(port, timeout_s=2)


def test_a_slow_resolver_costs_no_more_than_the_time_it_has() -> None:
    released = Event()

    def hang(host: str) -> list[str]:
        released.wait(10)
        return [HERE]

    started = time.monotonic()
    try:
        with pytest.raises(WebhookFailed) as raised:
            webhooks(HOST, timeout_s=IMPATIENT_S, resolve=hang).deliver(URL, EVENT, BODY)
    finally:
        released.set()
    assert (raised.value.facts, raised.value.retryable) == ({"cause": "TimeoutError"}, True)
    assert time.monotonic() - started < IMPATIENT_S + 2


@pytest.mark.parametrize(
    "answer",
    [b"", b"no HTTP\r\n\r\n", b"HTTP/1.1 999999 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"],
    ids=["none", "no HTTP", "no status", "endless headers"],
)
def test_an_answer_that_is_none_may_be_one_next_time(answer: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    with listening(script) as port, pytest.raises(WebhookFailed) as raised:
        deliver(port)
    assert (list(raised.value.facts), raised.value.retryable) == (["cause"], True)


def test_a_receiver_that_is_down_may_be_up_next_time() -> None:
    with socket.socket() as deaf:
        deaf.bind((HERE, 0))
        with pytest.raises(WebhookFailed) as raised:
            deliver(deaf.getsockname()[1])
    assert (raised.value.facts, raised.value.retryable) == ({"cause": "NewConnectionError"}, True)


@pytest.mark.parametrize("addresses", [None, []], ids=["no such name", "no address"])
def test_a_name_without_an_address_may_have_one_next_time(addresses: list[str] | None) -> None:
    def resolve(host: str) -> list[str]:
        if addresses is None:
            raise socket.gaierror(socket.EAI_NONAME, host)
        return addresses

    with pytest.raises(WebhookFailed) as raised:
        webhooks(HOST, resolve=resolve).deliver(URL, EVENT, BODY)
    assert raised.value.retryable


def test_neither_error_nor_log_quotes_the_url(caplog: pytest.LogCaptureFixture) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 500 Oh\r\n: no name\r\nno colon\r\n\r\n")

    with listening(script) as port, caplog.at_level(logging.DEBUG), pytest.raises(WebhookFailed) as raised:
        deliver(port, "http://{}:{}/t0ken?t0ken")
    assert "t0ken" not in caplog.text + str(raised.value) + repr(raised.value.facts)


# Where it may go


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ([HOST], URL),
        ([HOST], "HTTPS://Hooks.Example.ORG/"),
        ([HOST], f"https://{HOST}:443"),
        (["Hooks.Example.ORG"], URL),
        ([f"{HOST}:8443"], f"https://{HOST}:8443/"),
        (["*.example.org"], URL),
        (["*.example.org"], "https://a.b.example.org/"),
        (["other.example.org", HOST], URL),
        (["bücher.example"], "https://xn--bcher-kva.example/"),
        (["xn--bcher-kva.example"], "https://BÜCHER.example/"),
        (["straße.example"], "https://xn--strae-oqa.example/"),
    ],
)
def test_a_listed_host_may_be_called(hosts: list[str], url: str) -> None:
    webhooks(*hosts).check(url)


REFUSED = {
    "unlisted": "https://example.com/",
    "parent of a listed one": "https://example.org/",
    "below a listed one": f"https://a.{HOST}/",
    "ends like a listed one": f"https://evil-{HOST}/",
    "begins like a listed one": f"https://{HOST}.example.com/",
    "above the wildcard": "https://example.net/",
    "ends like the wildcard": "https://evilexample.net/",
    "the wildcard itself": "https://*.example.net/",
    "http": f"http://{HOST}/",
    "http to the port of https": f"http://{HOST}:443/",
    "another scheme": f"ftp://{HOST}/",
    "file": "file:///etc/passwd",
    "no scheme": HOST,
    "relative": f"//{HOST}/",
    "a scheme that folds to https": f"httpſ://{HOST}/",
    "wrong port": f"https://{HOST}:8443/",
    "port 0": f"https://{HOST}:0/",
    "port that wraps around": f"https://{HOST}:65979/",
    "no port after a colon": f"https://{HOST}:/",
    "digits of another script": f"https://{HOST}:٤٤٣/",
    "user info": f"https://user:t0ken@{HOST}/",
    "empty user info": f"https://@{HOST}/",
    "host as user info": f"https://{HOST}@{HERE}/",
    "host as user info, with a backslash": f"https://{HOST}\\@{HERE}/",
    "fragment": f"https://{HOST}/#a",
    "fragment before user info": f"https://{HERE}#@{HOST}/",
    "trailing dot": f"https://{HOST}./",
    "two dots": "https://hooks..example.org/",
    "percent": "https://hooks%2eexample.org/",
    "space before": f" {URL}",
    "space after": f"{URL} ",
    "space within": f"{URL} HTTP/1.1",
    "newline after": f"{URL}\n",
    "newline within": f"{URL}\r\nx: y",
    "tab in the host": "https://hooks\t.example.org/",
    "NUL": f"{URL}\0",
    "no-break space": f"{URL}\u00a0",
    "path not in ASCII": f"{URL}é",
    "half a surrogate pair": f"https://{HOST}\ud800/",
    "empty": "",
    "no host": "https:///jobs",
    "over-long": f"{URL}?{'x' * 2000}",
    "over-long host": f"https://{'a.' * 200}{HOST}/",
    "localhost": "https://localhost/",
    "localhost with a dot": "https://localhost./",
    "loopback": f"https://{HERE}/",
    "decimal": "https://2130706433/",
    "octal": "https://0177.0.0.1/",
    "hexadecimal": "https://0x7f000001/",
    "hexadecimal, in parts": "https://0x7f.0.0.0x1/",
    "short": "https://127.1/",
    "fullwidth": "https://１２７.０.０.１/",
    "circled": "https://ⓛocalhost/",
    "IPv6": "https://[::1]/",
    "IPv4 in IPv6": f"https://[::ffff:{HERE}]/",
    "with a zone": "https://[fe80::1%25eth0]/",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "global, but an address": f"https://{FAR}/",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_any_other_url_is_refused_before_a_name_is_resolved(url: str, dialled: list[tuple[str, int]]) -> None:
    resolved: list[str] = []

    def resolve(host: str) -> list[str]:
        resolved.append(host)
        return [FAR]

    listed = webhooks(HOST, "*.example.net", resolve=resolve)
    with pytest.raises(InvalidOption) as refused:
        listed.check(url)
    with pytest.raises(WebhookFailed) as failed:
        listed.deliver(url, EVENT, BODY)
    assert not failed.value.retryable
    assert (resolved, dialled) == ([], [])
    assert "t0ken" not in refused.value.detail + failed.value.detail


@settings(deadline=None)
@given(st.text() | st.from_regex(r"https?://[^/]*(hooks\.example\.org)?.*", fullmatch=True))
def test_a_url_is_refused_with_a_reason_or_is_one_of_a_listed_host(url: str) -> None:
    try:
        webhooks(HOST).check(url)
    except InvalidOption:
        return
    assert url.lower().startswith(f"https://{HOST}")


PRIVATE = ["10.0.0.1", "127.0.0.1", "127.8.8.8", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12:3456::1"]
NEVER = [
    *[
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "169.254.170.2",
        "192.0.0.192",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.1",
    ],
    *["224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"],
    *["::ffff:93.184.215.14", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1"],
    *["2001::7f00:1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "3fff::1", "fd00:ec2::254", "fe80::1"],
    *["fe80::1%lo", "fec0::1", "ff02::1", "ff0e::1", "100::1"],
]
GLOBAL = [FAR, "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]


@pytest.mark.parametrize("address", PRIVATE + NEVER)
@pytest.mark.parametrize("others", [[], [FAR]], ids=["alone", "after a global one"])
def test_a_listed_name_with_an_address_that_is_not_global_is_not_called(
    address: str, others: list[str], dialled: list[tuple[str, int]]
) -> None:
    with pytest.raises(WebhookFailed, match="may not be called") as raised:
        webhooks(HOST, resolve=always(*others, address)).deliver(URL, EVENT, BODY)
    assert not raised.value.retryable
    assert dialled == []


@pytest.mark.parametrize("address", NEVER)
def test_where_private_addresses_may_be_called_those_of_the_cloud_and_of_no_host_still_may_not(
    address: str, dialled: list[tuple[str, int]]
) -> None:
    with pytest.raises(WebhookFailed, match="may not be called"):
        webhooks(HOST, private=True, resolve=always(address)).deliver(URL, EVENT, BODY)
    assert dialled == []


@pytest.mark.parametrize(
    ("address", "private"), [*((a, False) for a in GLOBAL), *((a, True) for a in PRIVATE + GLOBAL)]
)
def test_the_connection_goes_to_the_address_that_was_checked(
    address: str, private: bool, dialled: list[tuple[str, int]]
) -> None:
    with pytest.raises(WebhookFailed, match="no answer"):
        webhooks(HOST, private=private, resolve=always(address)).deliver(URL, EVENT, BODY)
    assert dialled == [(address, 443)]


@settings(deadline=None)
@given(st.ip_addresses())
def test_no_address_is_called_that_python_would_not_call_global(address: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        dialled: list[str] = []

        def refuse(place: tuple[str, int], *_: object, **__: object) -> socket.socket:
            dialled.append(place[0])
            raise ConnectionRefusedError

        patch.setattr("urllib3.util.connection.create_connection", refuse)
        with pytest.raises(WebhookFailed):
            webhooks(HOST, resolve=always(str(address))).deliver(URL, EVENT, BODY)
    assert all(ip_address(one).is_global for one in dialled)


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(receiver: Receiver) -> None:
    with serving(Receiver()) as other:
        answers = iter([[HERE], ["127.0.0.2"]])
        asked: list[str] = []

        def rebind(host: str) -> list[str]:
            asked.append(host)
            return next(answers)

        places = [f"{HOST}:{server.server_port}" for server in (receiver, other)]
        webhooks(*places, private=True, resolve=rebind).deliver(f"http://{places[0]}/", EVENT, BODY)
        assert (asked, len(receiver.got), other.got) == ([HOST], 1, [])


def test_the_system_resolves_a_name_where_no_other_resolver_is_given(receiver: Receiver) -> None:
    place = f"localhost:{receiver.server_port}"
    HttpWebhooks(signing_key(SECRET), [HostRule.parse(place)], private=True).deliver(f"http://{place}/", EVENT, BODY)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "entry",
    [
        *["", "*", "*.", "*example.org", "a.*.org", ".example.org", "example.org.", "example.org/", "a b", "a@b"],
        *["https://example.org", "example.org:", "example.org:0", "example.org:65536", "a." * 126 + "org"],
        *["127.0.0.1", "[::1]", "2130706433"],
    ],
)
def test_an_entry_of_the_list_that_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="is not a host for webhooks"):
        HostRule.parse(entry)


def test_with_nothing_listed_nothing_may_be_called() -> None:
    with pytest.raises(InvalidOption):
        webhooks().check(URL)


def test_an_installation_without_webhooks_says_so() -> None:
    with pytest.raises(InvalidOption, match="webhooks are not configured here"):
        NoWebhooks().check(URL)
    with pytest.raises(WebhookFailed, match="webhooks are not configured here") as raised:
        NoWebhooks().deliver(URL, EVENT, BODY)
    assert not raised.value.retryable


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of the host, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "certificate.pem", folder / "key.pem"
    options = f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}"
    subprocess.run(
        ["openssl", *options.split(), "-keyout", key, "-out", made], check=True, capture_output=True, timeout=60
    )
    return made, key


@pytest.fixture
def named(certificate: tuple[Path, Path]) -> Iterator[tuple[Receiver, list[str | None]]]:
    """A server with the certificate, and the names that it was asked for."""
    names: list[str | None] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    context.sni_callback = lambda _, name, __: names.append(name)
    receiver = Receiver()
    receiver.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that goes away is expected
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    with serving(receiver) as server:
        yield server, names


def test_tls_asks_for_the_name_and_verifies_it_though_the_connection_goes_to_an_address(
    named: tuple[Receiver, list[str | None]], certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, names = named
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    deliver(receiver.server_port, "https://{}:{}/jobs")
    assert (names, [path for path, *_ in receiver.got]) == ([HOST], ["/jobs"])


def test_a_certificate_of_another_name_is_refused(
    named: tuple[Receiver, list[str | None]], certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, _ = named
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    place = f"other.example.org:{receiver.server_port}"
    with pytest.raises(WebhookFailed) as raised:
        webhooks(place, private=True).deliver(f"https://{place}/", EVENT, BODY)
    assert "hostname mismatch" in str(raised.value.__cause__).lower()
    assert (receiver.got, raised.value.facts) == ([], {"cause": "SSLCertVerificationError"})


def test_a_certificate_that_nobody_vouches_for_is_refused(named: tuple[Receiver, list[str | None]]) -> None:
    receiver, _ = named
    with pytest.raises(WebhookFailed) as raised:
        deliver(receiver.server_port, "https://{}:{}/jobs")
    assert (receiver.got, raised.value.facts) == ([], {"cause": "SSLCertVerificationError"})


def test_the_deadline_holds_inside_tls(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)

    def encrypted(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            drip(b"HTTP/1.1 200 OK\r\nx: ")(tls)

    with listening(encrypted) as port:
        started = time.monotonic()
        with pytest.raises(WebhookFailed) as raised:
            deliver(port, "https://{}:{}/", IMPATIENT_S)
        assert time.monotonic() - started < IMPATIENT_S + 2
    assert raised.value.retryable
