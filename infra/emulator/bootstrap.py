"""What the emulator runs as the managed runtime: `python -P bootstrap.py INITIALISE HANDLER`.

Lambda initialises an environment before it has anything to invoke; AWS's emulator does so at its first invocation.
So that one carries nothing but INITIALISE, and is answered here, unseen by the handler. With SnapStart awslambdaric
runs the hooks around it: before the snapshot at the end of the initialisation, after the restore when the next
invocation has come. No module of the project is imported here, as none but the bundle is on the path.
"""

import os
import sys
from typing import Any

from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient


class Client(LambdaRuntimeClient):  # type: ignore[misc]
    """Takes invocations from the emulator, which has no endpoint to wait for a restore at."""

    def __init__(self, address: str, initialise: bytes) -> None:
        super().__init__(address)
        self._initialise = initialise
        self._restored: Any = None

    def restore_next(self) -> None:
        """Return when something is to be done."""
        self._restored = self.wait_next_invocation()

    def wait_next_invocation(self) -> Any:  # noqa: ANN401
        """The next invocation that is for the handler."""
        invocation, self._restored = self._restored, None
        while invocation is None or invocation.event_body == self._initialise:
            if invocation is not None:
                self.post_invocation_result(invocation.invoke_id, "null", invocation_id=invocation.invocation_id)
            invocation = super().wait_next_invocation()
        return invocation


def main(initialise: str, handler: str) -> None:
    """Serve invocations until the end of the process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        if not os.environ.get(name, "-"):
            del os.environ[name]  # the emulator sets them in any case; with SnapStart there are none
    bootstrap.run(handler, Client(os.environ["AWS_LAMBDA_RUNTIME_API"], initialise.encode()))


if __name__ == "__main__":
    main(*sys.argv[1:])
