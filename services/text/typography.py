"""Typographic punctuation on the way through a model: plain on the way in, as the source has it on the way out.

Many models never saw a curly quote. To the embedded ones “ ” ‘ ’ – — … « » are unknown, and an unknown character takes
the words around it along: "I’m not going" lost its verb. So a model reads their ASCII forms.
"""

import re
from collections.abc import Iterator

from services.text.edits import Edit

_PAIRS = (("“", "”"), ("„", "“"), ("«", "»"), ("”", "”"), ("»", "«"))
_INSIDE = "(?<=«)[ \xa0\u202f]|[ \xa0\u202f](?=»)"
_DOUBLE = re.compile(f"(?P<inside>{_INSIDE})|[“”„‟«»]")
_ASCII = {**dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‘’‚‛", "'"), **dict.fromkeys("–—―‒‑‐−", "-"), "…": "...",
          **dict.fromkeys("\u00ad\u2060\ufeff", "")}  # fmt: skip
_TIGHT_DASH = re.compile(r"(?<=[^\W\d])[—―](?=[^\W\d])")
_TYPOGRAPHIC = re.compile(f"(?P<inside>{_INSIDE})|(?P<tight>{_TIGHT_DASH.pattern})|[{''.join(_ASCII)}]")
_DASH = re.compile("[–—―]")
_SPACED_HYPHEN = re.compile(r"(?<!\S)-(?=\s)")
_WITH_SPACES = re.compile(r"(?<=[^\W\d]) - (?=[^\W\d])")
_MINUS_HYPHEN = re.compile(r"(?<![\w-])-(?=\d)")
_RANGE_HYPHEN = re.compile(r"(?<=\d)-(?=\d)")
_RANGE_DASH = re.compile(r"(?<=\d)–(?=\d)")
_SINGLE_OPENING = re.compile(r"(?<![^\s(\[{/-])['‘](?=[^\W\d])")
_ADDED_STOP = re.compile(r"\w(?<!\b\w)\.\Z")
_FIRM_SPACE = re.compile(r"([^\s\xa0\u2009\u202f]+)([\xa0\u2009\u202f])(?=([^\s\xa0\u2009\u202f]+))")
_DOTS = re.compile(re.escape("..."))
_OPENING = re.compile(r"""(?<![^\s(\[{"'/-])["'](?=\S)""")


def plain(text: str) -> Iterator[Edit]:
    """What makes ASCII of a text's quotes, apostrophes, dashes and ellipses. Nothing is left to make so then."""
    return (
        Edit(match.start(), match.end(), "" if match["inside"] else " - " if match["tight"] else _ASCII[match[0]])
        for match in (_TYPOGRAPHIC.finditer(text) if not text.isascii() else ())
    )


def restore(source: str, target: str) -> Iterator[Edit]:
    """What gives the translation of a text's plain form the typography of the text.

    A kind of mark that the source has in typographic form only comes back in that form; others stay as they are.
    """
    yield from _stop(source, target)
    if '"' in target and '"' not in source and (pair := _single_quotes(source)):
        yield from _quoted(target, '"', *pair)
    if source.isascii():
        return
    yield from _firm_spaces(source, target)
    if '"' not in source and (pair := _double_quotes(source)):
        yield from _quoted(target, '"', *pair)
    if "'" not in source and "’" in source:
        yield from _quoted(target, "'", "‘" if "‘" in source else "’", "’")
    if not _SPACED_HYPHEN.search(source) and (dash := _DASH.search(source)):
        hyphen = _WITH_SPACES if _TIGHT_DASH.search(source) else _SPACED_HYPHEN
        yield from _replaced(hyphen, dash[0], target)
    if "−" in source and not _MINUS_HYPHEN.search(source):
        yield from _replaced(_MINUS_HYPHEN, "−", target)
    if not _RANGE_HYPHEN.search(source) and _RANGE_DASH.search(source):
        yield from _replaced(_RANGE_HYPHEN, "–", target)
    if "…" in source and "..." not in source:
        yield from _replaced(_DOTS, "…", target)


def _replaced(pattern: re.Pattern[str], by: str, target: str) -> Iterator[Edit]:
    return (Edit(match.start(), match.end(), by) for match in pattern.finditer(target))


def _double_quotes(source: str) -> tuple[str, str] | None:
    """How the source opens and closes a quotation, with the white space that it has inside guillemets."""
    flat = _DOUBLE.sub(lambda match: "x" if match["inside"] else '"', source)  # of the same length
    for at, mark in enumerate(source):
        for opens, closes in _PAIRS:
            if mark in (opens, closes) and mark == (opens if _OPENING.match(flat, at) else closes):
                space = source[at + 1 : at + 2] if mark == opens else source[at - 1 : at]
                inside = space if opens == "«" and space in ("\xa0", "\u202f", " ") else ""
                return opens + inside, inside + closes
    return None


def _single_quotes(source: str) -> tuple[str, str] | None:
    """How the source opens and closes a quotation, where that is in single marks and there are no double ones."""
    if _DOUBLE.search(source):
        return None
    opening = _SINGLE_OPENING.search(source)
    return None if opening is None else ("‘", "’") if opening[0] == "‘" else ("'", "'")


def _stop(source: str, target: str) -> Iterator[Edit]:
    """The full stop that a target has and its source has not, as models end a headline."""
    if source[-1:].isalnum() and _ADDED_STOP.search(target):
        yield Edit(len(target) - 1, len(target), "")


def _firm_spaces(source: str, target: str) -> Iterator[Edit]:
    """Spaces that do not break, where the words around them, or the number before, are the same."""
    for match in _FIRM_SPACE.finditer(source):
        before, space, after = match.groups()
        number = re.escape(before) if before[-1].isdigit() else ""
        same = re.escape(f"{before} {after}")
        for found in re.finditer(rf"(?<!\w)(?:{same}|{number} )" if number else rf"(?<!\w){same}", target):
            at = target.index(" ", found.start())
            yield Edit(at, at + 1, space)
            break


def _quoted(target: str, mark: str, opens: str, closes: str) -> Iterator[Edit]:
    """Plain marks as opening and closing ones, by where each stands."""
    opening = {match.start() for match in _OPENING.finditer(target)}
    return (Edit(at, at + 1, opens if at in opening else closes) for at, char in enumerate(target) if char == mark)
