"""Regular expressions that are compiled when they are used for the first time."""

import re
from typing import Any, cast

_USED = ("finditer", "fullmatch", "match", "pattern", "search", "split", "sub", "subn")


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """A regular expression that takes so long to compile that who does not use it shall not wait for it.

    Those of a start on Lambda take a tenth of it. A mistake in one shows when it is used.
    """
    return cast("re.Pattern[str]", _Later(source, flags))


class _Later:
    def __init__(self, source: str, flags: int) -> None:
        self._given = source, flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        compiled = re.compile(*self._given)
        vars(self).update({one: getattr(compiled, one) for one in _USED})  # from here on nothing is looked up here
        return getattr(compiled, name)
