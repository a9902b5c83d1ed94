"""How an instance of a Lambda function starts, and starts again from a snapshot of itself."""

import gc
import importlib.util
import random

from handler.settings import Settings
from handler.telemetry import configure_logging
from handler.wiring import Services, build

# An instance that starts on demand has somebody waiting, who wants one model and not all.
_AHEAD_OF_TIME = frozenset({"snap-start", "provisioned-concurrency"})


def start() -> Services:
    """Build the services as the environment says, and warm them up where nobody is waiting for it.

    With SnapStart the process is frozen when its entry is imported, and every instance goes on from there. Until then
    it opens no socket, finds no credentials, and draws nothing at random that must differ between instances.
    """
    settings = Settings()
    configure_logging(settings.log_level, settings.service)
    services = build(settings)
    if settings.lambda_start in _AHEAD_OF_TIME:
        services.warm_up()
    if importlib.util.find_spec("snapshot_restore_py"):  # the managed runtime has it
        _register_hooks()
    return services


def _register_hooks() -> None:
    import snapshot_restore_py

    snapshot_restore_py.register_before_snapshot(_tidy)
    snapshot_restore_py.register_after_restore(random.seed)  # botocore and others draw their pauses from it


def _tidy() -> None:
    """Leave less to be restored, and what is left untouched by later collections."""
    gc.collect()
    gc.freeze()
