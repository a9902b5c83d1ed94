"""Makes the template of each stage and has it checked: `python -m infra.template` (`make template`)."""

import sys
from pathlib import Path

from infra.template.accepted import accepted, complaints
from infra.template.dockerfile import lint
from infra.template.findings import CheckFailed, findings
from infra.template.packaging import STAGES, PackagingFailed, package
from infra.tools.kit import CHECKOV, LINT, NODE, NPM, TOOLS, missing


def check(folder: Path) -> list[str]:
    """What is wrong with the templates, which come below a folder, and with the Dockerfile.

    Raises PackagingFailed, CheckFailed.
    """
    templates = {stage: package(stage, folder / stage) for stage in STAGES}
    return complaints(findings(templates), accepted()) + lint()


def main() -> None:
    if reason := missing([NODE, NPM, LINT, CHECKOV]):
        sys.exit(reason)
    try:
        wrong = check(TOOLS / "templates")
    except (PackagingFailed, CheckFailed) as exc:
        sys.exit(str(exc))
    if wrong:
        sys.exit("\n".join([*wrong, "mend it, or say in infra/template/accepted.toml why it stays"]))
    print("\n".join(str(TOOLS / "templates" / stage) for stage in STAGES))


if __name__ == "__main__":
    main()
