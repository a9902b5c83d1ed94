"""The composition root: settings in, use cases out."""

from dataclasses import dataclass
from pathlib import Path

from handler.cores import cores
from handler.settings import Settings
from services.adapters.argos import ArgosTranslator
from services.adapters.fasttext import FastTextIdentifier, default_model_path
from services.adapters.files import FolderStore
from services.adapters.results import JsonResults
from services.adapters.s3 import S3Store
from services.adapters.sumy import sumy_rankers
from services.adapters.webhooks import HostRule, HttpWebhooks, NoWebhooks, signing_key
from services.articles import FindArticle, PrepareArticle
from services.cache import SentenceCache
from services.crosslingual import SummariseInto
from services.detect import DetectLanguage
from services.digest import DigestArticles
from services.glossaries import Glossaries
from services.languages import ListLanguages
from services.lede import LedeRanker
from services.ports import LanguageIdentifier, ObjectStore, SentenceRanker, Translator, Webhooks
from services.schedule import FairPool
from services.sentences import TranslateSentences
from services.stories import Stories
from services.summarise import SummariseText
from services.translate import TranslateTexts


@dataclass(frozen=True, slots=True)
class Limits:
    """What a single request may ask for."""

    max_text_chars: int
    max_texts: int
    max_body_bytes: int


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case, ready to be called, and the limits of a request."""

    translate: TranslateTexts
    summarise: SummariseText
    summarise_into: SummariseInto
    prepare_article: PrepareArticle
    find_article: FindArticle
    digest: DigestArticles
    glossaries: Glossaries
    detect: DetectLanguage
    languages: ListLanguages
    limits: Limits


def build(settings: Settings) -> Services:
    """The services as the settings ask for them. Reads no model yet: each is read when it is first needed."""
    workers = settings.workers or cores(settings.lambda_memory_mb)
    return assemble(
        ArgosTranslator(settings.packages, workers, settings.max_model_bytes),
        FastTextIdentifier(default_model_path()),
        {"lede": LedeRanker(), **sumy_rankers()},
        _object_store(settings),
        FairPool(workers),
        settings,
    )


def assemble(
    translator: Translator,
    identifier: LanguageIdentifier,
    rankers: dict[str, SentenceRanker],
    objects: ObjectStore,
    pool: FairPool,
    settings: Settings,
) -> Services:
    """The use cases over any adapters: the real ones, or the fakes of the tests."""
    detect = DetectLanguage(identifier)
    store = JsonResults(objects)
    sentences = TranslateSentences(translator, SentenceCache(settings.sentence_cache_bytes), pool)
    languages = ListLanguages(translator)
    translate = TranslateTexts(sentences, detect, languages, store, Stories(store))
    summarise = SummariseText(rankers, settings.summary_method, detect, languages, store)
    return Services(
        translate=translate,
        summarise=summarise,
        summarise_into=SummariseInto(translate, summarise, store),
        prepare_article=PrepareArticle(translate, summarise, store),
        find_article=FindArticle(store),
        digest=DigestArticles(translate, detect, languages, store),
        glossaries=Glossaries(store),
        detect=detect,
        languages=languages,
        limits=Limits(settings.max_text_chars, settings.max_texts, settings.max_body_bytes),
    )


def _object_store(settings: Settings) -> ObjectStore:
    if settings.results.startswith("s3://"):
        bucket, _, prefix = settings.results.removeprefix("s3://").partition("/")
        return S3Store(bucket, prefix, settings.s3_endpoint_url)
    return FolderStore(Path(settings.results))


def webhooks(settings: Settings) -> Webhooks:
    """The webhooks of an installation, none if it has neither their secret nor their hosts."""
    if not settings.webhook_secret:
        return NoWebhooks()
    key = signing_key(settings.webhook_secret.get_secret_value())
    return HttpWebhooks(key, [HostRule.parse(host) for host in settings.webhook_hosts], settings.webhook_private)
