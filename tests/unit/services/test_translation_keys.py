"""All that can change a translation, one thing at a time, is in the key of its result."""

from dataclasses import dataclass, fields, replace

import pytest

from services.model import Content, Ends, Format, Handling, Language, LanguagePair
from services.text.terms import Glossary, Table
from services.translate import PLAIN, Foreign, Options
from tests.fakes.models import MarkingTranslator
from tests.fakes.services import fake_services

EN, PT, ES = Language("en"), Language("pt"), Language("es")
TERMS = Glossary.of([("ferry", "barca"), ("tram", "elétrico")])
OTHER_TARGET, OTHER_SOURCE, FEWER = (
    Glossary.of([("ferry", "barca"), ("tram", "bonde")]),
    Glossary.of([("ferry", "barca"), ("trams", "elétrico")]),
    Glossary.of([("tram", "elétrico")]),
)


@dataclass(frozen=True)
class Asked:
    """What is asked for, and of which models."""

    content: Content = Content("The *tram* is late.")  # noqa: RUF009  it is frozen
    source: Language | None = EN
    targets: tuple[Language, ...] = (PT,)
    options: Options = PLAIN
    model: str = "first"

    def key(self) -> str:
        class Named(MarkingTranslator):
            def model_id(self, pair: LanguagePair) -> str:
                return f"{asked.model}-{pair}"

        asked, services = self, fake_services(Named("en>pt", "en>es", "es>pt", "es>en"))
        return services.translate([self.content], self.source, self.targets, self.options).key


USUAL = Asked()
WITH_TERMS = replace(USUAL, options=Options(glossary=Table(TERMS)))


XML = replace(USUAL, content=Content("The <b>tram</b> is late.", Format.XML))


def but_handled(**handling: object) -> Content:
    return replace(XML.content, handling=Handling(**handling))  # type: ignore[arg-type]


def but(**options: object) -> Asked:
    return replace(USUAL, options=replace(PLAIN, **options))  # type: ignore[arg-type]


PAIRS: dict[str, tuple[Asked, Asked]] = {
    "text": (USUAL, replace(USUAL, content=Content("The *tram* is here."))),
    "white space": (USUAL, replace(USUAL, content=Content("The *tram* is late. "))),
    "HTML": (USUAL, replace(USUAL, content=Content(USUAL.content.text, Format.HTML))),
    "Markdown": (USUAL, replace(USUAL, content=Content(USUAL.content.text, Format.MARKDOWN))),
    "XML": (USUAL, replace(USUAL, content=Content(USUAL.content.text, Format.XML))),
    "the ends of sentences": (
        USUAL,
        replace(USUAL, content=Content(USUAL.content.text, handling=Handling(ends=Ends.NOTHING))),
    ),
    "outline": (XML, replace(XML, content=but_handled(outline=False))),
    "splitting tags": (XML, replace(XML, content=but_handled(splitting=frozenset({"b"})))),
    "non-splitting tags": (XML, replace(XML, content=but_handled(non_splitting=frozenset({"b"})))),
    "ignored tags": (XML, replace(XML, content=but_handled(ignored=frozenset({"b"})))),
    "ignored and splitting tags": (
        replace(XML, content=but_handled(splitting=frozenset({"b"}))),
        replace(XML, content=but_handled(ignored=frozenset({"b"}))),
    ),
    "Markdown, not HTML": (
        replace(USUAL, content=Content("The tram.", Format.HTML)),
        replace(USUAL, content=Content("The tram.", Format.MARKDOWN)),
    ),
    "tags": (
        replace(USUAL, content=Content("<p>The <b>tram</b>.</p>", Format.HTML)),
        replace(USUAL, content=Content("<p>The <i>tram</i>.</p>", Format.HTML)),
    ),
    "source": (USUAL, replace(USUAL, source=ES)),
    "source's region": (USUAL, replace(USUAL, source=Language("en-GB"))),
    "detection": (USUAL, replace(USUAL, source=None)),
    "target": (USUAL, replace(USUAL, targets=(ES,))),
    "region": (USUAL, replace(USUAL, targets=(Language("pt-BR"),))),
    "several targets": (USUAL, replace(USUAL, targets=(PT, ES))),
    "order of targets": (replace(USUAL, targets=(ES, PT)), replace(USUAL, targets=(PT, ES))),
    "model": (USUAL, replace(USUAL, model="second")),
    "details": (USUAL, but(detailed=True)),
    "foreign kept": (USUAL, but(foreign=Foreign.KEEP)),
    "foreign translated": (USUAL, but(foreign=Foreign.TRANSLATE)),
    "foreign kept, not translated": (but(foreign=Foreign.KEEP), but(foreign=Foreign.TRANSLATE)),
    "alternatives": (USUAL, but(alternatives=1)),
    "number of alternatives": (but(alternatives=1), but(alternatives=2)),
    "glossary": (USUAL, WITH_TERMS),
    "a term's target": (WITH_TERMS, but(glossary=Table(OTHER_TARGET))),
    "a term's source": (WITH_TERMS, but(glossary=Table(OTHER_SOURCE))),
    "number of terms": (WITH_TERMS, but(glossary=Table(FEWER))),
    "glossary's source": (WITH_TERMS, but(glossary=Table(TERMS, source=EN))),
    "glossary's target": (WITH_TERMS, but(glossary=Table(TERMS, target=PT))),
    "glossary's other source": (but(glossary=Table(TERMS, EN, PT)), but(glossary=Table(TERMS, ES, PT))),
    "glossary's other target": (but(glossary=Table(TERMS, EN, PT)), but(glossary=Table(TERMS, EN, ES))),
    "glossary's languages swapped": (but(glossary=Table(TERMS, EN, PT)), but(glossary=Table(TERMS, PT, EN))),
}


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS.keys())
def test_what_can_change_a_translation_changes_its_key(one: Asked, other: Asked) -> None:
    assert one.key() != other.key()
    assert (one.key(), other.key()) == (replace(one).key(), replace(other).key())


def test_no_option_is_forgotten_here() -> None:
    """`story` saves work, and changes no answer."""
    varied = {
        field.name
        for asked in (side for both in PAIRS.values() for side in both)
        for field in fields(Options)
        if getattr(asked.options, field.name) != getattr(PLAIN, field.name)
    }
    assert {field.name for field in fields(Options)} - varied <= {"story"}


def test_the_order_of_a_glossary_s_terms_does_not_change_the_key() -> None:
    turned = Glossary.of([("tram", "elétrico"), ("ferry", "barca")])
    assert but(glossary=Table(turned)).key() == WITH_TERMS.key()
