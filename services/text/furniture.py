"""What stands on a news page and is no part of the story: by-lines, "read more", photo credits, copyright."""

import re
from functools import lru_cache

from services.patterns import pattern
from services.text.bylines import by_line_names

_LONGEST_CHARS = 400  # a longer sentence tells something, whatever it begins with
_OPENING = re.compile(r"[\s\W_]+")
_CLOSING = r"[\s\W_]*\Z"
_DATE = (  # nothing but a date and a time follows: "Published on Tuesday, the report says" is news
    r"(?:\W+(?:\d\w*|\w{1,4}|\w+day|january|february|march|april|june|july|august|september|october|november|december"
    r"|janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|\w+-feira"
    r"|enero|febrero|marzo|mayo|junio|julio|septiembre|octubre|noviembre|diciembre"
    r"|janvier|février|avril|juillet|septembre|octobre|novembre|décembre|eastern|pacific|local))*"
) + _CLOSING

# The words that such a line begins with, in lower case, and what follows them.
_BEGINNINGS = (
    # English
    r"(?:please )?(?:read|see|watch|hear|learn) (?:more|also|next|related|the full)\b",
    r"(?:also|more) (?:read|from|on this|about this|stories|coverage)\b.{0,40}" + _CLOSING,
    r"(?:click|tap|scroll|swipe) (?:here|down|up|below|through|on|for|to)\b",
    r"(?:please )?(?:sign up|subscribe|log ?in|register|donate) (?:for|to|now|here|today|with|and|by|at|via)\b",
    r"(?:you can )?(?:follow|like|find|join|tweet|contact|email|e-mail|connect with)"
    r" (?:@|us\b|me\b|(?:him|her|them|it|\w+(?: \w+)?) on (?:twitter|x|facebook|instagram)\b"
    r"|your\b|the conversation\b)",
    r"(?:share|email|e-mail|tell us|send us) (?:this|your|on)\b",
    r"(?:download|get) (?:the|our|your) (?:\w+ ){0,3}(?:app|newsletters?|alerts?|podcast)\b",
    r"this (?:story|article|post) (?:was|has been|is|originally|first) (?:first |also )?(?:originally )?"
    r"(?:published|updated|appeared|corrected|amended|syndicated|produced|developing|breaking|part of)\b",
    r"(?:additional |with )?(?:reporting|writing|editing|edited|compiled|written|photos|photography|graphics) by\b",
    r"(?:continue reading|story continues|article continues|skip advertisement|view comments|show comments)\b",
    r"(?:media playback|(?:sorry,? )?we are not currently accepting|comments are closed)\b",
    r"for (?:more|further|the latest) (?:information|about|on|details|stories|news|coverage)\b.{0,60}"
    r"(?:visit|click|see|go to|call|follow|contact|read|sign up)\b",
    r"(?:visit|browse) (?:our|us|www|http)|thank you for (?:reading|watching|using|subscribing|listening)\b",
    r"(?:please )?(?:support|help) (?:\w+ ){0,3}journalism\b|have your say\b|got a (?:tip|story)\b|leave a comment\b",
    r"(?:tell us|let us know) (?:what|in|how|if)\b|do you have (?:a|any) (?:story|tip|question)\b",
    r"find (?:all the|out more|more|us)\b|stay (?:tuned|up to date|informed)\b|don't miss\b|never miss\b",
    r"(?:image|video|media|photo|picture) (?:caption|credits?|source|gallery)\b",
    r"(?:last |first )?(?:published|updated|posted|modified)" + _DATE,
    # Portuguese
    r"(?:leia|veja|saiba|ouça|assista|confira|entenda) (?:mais|também|ainda|tamb[eé]m|a íntegra|aqui|abaixo|outras)\b",
    r"(?:clique|acesse|toque) (?:aqui|no link|em|para|e)\b",
    r"(?:assine|inscreva-se|cadastre-se|inscreva|siga|acompanhe|curta|compartilhe|partilhe|receba|baixe|participe)"
    r" (?:já|aqui|agora|n?[oa]s?\b|d[oa]s?\b|nosso|nossa|est[ea]|as notícias|para receber|gratuitamente)",
    r"com (?:informações|reportagem) d[aeo]s?\b.{0,80}" + _CLOSING,
    r"colabor(?:ou|aram)(?::|" + _CLOSING + ")",
    r"(?:deixe|envie|mande|dê) (?:o |a |sua |seu )?(?:coment|opini|sugest)\w+|apoie o jornalismo\b|tem alguma dica\b",
    r"continua (?:após|depois|a seguir)\b|(?:depois da|após a) publicidade\b",
    r"(?:publicad|(?:atu|actu)alizad|modificad)[oa]" + _DATE,
    # Spanish
    r"(?:lea|lee|vea|mira|ver|leer) (?:más|también|además|aquí|la nota completa)\b",
    r"(?:haz|haga) clic\b|te puede interesar\b|suscríb[ae]\w*|síguenos\b|sígue\w* en\b|regístrate\b",
    r"con información de\b.{0,80}" + _CLOSING + r"|continúa (?:leyendo|después)\b",
    # French
    r"(?:à )?(?:lire|voir|écouter|regarder) (?:aussi|également|la suite|plus|notre)\b",
    r"cliquez\b|abonnez-vous\b|inscrivez-vous\b|suivez-nous\b|partagez (?:cet|sur)\b",
    r"(?:publiée?|mise? à jour)" + _DATE,
    # German
    r"(?:lesen|sehen|hören|erfahren) sie (?:auch|mehr|hier|dazu)\b|mehr (?:dazu|zum thema|lesen)\b|weiterlesen\b",
    r"(?:lies|lest|hier) (?:auch|mehr|geht es zu|klicken)\b|klicken sie\b|abonnieren sie\b|folgen sie uns\b",
    # Italian
    r"(?:leggi|guarda) (?:anche|tutto|di più|l'articolo)\b|clicca (?:qui|per)\b|iscriviti\b|seguici\b|abbonati\b",
    # Dutch, Polish, Russian, Ukrainian, Turkish
    r"lees (?:ook|meer|verder)\b|klik hier\b|volg ons\b|czytaj (?:też|także|więcej)\b|zobacz (?:też|także|również)\b",
    r"(?:читайте|смотрите) (?:также|ещё|еще|нас)\b|подпис(?:ывайтесь|аться|ывайся|ывай)\b|читайте також\b",
    r"підпис(?:уйтесь|уйся)\b|ayrıca oku\w*|devamını oku\w*|bizi takip\b",
    # Arabic, Chinese, Japanese, Korean
    r"(?:اقرأ|إقرأ|شاهد) (?:أيضا|المزيد|أيضًا)|تابعونا|اشترك الآن",
    r"延伸阅读|延伸閱讀|相关(?:阅读|新闻|报道)|相關新聞|点击|點擊|责任编辑|責任編輯|(?:图片|圖片|资料)来源|编辑[:：]",
    r"続きを読む|関連記事|あわせて読みたい|무단 ?전재|구독하|관련 ?기사",
)
_LABELS = (
    r"(?:photos?|images?|pictures?|captions?|credits?|sources?|videos?|watch|related|tags?|topics|follow|opinion|graphic|"
    r"fotos?|fotografia|imagem|imagens|crédito|fontes?|vídeos?|legenda|relacionad[ao]s|assuntos|"
    r"imagen|fuente|foto|crédits?|vidéo|bild|quelle|autore?|auteur|autor|texto|edição|bron|źródło|фото|видео|источник|"
    r"图片来源|来源|來源|图|摄影|出典|写真|사진|출처|المصدر)"
)
_WHOLE = (  # nothing else in the line
    r"(?:advertisement|sponsored|publicidade|publicidad|publicité|werbung|anzeige|pubblicità|реклама|广告|廣告|광고|إعلان|"
    r"comments?|comentários|comentarios|share|compartilhar|compartir|partager|teilen|getty images?|reuters|da redação|"
    r"afp|associated press|epa|print|imprimir|email|newsletter|menu|home|loading|privacy policy"
    r"|terms of use|roll call|transcript|related articles?)"
)
_ANYWHERE = (
    "all rights reserved",
    "todos os direitos reservados",
    "todos los derechos reservados",
    "tous droits réservés",
    "alle rechte vorbehalten",
    "tutti i diritti riservati",
    "все права защищены",
    "版权所有",
    "版權所有",
    "無断転載",
    "무단 전재",
    "جميع الحقوق محفوظة",
    "contributed to this report",
    "contributed to this story",
    "contributed to this article",
    "contributed reporting",
    "contribuíram para esta reportagem",
    "contribuiu para esta reportagem",
    "contribuyó a este informe",
    "our newsletter",
    "nossa newsletter",
)
_COPYRIGHT = re.compile(r"\s*(?:©|(?:\(c\)|copyright)\s*(?:©|\(c\)|\d{4}))", re.IGNORECASE)
_BEGINS = pattern(rf"(?:{'|'.join(_BEGINNINGS)})|{_LABELS} ?[:：/]|{_WHOLE}{_CLOSING}")
_ADDRESS = ("https://", "http://", "www.", "pic.twitter.com", "@")
_MAX_WORDS_WITH_ADDRESS = 9

_TIME = re.compile(r"\b\d{1,2} ?[:.hH] ?\d{2}\b|\b[ap]\.?m\b|\b(?:19|20)\d\d\b")
_MAX_CHARS_OF_A_TIME = 60
_WORD = re.compile(r"[^\W\d_]{3,}")
_LETTER = re.compile(r"[^\W\d_]")


@lru_cache(maxsize=2048)  # asked for twice: what may be picked, and by any caller of the ranker
def is_furniture(sentence: str) -> bool:
    """Whether a sentence is a by-line, a time, a credit, a link to something else, or holds no words at all.

    It knows the phrases of some languages and the shapes of all. Takes any text; linear.
    """
    if not _LETTER.search(sentence):
        return True
    if len(sentence) > _LONGEST_CHARS:
        return False
    lower = sentence.lower()
    opening = _OPENING.match(lower)
    return bool(
        _BEGINS.match(lower, opening.end() if opening else 0)
        or any(phrase in lower for phrase in _ANYWHERE)
        or _COPYRIGHT.match(sentence)
        or by_line_names(sentence) is not None
        or _is_time(sentence)
        or _is_address(lower)
    )


def _is_time(sentence: str) -> bool:
    """`14:11 EST, 25 October 2013`: a time, and no word but with a capital."""
    return (
        len(sentence) <= _MAX_CHARS_OF_A_TIME
        and _TIME.search(sentence) is not None
        and all(word[0].isupper() for word in _WORD.findall(sentence))
    )


def _is_address(lower: str) -> bool:
    return any(sign in lower for sign in _ADDRESS) and len(lower.split()) <= _MAX_WORDS_WITH_ADDRESS
