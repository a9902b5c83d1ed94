"""Which language a text is written in, for `source: "auto"`."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import exp
from types import MappingProxyType

from services.model import Language
from services.ports import LanguageIdentifier, LanguageScore
from services.steps import Step, step
from services.text.script import PRIMARIES, Script, letters, main_script, may_be, only, prose, weight

_MAX_CANDIDATES = 5
_MIN_CANDIDATE = 0.001
_UNSEEN = 1e-5  # identifiers leave out what they think less likely
_OUTSIDER = 0.1  # a text comes ten times as likely in a language that can be translated as in another
_RELIABLE_CONFIDENCE = 0.9
_RELIABLE_WEIGHT = 20
_RELIABLE_WEIGHT_OF_A_SCRIPT = 8  # where a script has one language: two Hangul syllables, four Greek letters

# What identifiers tell apart, and a model of the family reads all the same; fastText's als is Alemannic.
_FAMILY: Mapping[str, str] = MappingProxyType(
    {"als": "de", "arz": "ar", "bar": "de", "nb": "no", "nn": "no", "wuu": "zh", "yue": "zh"}
)

_WORD = re.compile(r"[^\W\d_]+")
_SMALL_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        primary: frozenset(words.split())
        for primary, words in {
            "de": "aber als am an auch auf aus bei bis das dass dem den der des die durch ein eine einem einen einer "
            "er es für gegen haben hat ich im in ist man mehr mit nach nicht noch nur oder sich sie sind so um "
            "und von vor war was wenn werden wie wir wird zu zum zur über",
            "en": "a after all an and are as at be been but by for from had has have he her his if in is it its more "
            "no not of on or out over said says she so than that the their there they this to up was we were "
            "what when which who will with would you",
            "es": "a al como con contra cuando de del desde donde durante el ella en entre era es esta este fue ha "
            "han hasta hay la las le lo los me muy más no nos o para pero por porque que se sin sobre son su "
            "sus también todo tras un una uno y ya",
            "fr": "a après au aux avec ce ces cette comme d dans de des deux du elle en entre est et il ils l la le "
            "les leur mais même ne nous on ont ou par pas plus pour qu que qui sa se ses son sont sous sur tout "
            "un une été à",
            "it": "a ai al alla anche che chi ci come con contro da dal dalla degli dei del della delle di dopo e ed "
            "era gli ha hanno i il in l la le lo ma nei nel nella non o per più se si sono su sul sulla tra un "
            "una uno è",
            "nl": "aan af al als bij dan dat de deze die dit door een en er geen had heeft het hij ik in is je kan "
            "maar meer met na naar niet nog nu of om onder ook op over te tegen tot uit van veel voor was wel "
            "werd wordt ze zich zijn zo",
            "pl": "a ale bez być był była co czy dla do gdy go i ich jak jako jego jest już która które który ma na "
            "nad nie o od oraz po pod przed przez przy się są ta tak tego ten to tym tylko u w we z za ze że",
            "pt": "a ao aos as até com como contra da das de depois do dos e ela ele em entre era essa esse esta este "
            "eu foi há isso já mais mas muito na nas no nos não o os ou para pela pelo por quando que se sem "
            "ser seu sobre sua são só também tem um uma à às é",
        }.items()
    }
)


@dataclass(frozen=True, slots=True)
class Detection:
    """The language of a text, or None when it holds nothing to go by; confidence from 0 to 1; candidates best first.

    Reliable: 20 letters or more (4 Greek ones, 2 Korean ones, where the script has but one language), and 0.9 sure.
    """

    language: Language | None
    confidence: float
    reliable: bool
    candidates: tuple[LanguageScore, ...]


@dataclass(frozen=True, slots=True)
class DetectLanguage:
    """Tells which language a text is in, trusting that it is one of the installed unless it is clearly another."""

    identifier: LanguageIdentifier

    def __call__(self, text: str, among: Collection[Language]) -> Detection:
        """The language, by its own tag in `among` if it is there, else by its primary subtag.

        Without an installed language nothing is preferred. Raises EngineFailed.
        """
        with step(Step.DETECT):
            return self._detection(text, among)

    def _detection(self, text: str, among: Collection[Language]) -> Detection:
        sample = prose(text)
        found = letters(sample)
        script = main_script(found)
        if script is None:
            return Detection(None, 0.0, False, ())
        written = only(sample, script)
        text_weight = weight(found if written == sample else letters(written))
        candidates = _candidates(self._scores(written, script, text_weight), among)
        if not candidates:
            return Detection(None, 0.0, False, ())
        best = candidates[0]
        reliable = best.probability >= _RELIABLE_CONFIDENCE and text_weight >= _enough(script, text_weight)
        return Detection(best.language, best.probability, reliable, tuple(candidates))

    def _scores(self, text: str, script: Script, text_weight: int) -> dict[str, float]:
        """The probability of each primary subtag that is written in this script."""
        families = _families(script, text_weight)
        if len(families) == 1:
            return {families[0]: 1.0}
        scores = defaultdict(float, dict.fromkeys(families, _UNSEEN))
        for score in self.identifier.identify(text):
            if may_be(score.language.primary, script, text_weight):
                scores[_family(score.language.primary)] += score.probability
        return _weigh_small_words(scores, text)


def _family(primary: str) -> str:
    return _FAMILY.get(primary, primary)


def _families(script: Script, text_weight: int) -> list[str]:
    """The languages that a script gives away, the most read first; none for Latin."""
    return list(dict.fromkeys(_family(p) for p in PRIMARIES.get(script, ()) if may_be(p, script, text_weight)))


def _enough(script: Script, text_weight: int) -> int:
    return _RELIABLE_WEIGHT_OF_A_SCRIPT if len(_families(script, text_weight)) == 1 else _RELIABLE_WEIGHT


def _weigh_small_words(scores: Mapping[str, float], text: str) -> dict[str, float]:
    """Let "o", "do", "no" decide where long names mislead an identifier that sees the letters of all words alike.

    Each small word multiplies the odds by e, among the languages whose small words we know; what these have together
    stays as it is, so that no other language loses to them for want of a list.
    """
    times = Counter(_WORD.findall(text.lower()))
    known = {p: times.keys() & _SMALL_WORDS[p] for p in scores.keys() & _SMALL_WORDS.keys()}
    hits = {p: sum(times[word] for word in words) for p, words in known.items()}
    most = max(hits.values(), default=0)
    weighed = {p: scores[p] * exp(hits[p] - most) for p in sorted(hits)}
    before, after = sum(scores[p] for p in sorted(hits)), sum(weighed.values())
    if not after:
        return dict(scores)
    return dict(scores) | {p: w * before / after for p, w in weighed.items()}


def _candidates(scores: Mapping[str, float], among: Collection[Language]) -> list[LanguageScore]:
    installed: dict[str, Language] = {}
    for language in sorted(among):
        installed.setdefault(_family(language.primary), language)
    weighed = {p: score * (1.0 if p in installed else _OUTSIDER) for p, score in scores.items()}
    total = sum(weighed.values())
    best_first = sorted(weighed.items(), key=lambda item: -item[1])[:_MAX_CANDIDATES]
    likely = [(p, w / total) for p, w in best_first if w > _MIN_CANDIDATE * total]
    return [LanguageScore(installed.get(p) or Language(p), round(probability, 4)) for p, probability in likely]
