"""Readers of Marian's binary files, as Bergamot ships them: int8 weights, and the lexical shortlist."""

import math
import struct
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from infra.models.recipe import ModelBuildFailed

Weights = dict[str, NDArray[np.float32]]

_VERSION = 1
_FLOAT32, _INT8 = 0x404, 0x4101
_SHORTLIST = 0xF11A48D5013417F5


class Shortlist(NamedTuple):
    """Which target ids may follow from a source: the first `always` ids, and candidates for each source id."""

    always: int
    candidates: list[list[int]]


class _Cursor:
    """Walks through a file and refuses to run past its end."""

    def __init__(self, raw: bytes | memoryview, what: str) -> None:
        self._left, self._what = memoryview(raw), what

    def block(self, size_bytes: int) -> memoryview:
        """The next bytes. Raises ModelBuildFailed."""
        if not 0 <= size_bytes <= len(self._left):
            raise ModelBuildFailed(f"{self._what} is damaged: it ends too early")
        block, self._left = self._left[:size_bytes], self._left[size_bytes:]
        return block

    def integers(self, count: int, code: str = "Q") -> tuple[int, ...]:
        """The next integers, little-endian, by struct's letter for one of them. Raises ModelBuildFailed."""
        block = self.block(count * struct.calcsize(f"<{code}"))
        return struct.unpack(f"<{count}{code}", block)


def read_weights(raw: bytes) -> Weights:
    """Weights by name, float32, matrices (in, out) and `Wemb` (vocabulary, dim); int8 is dequantised.

    Layout: u64 version, u64 count, count headers (u64 name length, type, rank, data length), the names, the shapes
    (i32), u64 padding and that many bytes, the data. Raises ModelBuildFailed.
    """
    cursor = _Cursor(raw, "the model file")
    version, count = cursor.integers(2)
    if version != _VERSION:
        raise ModelBuildFailed(f"the model file is not a Marian model of version {_VERSION}")
    headers = list(struct.iter_unpack("<4Q", cursor.block(32 * count)))
    names = [bytes(cursor.block(length)).rstrip(b"\0").decode(errors="replace") for length, *_ in headers]
    shapes = [cursor.integers(rank, "i") for _, _, rank, _ in headers]
    cursor.block(*cursor.integers(1))
    weights = {}
    for (_, kind, _, size_bytes), name, shape in zip(headers, names, shapes, strict=True):
        data = cursor.block(size_bytes)
        if name.startswith("special:") or name.endswith("_QuantMultA"):  # the configuration; scales of activations
            continue
        weights[name] = _tensor(_Cursor(data, f"{name} in the model file"), kind, name, shape)
    return weights


def _tensor(cursor: _Cursor, kind: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """One tensor; an int8 matrix lies transposed, but for `Wemb`, and its multiplier follows it."""
    size = math.prod(shape)
    if kind == _FLOAT32:
        return np.frombuffer(cursor.block(4 * size), "<f4").reshape(shape)
    if kind != _INT8:
        raise ModelBuildFailed(f"{name} has a type that is not read here: {kind:#x}")
    values = np.frombuffer(cursor.block(size), np.int8).astype(np.float32)
    values /= np.frombuffer(cursor.block(4), "<f4")
    return values.reshape(shape) if name == "Wemb" else values.reshape(shape[::-1]).T


def read_shortlist(raw: bytes) -> Shortlist:
    """Read a binary shortlist: u64 magic, checksum, always, best, offsets, ids; u64 offsets; u32 ids.

    Raises ModelBuildFailed.
    """
    cursor = _Cursor(raw, "the shortlist")
    magic, _, always, _, offset_count, id_count = cursor.integers(6)
    if magic != _SHORTLIST:
        raise ModelBuildFailed("the shortlist is not a Marian shortlist")
    offsets, ids = cursor.integers(offset_count), cursor.integers(id_count, "I")
    if any(a > b for a, b in pairwise(offsets)) or (offsets and offsets[-1] > id_count):
        raise ModelBuildFailed("the shortlist is damaged: its offsets are out of order")
    return Shortlist(always, [list(ids[a:b]) for a, b in pairwise(offsets)])
