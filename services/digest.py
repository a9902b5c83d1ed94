"""Makes one summary of several articles, or one of each story among them, and says where each sentence is from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.consensus import Focus, Line, Point, choose, lines_of, points_of
from services.detect import Detection, DetectLanguage
from services.errors import InvalidOption, InvalidText, TextTooLong, UndeterminedLanguage
from services.keys import result_key
from services.languages import ListLanguages
from services.model import Content, Language
from services.results import Answer, Effort, Results
from services.route import Route
from services.sentences import TranslateSentences, has_words
from services.summarise import join_sentences
from services.text.likeness import linked, profiles
from services.text.normalise import normalise
from services.text.reading import Reading, Shown, read
from services.text.salience import terms
from services.text.segment import Segmented
from services.text.words import words
from services.translate import TranslateTexts

MAX_ARTICLES = 50
SAME_STORY = 0.12  # likeness of two articles from which on they are linked; bench/README.md tells how it was found

_LEAD_LINES = 5  # of an article in another language, so much is translated to find its story
_POINTS_A_SENTENCE, _MIN_POINTS, _MAX_POINTS = 4, 20, 120  # of each language so many are translated and compared
_WORDS_A_SENTENCE = 15


@dataclass(frozen=True, slots=True)
class DigestArticle:
    """An article of a digest; without a language it is detected. `published` has a time zone, or is None."""

    id: str
    content: Content
    title: str | None = None
    language: Language | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class DigestLength:
    """How long a digest shall be, at most: so many sentences, or so many words. Raises InvalidOption."""

    sentences: int | None = None
    words: int | None = None

    def __post_init__(self) -> None:
        if (self.sentences is None) == (self.words is None):
            raise InvalidOption("give either sentences or words", option="sentences")
        if self.budget < 1:
            raise InvalidOption("sentences and words are at least 1", option="sentences")

    @property
    def budget(self) -> int:
        """How many of what is counted."""
        return self.words if self.words is not None else self.sentences or 0

    @property
    def points(self) -> int:
        """How many points are looked at for it."""
        sentences = self.sentences or self.budget // _WORDS_A_SENTENCE
        return min(_MAX_POINTS, max(_MIN_POINTS, _POINTS_A_SENTENCE * sentences))

    def cost(self, text: str, language: Language | None) -> int:
        """What a sentence takes of the budget. Words are counted as by white space and as a ranker does: the more."""
        return 1 if self.words is None else max(len(text.split()), len(words(text, language)))


@dataclass(frozen=True, slots=True)
class DigestSentence:
    """A sentence of a digest, where it stands in the text of its article (code points), and who else says so.

    `translation` is the sentence itself where it is in the digest's language; `score` is from 0 to 1. Of the characters
    before it so many as `wide_before` are beyond U+FFFF, which UTF-16 counts twice.
    """

    text: str
    translation: str
    article: str
    offset: int
    length: int
    wide_before: int
    position: int
    score: float
    also_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest of one story: its sentences in the order to be read, and its articles in the caller's.

    `unused` are the articles that neither gave a sentence nor say the same as one.
    """

    sentences: tuple[DigestSentence, ...]
    language: Language | None
    articles: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentences as one text."""
        return join_sentences([sentence.translation for sentence in self.sentences], self.language)


@dataclass(frozen=True, slots=True)
class DigestedArticle:
    """What became of an article: its language, how many sentences it gave, and the model for these, if one is needed.

    `digest` is the place of its story among the digests.
    """

    id: str
    language: Language | None
    detection: Detection | None
    model: str | None
    digest: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests, the story with most articles first, and the articles in the caller's order."""

    digests: tuple[Digest, ...]
    articles: tuple[DigestedArticle, ...]


@dataclass(frozen=True, slots=True)
class DigestArticles:
    """Digests articles, and keeps the result.

    The caller's order of the articles decides which of them is quoted where several say the same in the same words,
    and what comes first where nothing else does; never what is said.
    """

    translate: TranslateTexts
    detect: DetectLanguage
    languages: ListLanguages
    results: Results

    def __call__(
        self,
        articles: Sequence[DigestArticle],
        target: Language | None,
        length: DigestLength,
        stories: bool = False,
        title: str | None = None,
        query: str | None = None,
    ) -> Answer[Digests]:
        """Digest articles as one story, or each of their stories; without a target they are all in one language.

        Raises TextTooLong for too many articles, InvalidText, InvalidOption, InvalidLanguage, UndeterminedLanguage,
        UnsupportedLanguagePair, EngineFailed.
        """
        if len(articles) > MAX_ARTICLES:
            raise TextTooLong(f"a digest has at most {MAX_ARTICLES} articles", max_articles=MAX_ARTICLES)
        if len({article.id for article in articles}) < len(articles):
            raise InvalidOption("each article has an id of its own", option="id")
        sources = [self._source(at, article, target) for at, article in enumerate(articles)]
        if target is None and len(tags := sorted({one.primary for one in sources if one.primary})) > 1:
            raise InvalidOption(f"the articles are in {', '.join(tags)}: say which is the target", option="target")
        title, query = (normalise(text) if text else None for text in (title, query))
        key = result_key(
            "digests",
            articles=[source.identity for source in sources],
            target=str(target),
            length=[length.sentences, length.words],
            stories=stories,
            focus=[title, query],
        )

        def compute() -> tuple[Digests, Effort]:
            lines = [source.lines() for source in sources]
            desk = _Desk(self.translate.sentences, sources, lines, target or _common(sources), length, title, query)
            return desk.digest(stories), desk.effort

        return self.results(key, Digests, compute)

    def _source(self, at: int, article: DigestArticle, target: Language | None) -> "_Source":
        reading, detection, language = read(article.content), None, article.language
        if not has_words(reading.text):
            raise InvalidText("an article has no words", article=at)
        if language is None:
            detection = self.detect(reading.text, self.languages.tags())
            language = detection.language
            if language is None and target:
                raise UndeterminedLanguage("an article does not tell its language; give its source", article=at)
        route = self.translate.route(language, target, detected=True) if language and target else None
        return _Source(
            at=at,
            article=replace(article, title=normalise(article.title) if article.title else None),
            reading=reading,
            segmented=reading.segment([((0, len(reading.text)), language)]),
            shown=reading.shown(),
            language=language,
            detection=detection,
            route=route,
            model=self.translate.sentences.model_id(route) if route else None,
        )


@dataclass(frozen=True, slots=True)
class _Source:
    """An article in sentences, and the way to the target that those take, if they need one."""

    at: int
    article: DigestArticle
    reading: Reading
    segmented: Segmented
    shown: Shown
    language: Language | None
    detection: Detection | None
    route: Route | None
    model: str | None

    @property
    def primary(self) -> str:
        """The primary subtag of its language, empty if it is not known."""
        return self.language.primary if self.language else ""

    @property
    def identity(self) -> list[object]:
        """What of it decides the answer, for its key."""
        return [self.article.id, *self.order, self.detection.confidence if self.detection else None, self.model]

    @property
    def order(self) -> tuple[str, ...]:
        """What it is sorted by, so that sums are the same in whatever order articles come."""
        article, content = self.article, self.reading.content
        published = article.published.isoformat() if article.published else ""
        return content.text, content.format, str(self.language), article.title or "", published

    def text(self, position: int) -> str:
        """The sentence at a position, as it is translated: with a stand-in for what must be copied."""
        start, end = self.segmented.spans[position]
        return self.segmented.text[start:end]

    def readable(self, text: str, position: int) -> str:
        """What is made of the sentence at a position, as people read it."""
        return self.reading.readable(text, self.segmented.spans[position])

    def place(self, position: int) -> tuple[int, int]:
        """Where the sentence at a position begins and ends in the text that is shown."""
        start, end = self.segmented.spans[position]
        return self.shown.place(start), self.shown.place(end)

    def lines(self) -> list[Line]:
        """What may be picked of it."""
        article = self.article
        spans = self.segmented.spans
        texts = [self.reading.readable(text, span) for text, span in zip(self.segmented.texts, spans, strict=True)]
        roles = [self.reading.role(span) for span in spans]
        return lines_of(self.at, texts, roles, self.language, article.title, article.published)


@dataclass(slots=True)
class _Desk:
    """One request at work: its articles, their lines, and the translations that it has come to need so far."""

    sentences: TranslateSentences
    sources: Sequence[_Source]
    lines: Sequence[Sequence[Line]]
    target: Language | None
    length: DigestLength
    title: str | None
    query: str | None
    effort: Effort = field(default_factory=Effort)
    rendered: dict[tuple[int, int], str] = field(default_factory=dict)

    def digest(self, stories: bool) -> Digests:
        """The digest of all, or of each story. Raises EngineFailed."""
        ordered = sorted(self.sources, key=lambda source: source.order)
        groups = self._stories(ordered) if stories else [ordered]
        groups.sort(key=lambda group: (-len(group), min(source.at for source in group)))
        digests = tuple(self._digest_of(group) for group in groups)
        places = {source.at: place for place, group in enumerate(groups) for source in group}
        given = Counter(sentence.article for digest in digests for sentence in digest.sentences)
        articles = tuple(
            DigestedArticle(
                id=source.article.id,
                language=source.language,
                detection=source.detection,
                model=source.model,
                digest=places[source.at],
                sentences=given[source.article.id],
            )
            for source in self.sources
        )
        return Digests(digests, articles)

    def _stories(self, sources: Sequence[_Source]) -> list[list[_Source]]:
        """The sources by story: of articles in another language than the target's the lead is compared, translated."""
        lines = [self.lines[source.at] for source in sources]
        titles = [terms(source.article.title or "", source.language) for source in sources]
        if not _is_one_language(sources):
            lines = [
                of_one[:_LEAD_LINES] if source.route else of_one for source, of_one in zip(sources, lines, strict=True)
            ]
            self._translate([line for of_one in lines for line in of_one])
        told = [
            [title, *(self._in_target(line).terms for line in of_one)]
            for title, of_one in zip(titles, lines, strict=True)
        ]
        return [[sources[at] for at in group] for group in linked(profiles(told), SAME_STORY)]

    def _digest_of(self, sources: Sequence[_Source]) -> Digest:
        focus = Focus(terms(self.title or "", self.target), terms(self.query or "", self.target))
        points = self._points(sources, focus)
        if self.length.words is not None or focus.title or focus.query:
            self._translate([point.line for point in points])
        chosen = _in_order(choose(points, len(sources), focus, self._heard, self.length.budget, self._cost))
        self._translate([point.line for point, _ in chosen])
        ids = {at: self.sources[at].article.id for at in sorted(source.at for source in sources)}
        used = frozenset[int]().union(*(point.articles for point, _ in chosen))
        return Digest(
            sentences=tuple(self._sentence(point, score) for point, score in chosen),
            language=self.target,
            articles=tuple(ids.values()),
            unused=tuple(id_ for at, id_ in ids.items() if at not in used),
        )

    def _points(self, sources: Sequence[_Source], focus: Focus) -> list[Point]:
        """The points of a story: all lines in one language are compared, and the best of each language, translated.

        At most `length.points` sentences of each other language than the target's are translated for it.
        """
        most = self.length.points
        primaries = sorted({source.primary for source in sources})
        found = [
            point
            for primary in primaries
            for point in points_of(
                [line for one in sources if one.primary == primary for line in self.lines[one.at]], most, focus
            )
        ]
        if len(primaries) == 1:
            return found
        self._translate([point.line for point in found])
        behind = {point.line.place: point for point in found}
        merged = points_of([self._in_target(point.line) for point in found], most, focus)
        return [point.with_others([behind[line.place] for line in (point.line, *point.others)]) for point in merged]

    def _translate(self, lines: Sequence[Line]) -> None:
        """Have lines in the target language, those that need it: one call of the engine for each route."""
        waiting: dict[Route, list[tuple[int, int]]] = {}
        for line in lines:
            route = self.sources[line.article].route
            if route and line.place not in self.rendered:
                waiting.setdefault(route, []).append(line.place)
        for route, places in waiting.items():
            texts = [self.sources[article].text(position) for article, position in places]
            renderings = self.sentences(texts, route, detailed=False)
            self.effort += Effort(renderings.decoded, renderings.reused)
            for (article, position), one in zip(places, renderings.items, strict=True):
                self.rendered[article, position] = self.sources[article].readable(one.text, position)

    def _in_target(self, line: Line) -> Line:
        """The line as it is translated, or as it is."""
        text = self.rendered.get(line.place)
        return line if text is None else line.translated(text, self.target)

    def _cost(self, line: Line) -> int:
        return self.length.cost(self.rendered.get(line.place, line.text), self.target)

    def _heard(self, line: Line) -> list[str]:
        """A line in the original and in translation: a desk may ask in either language."""
        source = self.sources[line.article]
        original = source.readable(source.text(line.position), line.position)
        return terms(f"{original} {self.rendered.get(line.place, '')}", self.target)

    def _sentence(self, point: Point, score: float) -> DigestSentence:
        line = point.line
        source = self.sources[line.article]
        start, end = source.place(line.position)
        text = source.shown.text[start:end]
        return DigestSentence(
            text=text,
            translation=self.rendered.get(line.place, text),
            article=source.article.id,
            offset=start,
            length=end - start,
            wide_before=sum(char > "\uffff" for char in source.shown.text[:start]),
            position=line.position,
            score=score,
            also_in=tuple(self.sources[at].article.id for at in sorted(point.agreeing)),
        )


def _common(sources: Sequence[_Source]) -> Language | None:
    """The language that articles share: its tag where all have the same, else what the tags have in common."""
    tags = {source.language for source in sources if source.language}
    return tags.pop() if len(tags) == 1 else next((Language(tag.primary) for tag in tags), None)


def _is_one_language(sources: Sequence[_Source]) -> bool:
    return len({source.primary for source in sources}) == 1


def _in_order(points: Iterable[tuple[Point, float]]) -> list[tuple[Point, float]]:
    """As a desk would have it: the newest article first if each has its time, else the one that gave most.

    The sentences of an article stay together in their order, so that "he" and "it" keep what they speak of.
    """
    chosen = list(points)
    worth: dict[int, float] = defaultdict(float)
    for point, score in chosen:
        worth[point.line.article] += score
    is_dated = all(point.line.published for point, _ in chosen)

    def place(one: tuple[Point, float]) -> tuple[float, float, int, int]:
        line = one[0].line
        age = -line.published.timestamp() if is_dated and line.published else 0.0
        return age, -worth[line.article], line.article, line.position

    return sorted(chosen, key=place)
