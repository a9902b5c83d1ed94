"""Remembers how the sentences of a story were translated, so that its next version needs only what changed."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice

from services.callers import owned
from services.clock import utc_now
from services.dropping import drop_all
from services.errors import StoreUnavailable, UnknownStory
from services.forgiving import forgiving
from services.keys import name_key, result_key
from services.ports import Result, ResultStore
from services.rendering import Rendering

log = logging.getLogger(__name__)

_MAX_CLAUSES = 2_000
_MAX_FILED = 1_000
_WITHDRAWING_S, _TRIMMING_S = 15.0, 1.0


@dataclass(frozen=True, slots=True)
class Story:
    """The renderings of a story's clauses by their source, those of the latest version first."""

    clauses: dict[str, Rendering]


@dataclass(frozen=True, slots=True)
class StoryFile:
    """The keys of all that is kept for a story, the latest first, the day of that, and what is still to be dropped.

    `jobs` were begun for it; `withdrawals` counts how often it was withdrawn.
    """

    keys: tuple[str, ...] = ()
    filed_on: date | None = None
    withdrawn: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    withdrawals: int = 0

    def with_key(self, key: str, today: date) -> "StoryFile":
        """The file with one more key; what there is no room for is withdrawn.

        It is another one each day that something is filed, so that it outlives what it names.
        """
        if key in self.keys and self.filed_on == today:
            return self
        keys = (key, *(other for other in self.keys if other != key))
        return replace(self, keys=keys[:_MAX_FILED], filed_on=today, withdrawn=self.withdrawn + keys[_MAX_FILED:])

    def emptied(self) -> "StoryFile":
        """The file with everything withdrawn once more."""
        return StoryFile((), self.filed_on, self.withdrawn + self.keys, (), self.withdrawals + 1)

    def without(self, dropped: Collection[str]) -> "StoryFile":
        """The file when some withdrawn keys have been dropped."""
        return replace(self, withdrawn=tuple(key for key in self.withdrawn if key not in dropped))


@dataclass(frozen=True, slots=True)
class Stories:
    """The stories in a store. One that is down has none, and forgets.

    The key of all that is kept for a story is filed under its name before it is written, and looked for in the file
    afterwards, so that a story can be withdrawn whole. What was begun when it had been withdrawn `since` times is not
    kept once it was withdrawn again.
    """

    store: ResultStore
    now: Callable[[], datetime] = utc_now

    def withdrawals(self, name: str | None) -> int:
        """How often a story was withdrawn until now."""
        try:
            file = self.store.find(_file_key(name), StoryFile) if name else None
        except StoreUnavailable:  # and so nothing will be kept
            return -1
        return file.withdrawals if file else 0

    def jobs(self, name: str) -> tuple[str, ...]:
        """The jobs that were begun for a story. Raises StoreUnavailable."""
        file = self.store.find(_file_key(name), StoryFile)
        return file.jobs if file else ()

    def file_job(self, name: str, job_id: str) -> None:
        """Note that a job is begun for a story. Raises StoreUnavailable."""

        def with_job(file: StoryFile | None) -> StoryFile:
            before = file or StoryFile()
            others = (other for other in before.jobs if other != job_id)
            return replace(before, jobs=(job_id, *others)[:_MAX_FILED])

        self.store.amend(_file_key(name), StoryFile, with_job)

    def recall(self, name: str, model: str) -> dict[str, Rendering]:
        """The renderings of a story's clauses by a model."""
        with forgiving(log, "story not recalled"):
            story = self.store.find(_key(name, model), Story)
            return story.clauses if story else {}
        return {}

    def remember(
        self, name: str, since: int, model: str, clauses: Mapping[str, Rendering], earlier: Mapping[str, Rendering]
    ) -> None:
        """Keep the renderings of the latest version's clauses, and as many other ones as there is room for.

        `earlier` ones were recalled; what others have remembered since is kept too.
        """
        if all(_richer(one, earlier.get(clause)) == earlier.get(clause) for clause, one in clauses.items()):
            return

        def merged(story: Story | None) -> Story:
            known = story.clauses if story else {}
            latest = {clause: _richer(rendering, known.get(clause)) for clause, rendering in clauses.items()}
            return Story(
                dict(islice((latest | {c: one for c, one in known.items() if c not in latest}).items(), _MAX_CLAUSES))
            )

        key = _key(name, model)
        with forgiving(log, "story not remembered"):
            if earlier or self._file(name, since, key):
                self.store.amend(key, Story, merged)
                self._drop_if_withdrawn(name, since, key)

    def keep(self, name: str, since: int, key: str, result: Result) -> Result:
        """Keep a result of a story, as ResultStore.keep does. Raises StoreUnavailable."""
        if not self._file(name, since, key):
            return result
        kept = self.store.keep(key, result)
        self._drop_if_withdrawn(name, since, key)
        return kept

    def withdraw(self, name: str) -> None:
        """Drop all that is kept for a story; one that fails half-way goes on when it is called again.

        What is in work for it is not kept either. Raises UnknownStory, StoreUnavailable.
        """
        was_there = False

        def emptied(file: StoryFile | None) -> StoryFile:
            nonlocal was_there
            before = file or StoryFile()
            was_there = bool(before.keys + before.withdrawn + before.jobs)
            return before.emptied()

        file = self.store.amend(_file_key(name), StoryFile, emptied)
        if not was_there:
            raise UnknownStory("nothing is kept for a story of this name")
        if not self._drop(name, file.withdrawn, _WITHDRAWING_S):
            raise StoreUnavailable("not all that was kept for the story is dropped yet; withdraw it again")

    def _file(self, name: str, since: int, key: str) -> bool:
        """File a key, unless the story was withdrawn since; whether it is filed."""
        trimmed, is_filed = list[str](), False

        def with_key(file: StoryFile | None) -> StoryFile:
            nonlocal is_filed
            before = file or StoryFile()
            if not (is_filed := before.withdrawals == since):
                return before
            after = before.with_key(key, self.now().date())
            trimmed[:] = after.withdrawn[len(before.withdrawn) :]
            return after

        self.store.amend(_file_key(name), StoryFile, with_key)
        self._drop(name, trimmed, _TRIMMING_S)
        return is_filed

    def _drop(self, name: str, keys: Sequence[str], seconds: float) -> bool:
        """Drop what was withdrawn, and say whether all of it is gone; the rest is for the next time."""
        dropped = frozenset(drop_all(self.store, keys, seconds))
        if dropped:
            self.store.amend(_file_key(name), StoryFile, lambda file: (file or StoryFile()).without(dropped))
        return dropped.issuperset(keys)

    def _drop_if_withdrawn(self, name: str, since: int, key: str) -> None:
        file = self.store.find(_file_key(name), StoryFile)
        if file is None or file.withdrawals != since or key not in file.keys:
            self.store.drop(key)


def _richer(rendering: Rendering, earlier: Rendering | None) -> Rendering:
    """The one with details, which are not lost by a version that needs none."""
    return earlier if earlier and rendering.links is None else rendering


def _key(name: str, model: str) -> str:
    return result_key("stories", name=owned(name), model=model)


def _file_key(name: str) -> str:
    return name_key("story-files", owned(name))
