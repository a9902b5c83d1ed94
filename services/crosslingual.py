"""Summarises an article in another language than its own: only what is picked is translated."""

from dataclasses import dataclass

from services.keys import result_key
from services.model import Content, Language
from services.results import Answer, Effort, Results
from services.summarise import SummariseText, Summary, SummaryOptions, join_sentences
from services.text.normalise import normalise
from services.translate import Plan, TranslateTexts


@dataclass(frozen=True, slots=True)
class TranslatedSummary:
    """A summary and the translations of its sentences, in the same order.

    `befores` are those of the sentences that they lean on, where there is one. `model` is None where nothing needed
    one: no words, or the target's own language.
    """

    summary: Summary
    target: Language
    model: str | None
    translations: tuple[str, ...]
    befores: tuple[str | None, ...]

    @property
    def text(self) -> str:
        """The summary in the target language, as one text."""
        return join_sentences(self.translations, self.target)


@dataclass(frozen=True, slots=True)
class SummariseInto:
    """Picks sentences in the language of the article, translates those, and keeps the result."""

    translate: TranslateTexts
    summarise: SummariseText
    results: Results

    def __call__(
        self,
        content: Content,
        source: Language | None,
        target: Language,
        options: SummaryOptions,
        title: str | None = None,
    ) -> Answer[TranslatedSummary]:
        """Summarise an article into a language. Raises what TranslateTexts and SummariseText raise."""
        (plan,) = self.translate.plan(content, source, [target])
        title, options = normalise(title) if title else None, self.summarise.settled(options)
        key = result_key(
            "translated-summaries",
            plan=plan.identity,
            models=self.translate.models(plan),
            title=title,
            options=options.identity,
        )
        return self.results(key, TranslatedSummary, lambda: self._carry_out(key, plan, options, title))

    def _carry_out(
        self, key: str, plan: Plan, options: SummaryOptions, title: str | None
    ) -> tuple[TranslatedSummary, Effort]:
        summary = self.summarise.pick(plan.reading, plan.segmented, plan.source, plan.detection, options, title)
        befores = [sentence.before for sentence in summary.sentences]
        positions = [one.position for one in summary.sentences] + [one.position for one in befores if one]
        spans = [plan.segmented.spans[position] for position in positions]
        texts = [plan.segmented.text[start:end] for start, end in spans]
        route, effort = plan.routes.get(plan.source), Effort()
        if route:
            with self.translate.attempts.begin(key, None, 0, texts) as attempt:
                renderings = self.translate.render(attempt, texts, route)
            texts = [rendering.text for rendering in renderings.items]
            effort = Effort(renderings.decoded, renderings.reused)
        written = [plan.reading.readable(text, span) for text, span in zip(texts, spans, strict=True)]
        others = iter(written[len(befores) :])
        return TranslatedSummary(
            summary=summary,
            target=plan.target,
            model=self.translate.sentences.model_id(route) if route else None,
            translations=tuple(written[: len(befores)]),
            befores=tuple(next(others) if before else None for before in befores),
        ), effort
