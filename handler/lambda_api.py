"""The Lambda entry for HTTP: API Gateway (v1 and v2) and Function URLs."""

from mangum import Mangum

from handler.app import create_app
from handler.settings import Settings
from handler.telemetry import configure_logging
from handler.wiring import build

# What leaves as text rather than base64; Mangum's own list lacks the last two.
TEXT_TYPES = ["text/", "application/json", "application/problem+json", "application/x-ndjson"]

_settings = Settings()
configure_logging(_settings.log_level, _settings.service)
handler = Mangum(create_app(build(_settings)), lifespan="off", text_mime_types=TEXT_TYPES)
