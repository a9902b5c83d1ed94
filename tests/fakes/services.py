"""A whole service over fakes: no model, no disk, no network."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from handler.prometheus import Prometheus
from handler.settings import Settings
from handler.telemetry import Telemetry
from handler.wiring import AccessStore, Services, assemble
from services.model import Content, Language
from services.ports import LanguageIdentifier, ObjectStore, Queue, SentenceRanker, Translator
from services.results import Answer
from services.schedule import FairPool
from services.translate import PLAIN, Options, Translations
from tests.fakes.access import MemoryAccess
from tests.fakes.models import FixedIdentifier, LastRanker, LeadRanker, MarkingTranslator
from tests.fakes.queues import MemoryQueue
from tests.fakes.stores import MemoryStore

POOL = FairPool(1)


def fake_services(
    translator: Translator | None = None,
    identifier: LanguageIdentifier | None = None,
    objects: ObjectStore | None = None,
    queue: Queue | None = None,
    telemetry: Telemetry | None = None,
    rankers: Mapping[str, SentenceRanker] = MappingProxyType({}),
    access: AccessStore | None = None,
    **settings: object,
) -> Services:
    """Every use case, over the given adapters and else over fakes; methods `lead` (the default) and `last`."""
    return assemble(
        translator or MarkingTranslator(),
        identifier or FixedIdentifier(),
        {"lead": LeadRanker(), "last": LastRanker(), **rankers},
        MemoryStore() if objects is None else objects,
        POOL,
        MemoryQueue() if queue is None else queue,
        telemetry or Prometheus(),
        # A machine that stands still for a second is no store in trouble.
        Settings(**{"summary_method": "lead", "store_budget_ms": 10_000, **settings}),
        MemoryAccess() if access is None else access,
    )


def translate(
    services: Services, texts: Sequence[str], source: Language | None, target: Language, options: Options = PLAIN
) -> Answer[Translations]:
    """Translate plain texts into one language."""
    return services.translate([Content(text) for text in texts], source, [target], options)
