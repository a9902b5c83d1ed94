"""Translates sentences along a route, and tries again where the first answer is doubtful."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import TypeVar

from services import deadline
from services.cache import SentenceCache
from services.deadline import NEVER, Deadline
from services.errors import OutOfTime
from services.model import LanguagePair
from services.ports import Count, Hypothesis, Meter, Translator
from services.rendering import Rendering, Retry, join_renderings
from services.route import Route
from services.schedule import FairPool
from services.steps import Step, step
from services.text import numerals, spelling, typography
from services.text.casing import recase, to_sentence_case
from services.text.clauses import clauses
from services.text.edits import Edits
from services.text.integrity import Flag, doubts, flags, severity
from services.text.links import composed, moved
from services.text.segment import Segmented
from services.text.terms import Glossary, Placed, Term, Use, place
from services.text.verbatim import Protected, protect

Result = TypeVar("Result")

# Longer sentences are translated clause by clause. Sentences of 15 clauses lost none at 300 code points, some at 400
# and half at 600 with the embedded models; on natural sentences of 200 to 400 chrF is the same either way (+-0.2).
MAX_DECODED_CHARS = 300
# Short clauses are a job together: one by one, a core waits for Python every few milliseconds.
_MAX_JOB_CHARS = 400
_HYPOTHESES = 4
_MIN_CLAUSE_CHARS = 30


@dataclass(frozen=True, slots=True)
class _Masked:
    """A clause as a model shall read it, and the way back."""

    clause: str
    pair: LanguagePair
    unknown: frozenset[str]
    to_plain: Edits
    protected: Protected

    def rendering(self, hypothesis: Hypothesis) -> Rendering:
        """What a hypothesis comes to: what was copied, marks, names, numbers and case as they should be."""
        restored = self.protected.restore(hypothesis.text, hypothesis.links or ())
        cased = recase(self.clause, restored.text, self.pair.target)
        as_written = Edits(
            (
                *numerals.localised(self.clause, cased, self.pair),
                *typography.restore(self.clause, cased),
                *spelling.restore(self.clause, cased, self.unknown),
            )
        )
        text = as_written.apply(cased)
        if hypothesis.links is None:
            return Rendering(text, None, None, is_complete=restored.complete)
        links = moved(restored.links, self.to_plain.reversed(self.clause), as_written)
        return Rendering(text, hypothesis.score, links, is_complete=restored.complete)


@dataclass(frozen=True, slots=True)
class TranslateSentences:
    """Translates each distinct sentence once, and none that is known already.

    A job of the pool is all that there is to do for a clause, or for a few.
    """

    translator: Translator
    cache: SentenceCache
    pool: FairPool
    meter: Meter

    def __call__(
        self,
        sentences: Sequence[str],
        route: Route,
        known: Mapping[str, Rendering] = MappingProxyType({}),
        detailed: bool = True,
    ) -> "Renderings":
        """Translate sentences, with scores and links if detailed; `known` clauses come from an earlier call.

        Raises EngineFailed, and OutOfTime with what is known by then: a few more clauses at each try.
        """
        model = self.model_id(route)
        split = [_in_clauses(sentence, MAX_DECODED_CHARS) for sentence in sentences]
        wanted = _to_decode(split)
        cached = self.cache.get_many(model, wanted)
        remembered = {clause: known[clause] for clause in wanted if clause in known}
        remembered |= {clause: one for clause, one in cached.items() if one.links is not None or clause not in known}
        found = {clause: one for clause, one in remembered.items() if one.links is not None or not detailed}
        missing = [clause for clause in wanted if clause not in found]
        work = partial(self._translate, route=route, detailed=detailed)
        fresh = self._of_each(missing, route, work, until=deadline.current())
        self.cache.put_many(model, fresh)
        clauses = found | fresh
        decoded = len({one.text for one in split if not fresh.keys().isdisjoint(one.texts)})
        self.meter.count(Count.CHARACTERS, sum(map(len, sentences)))
        self.meter.count(Count.SENTENCES_DECODED, decoded)
        if len(fresh) < len(missing):
            done, total = len(clauses), len(wanted)
            raise OutOfTime(f"{done} of {total} clauses were translated in time", clauses, done=done, total=total)
        return Renderings(
            items=tuple(_joined(one, clauses) for one in split),
            clauses=clauses,
            decoded=decoded,
            reused=sum(not found.keys().isdisjoint(one.texts) for one in split),
        )

    def best(self, count: int, sentences: Sequence[str], route: Route) -> list[list[Rendering]]:
        """What a beam search makes of each sentence, the best first, no two alike. Raises EngineFailed.

        It goes on past a deadline, as another try would find nothing of it.
        """
        split = [_in_clauses(sentence, MAX_DECODED_CHARS) for sentence in sentences]
        wanted = _to_decode(split)
        found = self._of_each(wanted, route, partial(self._decode, route=route, hypotheses=count), count)
        return [_distinct(one, found) for one in split]

    def with_terms(
        self, sentences: Sequence[str], renderings: Sequence[Rendering], route: Route, glossary: Glossary
    ) -> "list[Termed]":
        """Put a glossary's terms into translations with links, where no harm comes of it. Raises EngineFailed.

        A term takes the place of the words that came from it. Where these do not stand together, the sentence is
        translated again with the term masked; it is left as it was if that raises more doubt. These are few, and done
        past a deadline, too.
        """
        jobs = [
            partial(self._termed, sentence, rendering, route, glossary)
            for sentence, rendering in zip(sentences, renderings, strict=True)
        ]
        with step(Step.DECODE):
            return self.pool.run(jobs)

    def model_id(self, route: Route) -> str:
        """The ids of the models along a route."""
        return "+".join(self.translator.model_id(hop) for hop in route.hops)

    def _of_each(
        self,
        clauses: Sequence[str],
        route: Route,
        work: Callable[[Sequence[str]], Sequence[Result]],
        hypotheses: int = 1,
        until: Deadline = NEVER,
    ) -> dict[str, Result]:
        """What the work makes of each clause, in their order, of as many as begin by a deadline."""
        with step(Step.DECODE):
            batches = self.translator.batches(clauses, route.hops[0], hypotheses)
            plan = _jobs(batches, [len(one) for one in clauses], self.pool.workers)
            jobs = [[clauses[at] for at in job] for job in plan]
            results = self.pool.run([partial(work, job) for job in jobs], until)
        done = dict(zip(chain.from_iterable(jobs[: len(results)]), chain.from_iterable(results), strict=True))
        return {clause: done[clause] for clause in clauses if clause in done}

    def _translate(self, clauses: Sequence[str], route: Route, detailed: bool) -> list[Rendering]:
        """The greedy translations; where one is doubtful, the first of the tries that leaves least to doubt."""
        best = [first for first, *_ in self._decode(clauses, route, detailed=detailed)]
        if not detailed and (lost := [at for at, one in enumerate(best) if not one.is_complete]):
            # What was not copied goes where links say, so that details make no difference to a text.
            for at, (first, *_) in zip(lost, self._decode([clauses[at] for at in lost], route), strict=True):
                best[at] = first
        doubt = {at: one for at, clause in enumerate(clauses) if (one := _doubt(clause, best[at], route.pair))}
        self.meter.count(Count.SENTENCES_RETRIED, len(doubt))
        retries: tuple[Callable[[Sequence[str], Route], list[list[Rendering]]], ...] = (self._beams, self._by_clauses)
        for retry in retries:
            if not (doubtful := list(doubt)):
                break
            for at, candidates in zip(doubtful, retry([clauses[at] for at in doubtful], route), strict=True):
                for candidate in candidates:
                    if at in doubt and (left := _doubt(clauses[at], candidate, route.pair)) < doubt[at]:
                        best[at], doubt[at] = candidate, left
                        if not left:
                            del doubt[at]
        self.meter.count(Count.SENTENCES_FLAGGED, len(doubt))
        return best

    def _beams(self, clauses: Sequence[str], route: Route) -> list[list[Rendering]]:
        """Hypotheses of a beam search."""
        return [
            [replace(one, retry=Retry.HYPOTHESIS if rank else Retry.BEAM) for rank, one in enumerate(found)]
            for found in self._decode(clauses, route, _HYPOTHESES)
        ]

    def _by_clauses(self, clauses: Sequence[str], route: Route) -> list[list[Rendering]]:
        """The translation of each clause by itself, where there are several."""
        split = [_in_clauses(clause, max(_MIN_CLAUSE_CHARS, 2 * len(clause) // 3)) for clause in clauses]
        wanted = _to_decode(split)
        parts = dict(zip(wanted, (first for first, *_ in self._decode(wanted, route)), strict=True))
        return [[replace(_joined(one, parts), retry=Retry.CLAUSES)] * (len(one.spans) > 1) for one in split]

    def _termed(self, sentence: str, rendering: Rendering, route: Route, glossary: Glossary) -> "Termed":
        """A rendering of a sentence with the terms of a glossary in it."""
        uses, target = glossary.find(sentence), route.pair.target
        placed = place(uses, sentence, rendering.text, rendering.links or (), target)
        if placed.missed and len(sentence) <= MAX_DECODED_CHARS:
            masked = self._masked(sentence, route, self._unknown([sentence], route), placed.missed)
            ((best, *_),) = self._along([masked.protected.text], route, 1, detailed=True)
            other = masked.rendering(best)
            if _doubt(sentence, other, route.pair) <= _doubt(sentence, rendering, route.pair):
                rendering, placed = other, place(uses, sentence, other.text, other.links or (), target)
        return Termed.of(rendering, placed, uses)

    def _decode(
        self, clauses: Sequence[str], route: Route, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Rendering]]:
        """Hop by hop; what must be copied is put back at the end, and a clause that is nothing else is not decoded."""
        unknown = self._unknown(clauses, route)
        masked = [self._masked(clause, route, unknown) for clause in clauses]
        wanted = [at for at, one in enumerate(masked) if not one.protected.is_verbatim]
        found = self._along([masked[at].protected.text for at in wanted], route, hypotheses, detailed)
        decoded = dict(zip(wanted, found, strict=True))
        return [
            [one.rendering(hypothesis) for hypothesis in decoded[at]] if at in decoded else [Rendering(one.clause)]
            for at, one in enumerate(masked)
        ]

    def _unknown(self, clauses: Sequence[str], route: Route) -> frozenset[str]:
        """The characters that the model cannot read; also those that unreadable letters could be read as."""
        characters = frozenset[str]().union(*clauses)
        characters |= frozenset("".join(characters).lower())  # headlines are read in sentence case
        asked = characters | spelling.bases(characters)
        return self.translator.unknown(asked, route.hops[0]) if asked else frozenset()

    def _masked(self, clause: str, route: Route, unknown: frozenset[str], uses: Sequence[Use] = ()) -> _Masked:
        """A clause without what the model cannot read, a headline as a sentence, and the uses of terms masked."""
        sentence = to_sentence_case(clause, route.source, lambda word: self.translator.rarity(word, route.hops[0]))
        to_plain = Edits((*typography.plain(clause), *numerals.plain(clause), *spelling.readable(sentence, unknown)))
        moved_uses = [use.moved(*to_plain.moved(use.start, use.end)) for use in uses]
        text = to_plain.apply(sentence)
        protected = protect(text, route.source, moved_uses, list(spelling.unreadable(text, unknown)))
        return _Masked(clause, route.pair, unknown, to_plain, protected)

    def _along(self, texts: Sequence[str], route: Route, hypotheses: int, detailed: bool) -> list[list[Hypothesis]]:
        """The hypotheses of the last hop for the best ones of the hops before."""
        if not texts:
            return []
        first, *others = route.hops
        found = self.translator.translate(texts, first, hypotheses, detailed)
        for hop in others:
            before = [best for best, *_ in found]
            after = self.translator.translate([one.text for one in before], hop, hypotheses, detailed)
            found = [[_after(best, one) for one in of_text] for best, of_text in zip(before, after, strict=True)]
        return found


@dataclass(frozen=True, slots=True)
class Renderings:
    """The renderings of sentences in their order, and those of their clauses.

    `decoded` sentences had a clause that was new, `reused` ones a clause that was known.
    """

    items: tuple[Rendering, ...]
    clauses: Mapping[str, Rendering]
    decoded: int
    reused: int


@dataclass(frozen=True, slots=True)
class Termed:
    """A rendering with a glossary's terms in it, the terms that it has, and those that the sentence wanted in vain."""

    rendering: Rendering
    applied: tuple[Term, ...]
    missed: tuple[Term, ...]

    @classmethod
    def of(cls, rendering: Rendering, placed: Placed, uses: Sequence[Use]) -> "Termed":
        """What came of the uses of terms in a sentence; a term that was there from the start is applied."""
        lost = (*placed.missed, *placed.unfit)
        kept = tuple(use.term for use in uses if use not in lost)
        changed = replace(rendering, text=placed.text, links=placed.links)
        return cls(changed, kept, tuple(use.term for use in lost))


def has_words(text: str) -> bool:
    """Whether a text holds anything to translate: a letter of any script."""
    return any(map(str.isalpha, text))


def report(source: str, rendering: Rendering, pair: LanguagePair) -> frozenset[Flag]:
    """What an editor should look at in a sentence's translation."""
    return flags(source, rendering.text, pair) | ({Flag.URLS} if not rendering.is_complete else frozenset())


def no_worse(sentence: str, rendering: Rendering, others: Sequence[Rendering], pair: LanguagePair) -> list[Rendering]:
    """Those of other renderings that raise no more doubt than the one of a sentence, and differ from it."""
    doubt = _doubt(sentence, rendering, pair) if others else 0
    return [one for one in others if one.text != rendering.text and _doubt(sentence, one, pair) <= doubt]


def _doubt(clause: str, rendering: Rendering, pair: LanguagePair) -> int:
    """How bad a rendering looks, counting what another one may mend."""
    found = doubts(clause, rendering.text, pair)
    return severity(found if rendering.is_complete else found | {Flag.URLS})


def _after(first: Hypothesis, second: Hypothesis) -> Hypothesis:
    """What two hops make together."""
    if first.score is None or second.score is None:
        return second
    return Hypothesis(second.text, first.score + second.score, composed(first.links or (), second.links or ()))


def _jobs(batches: Sequence[Sequence[int]], chars: Sequence[int], workers: int) -> Iterator[list[int]]:
    """Batches together in jobs, as a job costs time itself; the last ones are small, so that no worker ends late."""
    job, size, left = list[int](), 0, sum(chars)
    for batch in batches:
        more = sum(chars[at] for at in batch)
        if job and size + more > min(_MAX_JOB_CHARS, left / (2 * workers)):
            yield job
            job, size, left = [], 0, left - size
        job, size = [*job, *batch], size + more
    if job:
        yield job


def _in_clauses(sentence: str, max_chars: int) -> Segmented:
    return Segmented(sentence, tuple(clauses(sentence, (0, len(sentence)), max_chars)))


def _to_decode(split: Sequence[Segmented]) -> list[str]:
    """The clauses with something to translate, each once."""
    return list(dict.fromkeys(clause for one in split for clause in one.texts if has_words(clause)))


def _joined(segmented: Segmented, renderings: Mapping[str, Rendering]) -> Rendering:
    return join_renderings(segmented, [renderings.get(clause) or Rendering(clause) for clause in segmented.texts])


def _distinct(segmented: Segmented, found: Mapping[str, Sequence[Rendering]]) -> list[Rendering]:
    """The renderings of a sentence, each from its clauses' hypotheses of one rank, or their last ones."""
    of_clauses = [found.get(clause) or [Rendering(clause)] for clause in segmented.texts]
    ranked = (
        join_renderings(segmented, [one[min(rank, len(one) - 1)] for one in of_clauses])
        for rank in range(max(map(len, of_clauses), default=0))
    )
    return list({rendering.text: rendering for rendering in ranked}.values())
