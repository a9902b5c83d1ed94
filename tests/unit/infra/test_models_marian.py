import struct

import numpy as np
import pytest

from infra.models.marian import read_shortlist, read_weights
from infra.models.recipe import ModelBuildFailed

FLOAT32, INT8, INT16 = 0x404, 0x4101, 0x4202
Tensor = tuple[str, int, tuple[int, ...], bytes]


def model(*tensors: Tensor, version: int = 1) -> bytes:
    """A model file, written as Marian writes it, with eight bytes of padding before the data."""
    names = [name.encode() + b"\0" for name, *_ in tensors]
    headers = [
        struct.pack("<4Q", len(raw), kind, len(shape), len(data))
        for raw, (_, kind, shape, data) in zip(names, tensors, strict=True)
    ]
    shapes = [struct.pack(f"<{len(shape)}i", *shape) for _, _, shape, _ in tensors]
    parts = [struct.pack("<2Q", version, len(tensors)), *headers, *names, *shapes, struct.pack("<Q", 8), bytes(8)]
    return b"".join([*parts, *(data for *_, data in tensors)])


def int8_tensor(name: str, shape: tuple[int, int], values: list[int], multiplier: float) -> Tensor:
    return name, INT8, shape, np.array(values, np.int8).tobytes() + struct.pack("<f", multiplier) + bytes(7)


VECTOR = ("bias", FLOAT32, (1, 3), struct.pack("<3f", 0.5, -1.0, 2.0))
MATRIX = int8_tensor("W", (2, 3), [1, 2, 3, 4, 5, 6], 2.0)
EMBEDDINGS = int8_tensor("Wemb", (3, 2), [10, 20, 30, 40, 50, 60], 10.0)


def test_float_tensors_are_read_as_they_are() -> None:
    np.testing.assert_array_equal(read_weights(model(VECTOR))["bias"], [[0.5, -1.0, 2.0]])


def test_an_int8_matrix_is_divided_by_its_multiplier_and_turned_to_in_by_out() -> None:
    np.testing.assert_array_equal(read_weights(model(VECTOR, MATRIX))["W"], [[0.5, 1.5, 2.5], [1.0, 2.0, 3.0]])


def test_embeddings_lie_the_other_way() -> None:
    np.testing.assert_array_equal(read_weights(model(EMBEDDINGS))["Wemb"], [[1, 2], [3, 4], [5, 6]])


def test_scales_of_activations_and_the_configuration_are_left_out() -> None:
    scale = ("W_QuantMultA", FLOAT32, (1, 1), struct.pack("<f", 3.0))
    configuration = ("special:model.yml", 0x101, (5,), b"dim: ")
    assert read_weights(model(scale, configuration, VECTOR)).keys() == {"bias"}


@pytest.mark.parametrize("tensor", [VECTOR, MATRIX])
def test_a_model_cut_short_anywhere_is_refused(tensor: Tensor) -> None:
    raw = model(tensor)
    for length in range(len(raw)):
        with pytest.raises(ModelBuildFailed, match="ends too early"):
            read_weights(raw[:length])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (model(version=2), "not a Marian model"),
        (b"PK\3\4" + bytes(40), "not a Marian model"),
        (struct.pack("<2Q", 1, 2**60), "ends too early"),
        (model(("bias", FLOAT32, (-1, 3), bytes(12))), "ends too early"),
        (model(int8_tensor("W", (2, 9), [1, 2, 3], 1.0)), "W in the model file is damaged"),
        (model(("W", INT16, (1, 1), bytes(8))), "W has a type"),
    ],
    ids=["version", "other-file", "count", "negative-shape", "shape-larger-than-data", "type"],
)
def test_what_is_not_a_model_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(ModelBuildFailed, match=message):
        read_weights(raw)


def shortlist(offsets: list[int], ids: list[int], magic: int = 0xF11A48D5013417F5) -> bytes:
    header = struct.pack("<6Q", magic, 0, 2, 2, len(offsets), len(ids))
    return header + struct.pack(f"<{len(offsets)}Q", *offsets) + struct.pack(f"<{len(ids)}I", *ids)


def test_a_shortlist_gives_the_candidates_of_each_source_piece() -> None:
    assert read_shortlist(shortlist([0, 2, 2, 3], [7, 8, 9])) == (2, [[7, 8], [], [9]])


def test_a_shortlist_cut_short_anywhere_is_refused() -> None:
    raw = shortlist([0, 1], [7])
    for length in range(len(raw)):
        with pytest.raises(ModelBuildFailed, match="ends too early"):
            read_shortlist(raw[:length])


@pytest.mark.parametrize("raw", [shortlist([0], [], magic=1), shortlist([0, 2], [7]), shortlist([0, 3, 1], [7, 8, 9])])
def test_what_is_not_a_shortlist_is_refused(raw: bytes) -> None:
    with pytest.raises(ModelBuildFailed, match="shortlist"):
        read_shortlist(raw)
