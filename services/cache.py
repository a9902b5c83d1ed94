"""Remembers, within one process, how sentences were translated."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock


class SentenceCache:
    """The most recently used translations by (model id, source text), within a bound in code points. Thread-safe."""

    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars
        self._chars = 0
        self._entries: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = Lock()

    def get_many(self, model: str, texts: Iterable[str]) -> dict[str, str]:
        """The known translations by source text; an unknown text is absent."""
        known = {}
        with self._lock:
            for text in texts:
                if (translation := self._entries.get((model, text))) is not None:
                    self._entries.move_to_end((model, text))
                    known[text] = translation
        return known

    def put_many(self, model: str, translations: Mapping[str, str]) -> None:
        """Remember translations by source text; the least recently used ones make room."""
        with self._lock:
            for text, translation in translations.items():
                replaced = self._entries.pop((model, text), None)
                if replaced is not None:
                    self._chars -= len(text) + len(replaced)
                self._entries[(model, text)] = translation
                self._chars += len(text) + len(translation)
            while self._chars > self._max_chars:
                (_, oldest), translation = self._entries.popitem(last=False)
                self._chars -= len(oldest) + len(translation)
