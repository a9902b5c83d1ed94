import json
from collections.abc import Sequence
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.bulk.inputs import (
    BLOCK_BYTES,
    BLOCK_FILES,
    MAX_LINE_BYTES,
    Unfit,
    blocks,
    document,
    is_input,
    lines,
    output_name,
    parts,
    shared,
)
from services.adapters.archives import File

NAMES = st.lists(st.sampled_from([f"{stem}{suffix}" for stem in "abcdefghij" for suffix in (".txt", ".md", ".ndjson")]))


def files(*names: str, size_bytes: int = 100) -> list[File]:
    return [File(name, size_bytes) for name in names]


@pytest.mark.parametrize(
    ("name", "content", "taken"),
    [
        ("a.txt", b"Ol\xc3\xa1", {"text": "Olá"}),
        ("a.TXT", b"\xef\xbb\xbfOl\xc3\xa1", {"text": "Olá"}),
        ("a.html", b"<p>x", {"html": "<p>x"}),
        ("a.htm", b"<p>x", {"html": "<p>x"}),
        ("a.md", b"# x", {"markdown": "# x"}),
        ("a.json", b'{"text": "x", "target": "es"}', {"text": "x", "target": "es"}),
    ],
)
def test_a_file_is_what_its_suffix_says_and_its_own_options_come_first(
    name: str, content: bytes, taken: dict[str, str]
) -> None:
    assert json.loads(document(name, content, {"target": "pt"})) == {"target": "pt", **taken}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"\xff\xfe", "malformed-body"),
        ("a.json", b"{", "malformed-body"),
        ("a.json", b"[" * 100_000, "malformed-body"),
        ("a.json", b"[1]", "invalid-request"),
    ],
)
def test_what_no_call_could_take_says_why(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Unfit) as unfit:
        document(name, content, {})
    assert unfit.value.code == code


def test_lines_have_numbers_and_ids_and_the_bad_ones_do_not_spoil_the_others() -> None:
    content = b'{"id": "x", "text": "1"}\n\n \nnope\n' + b"y" * (2 * MAX_LINE_BYTES) + b'\n{"text": "2"}'
    read = list(lines(BytesIO(content), {"target": "pt"}))
    assert [(line.number, line.id, isinstance(line.body, str)) for line in read] == [
        (1, "x", True),
        (4, None, False),
        (5, None, False),
        (6, None, True),
    ]
    assert read[0].body == '{"target": "pt", "text": "1"}'


@pytest.mark.parametrize(
    ("name", "taken"),
    [("a.txt", True), ("b/a.NDJSON", True), ("a.pdf", False), ("txt", False), ("../a.txt", False), ("a\n.txt", False)],
)
def test_inputs_are_known_by_name(name: str, taken: bool) -> None:
    assert is_input(name) is taken


def test_outputs_never_share_a_name() -> None:
    names = ["a.txt", "a.html", "a.htm", "a.json", "a.txt.json", "a.ndjson", "a.ndjson.json", "a", "a.jsonl"]
    for as_text in (False, True):
        assert len({output_name(name, as_text) for name in names}) == len(names)


@given(NAMES)
def test_every_file_is_in_one_block_and_a_file_of_lines_alone(names: list[str]) -> None:
    cut = list(blocks(files(*names)))
    assert [file.name for block in cut for file in block if not file.name.endswith("ndjson")] == [
        name for name in names if not name.endswith("ndjson")
    ]
    assert [block for block in cut if len(block) > 1 and any(file.name.endswith("ndjson") for file in block)] == []
    assert sum(map(len, cut)) == len(names)


def test_a_new_file_changes_its_own_block_only() -> None:
    names = [f"{n:05}.txt" for n in range(3_000)]

    def cut(names: Sequence[str]) -> set[tuple[str, ...]]:
        return {tuple(file.name for file in block) for block in blocks(files(*names))}

    before, after = cut(names), cut(sorted([*names, "01500x.txt"]))
    assert len(before - after) <= 2
    assert len(after - before) <= 2
    assert len(before) > 20


def test_blocks_and_parts_are_bounded() -> None:
    assert all(len(block) <= BLOCK_FILES for block in blocks(files(*(f"{n}.txt" for n in range(5_000)))))
    assert all(
        len(block) <= 4 for block in blocks(files(*(f"{n}.txt" for n in range(50)), size_bytes=BLOCK_BYTES // 4))
    )
    many = BytesIO(b'{"text": "x"}\n' * (2 * BLOCK_FILES + 1))
    assert [len(part) for part in parts(lines(many, {}))] == [BLOCK_FILES, BLOCK_FILES, 1]


def test_shares_are_even_and_leave_nothing_out() -> None:
    everything = files(*(f"{n}.txt" for n in range(1_000)))
    divided = [list(shared(everything, share, 4)) for share in (1, 2, 3, 4)]
    assert sorted(file.name for share in divided for file in share) == sorted(file.name for file in everything)
    assert all(200 < len(share) < 300 for share in divided)
    assert list(shared(everything, 1, 1)) == everything
