"""The composition root: settings in, use cases out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol

from handler.calls import Calls, Limits, Operation, UseCases, operations
from handler.cores import cores
from handler.observing import ObservedTask
from handler.settings import Settings
from handler.telemetry import Telemetry
from services.access import Access
from services.adapters.argos import ArgosTranslator
from services.adapters.dynamodb import DynamoAccess
from services.adapters.fasttext import FastTextIdentifier, default_model_path
from services.adapters.files import FolderStore
from services.adapters.results import JsonResults
from services.adapters.s3 import S3Store
from services.adapters.sqlite import SqliteQueue
from services.adapters.sqlite_access import SqliteAccess
from services.adapters.sqs import SqsQueue
from services.adapters.sumy import sumy_rankers
from services.adapters.webhooks import HostRule, HttpWebhooks, NoWebhooks, signing_key
from services.articles import FindArticle, PrepareArticle, WithdrawArticle
from services.attempts import Attempts
from services.bounded import BoundedStore
from services.cache import SentenceCache
from services.crosslingual import SummariseInto
from services.detect import DetectLanguage
from services.digest import DigestArticles
from services.documents import Documents
from services.glossaries import Glossaries
from services.jobs import Jobs
from services.known_keys import KnownKeys
from services.languages import ListLanguages
from services.lede import LedeRanker
from services.ports import (
    KeyStore,
    LanguageIdentifier,
    ObjectStore,
    Queue,
    SentenceRanker,
    Translator,
    UsageCounter,
    Webhooks,
)
from services.pump import Pump
from services.results import Results
from services.retention import RETENTION
from services.schedule import FairPool
from services.sentences import TranslateSentences
from services.shelves import Shelves
from services.stories import Stories
from services.summarise import SummariseText
from services.tasks import LEASE_S, RunTask
from services.translate import TranslateTexts
from services.translated_files import TranslatedFiles
from services.usage import UsageBook
from services.warm_up import WarmUp

_LAMBDA_ANSWER_BYTES = 5 * 1024 * 1024  # it takes 6 MB, headers and all


class AccessStore(KeyStore, UsageCounter, Protocol):
    """Keys and what they use, in one place."""


@dataclass(frozen=True, slots=True)
class Services(UseCases):
    """Every use case, ready to be called, the calls by name, what does jobs, and what operators count."""

    find_article: FindArticle
    withdraw_article: WithdrawArticle
    stories: Stories
    detect: DetectLanguage
    languages: ListLanguages
    translated_files: TranslatedFiles
    operations: Mapping[str, Operation[Any]]
    jobs: Jobs
    documents: Documents
    shelves: Shelves
    run_task: RunTask
    work: ObservedTask
    pump: Pump
    access: Access
    telemetry: Telemetry
    warm_up: WarmUp
    sweep: Callable[[], object]


def build(settings: Settings) -> Services:
    """The services as the settings ask for them. Reads no model yet: each is read when it is first needed."""
    workers = settings.workers or cores(settings.lambda_memory_mb)
    telemetry = _telemetry(settings)
    return assemble(
        ArgosTranslator(settings.packages, workers, settings.max_model_bytes, telemetry),
        FastTextIdentifier(default_model_path()),
        {"lede": LedeRanker(), **sumy_rankers()},
        _object_store(settings),
        FairPool(workers),
        _queue(settings),
        telemetry,
        settings,
    )


def assemble(
    translator: Translator,
    identifier: LanguageIdentifier,
    rankers: dict[str, SentenceRanker],
    objects: ObjectStore,
    pool: FairPool,
    queue: Queue,
    telemetry: Telemetry,
    settings: Settings,
    access: AccessStore | None = None,
) -> Services:
    """The use cases over any adapters: the real ones, or the fakes of the tests.

    Keys and usage are kept where the settings say, unless something else is given.
    """
    kept = access or access_store(settings)
    detect = DetectLanguage(identifier)
    store = JsonResults(BoundedStore(objects, telemetry, settings.store_call_ms / 1000), telemetry)
    results = Results(store, telemetry)
    sentences = TranslateSentences(translator, SentenceCache(settings.sentence_cache_bytes), pool, telemetry)
    languages = ListLanguages(translator)
    attempts = Attempts(Stories(store), store)
    translate = TranslateTexts(sentences, detect, languages, results, attempts)
    summarise = SummariseText(rankers, settings.summary_method, detect, languages, results)
    use_cases = UseCases(
        translate=translate,
        summarise=summarise,
        summarise_into=SummariseInto(translate, summarise, results),
        prepare_article=PrepareArticle(translate, summarise, results),
        digest=DigestArticles(translate, detect, languages, results),
        glossaries=Glossaries(store),
        limits=Limits(
            max_text_chars=settings.max_text_chars,
            max_texts=settings.max_texts,
            max_body_bytes=settings.max_body_bytes,
            max_batch_bytes=settings.max_batch_bytes,
            max_answer_bytes=_LAMBDA_ANSWER_BYTES if settings.lambda_memory_mb else None,
            max_requests=settings.max_requests,
            body_pause_s=settings.body_pause_ms / 1000,
            deadline_s=settings.deadline_ms / 1000,
            store_budget_s=settings.store_budget_ms / 1000,
            public_cache=settings.public_cache and settings.keys == "off",
        ),
    )
    calls = operations(use_cases)
    webhooks = webhooks_of(settings)
    run_task = RunTask(store, queue, webhooks, Calls(calls))
    work = ObservedTask(run_task, telemetry)
    jobs = Jobs(store, queue, webhooks)
    return Services(
        **{field.name: getattr(use_cases, field.name) for field in fields(use_cases)},
        find_article=FindArticle(store),
        withdraw_article=WithdrawArticle(store, attempts),
        stories=attempts.stories,
        detect=detect,
        languages=languages,
        translated_files=TranslatedFiles(store),
        operations=calls,
        jobs=jobs,
        documents=Documents(store, jobs),
        shelves=Shelves(store),
        run_task=run_task,
        work=work,
        pump=Pump(queue, work, LEASE_S, settings.workers_of_jobs),
        access=Access(
            KnownKeys(kept, telemetry) if settings.keys == "required" else None, UsageBook(kept, telemetry), telemetry
        ),
        telemetry=telemetry,
        warm_up=WarmUp(
            translator,
            detect,
            rankers[settings.summary_method],
            [one.prepare for one in (objects, queue, kept) if isinstance(one, S3Store | SqsQueue | DynamoAccess)],
        ),
        sweep=objects.sweep if isinstance(objects, FolderStore) else lambda: None,
    )


def _telemetry(settings: Settings) -> Telemetry:
    """Where what is counted goes; the library of the other place takes 2 % of a cold start to import."""
    if settings.lambda_memory_mb:
        from handler.cloudwatch import CloudWatch

        return CloudWatch(settings.service)
    from handler.prometheus import Prometheus

    return Prometheus()


def access_store(settings: Settings) -> AccessStore:
    """Where keys and what they use are kept."""
    if settings.usage_table:
        return DynamoAccess(settings.usage_table, settings.dynamodb_endpoint_url)
    return SqliteAccess(_beside_results(settings) / "access.sqlite")


def _queue(settings: Settings) -> Queue:
    if settings.queue and settings.dead_letters:
        return SqsQueue(settings.queue, settings.dead_letters, settings.sqs_endpoint_url)
    return SqliteQueue(Path(settings.queue) if settings.queue else _beside_results(settings) / "queue.sqlite")


def _beside_results(settings: Settings) -> Path:
    return Path(".results" if settings.results.startswith("s3://") else settings.results)


def _object_store(settings: Settings) -> ObjectStore:
    if settings.results.startswith("s3://"):
        bucket, _, prefix = settings.results.removeprefix("s3://").partition("/")
        encryption = None if settings.s3_encryption == "bucket" else settings.s3_encryption
        return S3Store(bucket, prefix, settings.s3_endpoint_url, encryption)
    return FolderStore(Path(settings.results), RETENTION)


def webhooks_of(settings: Settings) -> Webhooks:
    """The webhooks of an installation, none if it has neither their secret nor their hosts."""
    if not settings.webhook_secret:
        return NoWebhooks()
    key = signing_key(settings.webhook_secret.get_secret_value())
    return HttpWebhooks(key, [HostRule.parse(host) for host in settings.webhook_hosts], settings.webhook_private)
