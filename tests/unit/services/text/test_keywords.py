import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model import Language
from services.text.function_words import is_small
from services.text.keywords import keywords
from services.text.segment import segment

EN = Language("en")
ARTICLE = [
    "The ferry to the island of Grell sailed again on Monday.",
    "Mayor Ines Carvalho called the return of the ferry a relief.",
    "Carvalho said that the EU had paid for the propellers of the ferry.",
    "The propellers cost 1.2 million crowns, said Carvalho.",
]
SENTENCES = st.lists(st.one_of(st.text(), st.sampled_from(ARTICLE), st.text("ab AB渡轮。 ")), max_size=8)
LANGUAGES = st.sampled_from([None, *map(Language, ("en", "pt-BR", "de", "zh", "th", "sw"))])


@given(SENTENCES, st.integers(0, 20), LANGUAGES)
def test_keywords_are_stretches_of_the_text_with_falling_scores(
    sentences: list[str], count: int, language: Language | None
) -> None:
    found = keywords(sentences, count, language)
    assert len(found) <= count
    assert all(any(keyword.text in sentence for sentence in sentences) for keyword in found)
    scores = [keyword.score for keyword in found]
    assert scores == sorted(scores, reverse=True)
    assert scores[:1] in ([], [1.0])
    assert all(0 <= score <= 1 for score in scores)
    assert keywords(sentences, 20, language)[:count] == found


def texts(sentences: list[str], count: int, tag: str) -> list[str]:
    return [keyword.text for keyword in keywords(sentences, count, Language(tag))]


def test_names_stay_whole_and_small_words_are_left_out() -> None:
    found = texts(ARTICLE, 20, "en")
    assert found[:2] == ["Mayor Ines Carvalho", "ferry"]
    assert {"EU", "Grell", "propellers"} <= set(found)
    assert not {"Carvalho", "said", "again", "that", "the", "The", "Monday"} & set(found)


@pytest.mark.parametrize(
    ("tag", "sentences", "expected"),
    [
        ("pt", ["O governo elevou os juros.", "Os juros pesam, disse o governo ontem."], {"governo", "juros"}),
        ("de", ["Die Fähre fährt wieder.", "Eine Fähre wurde repariert."], {"Fähre"}),
        ("zh", ["渡轮恢复航行。", "工程师发现渡轮的螺旋桨有裂缝。", "新螺旋桨很贵。"], {"渡轮", "螺旋桨"}),
        ("ja", ["フェリーが運航を再開した。", "フェリーは新しい。"], {"フェリー"}),
        ("ru", ["Паром снова идёт.", "Новый паром дорог."], {"паром"}),
        ("ar", ["عادت العبارة إلى الميناء.", "العبارة جديدة."], {"العبارة"}),
        ("ko", ["페리가 다시 운항했다.", "서울 시장은 서울 시민에게 말했다."], {"서울"}),
    ],
)
def test_keywords_in_any_language(tag: str, sentences: list[str], expected: set[str]) -> None:
    assert expected <= {text if tag != "ru" else text.lower() for text in texts(sentences, 5, tag)}


STORIES = {
    "ar": "أعلنت وزارة الصحة أن الفيروس انتشر في ثلاث مدن. وقال الوزير إن هذا الفيروس الذي انتشر ليس خطيرا.",
    "bg": "Министърът заяви, че мостът ще бъде затворен. Обаче мостът, който свързва града, също трябва да има ремонт.",
    "de": "Der Minister sagte, dass die Brücke nicht mehr sicher sei. Diese Brücke wurde jedoch bereits geprüft.",
    "el": "Ο πρωθυπουργός δήλωσε ότι η γέφυρα είναι ακριβή. Όμως, σύμφωνα με αυτή, η γέφυρα πρέπει να κλείσει.",
    "es": "El ministro dijo que el puente también está cerrado. Sin embargo, el puente fue revisado hace poco.",
    "fa": "رئیس جمهور گفت که این پل در تهران ساخته می‌شود. او افزود که پل برای مردم است.",
    "fr": "Le ministre a déclaré que le pont était fermé. Cependant, le pont avait été contrôlé avant cette date.",
    "he": "ראש הממשלה אמר כי הממשלה תבנה את הגשר. הוא הוסיף כי הגשר הזה לא של העירייה.",
    "hi": "सरकार ने कहा कि पुल बनाया जाएगा। यह पुल नदी के ऊपर है और इससे लोगों को लाभ होगा।",
    "it": "Il ministro ha detto che il ponte è stato chiuso. Anche questo ponte, secondo lui, sarà sempre controllato.",
    "ko": "대통령은 다리가 건설될 것이라고 밝혔다. 하지만 이번 다리는 비싸다고 말했다.",
    "nl": "De minister zegt dat de brug volgens hem niet veilig is. Deze brug wordt daarom weer onderzocht.",
    "pl": "Prezydent powiedział, że most zostanie zamknięty. Jednak most, który jest stary, będzie także zburzony.",
    "ru": "Президент заявил, что мост будет построен. Однако мост, который нужен людям, стоит очень дорого.",
    "sv": "Ministern sade att bron enligt honom inte är säker. Denna bro skall också undersökas under våren.",
    "tr": "Başbakan köprünün yapılacağını söyledi. Ancak köprü için daha fazla para gerekiyor, çünkü köprü çok eski.",
    "uk": "Президент заявив, що міст буде побудовано. Проте міст, який також потрібен людям, коштує дуже дорого.",
}


@pytest.mark.parametrize(("tag", "story"), STORIES.items())
def test_no_small_word_is_a_keyword(tag: str, story: str) -> None:
    found = texts(segment(story, Language(tag)).texts, 20, tag)
    assert found
    assert [word for word in found if is_small(word, tag)] == []


@pytest.mark.parametrize(
    ("tag", "story", "expected"),
    [
        ("hi", STORIES["hi"], "पुल"),
        ("fa", STORIES["fa"], "پل"),
        ("ar", STORIES["ar"], "الفيروس"),
        ("zh", "台风周一在福建省登陆。学校停课。", "学校停课"),
        ("ja", "台風は九州に上陸した。", "九州"),
        ("th", "พายุไต้ฝุ่นเข้าเวียดนาม รัฐบาลเวียดนามเตือนพายุไต้ฝุ่น", "เวียดนาม"),
    ],
)
def test_words_are_whole_in_any_script(tag: str, story: str, expected: str) -> None:
    assert expected in texts(segment(story, Language(tag)).texts, 20, tag)


@pytest.mark.parametrize("agency", ["Reuters", "AP", "AFP", "Associated Press", "dpa", "Lusa", "EFE", "路透社", "ТАСС"])
def test_agencies_are_no_keywords(agency: str) -> None:
    sentences = [f"LISBON ({agency}) - The ferry sailed, {agency} said.", f"The ferry is new, said {agency} News."]
    assert all(agency not in found for found in texts(sentences, 20, "en"))


def test_authors_are_no_keywords_but_others_of_their_name_are() -> None:
    sentences = ["Ana Silva met President Silva.", "ANA SILVA saw the ferry."]
    found = [keyword.text for keyword in keywords(sentences, 20, EN, ["Ana Silva"])]
    assert "President Silva" in found
    assert not {"Ana Silva", "Ana", "ANA"} & set(found)


def test_in_a_line_of_capitals_short_words_are_no_abbreviations() -> None:
    assert texts(["THE EU WAS AT THE FERRY"], 20, "de") == ["FERRY"]
