"""Says what a bundle is made of."""

from collections import Counter
from pathlib import Path

from infra.bundle.build import Bundle

_ROWS = 12
LIMIT_BYTES = 250 * 1024 * 1024  # AWS Lambda: deployment package, unzipped, layers included


def describe(bundle: Bundle) -> str:
    """The size of a bundle, and its largest parts."""
    parts = sizes(bundle.tree)
    total = sum(parts.values())
    rows = [f"  {size / 1e6:7.1f} MB  {name}" for name, size in parts.most_common(_ROWS)]
    rest = total - sum(size for _, size in parts.most_common(_ROWS))
    head = f"{bundle.tree}: {total / 1e6:.1f} MB ({total / LIMIT_BYTES:.0%} of what Lambda takes); "
    head += f"{bundle.archive}: {bundle.archive.stat().st_size / 1e6:.1f} MB"
    return "\n".join([head, *rows, f"  {rest / 1e6:7.1f} MB  the rest"])


def sizes(tree: Path) -> Counter[str]:
    """Bytes by what lies at the root of a tree, byte code apart; a package with its private libraries."""
    parts: Counter[str] = Counter()
    for file in tree.rglob("*"):
        if file.is_file():
            name = file.relative_to(tree).parts[0].removesuffix(".libs")
            parts["byte code" if file.suffix == ".pyc" else name] += file.stat().st_size
    return parts
