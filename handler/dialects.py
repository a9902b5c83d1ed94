"""Each surface tells in its own words what failed."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from handler.deepl import dialect as deepl
from handler.libretranslate import dialect as libretranslate
from handler.negotiation import answer_of
from handler.problems import Problem, problem_response


def refusal(scope: Scope, problem: Problem, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    """What a request is answered when it fails, in the words of the surface that its path belongs to."""
    if deepl.serves(scope["path"]):
        return deepl.refusal(scope["path"], problem, headers)
    if libretranslate.serves(scope["path"]):
        return libretranslate.refusal(problem, headers)
    return problem_response(problem, answer_of(Request(scope)), {"Vary": "Accept", **headers})
