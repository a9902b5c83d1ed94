"""What Lambda is told of a function, and the environment that the function finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

REGION = "eu-west-1"
FULL_CORE_MB = 1769  # "Configure Lambda function memory": at so much a function has one vCPU


@dataclass(frozen=True, slots=True)
class Configuration:
    """A function over an unpacked bundle. CPU_BY_MEMORY gives it the share of a core that its memory stands for."""

    name: str
    handler: str
    bundle: Path
    memory_mb: int = FULL_CORE_MB
    timeout_s: int = 30
    concurrency: int = 4
    snapstart: bool = False
    cpu_by_memory: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    more_paths: tuple[Path, ...] = ()

    @property
    def cores(self) -> float | None:
        """The cores that it may keep busy; None where that is not limited."""
        return self.memory_mb / FULL_CORE_MB if self.cpu_by_memory else None


@dataclass(frozen=True, slots=True)
class ContainerCredentials:
    """Where an environment that was restored from a snapshot asks for credentials."""

    url: str
    token: str


def environment_of(function: Configuration, role: Mapping[str, str] | ContainerCredentials) -> dict[str, str]:
    """All variables of an execution environment ("Using Lambda environment variables", defined runtime ones).

    The role is AWS_ACCESS_KEY_ID and the like; with SnapStart, where they can be asked for.
    """
    credentials = (
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": role.url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": role.token}
        if isinstance(role, ContainerCredentials)
        else role
    )
    return {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_s),  # AWS's emulator reads it; Lambda has no such variable
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if function.snapstart else "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local/[$LATEST]",
        "AWS_REGION": REGION,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "LAMBDA_RUNTIME_DIR": str(Path(__file__).parent),
        "LAMBDA_TASK_ROOT": str(function.bundle),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",  # /var/task cannot be written to
        "PYTHONPATH": ":".join(map(str, (function.bundle, *function.more_paths))),
        "TZ": ":UTC",
        "_HANDLER": function.handler,
        **function.environment,
        **credentials,
    }
