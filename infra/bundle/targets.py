"""What bundles are for: the two instruction sets of AWS Lambda."""

from dataclasses import dataclass

_GLIBC_MINORS = range(28, 4, -1)  # manylinux_2_28 and lower; Amazon Linux 2023 has glibc 2.34
_OLD_NAMES = ("manylinux2014", "manylinux2010", "manylinux1")


class BundleFailed(Exception):
    """A bundle could not be made. The message says what failed and what to do about it."""


@dataclass(frozen=True, slots=True)
class Target:
    """An instruction set by Lambda's name, by that in wheels' names, and by the number in ELF headers."""

    name: str
    machine: str
    elf_machine: int

    @property
    def platforms(self) -> list[str]:
        """The platform tags whose wheels run there (PEP 600), the newest first."""
        tags = [*(f"manylinux_2_{minor}" for minor in _GLIBC_MINORS), *_OLD_NAMES]
        return [f"{tag}_{self.machine}" for tag in tags]


TARGETS = {
    target.name: target
    for target in (Target("x86_64", "x86_64", elf_machine=62), Target("arm64", "aarch64", elf_machine=183))
}
