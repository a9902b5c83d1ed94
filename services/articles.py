"""Translates and summarises an article in one go, and gives it back by its id."""

import re
from dataclasses import dataclass, replace
from functools import partial

from services.attempts import Attempts
from services.callers import owned
from services.errors import UnknownArticle
from services.keys import result_key
from services.model import Content, Language
from services.ports import ResultStore
from services.results import Answer, Effort, Results
from services.summarise import BRIEF, SummariseText, Summary, SummaryOptions, join_sentences
from services.translate import Options, Plan, TranslateTexts, Translation

_IN_DETAIL = Options(detailed=True)  # kept for good, so with all that may be asked for later
_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article's translation and summary; the summary's sentences in the target language too, in the same order, and
    the sentences that they lean on, where there is one."""

    title: Translation | None
    body: Translation
    summary: Summary
    summary_translations: tuple[str, ...]
    summary_befores: tuple[str | None, ...]

    @property
    def summary_translation(self) -> str:
        """The summary in the target language, as one text."""
        return join_sentences(self.summary_translations, self.body.target)


@dataclass(frozen=True, slots=True)
class PrepareArticle:
    """Translates and summarises over one segmentation: the summary's sentences are translated already."""

    translate: TranslateTexts
    summarise: SummariseText
    results: Results

    def __call__(
        self,
        title: str | None,
        content: Content,
        source: Language | None,
        target: Language,
        options: SummaryOptions = BRIEF,
        story: str | None = None,
    ) -> Answer[PreparedArticle]:
        """Prepare an article; a title of None is the first heading of level one, in HTML as in Markdown.

        The headline is taken to be in the language of the text.

        `story` names what it is a version of.

        Raises what TranslateTexts and SummariseText raise.
        """
        (body,) = self.translate.plan(content, source, [target])
        title = title or body.reading.title
        headline = self._plan_headline(title, body) if title else None
        options = self.summarise.settled(options)
        plans = [body, headline] if headline else [body]
        key = result_key(
            "articles",
            plans=[plan.identity for plan in plans],
            models=[self.translate.models(plan) for plan in plans],
            options=options.identity,
            story=owned(story) if story else None,
        )
        since = self.translate.attempts.stories.withdrawals(story)
        keep = partial(self.translate.attempts.stories.keep, story, since) if story else None
        return self.results(
            key, PreparedArticle, lambda: self._carry_out(key, headline, body, options, story, since), keep
        )

    def _plan_headline(self, title: str, body: Plan) -> Plan:
        if body.source is None:  # the text told nothing, so the headline speaks for itself
            return self.translate.plan(Content(title), None, [body.target])[0]
        return body.headline(title)

    def _carry_out(
        self, key: str, headline: Plan | None, body: Plan, options: SummaryOptions, story: str | None, since: int
    ) -> tuple[PreparedArticle, Effort]:
        title = headline.segmented.text if headline else None
        summary = self.summarise.pick(body.reading, body.segmented, body.source, body.detection, options, title)
        plans = [body, headline] if headline else [body]
        translations, effort = self.translate.carry_out(plans, replace(_IN_DETAIL, story=story), key, since)
        translated, *titles = translations.items
        return PreparedArticle(
            titles[0] if titles else None,
            translated,
            summary,
            tuple(self._target(body, translated, one.position) for one in summary.sentences),
            tuple(
                self._target(body, translated, one.before.position) if one.before else None for one in summary.sentences
            ),
        ), effort

    def _target(self, body: Plan, translated: Translation, position: int) -> str:
        return body.reading.readable(translated.target_of(position), body.segmented.spans[position])


@dataclass(frozen=True, slots=True)
class FindArticle:
    """Gives a prepared article back."""

    store: ResultStore

    def __call__(self, article_id: str) -> PreparedArticle:
        """The article kept under an id. Raises UnknownArticle, StoreUnavailable."""
        found = self.store.find(f"articles/{article_id}", PreparedArticle) if _ID.fullmatch(article_id) else None
        if found is None:
            raise UnknownArticle("no article is kept under this id")
        return found


@dataclass(frozen=True, slots=True)
class WithdrawArticle:
    """Forgets a prepared article."""

    store: ResultStore
    attempts: Attempts

    def __call__(self, article_id: str) -> None:
        """Drop all that is kept for an article. Raises UnknownArticle, StoreUnavailable."""
        FindArticle(self.store)(article_id)
        self.attempts.forget(f"articles/{article_id}")
        self.store.drop(f"articles/{article_id}")
