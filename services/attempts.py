"""What is known before a request is carried out, and what is finished of it when its time is over."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.errors import OutOfTime
from services.forgiving import forgiving
from services.keys import result_key
from services.ports import ResultStore
from services.rendering import Rendering
from services.stories import Stories

log = logging.getLogger(__name__)

# Shorter texts are finished at the first attempt, and need not ask the store what others have left.
_LONG_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Progress:
    """What attempts at a request have finished: the renderings of clauses by their source, by model."""

    models: dict[str, dict[str, Rendering]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a request: with a story it goes on from earlier versions, else from earlier attempts."""

    stories: Stories
    story: str | None
    since: int
    earlier: Mapping[str, Mapping[str, Rendering]]
    finished: dict[str, dict[str, Rendering]] = field(default_factory=dict)
    _recalled: dict[str, dict[str, Rendering]] = field(default_factory=dict)

    def known(self, model: str) -> Mapping[str, Rendering]:
        """The renderings by a model that need not be made again."""
        if self.story is None:
            return self.earlier.get(model, {})
        self._recalled[model] = self.stories.recall(self.story, model)
        return self._recalled[model]

    def finish(self, model: str, clauses: Mapping[str, Rendering]) -> None:
        """Remember renderings by a model."""
        self.finished[model] = dict(clauses)
        if self.story is not None:
            self.stories.remember(self.story, self.since, model, clauses, self._recalled[model])


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts at requests, which are named by the keys of their results. A store that is down knows of none."""

    stories: Stories
    store: ResultStore

    @contextmanager
    def begin(self, request: str, story: str | None, since: int, texts: Sequence[str]) -> Iterator[Attempt]:
        """An attempt at the translation of texts, `since` so many withdrawals of its story.

        Where it runs out of time, what it finished is kept for the next.
        """
        is_resumed = story is None and sum(map(len, texts)) >= _LONG_CHARS
        attempt = Attempt(self.stories, story, since, self._recall(request) if is_resumed else {})
        try:
            yield attempt
        except OutOfTime:
            if is_resumed:
                self._keep(request, attempt.finished)
            raise
        if attempt.earlier:
            with forgiving(log, "progress not dropped"):
                self.forget(request)

    def forget(self, request: str) -> None:
        """Drop what attempts at a request have left. Raises StoreUnavailable."""
        self.store.drop(_key(request))

    def _recall(self, request: str) -> Mapping[str, Mapping[str, Rendering]]:
        with forgiving(log, "progress not recalled"):
            progress = self.store.find(_key(request), Progress)
            return progress.models if progress else {}
        return {}

    def _keep(self, request: str, finished: Mapping[str, Mapping[str, Rendering]]) -> None:
        """Beside what other attempts have kept."""

        def merged(before: Progress | None) -> Progress:
            models = dict(before.models) if before else {}
            return Progress(models | {model: models.get(model, {}) | dict(one) for model, one in finished.items()})

        with forgiving(log, "progress not kept"):
            self.store.amend(_key(request), Progress, merged)


def _key(request: str) -> str:
    return result_key("progress", of=request)
