from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model import Ends, Language
from services.text import abbreviations
from services.text.segment import MAX_CHARS, Segmented, segment

EN = Language("en")
# A bar marks where a segment ends; it is no part of the text.
SENTENCES = {
    "en": [
        "The vote failed. | Nobody was surprised! | Who had paid? | We may never know… | It is over.",
        "Mr./Mrs. Reyes met Dr. Okafor and Lt. Col. Hale. | They shook hands.",
        "Sens. Ruiz and Gov. Dale agreed. | So did Rep. Moss.",
        "J.K. Rowling and George R. R. Martin read aloud. | John F. Kennedy did not.",
        "The U.S. Senate left the U.S. | The House stayed in Washington, D.C. for a day.",
        "He works for Acme Inc. in Boston. | She left Acme Inc. | It closed. | Acme Corp. Chairman Li resigned.",
        "Doors open at 3 p.m. Monday. | They close at 9 p.m. | Police will be there at 7 a.m. EST sharp.",
        "Bring water, food, etc. to the hall. | Bring maps, pens, etc. | Leave the dog.",
        "Prices rose 3.5 percent to $1.20. | See No. 5, p. 12 and Fig. 3 on example.com or ask ed.desk@example.com.",
        "It fell on Sept. 5 in St. Louis, e.g. near the river. | Rain followed.",
        "The plan has parts.\n|1. Build it.\n|2. Sell it.",
        '"I won. | I am happy." | He left.',
        '"Is it true?" asked Ann. | "Run!" he said. | \'Stop!\' she cried.',
        '"Is it true?" Ann Lee asked. | "It is." | Ann nodded.',
        "He sighed... and went on. | Then... | Nothing.",
        "She left (he did not.) | They met again [in May].",
        "Papers, e.g. The Crier, maps etc.; The Bell; Rome; sold out.",
        "She turned 30. | Friends came.",
        "So do I. | The iPhone sells. | iPhone sales rose. | But eBay fell.",
        "“Go!” | “Why?” | ‘Because.’",
        "Wait — what?! — she asked. | No one spoke.",
    ],
    "pt": [
        "O Sr. Silva e a Dra. Lopes chegaram. | A sessão começou às 9h30.",
        "O art. 5 da lei vale. | Veja a pág. 12, p. ex. a nota. | Custa R$ 1.500,00.",
        "«Ganhámos!», disse ela. | «É o fim.» | Ninguém respondeu.",
        "— Vens? — perguntou o João. | — Não. | — Então adeus.",
        "Vive na Av. Brasil, n.º 10. | O Prof. Dr. A. Costa também.",
    ],
    "es": [
        "¿Quién es? | ¡Nadie! | El Sr. Ruiz y la Sra. La Torre salieron.",
        "«¿Vienes?», preguntó Ana. | «No.» | Y se fue.",
        "El presidente de EE. UU. Biden habló. | Vive en EE. UU. | El resto calló.",
        "Cuesta 1.234,50 euros (pág. 4). | ¿y qué?",
    ],
    "fr": [
        "M. Dupont et Mme. Roy sont venus. | Ils sont repartis à 18 h. | L’art. 3 le dit.",
        "« C’est fini. » | Il est parti. | « Vraiment ? » demanda-t-elle. | « Oui ! »",
        "Voir p. ex. la note. | J.-P. Morel est là.",
    ],
    "de": [
        "Am 3. Oktober feiert Dr. Weiß z. B. in Köln. | Das 19. Jahrhundert ist vorbei.",
        "Er kam 1990. | Sie ging, d. h. sie floh. | Das kostet ca. 5 Mio. Euro.",
        "„Ich bleibe.“ | „Warum?“, fragte er. | »Darum.« | Sie schwieg.",
        "Sie wurde 30. | Das war im Mai. | Er wohnt in der Nr. 12 bzw. Nr. 14.",
    ],
    "pl": [
        "Prof. Nowak i ks. Lis byli na ul. Długiej. | To prawda.",
        "W XX w. było inaczej. | Dnia 3. Pułk wyruszył. | Koszt to 5 tys. zł. | Nikt nie zapłacił.",
        "„Naprawdę?” – zapytał. | „Tak.” | Wyszedł.",
        "Pomógł im. | Potem wrócili do Szkoły im. Jana Pawła II. | NATO (ang. North Atlantic Treaty) milczy.",
    ],
    "ru": [
        "Он живёт на ул. Ленина в г. Москва. | Дом большой.",
        "Это было в 2018 г. | Москва ждала. | Т. е. все ждали, т.е. молчали.",
        "А. С. Пушкин писал. | «Что?» — спросил он. | — Ничего. | — Ладно.",
        "Выпало 10 см. | Снег растаял. | Цена — 5 тыс. руб. за тонну.",
        "— Я победил, — сказал он. | — Я счастлив.",
    ],
    "uk": ["Він живе на вул. Франка. | Забили гол. | «Чому?» — спитала вона."],
    "ar": ["وصل د. أحمد إلى القاهرة. | هل نام؟ | نعم! | قال: لا.", "ولد عام 1950 م. | ثم سافر."],
    "ur": ["وہ آیا۔ | وہ گیا۔"],
    "zh": [
        "他来了。|她走了！|真的吗？|“我赢了。”他说。|“好！”|大家都笑了……然后回家。|“快！”，他叫P. Diddy、P. Diddy。",
        "他说：“我们走吧。”|随后大家离开。|价格是3.5元（约合0.5美元）。|完了。",
        "会议结束。“|“下一个是谁？”",
    ],
    "ja": [
        "雨が降った。|「行こう。」と彼は言った。|「いつ？」|誰も答えない。",
        "本当か?|はい!|とても寒い。|「もう遅い。」って母が笑った。",
        "彼は来た（遅れて。）|終わり。",
    ],
    "ko": [
        '비가 왔다. | 그는 웃었다! | 왜 그랬을까? | "간다."라고 그가 말했다. | 끝났다.',
        "“안 간다.” 김 씨가 말했다. | 모두 웃었다.",
        "“춥다.” 라고 했다. | 3.5도였다.",
    ],
    "hi": ["वह आया। | क्या वह गया? | हाँ! | डॉ. शर्मा घर पर हैं।|वह सो गया॥"],
    "el": ["Ποιος είναι; | Δεν ξέρω."],
    "sv": ["Hon kom i maj. | Det sa hon. | Han gick, t.ex. hem."],
    "ka": ["ის მოვიდა. | ის წავიდა."],
    "xx": ["Kino i Mr. Bo. | 3.5 kilo! | Na?"],
}

# A line of the table is a line of the text; a bar ends a segment.
LINES = [
    "Shark hurts a swimmer|\nA shark hurt a swimmer on Sunday.|\nHe is well.",
    "One|\n\ntwo|\r\n\r\nthree|\u2029four",
    "The council has approved a plan to rebuild the old harbour\nafter ten years of talks.",
    "The council has approved a plan to rebuild the old harbour.|\nafter ten years of talks",
    "The council has approved a plan to rebuild the old harbour|\n\nafter ten years of talks",
    "The council has approved a plan to rebuild the old harbour|\nA decade of talks comes to an end",
    "The council agreed|\nafter ten years",
    "The council has approved a plan to rebuild the old harbour with|\n"
    "- stone from the quarries in the north of the island,|\n"
    "* steel from the mills, which have been idle since May|\n"
    "• glass from wherever it may be had for little money,|\n"
    "2) wood",
    "The plan that the council of the old town made for the harbour\n"
    "wants stone, steel and much glass, of which there is never enough|\n"
    "* in the quarries of the north, where the men have been on strike|\n"
    "1. in the mills along the river",
    "Council to rebuild the old harbour\n|"
    "The council has approved a plan to rebuild the harbour of Port\n"
    "Arthur, where ships of the line lay for a hundred years and Mr.\n"
    "Smith was born. |Ten years of talks, led by the former governor\n"
    "Robert Miles, are over.\n\n|"
    "Work will start in the spring, said the head of the port, Anna\n"
    "Lee.",
]


def marked(text: str) -> tuple[str, list[str]]:
    return text.replace("|", ""), [part.strip() for part in text.split("|")]


@pytest.mark.parametrize(
    ("tag", "example"), [(tag, example) for tag, examples in SENTENCES.items() for example in examples]
)
def test_sentences_end_where_a_reader_ends_them(tag: str, example: str) -> None:
    text, sentences = marked(example.replace(" | ", " |"))
    assert segment(text, Language(tag)).texts == sentences


@pytest.mark.parametrize("example", LINES)
def test_a_line_break_ends_a_segment_unless_the_line_was_wrapped(example: str) -> None:
    text, segments = marked(example)
    assert segment(text, Language("en")).texts == segments


@pytest.mark.parametrize(
    "example",
    [
        "The ferry\u2028sailed again on Monday. |It was full.",
        "The ferry sailed.|\u2028It was full.|\u2028\u2028It came back.",
        "Ferry returns|\u2028The ferry sailed again.",
        "Two things:|\u2028- milk,|\u2028- bread",
        "The council has approved a plan to rebuild the old harbour|\u2029after ten years of talks",
        "The ferry|\u2029sailed again.",
    ],
)
def test_a_line_separator_goes_on_as_a_wrapped_line_does_and_a_paragraph_separator_ends(example: str) -> None:
    text, segments = marked(example)
    split = segment(text, Language("en"))
    assert split.texts == segments
    assert split.join(split.texts) == text


@pytest.mark.parametrize("example", [one for one in LINES if "agreed|" not in one])  # a short line
@pytest.mark.parametrize(("feeds", "separator"), [("\n\n", "\u2029"), ("\n", "\u2028")])
def test_separators_are_as_good_as_line_feeds(example: str, feeds: str, separator: str) -> None:
    text, _ = marked(example.replace("\r\n", "\n"))
    separated = segment(text.replace(feeds, separator), EN).texts
    assert [one.split() for one in separated] == [one.split() for one in segment(text, EN).texts]


def test_a_region_does_not_change_the_abbreviations() -> None:
    assert len(segment("O Sr. Silva saiu.", Language("pt-BR")).spans) == 1


def test_an_abbreviation_holds_in_its_own_language() -> None:
    text = "Der Hr. Berg kam."
    assert len(segment(text, Language("de")).spans) == 1
    assert len(segment(text, Language("en")).spans) == 2


def test_without_a_language_what_most_languages_share_still_holds() -> None:
    assert segment("Mr. Reyes met Dr. Okafor. They left.").texts == ["Mr. Reyes met Dr. Okafor.", "They left."]


def test_no_abbreviation_is_longer_than_the_search_for_it() -> None:
    for table in (abbreviations._TITLES, abbreviations._WORDS, abbreviations._NUMBERED):
        words = (word for words in table.values() for word in words.split())
        assert all(len(word) <= abbreviations.LONGEST_CHARS for word in words)


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\u3000\u2028"])
def test_white_space_has_no_segments(text: str) -> None:
    assert segment(text) == Segmented(text, ())


def test_join_keeps_the_white_space_between_segments() -> None:
    split = segment("\n  One.\u00a0 Two.\r\n\r\nThree. \t")
    assert split.join(["1", "2", "3"]) == "\n  1\u00a0 2\r\n\r\n3 \t"


@pytest.mark.parametrize("texts", [[], ["one"], ["one", "two", "three"]])
def test_join_wants_one_text_for_each_segment(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="zip"):
        segment("One. Two.").join(texts)


@pytest.mark.parametrize(
    ("clause", "mark"),
    [
        ("word, word word; ", ";"),
        ("word word word, ", ","),
        ("word word ", "d"),
        ("词语词语，词语；", "；"),
        ("词，词语", "，"),
    ],
)
def test_a_sentence_that_is_too_long_is_cut_where_a_clause_ends(clause: str, mark: str) -> None:
    texts = segment(clause * (20_000 // len(clause))).texts
    assert all(text.endswith(mark) for text in texts[:-1])
    assert all(MAX_CHARS // 2 < len(text) <= MAX_CHARS for text in texts)


@pytest.mark.parametrize("cluster", ["e\u0301", "कि", "👩\u200d🔬", "👍🏽"])
def test_a_cut_without_a_clause_does_not_split_a_cluster(cluster: str) -> None:
    text = "x" + cluster * MAX_CHARS
    assert all(len(part.removeprefix("x")) % len(cluster) == 0 for part in segment(text).texts)


# Quotes, stops and breaks by the handful: where a rule is likely to trip over another.
_DENSE = st.text(st.sampled_from("aA1 .!?…。？\"'“”«»()—-,;:\n\r\t\u00a0と\u0301\u200d"), max_size=60)
_LONG = st.builds(str.__mul__, _DENSE, st.integers(1, 200))


@pytest.mark.parametrize("tag", [None, "en", "de", "ja"])
@given(text=st.text() | _DENSE | _LONG)
def test_segments_are_ink_in_order_and_white_space_is_all_between(tag: str | None, text: str) -> None:
    split = segment(text, Language(tag) if tag else None)
    assert split.join(split.texts) == text
    assert all(part and part == part.strip() and len(part) <= MAX_CHARS for part in split.texts)
    assert all(end <= start for (_, end), (start, _) in pairwise(split.spans))
    assert not split.join([""] * len(split.spans)).strip()
    assert segment(text, Language(tag) if tag else None) == split


@pytest.mark.parametrize(
    "unit", ["a", ".", " ", '"', "\n", "A. ", '. "', "a\n", "。」", '"A?" ', "?" * 9 + "a", "\u0301"]
)
def test_a_monotonous_text_of_a_million_characters_is_split_too(unit: str) -> None:
    split = segment(unit * (1_000_000 // len(unit)))
    assert split.join(split.texts) == split.text


@given(st.text(), st.sampled_from(Ends))
def test_whatever_ends_a_sentence_the_text_comes_back(text: str, ends: Ends) -> None:
    split = segment(text, EN, ends)
    assert split.join(split.texts) == text
    assert not "".join(text[a[1] : b[0]] for a, b in pairwise(((0, 0), *split.spans, (len(text), len(text))))).strip()


_WRAPPED = "It was a very long line that had been wrapped by a mailer"


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (Ends.USUAL, [f"{_WRAPPED}\nand went on.", "Then it ended.", "No", "Yes"]),
        (Ends.LINES, [_WRAPPED, "and went on.", "Then it ended.", "No", "Yes"]),
        (Ends.PUNCTUATION, [f"{_WRAPPED}\nand went on.", "Then it ended.", "No\n\nYes"]),
        (Ends.NOTHING, [f"{_WRAPPED}\nand went on. Then it ended.\nNo\n\nYes"]),
    ],
)
def test_what_ends_a_sentence_can_be_said(ends: Ends, expected: list[str]) -> None:
    assert segment(f" {_WRAPPED}\nand went on. Then it ended.\nNo\n\nYes\n", EN, ends).texts == expected
