"""Translated files, kept for a day under names that cannot be guessed."""

import re
import uuid
from dataclasses import dataclass

from services.errors import UnknownFile
from services.keys import name_key
from services.model import Content
from services.ports import ResultStore

_NAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[A-Za-z0-9._-]{1,150}")


@dataclass(frozen=True, slots=True)
class TranslatedFiles:
    """Files in a store. Each call raises StoreUnavailable, as the file is nowhere else."""

    store: ResultStore

    def keep(self, name: str, content: Content) -> str:
        """Keep a file, and give the name to find it by: a random UUID, a full stop, and the name."""
        full_name = f"{uuid.uuid4()}.{name}"
        if not is_name(full_name):
            raise ValueError("a name has 1 to 150 letters, digits, dots, hyphens and underscores")
        self.store.keep(_key(full_name), content)
        return full_name

    def find(self, full_name: str) -> Content:
        """The file that is kept under a name. Raises UnknownFile."""
        found = self.store.find(_key(full_name), Content) if is_name(full_name) else None
        if found is None:
            raise UnknownFile("no file is kept under this name")
        return found


def is_name(text: str) -> bool:
    """Whether a file can be kept under a name."""
    return _NAME.fullmatch(text) is not None


def _key(full_name: str) -> str:
    return name_key("translated-files", full_name)
