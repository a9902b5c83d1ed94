"""Lines that say who wrote a story, and where: the words of some languages, and the classes that pages give them."""

import re

from services.patterns import pattern

_MAX_WORDS = 24
_WORD = re.compile(r"\d[\w:.]*|[\w.'’-]+|\S")
_AROUND = " \t\n\xa0（）【】.,;:…!*_|/•·–—-()[]\"'“”«»"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BY = _words("by por par von di door av af от від")
_FROM = _words("from de del da do dal dalla dallo van vom des")  # only before a role: De Gaulle is a name
_OUR = _words(
    "a an our own the nuestro nuestra nuestros nuestras el la los las nossa nosso nossos nossas o os as "
    "notre nos le les il lo nostro nostra nostri nostre unser unsere unserem unserer unseren onze de "
    "нашего нашей"
)
_PARTICLES = _words("al bin bint da das de del della den der des di do dos du el ibn la le ten ter van von zu")
_JOINING = _words("and e y et und en och og ed i и та & with com con avec mit met")
_PLACING = _words(
    "in at for from of on em en no na nos nas à a au aux aus für im nel nella da per w в из у para pour dans sur"
)
_ROLES = _words(
    # English
    "columnist columnists contributor contributors correspondent correspondents critic editor editors journalist "
    "journalists reporter reporters staff writer writers photographer analyst bureau "
    # Portuguese, Spanish
    "correspondente correspondentes enviado enviada enviados enviadas editora jornalista jornalistas repórter "
    "repórteres redação redacção redator redatora colunista agência corresponsal corresponsales reportero reportera "
    "periodista periodistas redactor redactora redacción editor columnista agencia agencias agências colaborador "
    "colaboradora "
    # French, Italian
    "correspondant correspondante correspondants envoyé envoyée envoyés journaliste journalistes rédacteur rédactrice "
    "rédaction chroniqueur chroniqueuse inviato inviata inviati corrispondente giornalista redazione agence agences "
    # German, Dutch
    "korrespondent korrespondenten korrespondentin reporterin redakteur redakteurin redaktion journalistin "
    "verslaggever verslaggeefster correspondente redacteur redactrice redactie "
    # Polish, Swedish, Russian, Ukrainian
    "korespondent korespondentka dziennikarz dziennikarka korrespondenten reporter корреспондент "
    "корреспондента обозреватель обозревателя журналист журналиста кореспондент кореспондента"
)
_BEATS = _words(
    "affairs arts assistant associate bilingual business chief city climate crime culture data defence "
    "defense deputy diplomatic economic economics economy education energy environment europe european "
    "executive features finance financial foreign freelance global guest health home international "
    "investigations investigative legal local media medical military national news north west south east "
    "personal political politics regional religion royal science security senior social special sport "
    "sports technology travel white house transport world especial especiais especiales speciale speciali "
    "spécial spéciale spéciaux chefe jefe chef capo principal permanent permanente desportivo deportivo "
    "político política politique politico economia económica économique"
)
_TIMES = _words(
    "am pm a.m p.m h às la las le el um uhr updated published jan feb mar apr may jun jul aug sep oct nov "
    "dec janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro enero "
    "febrero marzo mayo junio julio septiembre octubre noviembre diciembre janvier février mars avril mai "
    "juin juillet août septembre octobre novembre décembre"
)
_KNOWN = _PARTICLES | _JOINING | _PLACING | _ROLES | _BEATS | _TIMES
_OUR_BEATS = _OUR | _BEATS
_BETWEEN = frozenset(",;|/•·–—-()@")
_OTHERS = pattern(  # scripts without capitals, where a name looks like any word
    r"""(?: (?:本报|本台|新华社|中新社|央视)? [\u4e00-\u9fff]{0,4} 记者 [\s:：]\s*
            [\u4e00-\u9fff]{2,4} (?:[\s、,，]+[\u4e00-\u9fff]{2,4}){0,5}
        | [가-힣]{2,4}(?:[\s·,]+[가-힣]{2,4}){0,3}\s?(?:기자|특파원) (?:\s+[\w.+-]+@[\w.-]+)?
        | (?:كتب|كتبت|بقلم|إعداد)\s?[:：–-]\s*[^\W\d_]+(?:\s+[^\W\d_]+){0,4}
        )\Z""",
    re.VERBOSE,
)

_PARTS_OF_A_CLASS = _words(
    "avatar bio block box byline card container date description details image info inner item items job "
    "line link list location meta name names position profile role row text time title top bottom vcard "
    "wrap wrapper"
)
_NO_CLASS = frozenset({"has", "hide", "no", "show", "with", "without"})  # of what is around the whole story


def by_line_names(sentence: str) -> tuple[str, ...] | None:
    """The names in a by-line, with none of the places and roles beside them; None if it is no by-line.

    A line is one if nothing in it could be the verb of a sentence. Linear.
    """
    sentence = sentence.strip(_AROUND)
    if _OTHERS.match(sentence):
        return ()
    opening, *words = _WORD.findall(sentence)[: _MAX_WORDS + 2] or [""]
    words = words[1:] if words[:1] == [":"] else words
    is_by = opening.lower() in _BY
    if len(words) > _MAX_WORDS or not (is_by or opening.lower() in _FROM):
        return None
    if not all(_may_stand_there(word) or word in _OUR for word in words):
        return None
    if _begins_with_a_role(words):
        return ()
    return names_in(" ".join(words)) if is_by and (not words or words[0][0].isupper()) else None


def is_by_line_class(name: str) -> bool:
    """Whether a class says so: byline, post-author, c-byline__name; has-author and author-jane are of the story."""
    words = re.split("[-_]+", name.lower())
    at = max((at for at, word in enumerate(words) if word in ("author", "authors")), default=len(words) - 1)
    if _NO_CLASS.intersection(words):
        return False
    if any(word.endswith(("byline", "bylines", "dateline")) for word in words):
        return True
    return words[at] in ("author", "authors") and _PARTS_OF_A_CLASS.issuperset(words[at + 1 :])


def _may_stand_there(word: str) -> bool:
    return word[0].isupper() or word[0].isdigit() or word in _BETWEEN or word.rstrip(".") in _KNOWN


def _begins_with_a_role(words: list[str]) -> bool:
    """`our special correspondent in Paris`."""
    return next((word.lower() in _ROLES for word in words if word.lower() not in _OUR_BEATS), False)


def names_in(by_line: str) -> tuple[str, ...]:
    """The names that a by-line begins with, up to the first place or role."""
    names = list[list[str]]([[]])
    for word in _WORD.findall(by_line):
        if word[0].isupper() or (names[-1] and word in _PARTICLES):
            names[-1].append(word)
        elif word in _JOINING:
            names.append([])
        else:
            break
    return tuple(" ".join(name) for name in names if name)
