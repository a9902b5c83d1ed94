"""Small Argos packages with a model that spells: it copies its input piece by piece, and may turn each piece."""

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.specs import transformer_spec
from numpy.typing import NDArray

SPECIALS = ("<unk>", "<s>", "</s>")
CHARACTERS = [chr(code) for code in range(ord("!"), ord("~") + 1)]
MERGES = ("t h", "th e</w>", "l l", "o n</w>")
POSITIONS = 600
QUARTER = 64
DEPTH = 4 * QUARTER

Turn = Callable[[str], str]
Spec = Any  # CTranslate2's specifications carry no types


def copied(piece: str) -> str:
    """The piece as it is."""
    return piece


def write_package(
    folder: Path,
    source: str = "en",
    target: str = "pt",
    *,
    turn: Turn = copied,
    bpe: bool = False,
    with_map: bool = False,
    ends: bool = True,
    target_prefix: str = "",
    **metadata: object,
) -> Path:
    """Write a package that spells its input, each piece turned; gives its folder.

    With a target prefix the model expects it as the first piece, and doubles the first letter where it is missing.
    A model that does not end goes on until it is stopped.
    """
    pieces = list(SPECIALS)
    if target_prefix:
        pieces.append(target_prefix)
    model = folder / "model"
    model.mkdir(parents=True)
    if bpe:
        pieces += _bpe_pieces()
        (folder / "bpe.model").write_text("#version: 0.2\n" + "\n".join(MERGES) + "\n")
    else:
        tokenizer = _sentencepiece_model()
        processor = sentencepiece.SentencePieceProcessor(model_proto=tokenizer)
        pieces += [processor.id_to_piece(at) for at in range(len(SPECIALS), processor.vocab_size())]
        (folder / "sentencepiece.model").write_bytes(tokenizer)
    spec = _spelling_spec(pieces, turn, late=bool(target_prefix), ends=ends)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(model))
    if with_map:
        lines = ["\t" + " ".join(SPECIALS), *(f"{piece}\t{turn(piece)}" for piece in pieces[len(SPECIALS) :])]
        (model / "vmap.txt").write_text("\n".join(lines) + "\n")
    described = {"package_version": "1.0", "from_code": source, "to_code": target, "target_prefix": target_prefix}
    (folder / "metadata.json").write_text(json.dumps(described | metadata))
    return folder


def _sentencepiece_model() -> bytes:
    """A model of single characters."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(CHARACTERS)]),
        model_writer=written,
        model_type="char",
        vocab_size=len(SPECIALS) + len(CHARACTERS) + 1,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return written.getvalue()


def _bpe_pieces() -> list[str]:
    """Every piece that the merges can leave, at the end of a word and within."""
    stems = CHARACTERS + ["".join(merge.split()).removesuffix("</w>") for merge in MERGES]
    return [f"{stem}{mark}" for stem in stems for mark in ("", "@@")]


def _spelling_spec(pieces: Sequence[str], turn: Turn, late: bool, ends: bool) -> Spec:
    """A Transformer whose decoder looks, at each step, where the source has the same position, and says what is there.

    A vector holds a random signature of the piece in its first half and one of the position in its second; each is
    followed by its negative, so that layer norms leave it alone.
    """
    random = np.random.default_rng(7)
    nothing, one = np.zeros((DEPTH, DEPTH), np.float32), np.eye(DEPTH, dtype=np.float32)
    is_piece = np.arange(DEPTH) < DEPTH // 2
    spellings = _signatures(random, len(pieces)) * is_piece
    places = np.roll(_signatures(random, POSITIONS), DEPTH // 2, axis=1) * ~is_piece
    sayings = np.zeros_like(spellings)
    for piece, spelling in zip(pieces, spellings, strict=True):
        sayings[pieces.index(turned if (turned := turn(piece)) in pieces else piece)] += spelling

    spec = transformer_spec.TransformerSpec.from_config((1, 1), 1)
    spec.encoder.scale_embeddings = spec.decoder.scale_embeddings = False
    spec.encoder.embeddings[0].weight, spec.decoder.embeddings.weight = spellings, np.zeros_like(spellings)
    spec.encoder.position_encodings.encodings = places
    spec.decoder.position_encodings.encodings = np.vstack([places[:1], places[:-1]]) if late else places
    for layer in (*spec.encoder.layer, *spec.decoder.layer):
        layer.self_attention.linear[0].weight, layer.self_attention.linear[1].weight = np.tile(nothing, (3, 1)), nothing
        layer.ffn.linear_0.weight = layer.ffn.linear_1.weight = nothing
        for linear in (*layer.self_attention.linear, layer.ffn.linear_0, layer.ffn.linear_1):
            linear.bias = np.zeros(linear.weight.shape[0], np.float32)
        _plain_norms(layer.self_attention, layer.ffn)
    query, key_value, output = spec.decoder.layer[0].attention.linear
    query.weight = 10 * one * ~is_piece
    key_value.weight = np.vstack([one * ~is_piece, one * is_piece])
    output.weight = one
    for linear in (query, key_value, output):
        linear.bias = np.zeros(linear.weight.shape[0], np.float32)
    _plain_norms(spec.decoder.layer[0].attention, spec.encoder, spec.decoder)
    spec.decoder.projection.weight = sayings
    spec.decoder.projection.bias = np.zeros(len(pieces), np.float32)
    if not ends:
        spec.decoder.projection.bias[pieces.index("</s>")] = -1e4
    spec.register_source_vocabulary(list(pieces))
    spec.register_target_vocabulary(list(pieces))
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = "</s>"
    return spec


def _signatures(random: np.random.Generator, count: int) -> NDArray[np.float32]:
    half = random.choice([-1.0, 1.0], (count, QUARTER)).astype(np.float32)
    return np.hstack([half, -half, half, -half])


def _plain_norms(*specs: Spec) -> None:
    for spec in specs:
        spec.layer_norm.gamma, spec.layer_norm.beta = np.ones(DEPTH, np.float32), np.zeros(DEPTH, np.float32)
