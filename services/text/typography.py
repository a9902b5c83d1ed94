"""Typographic punctuation on the way through a model: plain on the way in, as the source has it on the way out.

Many models never saw a curly quote. To the embedded ones “ ” ‘ ’ – — … « » are unknown, and an unknown character takes
the words around it along: "I’m not going" lost its verb. So a model reads their ASCII forms.
"""

import re

_PAIRS = (("“", "”"), ("„", "“"), ("«", "»"), ("”", "”"), ("»", "«"))
_DOUBLE = re.compile("(?P<inside>(?<=«)[ \xa0\u202f]|[ \xa0\u202f](?=»))|[“”„‟«»]")
_PLAIN = str.maketrans(
    {**dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‘’‚‛", "'"), **dict.fromkeys("–—―‒‑‐−", "-"), "…": "..."}
)
_TIGHT_DASH = re.compile(r"(?<=[^\W\d])[—―](?=[^\W\d])")
_DASH = re.compile("[–—―]")
_SPACED_HYPHEN = re.compile(r"(?<=\s)-(?=\s)")
_WITH_SPACES = re.compile(r"(?<=[^\W\d]) - (?=[^\W\d])")
_MINUS_HYPHEN = re.compile(r"(?<![\w-])-(?=\d)")
_RANGE_HYPHEN = re.compile(r"(?<=\d)-(?=\d)")
_RANGE_DASH = re.compile(r"(?<=\d)–(?=\d)")
_OPENING = re.compile(r"""(?<![^\s(\[{"'/-])["'](?=\S)""")


def plain(text: str) -> str:
    """The text with ASCII quotes, apostrophes, dashes and ellipses. Idempotent."""
    text = _DOUBLE.sub(lambda match: "" if match["inside"] else '"', text)
    return _TIGHT_DASH.sub(" - ", text).translate(_PLAIN)


def restore(source: str, target: str) -> str:
    """The translation of a text's plain form, with the typography of the text.

    A kind of mark that the source has in typographic form only comes back in that form; others stay as they are.
    """
    if '"' not in source and (pair := _double_quotes(source)):
        target = _quoted(target, '"', *pair)
    if "'" not in source and "’" in source:
        target = _quoted(target, "'", "‘" if "‘" in source else "’", "’")
    if not _SPACED_HYPHEN.search(source) and (dash := _DASH.search(source)):
        hyphen = _WITH_SPACES if _TIGHT_DASH.search(source) else _SPACED_HYPHEN
        target = hyphen.sub(dash[0], target)
    if "−" in source and not _MINUS_HYPHEN.search(source):
        target = _MINUS_HYPHEN.sub("−", target)
    if not _RANGE_HYPHEN.search(source) and _RANGE_DASH.search(source):
        target = _RANGE_HYPHEN.sub("–", target)
    return target.replace("...", "…") if "…" in source and "..." not in source else target


def _double_quotes(source: str) -> tuple[str, str] | None:
    """How the source opens and closes a quotation, with the white space that it has inside guillemets."""
    flat = _DOUBLE.sub(lambda match: "x" if match["inside"] else '"', source)  # of the same length
    for at, mark in enumerate(source):
        for opens, closes in _PAIRS:
            if mark == (opens if _OPENING.match(flat, at) else closes):
                space = source[at + 1 : at + 2] if mark == opens else source[at - 1 : at]
                inside = space if opens == "«" and space in ("\xa0", "\u202f", " ") else ""
                return opens + inside, inside + closes
    return None


def _quoted(target: str, mark: str, opens: str, closes: str) -> str:
    """The target with plain marks as opening and closing ones, by where each stands."""
    opening = {match.start() for match in _OPENING.finditer(target)}
    return "".join((opens if at in opening else closes) if char == mark else char for at, char in enumerate(target))
