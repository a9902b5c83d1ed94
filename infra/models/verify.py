"""Proves that a package translates."""

from pathlib import Path

import ctranslate2
import sentencepiece

from infra.models.recipe import Direction, ModelBuildFailed


def verify(direction: Direction, folder: Path) -> None:
    """Translate the known sentence and compare. Raises ModelBuildFailed."""
    try:
        got = translate(folder, direction.sentence)
    except (RuntimeError, ValueError, OSError) as exc:
        raise ModelBuildFailed(f"the package for {direction} cannot be loaded: {exc}") from exc
    if got != direction.translation:
        raise ModelBuildFailed(
            f"the package for {direction} translates its known sentence to {got!r}, not {direction.translation!r}; "
            f"please report this with your processor and CTranslate2 {ctranslate2.__version__}"
        )


def translate(folder: Path, sentence: str) -> str:
    """Translate one sentence as the application does: int8, greedy, with the vocabulary map, by itself."""
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    translator = ctranslate2.Translator(
        str(folder / "model"), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
    )
    pieces = processor.encode(sentence, out_type=str)
    (result,) = translator.translate_batch([pieces], beam_size=1, use_vmap=True, max_batch_size=1)
    return str(processor.decode(result.hypotheses[0]))
