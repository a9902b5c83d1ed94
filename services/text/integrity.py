"""What can be seen to have gone wrong in a translation, without understanding it."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import log, sqrt
from operator import eq

from services.model import Language, LanguagePair
from services.text.abbreviations import profile
from services.text.script import Script, may_be
from services.text.verbatim import protect
from services.text.words import words


class Flag(StrEnum):
    """What an editor should look at."""

    LOOP = "loop"
    ECHO = "echo"
    CUT = "cut"
    LENGTH = "length"
    ADDED = "added"
    URLS = "urls"
    NUMBERS = "numbers"
    CURRENCY = "currency"
    NEGATION = "negation"
    NAMES = "names"
    QUOTES = "quotes"


# How much worse a translation with this flag is likely to be.
_SEVERITY = {
    Flag.LOOP: 16,
    Flag.ECHO: 16,
    Flag.CUT: 8,
    Flag.LENGTH: 8,
    Flag.ADDED: 8,
    Flag.URLS: 6,
    Flag.NUMBERS: 6,
    Flag.CURRENCY: 6,
    Flag.NEGATION: 3,
    Flag.NAMES: 2,
    Flag.QUOTES: 1,
}
RETRY = frozenset(flag for flag, weight in _SEVERITY.items() if weight > 3)
"""What another translation is likely to mend, and worth the time."""

# Characters for the same news in each language, English 1 (sums over NTREX-128). The spread of ln(ratio) is about
# 1.35/sqrt(chars) from English to Portuguese, more between languages of different kinds.
_VERBOSITY = {
    "ar": 0.93, "de": 1.19, "en": 1.0, "es": 1.16, "fr": 1.17, "it": 1.17, "ja": 0.44, "ko": 0.55, "nl": 1.16,
    "pl": 1.13, "pt": 1.1, "ru": 1.11, "uk": 1.04, "zh": 0.35,
}  # fmt: skip
_SPREADS, _SPREAD, _MIN_SPREAD, _OTHER_KIND = 3.0, 1.35, 0.1, 1.6
_KINDRED = frozenset({"de", "en", "es", "fr", "it", "nl", "pt"})
_MIN_CHARS = 20  # of English
_CUT_RATIO = 0.85

_SCALES: Mapping[str, Mapping[int, str]] = {  # powers of ten
    "en": {3: "thousand k", 6: "million millions m mn", 9: "billion billions bn b", 12: "trillion trillions tn"},
    "pt": {3: "mil", 6: "milhão milhões mi m", 9: "bilhão bilhões bi", 12: "trilhão trilhões tri bilião biliões"},
    "es": {3: "mil", 6: "millón millones", 12: "billón billones"},
    "fr": {3: "mille", 6: "million millions", 9: "milliard milliards", 12: "billion billions"},
    "de": {3: "tausend", 6: "million millionen mio", 9: "milliarde milliarden mrd", 12: "billion billionen"},
    "it": {3: "mila mille", 6: "milione milioni", 9: "miliardo miliardi", 12: "bilione bilioni"},
    "nl": {3: "duizend", 6: "miljoen", 9: "miljard", 12: "biljoen"},
    "pl": {3: "tys tysiąc tysiące tysięcy", 6: "mln milion miliony milionów", 9: "mld miliard miliardy miliardów"},
    "ru": {3: "тыс тысяч тысячи тысяча", 6: "млн миллион миллиона миллионов", 9: "млрд миллиард миллиарда миллиардов"},
    "uk": {3: "тис тисяч тисячі", 6: "млн мільйон мільйона мільйонів мільйони", 9: "млрд мільярд мільярда мільярдів"},
    "ar": {3: "ألف آلاف", 6: "مليون ملايين مليونا", 9: "مليار مليارات"},
    "zh": {4: "万", 8: "亿"},
    "ja": {4: "万", 8: "億", 12: "兆"},
    "ko": {4: "만", 8: "억", 12: "조"},
}  # fmt: skip
_UNSURE_SCALES = frozenset({"m", "k", "b", "mi", "bi", "tri"})  # 5m may be metres
_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
# Numbers in words, which may come back in digits, and the reverse: 1, 2, 3; 20, 30; 200, 300.
_UNITS = {
    "en": "one,first,once,single,a,an two,second,twice,double,both three,third,triple four,fourth five,fifth six,sixth "
    "seven,seventh eight,eighth nine,ninth ten,tenth eleven,eleventh twelve,twelfth,dozen,noon,midnight thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen",
    "pt": "um,uma,primeiro,primeira,único,única dois,duas,segundo,segunda,dobro,ambos,ambas três,terceiro,terceira,"
    "terço,triplo quatro,quarto,quarta cinco,quinto,quinta seis,sexto,sexta sete,sétimo,sétima oito,oitavo,oitava "
    "nove,nono,nona dez,décimo,décima onze doze,dúzia,meio-dia,meia-noite treze catorze,quatorze quinze "
    "dezesseis,dezasseis dezessete,dezassete dezoito dezenove,dezanove",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety hundred",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem,cento",
}
_HUNDREDS = {
    "pt": "duzentos,duzentas trezentos,trezentas quatrocentos,quatrocentas quinhentos,quinhentas seiscentos,seiscentas "
    "setecentos,setecentas oitocentos,oitocentas novecentos,novecentas"
}
_ROMAN = re.compile(r"(?=[IVXL])(?:X{0,3}|XL|LX{0,3})(?:IX|IV|V?I{0,3})")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50}

_CURRENCIES = {
    "USD": r"(?:US)?\$|USD|US dollars?|dollars?|dólar(?:es)?",
    "GBP": r"£|GBP|pounds?|libras?|quid",
    "EUR": r"€|EUR|euros?",
    "BRL": r"R\$|BRL|reais",
    "JPY": r"¥|JPY|yen|ienes?|yuan|iuanes?|RMB|CNY",
    "INR": r"₹|INR|rupees?|rupias?",
    "RUB": r"₽|RUB|roubles?|rubles?|rublos?",
}
_CURRENCIES_IN = frozenset({"en", "pt"})
_CURRENCY = re.compile(
    "|".join(rf"(?P<{code}>(?<![^\W\d_$])(?:{form})(?![^\W\d_]))" for code, form in _CURRENCIES.items()), re.I
)
_MONEY_HINTS = (
    *"$€£¥₹₽", "usd", "gbp", "eur", "brl", "jpy", "rmb", "cny", "inr", "rub", "dol", "dól", "poun", "libr", "quid",
    "reais", "yen", "ien", "yuan", "iuan", "rup", "roub",
)  # fmt: skip
_MONEY = re.compile(r"[£€$¥₹₽]\s?\d|\d\s?[£€¥₹₽]")

# First what certainly denies, then what may render it.
_NEGATIONS = {
    "en": (
        r"\w*n't|not|never|cannot|no one|nobody|nothing|none|neither",
        r"no|nor|without|nowhere|hardly|barely|rarely|seldom|scarcely|little|few|fail\w*|lack\w*|refus\w*|"
        r"den(?:y|ie[sd])|unable|unlikely|unwilling\w*|un\w+(?:ed|ful|able)|im(?:possibl|probabl)\w*|"
        r"in(?:ab|adequ|abil|sufficien|activ|capab|eligib|valid|visib)\w*|\w+less|stop\w*|prevent\w*|avoid\w*|"
        r"far from|instead|rather|until|unless|un(?:clear|known|certain|aware|happy|true|usual)\w*|intoler\w+|"
        r"ignoran\w+|absen\w+|other than|anything|anyone|ban(?:ned|s)?|reject\w*|yet to|non-?\w*|"
        r"dis(?:agree|approv|believ|like|loyal)\w*",
    ),
    "pt": (
        r"não|nunca|ninguém|nenhuma?|nenhuns|jamais|tampouco|nem",
        r"nada|sem|mal|pouc[oa]s?|raramente|deix(?:ou|a|ar|aram|ado|ando)|falt\w+|fracass\w+|recus\w+|"
        r"neg(?:ou|a|ar|am|aram)|imped\w+|evit\w+|incapa\w+|im(?:poss|prov)\w+|"
        r"in(?:su|capa|ati|adequ|váli|visí|abil)\w+|des(?:con|aprov|acredit)\w+|insatisf\w+|longe|senão|em vez|"
        r"ao invés|ausên\w+|rejeit\w+|proib\w+|até que|a menos|qualquer",
    ),
}

# Words of institutions, places and titles, without accents: a name with one of them is translated, and not missed.
_TRANSLATED = {
    "en": "academy act administration affairs africa african agency air airport amendment america american army asia "
    "assembly association atlantic attorney australian authority award bank bay beach big bill bishop black blue "
    "board border bridge british brown bureau business cabinet canadian capital care castle cathedral center "
    "central centre chamber champions chancellor chief children chinese christian church circuit cities citizen "
    "city civil club coast college commission committee commons communist community conference congress "
    "conservative constitution convention corners council county court cross crown cup daily day defence defense "
    "democrat democratic democrats department development director district division doctor drug duchess duke "
    "earth east eastern economic education election embassy emergency empire energy england english environment "
    "environmental europe european exchange executive fair family federal federation festival field film "
    "financial fire first food force foreign forest former foundation free french fund game games garden general "
    "german global gold golden government grand great green ground group guard gulf hague hall health hell high "
    "highway hill holy home homeland hospital hotel house human immigration independence indian industry inner "
    "institute intelligence interior international investigation iron island islands israeli italian japanese "
    "journal judge judicial judiciary justice king kingdom korea korean labor labour lady lake land law league "
    "library life line london lord lords low magazine main major market mayor media medical memorial middle "
    "military minister ministry missile monetary morning mother mount mountain mr mrs museum music nation "
    "national nations navy nazi new news night nobel north northern nuclear ocean office officer official olympic "
    "olympics open opera order organisation organization pacific palace park parliament parliamentary party "
    "patriarch people police political pope port post premier president presidential press prime prince princess "
    "prize prosecutor protection province public queen radio railway red reform region relations representatives "
    "republic republican republicans reserve resort revolution river road royal rule russian safety saint school "
    "science sea secretary security senate senator service services ship sir social society solar south southern "
    "soviet spanish sports square st stadium star state states station street studies summer summit supreme "
    "system tax team test theater theatre times tower town trade training transport treasury treaty trial "
    "tribunal trust turkish union united university upper valley village voice war water way week welsh west "
    "western white wild winter women world year york young youth",
    "pt": "abril academia administracao africa agencia agosto alto america americana americas asia assembleia "
    "associacao atlantico australia autoridade baia baixa banco batalha biblioteca bolsa branca branco bretanha "
    "britanica camara campo canal capital casa catedral central centro chefe cidade ciencias civil clube colegio "
    "comandante comissao comite comunicacao comunidade comunista congresso conselho conservador constituicao copa "
    "coreia coroa corpo corte costa cruz cultura defesa delegacia democrata democratico departamento deputada "
    "deputado deputados desenvolvimento dezembro direitos diretor diretora distrito domingo duque duquesa "
    "economia educacao emirados energia escola escolas especial espirito estacao estadio estado estados europa "
    "europeia europeu exercito exterior exteriores faculdade familia federacao federal feira feminina festival "
    "fevereiro filho financas floresta forca forcas frente fundacao fundo furacao futebol geral global golfo "
    "governador governo gra grande grandes guarda guerra hospital igreja ilha ilhas imprensa independencia "
    "industria infantil instituto interior internacional iorque janeiro judiciaria judiciario juiz juiza julho "
    "junho juridica justica juventude lago lagos lei leste liberal liga livre londres maio mar marco medicina "
    "medio meio mercado mercosul militar ministerio ministra ministro monte mulher mulheres mundial mundo "
    "municipio museu nacional nacoes natal natural norte nova novembro novo novos oceano ocidental oeste oficial "
    "olimpico olimpicos operacao ordem organizacao oriente outubro pacifico pais paises palacio papa parlamento "
    "parque partido paz petroleo policia politico ponte popular porto povo praca praia prefeito prefeitura premio "
    "presidencia presidente primeira primeiro princesa principe procurador procuradoria provincia publica publico "
    "radio rainha receita regiao rei reino relacoes republica republicano reserva revolucao rio rua santa santo "
    "sao saude secretaria secretario segunda seguranca senado senador senadora servico servicos setembro "
    "sindicato sistema social sociedade sul superior suprema supremo tecnologia terra terras tesouro trabalhador "
    "trabalhadores trabalhista trabalho tribunal uniao unida unidas unido unidos universidade vale vermelha "
    "vermelho vila zona",
}
_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:['’-][^\W\d_]+)*"
_NAME = re.compile(rf"(?<![\w'’.-]){_CAPITALISED}(?: {_CAPITALISED})+(?![\w'’])")
_MID_SENTENCE = re.compile(r"(?:[^\W_] |[,;)] )\Z")
_CAMEL = re.compile(r"\b[^\W\d_]+[a-z][A-Z][a-z]\w*")

_QUOTES_NAMES = frozenset({"be", "bg", "mk", "ru", "uk"})  # where clubs and papers stand in quotation marks
_DOUBLE_QUOTES = re.compile(r"[\"“”„‟«»「」『』《》〈〉]|``|''")
_SINGLE_QUOTATIONS = re.compile(r"(?<!\w)[‘'‚](?=[^\W\d])(?!.(?:em|til|tis|twas|cause|n)\b)")
_FUNCTION_WORDS = {
    "en": "the of and to in is was were are that for with on by from this his her their have has had be been but not it"
    " he she they we you at who which would will",
    "pt": "o a os as de da do das dos que e em um uma para com não por mais se na no nas nos ao foi é são está ele ela "
    "eles seu sua como mas",
    "es": "el la los las de del que y en un una para con no por se su es fue como pero ha",
    "fr": "le la les des de du que et en un une pour avec ne pas par est sont dans sur qui au il elle mais",
    "de": "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er "
    "hat",
    "it": "il la le di che e un una per con non si del della è sono nel ha come ma",
    "nl": "de het een van en in is dat op te met voor zijn niet aan er om ook als bij maar",
}
_BARE_DECIMAL = re.compile(r"(?<![\w.,])[.,]\d")
_DIGITS = re.compile(r"\d+")
_DECIMAL = dict.fromkeys(["en", "ja", "ko", "zh"], ".") | dict.fromkeys(
    ["de", "es", "fr", "it", "nl", "pl", "pt", "ru", "uk"], ","
)
_YEARS = re.compile(r"(\d\d)\d\d[-–/](\d\d)(?!\d)")
_STOPS = ".!?…。！？؟।"
_CLOSERS = "\"'”’»)]」』"
_REST_WORDS, _REST_LOWER, _LONGEST_LOOP = 5, 4, 8
_STUTTER = re.compile(r"([^\W\d_]{1,12}?)\1{3,}")


@dataclass(frozen=True, slots=True)
class _Number:
    """What a number may mean: 1,200 is 1200 or 1.2; 8 p.m. is 8 or 20."""

    readings: frozenset[Fraction]
    in_digits: bool


def flags(source: str, target: str, pair: LanguagePair) -> frozenset[Flag]:
    """What looks wrong in the translation of one sentence. Total, deterministic, linear; none where there is no word.

    Checks that need to know a language are left out for those that have no table here.
    """
    return _seen(source, target, pair, _CHECKS)


def doubts(source: str, target: str, pair: LanguagePair) -> frozenset[Flag]:
    """Those of the flags that call for another translation, in a fraction of the time."""
    return _seen(source, target, pair, _RETRY_CHECKS)


def severity(found: Set[Flag]) -> int:
    """How bad flags are together: to choose the best of several translations."""
    return sum(_SEVERITY[flag] for flag in found)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A sentence and its translation, both without what had to be copied, too, and in words."""

    source: str
    target: str
    pair: LanguagePair
    bare_source: str
    bare_target: str
    lost: bool
    source_words: list[str]
    target_words: list[str]


_Checks = Mapping[Flag, Callable[[_Compared], bool]]


def _seen(source: str, target: str, pair: LanguagePair, checks: _Checks) -> frozenset[Flag]:
    if not any(map(str.isalpha, source)):
        return frozenset()
    bare_source, bare_target, lost = _without_verbatim(source, target, pair.source)
    found = words(bare_source, pair.source), words(bare_target, pair.target)
    compared = _Compared(source, target, pair, bare_source, bare_target, lost, *found)
    return frozenset(flag for flag, is_seen in checks.items() if is_seen(compared))


def _without_verbatim(source: str, target: str, language: Language) -> tuple[str, str, bool]:
    """Both texts without what had to be copied, and whether some of it is lost."""
    protected = protect(source, language)
    copied = Counter(span.kept for span in protected.spans if not span.is_amount)
    lost = any(target.count(kept) < times for kept, times in copied.items())
    for kept in sorted(copied, key=len, reverse=True):
        source, target = source.replace(kept, " "), target.replace(kept, " ")
    return source, target, lost


def _numbers_differ(source: str, target: str, pair: LanguagePair) -> bool:
    """Whether a number in digits has no equal on the other side: in any notation, in words, as a month, in Roman."""
    if _DIGITS.search(source) is None and _DIGITS.search(target) is None:
        return False
    languages = (pair.source.primary, pair.target.primary)
    scaled = all(language in _SCALES for language in languages)
    if not _BARE_DECIMAL.search(source) and sorted(_DIGITS.findall(source)) == sorted(
        _DIGITS.findall(target)
    ):  # so are phone numbers, and 4.40 am
        powers = [_powers(text, language, scaled) for text, language in zip((source, target), languages, strict=True)]
        if powers[0] == powers[1]:
            return False
    ours, theirs = (
        list(_numbers(text, language, scaled)) for text, language in zip((source, target), languages, strict=True)
    )
    return bool(_unmatched(ours, theirs))


def _unmatched(ours: Sequence[_Number], theirs: Sequence[_Number]) -> bool:
    """Whether a number in digits is left without an equal. Digits find digits first, then words."""
    places = defaultdict[tuple[Fraction, bool], list[int]](list)
    for at, number in enumerate(theirs):
        for reading in number.readings:
            places[reading, number.in_digits].append(at)
    free, alone = set(range(len(theirs))), set(range(len(ours)))
    for our_digits, their_digits in ((True, True), (True, False), (False, True)):
        for at in sorted(alone):
            if ours[at].in_digits != our_digits:
                continue
            for reading in sorted(ours[at].readings, reverse=True):
                equals = places[reading, their_digits]
                while equals and equals[-1] not in free:
                    equals.pop()
                if equals:
                    free.discard(equals.pop())
                    alone.discard(at)
                    break
    return any(ours[at].in_digits for at in alone) or any(theirs[at].in_digits for at in free)


@dataclass(frozen=True, slots=True)
class _Numerals:
    """How a language writes numbers."""

    pattern: re.Pattern[str]
    scales: Mapping[str, int]
    in_words: Mapping[str, int]
    decimal: str


@lru_cache(maxsize=64)
def _numerals(language: str, scaled: bool) -> _Numerals:
    table = _SCALES.get(language, {}) if scaled else {}
    scales = {form: power for power, forms in table.items() for form in forms.split()}
    space = r"[\xa0\u202f]" if language == "en" else r"[ \xa0\u202f]"
    scale = "|".join(sorted(map(re.escape, scales), key=len, reverse=True)) or "(?!)"
    glued = "" if language in ("zh", "ja", "ko") else r"(?![^\W_])"
    pattern = re.compile(
        rf"""
        (?P<hour>\d{{1,2}})(?:[:.h](?P<minute>\d\d))?\s?(?:[ap]\.\s?m\b|[ap]m\b)
      | (?P<clock>\d{{1,2}})(?:(?::|h|\s?h\s?)(?P<minutes>\d\d)(?!\d)|\s?h(?:s|oras?)?\b)
      | (?P<digits>
            (?:(?<!\d[ \xa0\u202f])(?!0)\d{{1,3}}(?:{space}\d{{3}}(?!\d)){{1,9}}
            | \d{{1,30}}(?:[.,'’]\d{{3}}(?!\d)){{0,9}})
            (?:[.,]\d{{1,30}})?
          | (?<![\w.,])[.,]\d{{1,30}}
        )
        (?:(?P<decade>['’]?s\b)|[\s\xa0-]?(?P<scale>{scale}){glued}(?:\s(?P<second>{scale}){glued})?)?
      | (?P<word>[^\W\d_]+(?:-[^\W\d_]+)*)
        """,
        re.VERBOSE | re.IGNORECASE,
    )
    return _Numerals(pattern, scales, _words_for_numbers(language), _DECIMAL.get(language, ""))


def _words_for_numbers(language: str) -> dict[str, int]:
    values = dict[str, int]()
    for table, step, first in ((_MONTHS, 1, 1), (_HUNDREDS, 100, 2), (_TENS, 10, 2), (_UNITS, 1, 1)):
        for at, forms in enumerate(table.get(language, "").split(), first):
            values |= dict.fromkeys(forms.split(","), at * step)
    return values


def _numbers(text: str, language: str, scaled: bool) -> Iterator[_Number]:
    numerals = _numerals(language, scaled)
    spelled = list[re.Match[str]]()
    for match in numerals.pattern.finditer(text):
        if match["word"]:
            spelled.append(match)
        elif hour := match["hour"] or match["clock"]:
            minute = match["minute"] or match["minutes"]
            yield _Number(frozenset({Fraction(int(hour)), Fraction((int(hour) + 12) % 24)}), True)
            if minute and int(minute):
                yield _Number(frozenset({Fraction(int(minute))}), True)
        else:
            yield _Number(_readings(match, numerals) | _end_of_years(text, match), True)
    yield from _spelled(spelled, numerals)


def _end_of_years(text: str, match: re.Match[str]) -> frozenset[Fraction]:
    """What 53 means in 1950-53."""
    years = _YEARS.match(text, max(0, match.start() - 5))
    return (
        frozenset({Fraction(int(years[1]) * 100 + int(years[2]))})
        if years and years.end() == match.end()
        else frozenset()
    )


def _powers(text: str, language: str, scaled: bool) -> list[int]:
    """The powers of ten that are written as words after digits."""
    numerals = _numerals(language, scaled)
    matches = [match for match in numerals.pattern.finditer(text) if match["scale"]]
    return sorted(_power(match, numerals.scales) for match in matches)


def _power(match: re.Match[str], scales: Mapping[str, int]) -> int:
    return sum(scales.get(form.lower(), 0) for form in (match["scale"], match["second"]) if form)


def _readings(match: re.Match[str], numerals: _Numerals) -> frozenset[Fraction]:
    values = _values(match["digits"], numerals.decimal)
    if match["decade"]:
        return values | {value % 100 for value in values} | {1900 + value for value in values if value < 100}
    scaled = frozenset(value * 10 ** _power(match, numerals.scales) for value in values)
    return scaled | values if match["scale"] and match["scale"].lower() in _UNSURE_SCALES else scaled


def _values(digits: str, decimal: str) -> frozenset[Fraction]:
    """What digits with separators mean; both ways where only the language could tell and nobody knows its habit."""
    if not digits[0].isdigit():
        return frozenset({Fraction(int(digits[1:]), 10 ** len(digits[1:]))})
    *groups, last = re.split(r"\D", digits)
    whole = Fraction(int("".join((*groups, last))))
    fraction = whole / 10 ** len(last)
    marks = re.findall(r"\D", digits)
    if not marks:
        return frozenset({whole})
    if len(last) != 3 or (len(set(marks)) > 1 and marks[-1] in ".,"):
        return frozenset({fraction})
    if len(marks) > 1 or marks[-1] not in ".,":
        return frozenset({whole})
    return frozenset({whole, fraction} if not decimal else {fraction} if marks[-1] == decimal else {whole})


def _spelled(found: Sequence[re.Match[str]], numerals: _Numerals) -> Iterator[_Number]:
    """Numbers in words, months and Roman numerals: each by itself, and what neighbours make: forty-two."""
    total, current, position = Fraction(0), Fraction(0), -9
    for match in found:
        for word in match["word"].split("-") if match["word"].lower() not in numerals.in_words else [match["word"]]:
            value = _value(word, numerals)
            if value is None:
                if word.lower() not in ("and", "e"):
                    total, current = Fraction(0), Fraction(0)
                continue
            if match.start() - position > 3:
                total, current = Fraction(0), Fraction(0)
            yield _Number(frozenset({value}), False)
            if value == 100:
                current = max(current, Fraction(1)) * 100
            elif value >= 1000:
                total, current = total + max(current, Fraction(1)) * value, Fraction(0)
            else:
                current += value
            if total + current != value:
                yield _Number(frozenset({total + current}), False)
            position = match.end()


def _value(word: str, numerals: _Numerals) -> Fraction | None:
    lower = word.lower()
    if lower in numerals.in_words:
        return Fraction(numerals.in_words[lower])
    if lower in numerals.scales and lower not in _UNSURE_SCALES:
        return Fraction(10 ** numerals.scales[lower])
    if word != "I" and _ROMAN.fullmatch(word):
        digits = [_ROMAN_DIGITS[letter] for letter in word]
        following = [*digits[1:], 0]
        return Fraction(sum(-d if d < after else d for d, after in zip(digits, following, strict=True)))
    return None


def _currencies_differ(source: str, target: str, pair: LanguagePair) -> bool:
    """Whether one currency took another's place, or a sign at a number vanished."""
    if not {pair.source.primary, pair.target.primary} <= _CURRENCIES_IN:
        return False
    lower = source.lower()
    if not any(hint in lower for hint in _MONEY_HINTS):  # as in most sentences, and found at once
        return False
    ours, theirs = ({m.lastgroup for m in _CURRENCY.finditer(text)} for text in (source, target))
    return bool(ours - theirs and theirs - ours) or bool(ours and not theirs and _MONEY.search(source))


def _negations_differ(source: str, target: str, pair: LanguagePair) -> bool:
    languages = (pair.source.primary, pair.target.primary)
    if any(language not in _NEGATIONS for language in languages):
        return False
    (ours, our_any), (theirs, their_any) = (
        _denials(text.replace("’", "'"), language) for text, language in zip((source, target), languages, strict=True)
    )
    return (ours and not their_any) or (theirs and not our_any)


def _denials(text: str, language: str) -> tuple[bool, bool]:
    """Whether a text denies something for certain, and whether it may."""
    certain, possible = _negation_patterns(language)
    denies = certain.search(text) is not None
    return denies, denies or possible.search(text) is not None


@lru_cache(maxsize=16)
def _negation_patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    certain, possible = _NEGATIONS[language]
    return tuple(re.compile(rf"(?<!\w)(?:{forms})(?!\w)", re.IGNORECASE) for forms in (certain, possible))  # type: ignore[return-value]


def _names_differ(source: str, target: str, pair: LanguagePair) -> bool:
    """Whether a name that is the same wherever Latin letters are written has nothing like it in the target."""
    if not all(may_be(language.primary, Script.LATIN, 0) for language in (pair.source, pair.target)):
        return False
    there = {_key(word) for word in words(target, None)}
    return any(not there.intersection(map(_key, words(name, None))) for name in _names(source, pair.source))


def _names(text: str, language: Language) -> Iterator[str]:
    """Names of several words, none of them translated as a rule or an acronym, and names with capitals inside."""
    yield from _CAMEL.findall(text)
    found = words(text, None)
    if language.primary not in _TRANSLATED or 5 * sum(word[0].isupper() for word in found) > 3 * len(found):
        return
    translated, starters = _translated(language.primary), profile(language).starters
    for match in _NAME.finditer(text):
        name = match[0].split(" ")
        if not _MID_SENTENCE.search(text[max(0, match.start() - 2) : match.start()]) and name[0] in starters:
            name = name[1:]
        if len(name) > 1 and not any(map(str.isupper, name)) and translated.isdisjoint(map(_stem, name)):
            yield " ".join(name)


@lru_cache(maxsize=16)
def _translated(language: str) -> frozenset[str]:
    return frozenset(_TRANSLATED[language].split())


def _key(word: str) -> str:
    return _stem(word)[:4]


def _stem(word: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    return plain.removesuffix("'s").removesuffix("’s")


def _quotes_differ(source: str, target: str, pair: LanguagePair) -> bool:
    """Whether one has quotations and the other none, or more than one mark less; single marks count where they open."""
    if not _QUOTES_NAMES.isdisjoint((pair.source.primary, pair.target.primary)):
        return False
    ours, theirs = (
        len(_DOUBLE_QUOTES.findall(text)) + 2 * len(_SINGLE_QUOTATIONS.findall(text)) for text in (source, target)
    )
    return abs(ours - theirs) > 1 or (ours == 0) != (theirs == 0)


def _is_odd_length(source: str, target: str, pair: LanguagePair) -> bool:
    """Whether the target is much longer or shorter than translations into its language are."""
    ours, theirs = (_VERBOSITY.get(language.primary) for language in (pair.source, pair.target))
    if not ours or not theirs:
        return False
    source_chars, target_chars = len(source.strip()) / ours, len(target.strip()) / theirs
    if source_chars < _MIN_CHARS:
        return target_chars > 3 * _MIN_CHARS
    spread = max(_MIN_SPREAD, _SPREAD / sqrt(source_chars))
    if not {pair.source.primary, pair.target.primary} <= _KINDRED:
        spread *= _OTHER_KIND
    return abs(log(max(target_chars, 1) / source_chars)) > _SPREADS * spread


def _has_more_brackets(source: str, target: str) -> bool:
    """Whether the target has a bracket of its own: small models end a name with "(in English)", or just "("."""
    return target.count("(") + target.count("（") > source.count("(") + source.count("（")


def _is_cut(source: str, target: str, pair: LanguagePair) -> bool:
    """Whether the target is empty, or lacks both the source's end and some of its length."""
    if not target.strip():
        return True
    if not _is_stopped(source) or _is_stopped(target):
        return False
    ours, theirs = (_VERBOSITY.get(language.primary, 1.0) for language in (pair.source, pair.target))
    return len(target) / theirs < _CUT_RATIO * len(source) / ours


def _is_stopped(text: str) -> bool:
    return text.rstrip().rstrip(_CLOSERS).endswith(tuple(_STOPS))


def _is_echo(source: Sequence[str], target: Sequence[str], pair: LanguagePair) -> bool:
    """Whether the sentence, or several words of it that are no name, came back untranslated."""
    lower = sum(word.islower() for word in source)
    if lower >= 3 and [word.casefold() for word in source] == [word.casefold() for word in target]:
        return True
    own = _own_words(pair)
    runs = {tuple(source[at : at + _REST_WORDS]) for at in range(len(source) - _REST_WORDS + 1)}
    copied = (
        run for at in range(len(target) - _REST_WORDS + 1) if (run := tuple(target[at : at + _REST_WORDS])) in runs
    )
    return any(sum(map(str.islower, run)) >= _REST_LOWER and len(own.intersection(run)) >= 2 for run in copied)


@lru_cache(maxsize=64)
def _own_words(pair: LanguagePair) -> frozenset[str]:
    """The small words that the source language has and the target language has not."""
    ours, theirs = (_FUNCTION_WORDS.get(language.primary, "").split() for language in (pair.source, pair.target))
    return frozenset(ours) - frozenset(theirs)


def _is_loop(source: Sequence[str], target: Sequence[str]) -> bool:
    """Whether words are said again at once: three times, or two or more words twice, and not so in the source."""
    ours, theirs = ([word.casefold() for word in text] for text in (source, target))
    if len(set(theirs)) == len(theirs):
        return False
    for length in range(1, _LONGEST_LOOP + 1):
        times = _repeats(theirs, length)
        if times >= (3 if length == 1 else 2) and times > _repeats(ours, length):
            return True
    return False


def _repeats(text: Sequence[str], length: int) -> int:
    """How many times a run of so many words is said in succession, at most."""
    said_before = list(map(eq, text[length:], text))
    if not any(said_before):  # as in most sentences, and found at once
        return 1
    longest = run = 0
    for is_said_again in said_before:
        run = run + 1 if is_said_again else 0
        longest = max(longest, run)
    return 1 + longest // length


def _stutters(source: Sequence[str], target: Sequence[str]) -> bool:
    """Whether a word says a syllable four times and more, and none of the source does."""

    def stutters(word: str) -> bool:
        return 2 * len(set(word)) <= len(word) > 3 and _STUTTER.search(word) is not None

    return any(map(stutters, target)) and not any(map(stutters, source))


_CHECKS: _Checks = {
    Flag.LOOP: lambda it: _is_loop(it.source_words, it.target_words) or _stutters(it.source_words, it.target_words),
    Flag.ECHO: lambda it: _is_echo(it.source_words, it.target_words, it.pair),
    Flag.CUT: lambda it: _is_cut(it.source, it.target, it.pair),
    Flag.LENGTH: lambda it: _is_odd_length(it.bare_source, it.bare_target, it.pair),
    Flag.ADDED: lambda it: _has_more_brackets(it.source, it.target),
    Flag.URLS: lambda it: it.lost,
    Flag.NUMBERS: lambda it: _numbers_differ(it.bare_source, it.bare_target, it.pair),
    Flag.CURRENCY: lambda it: _currencies_differ(it.bare_source, it.bare_target, it.pair),
    Flag.NEGATION: lambda it: _negations_differ(it.source, it.target, it.pair),
    Flag.NAMES: lambda it: _names_differ(it.bare_source, it.bare_target, it.pair),
    Flag.QUOTES: lambda it: _quotes_differ(it.bare_source, it.bare_target, it.pair),
}
_RETRY_CHECKS = {flag: check for flag, check in _CHECKS.items() if flag in RETRY}
