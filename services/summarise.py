"""Summarises an article by the sentences that tell most of it."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.detect import Detection, DetectLanguage
from services.errors import InvalidOption
from services.keys import result_key
from services.languages import ListLanguages
from services.model import Content, Format, Language
from services.ports import Pick, SentenceRanker
from services.reasons import Reasons
from services.results import Answer, Effort, Results
from services.selection import THREE_SENTENCES, Avoid, Length, Sort, Story, fitting, story_of
from services.steps import Step, step
from services.text.bylines import by_line_names, names_in
from services.text.form import asks, leans_back
from services.text.keywords import Keyword, keywords
from services.text.normalise import normalise
from services.text.quotes import quoted
from services.text.reading import Reading, Shown, read
from services.text.role import Role
from services.text.segment import Segmented
from services.text.words import count_words


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """What is wanted of a summary.

    A method of None is the default one. `query` is what to look for, `keywords` how many there shall be at most.
    `context` asks for the sentence before one that leans on it, `markup` for sentences with their tags.
    """

    length: Length = THREE_SENTENCES
    method: str | None = None
    sort: Sort = Sort.OFFSET
    query: str | None = None
    avoid: frozenset[Avoid] = frozenset()
    keywords: int = 0
    context: bool = False
    markup: bool = False

    @property
    def identity(self) -> list[object]:
        """What decides the answer, for its key."""
        length = [self.length.sentences, self.length.ratio, self.length.words]
        return [
            length,
            self.method,
            self.sort,
            self.query,
            sorted(self.avoid),
            self.keywords,
            self.context,
            self.markup,
        ]


BRIEF = SummaryOptions()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The sentence before a picked one: its text, where it stands (code points), its place among the sentences."""

    text: str
    offset: int
    length: int
    position: int


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A picked sentence: its text, where it stands (code points), its place among the sentences, and its score.

    `content` is in the format of the article, with the tags, if they were wanted and there are any. `rank` counts from
    1, the best; `score` is from 0 to 1, and 0 for what was picked only because nothing of the story was left; `reasons`
    are the parts of it, where the method tells. It needs the one before if it begins by pointing back and that one is
    not in the summary; `before` is that one, if wanted.
    """

    text: str
    content: str | None
    offset: int
    length: int
    position: int
    rank: int
    score: float
    reasons: Reasons | None
    needs_before: bool
    before: Neighbour | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The picked sentences in the order that was wanted, and the text (without markup) that they stand in."""

    sentences: tuple[SummarySentence, ...]
    keywords: tuple[Keyword, ...]
    source_text: str
    format: Format
    method: str
    language: Language | None
    detection: Detection | None

    @property
    def text(self) -> str:
        """The picked sentences as one text."""
        return join_sentences([sentence.text for sentence in self.sentences], self.language)


@dataclass(frozen=True, slots=True)
class SummariseText:
    """Picks sentences with a method chosen by name, and keeps the result. Raises InvalidOption for its default."""

    rankers: Mapping[str, SentenceRanker]
    default_method: str
    detect: DetectLanguage
    languages: ListLanguages
    results: Results

    def __post_init__(self) -> None:
        self.settled(SummaryOptions(method=self.default_method))

    def __call__(
        self,
        content: Content,
        language: Language | None,
        options: SummaryOptions = BRIEF,
        title: str | None = None,
    ) -> Answer[Summary]:
        """Summarise an article; a language of None is detected, a title of None is the first heading of level one.

        Raises InvalidText, InvalidOption, TextTooLong.
        """
        reading, title, options = read(content), normalise(title) if title else None, self.settled(options)
        detection = None if language else self.detect(reading.text, self.languages.tags())
        language = detection.language if detection else language
        key = result_key(
            "summaries",
            article=[content.format, reading.content.text],
            title=title,
            language=[str(language), detection.confidence if detection else None],
            options=options.identity,
        )

        def compute() -> tuple[Summary, Effort]:
            segmented = reading.segment([((0, len(reading.text)), language)])
            return self.pick(reading, segmented, language, detection, options, title), Effort()

        return self.results(key, Summary, compute)

    def settled(self, options: SummaryOptions) -> SummaryOptions:
        """The options with the name of a known method, and the query normalised. Raises InvalidOption, InvalidText."""
        name = self.default_method if options.method is None else options.method
        if name not in self.rankers:
            raise InvalidOption(f"no method of this name; there are {', '.join(sorted(self.rankers))}", option="method")
        return replace(options, method=name, query=normalise(options.query) if options.query else None)

    def pick(
        self,
        reading: Reading,
        segmented: Segmented,
        language: Language | None,
        detection: Detection | None,
        options: SummaryOptions,
        title: str | None,
    ) -> Summary:
        """The summary of a text in sentences, with settled options. Raises InvalidOption, TextTooLong."""
        texts, shown = segmented.texts, reading.shown()
        roles = [reading.role(span) for span in segmented.spans]
        story = story_of(texts, roles)
        picks = self._picks(reading, segmented, story, language, options, title or reading.title)
        picked = _Picked(reading, segmented, shown, story, language, frozenset(pick.position for pick in picks))
        sentences = [picked.sentence(rank, pick, options) for rank, pick in enumerate(picks, 1)]
        if options.sort is Sort.OFFSET:
            sentences.sort(key=lambda sentence: sentence.position)
        told = [texts[position] for position in story.positions]
        authors = {name for text, role in zip(texts, roles, strict=True) for name in _authors(text, role)}
        return Summary(
            sentences=tuple(sentences),
            keywords=tuple(keywords(told, options.keywords, language, authors)),
            source_text=shown.text,
            format=reading.content.format,
            method=options.method or self.default_method,
            language=language,
            detection=detection,
        )

    def _picks(
        self,
        reading: Reading,
        segmented: Segmented,
        story: Story,
        language: Language | None,
        options: SummaryOptions,
        title: str | None,
    ) -> list[Pick]:
        """The best first. Positions are those among all sentences."""
        spans = [segmented.spans[position] for position in story.positions]
        texts = [segmented.text[start:end] for start, end in spans]
        late = [False] * len(texts)
        if Avoid.QUOTES in options.avoid:
            late = quoted(segmented.text, spans)
        if Avoid.QUESTIONS in options.avoid:
            late = [is_late or asks(text) for is_late, text in zip(late, texts, strict=True)]
        max_words = options.length.words
        sized = zip(texts, spans, strict=True) if max_words else ()
        sizes = [count_words(reading.readable(text, span)) for text, span in sized]
        last = [at for at, is_late in enumerate(late) if is_late or (max_words and sizes[at] > max_words)]
        count = options.length.of(len(texts))
        ranker = self.rankers[options.method or self.default_method]
        with step(Step.RANK):
            picks = ranker.top(texts, count, language, title, options.query, last)
        if max_words is not None:
            picks = list(fitting(picks, sizes, late, max_words))
        missing = (options.length.sentences or 0) - len(picks)
        chosen = [replace(pick, position=story.positions[pick.position]) for pick in picks]
        return chosen + [Pick(position, 0.0) for position in story.rest[: max(0, missing)]]


def _authors(text: str, role: Role) -> Sequence[str]:
    """Whom a sentence names as an author, if it is a by-line."""
    names = by_line_names(text)
    if names is None and role is Role.BYLINE:
        names = tuple(name for name in names_in(text) if " " in name)  # a single word may be the place
    return names or ()


def join_sentences(sentences: Sequence[str], language: Language | None) -> str:
    """Sentences as one text: with a space between them, but none where the script has none."""
    return ("" if language and language.primary in {"zh", "ja", "th"} else " ").join(sentences)


@dataclass(frozen=True, slots=True)
class _Picked:
    """What is to be known of an article to tell of a sentence that was picked from it."""

    reading: Reading
    segmented: Segmented
    shown: Shown
    story: Story
    language: Language | None
    positions: frozenset[int]

    def sentence(self, rank: int, pick: Pick, options: SummaryOptions) -> SummarySentence:
        own = self._neighbour(pick.position)
        before = self._before(pick.position)
        has_markup = options.markup and self.reading.document is not None
        return SummarySentence(
            text=own.text,
            content=self.reading.excerpt(self.segmented.spans[pick.position]) if has_markup else None,
            offset=own.offset,
            length=own.length,
            position=own.position,
            rank=rank,
            score=pick.score,
            reasons=pick.reasons,
            needs_before=before is not None,
            before=self._neighbour(before) if before is not None and options.context else None,
        )

    def _before(self, position: int) -> int | None:
        """Which one a sentence leans on, of those that were not picked."""
        start, end = self.segmented.spans[position]
        index = bisect_left(self.story.positions, position)
        is_of_story = self.story.positions[index : index + 1] == (position,)
        if not index or not is_of_story or not leans_back(self.segmented.text[start:end], self.language):
            return None
        before = self.story.positions[index - 1]
        return None if before in self.positions else before

    def _neighbour(self, position: int) -> Neighbour:
        start, end = (self.shown.place(at) for at in self.segmented.spans[position])
        return Neighbour(self.shown.text[start:end], start, end - start, position)
