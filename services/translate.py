"""Translates articles sentence by sentence, and puts them together exactly as they were."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from math import exp

from services.attempts import Attempt, Attempts
from services.callers import owned
from services.deadline import current
from services.detect import Detection, DetectLanguage
from services.errors import OutOfTime, UndeterminedLanguage, UnsupportedLanguagePair
from services.keys import result_key
from services.languages import ListLanguages
from services.model import Content, Format, Language, LanguagePair
from services.rendering import Rendering, Retry
from services.results import Answer, Effort, Results
from services.route import Route, find_route
from services.sentences import Renderings, TranslateSentences, has_words, no_worse, report
from services.text.clauses import Span as Stretch
from services.text.integrity import Flag
from services.text.reading import Reading, read
from services.text.segment import Segmented, segment
from services.text.terms import Glossary, Table, Term

_EMPTY_LINES = re.compile(r"\n\s*\n")
_MIN_FOREIGN_LETTERS = 40


class Foreign(StrEnum):
    """What shall become of paragraphs in another language than the rest."""

    TRANSLATE = "translate"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Options:
    """What else is wanted of a translation.

    `detailed` asks for scores; `alternatives` is how many other translations, at most; `story` names what the text is
    a version of.
    """

    detailed: bool = False
    foreign: Foreign | None = None
    alternatives: int = 0
    story: str | None = None
    glossary: Table | None = None

    @property
    def identity(self) -> list[object]:
        """What of it decides the answer, for its key."""
        glossary = self.glossary and [
            str(self.glossary.source),
            str(self.glossary.target),
            self.glossary.glossary.pairs,
        ]
        story = owned(self.story) if self.story else None
        return [self.detailed, self.foreign, self.alternatives, story, glossary]


PLAIN = Options()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text in code points."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class SegmentPair:
    """Where a sentence stands in the source text, and where its translation stands in the target text.

    `score` is the mean probability of the model's pieces (geometric). A language or a model is None where it is none.
    """

    source: Span
    target: Span
    language: Language | None
    translated: bool
    score: float | None
    retry: Retry | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another translation of a text, in its format, and its score: the mean probability of the model's pieces."""

    content: str
    score: float


@dataclass(frozen=True, slots=True)
class TermCount:
    """A term of the glossary that an article uses: how often the translation has it, and how often it could not."""

    source: str
    target: str
    applied: int
    missed: int


@dataclass(frozen=True, slots=True)
class Translation:
    """An article and its translation. `model` is None where nothing needed one: no words, or the target's own language.

    `content` is in the format of the article; `source_text` and `text` are without markup, and what segments speak of.
    """

    content: str
    format: Format
    source_text: str
    text: str
    source: Language | None
    target: Language
    detection: Detection | None
    model: str | None
    segments: tuple[SegmentPair, ...]
    alternatives: tuple[Alternative, ...] = ()
    terms: tuple[TermCount, ...] = ()

    def target_of(self, position: int) -> str:
        """The translation of the sentence at a position."""
        return _cut(self.text, self.segments[position].target)

    def flags(self, position: int) -> frozenset[Flag]:
        """What an editor should look at in the translation of the sentence at a position."""
        segment = self.segments[position]
        if not segment.translated or not segment.language:
            return frozenset()
        rendering = Rendering(self.target_of(position), is_complete=segment.is_complete)
        return report(_cut(self.source_text, segment.source), rendering, LanguagePair(segment.language, self.target))


@dataclass(frozen=True, slots=True)
class Translations:
    """The translations of several articles, in their order; into several languages, in that order for each."""

    items: tuple[Translation, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """An article in sentences, and the way that those of each language take; no route leaves them as they are."""

    reading: Reading
    stretches: tuple[tuple[Stretch, Language | None], ...]
    segmented: Segmented
    routes: Mapping[Language | None, Route | None]
    source: Language | None
    target: Language
    detection: Detection | None

    @property
    def identity(self) -> list[object]:
        """What decides the answer, but for the models, for its key."""
        content, confidence = self.reading.content, self.detection.confidence if self.detection else None
        languages = [[start, str(language)] for (start, _), language in self.stretches]
        return [*content.identity, languages, str(self.source), confidence, str(self.target)]

    @property
    def languages(self) -> list[Language | None]:
        """The language of each sentence."""
        starts = [start for (start, _), _ in self.stretches]
        return [self.stretches[bisect_right(starts, start) - 1][1] for start, _ in self.segmented.spans]

    def headline(self, title: str) -> "Plan":
        """The same for a headline, which is in the language of its article."""
        reading = read(Content(title))
        whole = (((0, len(reading.text)), self.source),)
        return replace(self, reading=reading, stretches=whole, segmented=reading.segment(whole))


@dataclass(frozen=True, slots=True)
class TranslateTexts:
    """Translates articles, and keeps the result."""

    sentences: TranslateSentences
    detect: DetectLanguage
    languages: ListLanguages
    results: Results
    attempts: Attempts

    def __call__(
        self,
        contents: Sequence[Content],
        source: Language | None,
        targets: Sequence[Language],
        options: Options = PLAIN,
    ) -> Answer[Translations]:
        """Translate each article into each language; a source of None is detected for each.

        Raises InvalidText, InvalidLanguage, UnsupportedLanguagePair, UndeterminedLanguage, EngineFailed, OutOfTime.
        """
        plans = [plan for content in contents for plan in self.plan(content, source, targets, options)]
        key = result_key(
            "translations",
            articles=[plan.identity for plan in plans],
            models=[self.models(plan) for plan in plans],
            options=options.identity,
        )
        since = self.attempts.stories.withdrawals(options.story)
        keep = partial(self.attempts.stories.keep, options.story, since) if options.story else None
        return self.results(key, Translations, lambda: self.carry_out(plans, options, key, since), keep)

    def plan(
        self, content: Content, source: Language | None, targets: Sequence[Language], options: Options = PLAIN
    ) -> list[Plan]:
        """Decide how an article will be translated into each language. Raises as a call does, but for EngineFailed."""
        reading, detection = read(content), None
        if source is None:
            detection = self.detect(reading.text, self.languages.tags())
            source = detection.language
            if source is None and has_words(reading.text):
                raise UndeterminedLanguage("the text does not tell its language; give source")
        stretches = tuple(self._stretches(reading.text, source, options.foreign))
        segmented = reading.segment(stretches)
        found = {language for _, language in stretches if language} - {source}
        plans = []
        for target in targets:
            routes: dict[Language | None, Route | None] = {
                language: self._foreign_route(language, target, options.foreign) for language in found
            }
            if source:
                routes[source] = self.route(source, target, detected=detection is not None)
            plans.append(Plan(reading, stretches, segmented, routes, source, target, detection))
        return plans

    def models(self, plan: Plan) -> list[str]:
        """The models of a plan's routes, in the order of their languages. Raises EngineFailed."""
        routes = [plan.routes[language] for language in sorted(filter(None, plan.routes))]
        return [self.sentences.model_id(route) for route in routes if route]

    def _stretches(
        self, text: str, source: Language | None, foreign: Foreign | None
    ) -> Iterator[tuple[Stretch, Language | None]]:
        """The paragraphs and sentences that are surely in another language, and what is between them."""
        start = 0
        for begin, end in _paragraphs(text) if foreign and source else ():
            usual = self._sure_language(text[begin:end], 0) or source
            for first, last in segment(text[begin:end], usual).spans:
                sentence = text[begin + first : begin + last]
                language = self._sure_language(sentence, _MIN_FOREIGN_LETTERS) or usual
                if language and source and language.primary != source.primary:
                    if start < begin + first:
                        yield (start, begin + first), source
                    yield (begin + first, begin + last), language
                    start = begin + last
        yield (start, len(text)), source

    def _sure_language(self, text: str, min_letters: int) -> Language | None:
        """The language of a text, if it is long enough and there is no doubt."""
        if sum(map(str.isalpha, text)) < max(1, min_letters):
            return None
        found = self.detect(text, self.languages.tags())
        return found.language if found.reliable else None

    def _foreign_route(self, source: Language, target: Language, foreign: Foreign | None) -> Route | None:
        try:
            return self.route(source, target, detected=True) if foreign is Foreign.TRANSLATE else None
        except UnsupportedLanguagePair:  # better an article with a paragraph left alone than no article
            return None

    def route(self, source: Language, target: Language, detected: bool) -> Route | None:
        """None where a text is its own translation: pt for pt-BR, unless there is a model from one to the other."""
        pairs = self.sentences.translator.pairs()
        if source == target and detected:
            return None
        pair = LanguagePair(source, target)
        if pair not in pairs and source.primary == target.primary and source.script == target.script:
            return None
        return find_route(pairs, source, target)

    def carry_out(self, plans: Sequence[Plan], options: Options, key: str, since: int) -> tuple[Translations, Effort]:
        """Translate what was planned, one route after another, `since` so many withdrawals of its story.

        What is finished when time is over is kept under the key of the result. Raises EngineFailed, OutOfTime.
        """
        waiting: dict[Route, list[str]] = {}
        for plan in plans:
            for text, language in zip(plan.segmented.texts, plan.languages, strict=True):
                if route := plan.routes.get(language):
                    waiting.setdefault(route, []).append(text)
        detailed = options.detailed or options.glossary is not None or any(plan.reading.document for plan in plans)
        effort, done = Effort(), dict[Route, list[_Done]]()
        texts = [text for of_route in waiting.values() for text in of_route]
        with self.attempts.begin(key, options.story, since, texts) as attempt:
            for route, texts in waiting.items():
                renderings = self.render(attempt, texts, route, detailed)
                done[route] = self._with_options(texts, renderings, route, options)
                effort += Effort(renderings.decoded, renderings.reused)
        found = {route: iter(of_route) for route, of_route in done.items()}
        items = []
        for plan in plans:
            sentences = [
                next(found[route]) if (route := plan.routes.get(language)) else _Done(Rendering(text))
                for text, language in zip(plan.segmented.texts, plan.languages, strict=True)
            ]
            items.append(self._assemble(plan, sentences, options))
        return Translations(tuple(items)), effort

    def render(self, attempt: Attempt, texts: Sequence[str], route: Route, detailed: bool = False) -> Renderings:
        """Translate sentences, but for those that an attempt knows. Raises EngineFailed, OutOfTime."""
        model = self.sentences.model_id(route)
        try:
            renderings = self.sentences(texts, route, attempt.known(model), detailed)
        except OutOfTime as exc:
            attempt.finish(model, exc.finished)
            raise
        attempt.finish(model, renderings.clauses)
        return renderings

    def _with_options(
        self, texts: Sequence[str], renderings: Renderings, route: Route, options: Options
    ) -> "list[_Done]":
        """Sentences with their alternatives, and a glossary's terms in both, as far as that is wanted.

        These are not remembered, so they go on past a deadline once begun. Raises EngineFailed, OutOfTime.
        """
        if (options.alternatives or options.glossary) and renderings.decoded and current().passed:
            total = len(renderings.clauses)
            raise OutOfTime("alternatives and terms are for the next try", renderings.clauses, done=total, total=total)
        # One more than is wanted, as one of them may be the translation itself.
        others = (
            self.sentences.best(options.alternatives + 1, texts, route) if options.alternatives else [[]] * len(texts)
        )
        done = [
            _Done(rendering, no_worse(text, rendering, of_text, route.pair))
            for text, rendering, of_text in zip(texts, renderings.items, others, strict=True)
        ]
        if options.glossary and options.glossary.serves(route.pair):
            return self._with_terms(texts, done, route, options.glossary.glossary)
        return done

    def _with_terms(
        self, texts: Sequence[str], done: "Sequence[_Done]", route: Route, glossary: Glossary
    ) -> "list[_Done]":
        termed = self.sentences.with_terms(texts, [one.rendering for one in done], route, glossary)
        places = [at for at, one in enumerate(done) for _ in one.others]
        all_others = [other for one in done for other in one.others]
        with_terms = self.sentences.with_terms([texts[at] for at in places], all_others, route, glossary)
        others: dict[int, list[Rendering]] = {}
        for at, other in zip(places, with_terms, strict=True):
            others.setdefault(at, []).append(other.rendering)
        return [_Done(one.rendering, others.get(at, []), one.applied, one.missed) for at, one in enumerate(termed)]

    def _assemble(self, plan: Plan, done: "Sequence[_Done]", options: Options) -> Translation:
        """Put the translated sentences where their sources stood, white space between them as it was."""
        renderings = [one.rendering for one in done]
        segments, shift = [], 0
        for (start, end), language, rendering in zip(plan.segmented.spans, plan.languages, renderings, strict=True):
            segments.append(
                SegmentPair(
                    Span(start, end - start),
                    Span(start + shift, len(rendering.text)),
                    language,
                    plan.routes.get(language) is not None,
                    _probability([rendering]),
                    rendering.retry,
                    rendering.is_complete,
                )
            )
            shift += len(rendering.text) - (end - start)
        route = plan.routes.get(plan.source)
        return Translation(
            content=plan.reading.write(plan.segmented, renderings, plan.target),
            format=plan.reading.content.format,
            source_text=plan.segmented.text,
            text=plan.segmented.join([rendering.text for rendering in renderings]),
            source=plan.source,
            target=plan.target,
            detection=plan.detection,
            model=self.sentences.model_id(route) if route else None,
            segments=tuple(segments),
            alternatives=tuple(_alternatives(plan, done, options.alternatives)),
            terms=tuple(_counted(done)),
        )


@dataclass(frozen=True, slots=True)
class _Done:
    """A sentence's rendering, other ones, and the terms that it has and has not."""

    rendering: Rendering
    others: Sequence[Rendering] = ()
    applied: tuple[Term, ...] = ()
    missed: tuple[Term, ...] = ()


def _alternatives(plan: Plan, done: Sequence[_Done], count: int) -> Iterator[Alternative]:
    """Translations of the whole from the sentences' others of one rank; a sentence that has none stays."""
    different = [
        list({other.text: other for other in one.others if other.text != one.rendering.text}.values()) for one in done
    ]
    for rank in range(min(count, max(map(len, different), default=0))):
        chosen = [
            others[rank] if rank < len(others) else one.rendering for one, others in zip(done, different, strict=True)
        ]
        yield Alternative(plan.reading.write(plan.segmented, chosen, plan.target), _probability(chosen) or 0.0)


def _counted(done: Sequence[_Done]) -> Iterator[TermCount]:
    applied = Counter(term for one in done for term in one.applied)
    missed = Counter(term for one in done for term in one.missed)
    for term in sorted(applied | missed):
        yield TermCount(term.source, term.target, applied[term], missed[term])


def _probability(renderings: Sequence[Rendering]) -> float | None:
    """The mean probability of the pieces of sentences, each weighed by its length."""
    scored = [(one.score, len(one.text)) for one in renderings if one.score is not None]
    chars = sum(chars for _, chars in scored)
    return round(exp(sum(score * chars for score, chars in scored) / chars), 4) if chars else None


def _paragraphs(text: str) -> Iterator[Stretch]:
    """What is between empty lines."""
    start = 0
    for gap in _EMPTY_LINES.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _cut(text: str, span: Span) -> str:
    return text[span.offset : span.offset + span.length]
