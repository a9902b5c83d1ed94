"""The API as one would write it without a thought of cold starts: all that it may need is imported at the top."""

import argostranslate.package
import argostranslate.translate
import boto3
import fastapi
import mangum
import pydantic

app = fastapi.FastAPI()
s3 = boto3.client("s3", region_name="eu-west-1")


class Request(pydantic.BaseModel):
    """A text to be translated."""

    text: str
    source: str
    target: str


@app.get("/healthz")
def health() -> dict[str, str]:
    """Tell whether the service is up."""
    return {"status": "ok"}


@app.post("/translate")
def translate(body: Request) -> dict[str, str]:
    """Translate a text."""
    return {"text": argostranslate.translate.translate(body.text, body.source, body.target)}


handler = mangum.Mangum(app, lifespan="off")
