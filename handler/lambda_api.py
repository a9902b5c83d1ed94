"""The Lambda entry for HTTP: API Gateway (v1 and v2) and Function URLs."""

from mangum import Mangum

from handler.app import create_app
from handler.start import start

# What leaves as text rather than base64; Mangum's own list lacks the last two.
TEXT_TYPES = ["text/", "application/json", "application/problem+json", "application/x-ndjson"]

handler = Mangum(create_app(start()), lifespan="off", text_mime_types=TEXT_TYPES)
