"""The endpoint that environments restored from a snapshot ask for their role's credentials."""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from infra.emulator.configuration import ContainerCredentials

_VALID_S = 3600


@contextmanager
def serving_credentials(role: Mapping[str, str]) -> Iterator[ContainerCredentials]:
    """Serve AWS_ACCESS_KEY_ID and the like on a free port of the loopback, to whoever has the token.

    AWS's emulator has such an endpoint, too, but what that gives has always expired already, and boto3 refuses it.
    """
    token = secrets.token_urlsafe()

    class Endpoint(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = secrets.compare_digest(self.headers.get("Authorization", ""), token)
            body = json.dumps(_answer(role) if allowed else {"message": "Forbidden"}).encode()
            self.send_response(200 if allowed else 403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield ContainerCredentials(f"http://127.0.0.1:{server.server_port}/credentials", token)
        finally:
            server.shutdown()
            thread.join()


def _answer(role: Mapping[str, str]) -> dict[str, str]:
    """As the "Container credential provider" of the SDKs' reference guide has it."""
    return {
        "AccessKeyId": role["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": role["AWS_SECRET_ACCESS_KEY"],
        "Token": role["AWS_SESSION_TOKEN"],
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + _VALID_S)),
    }
