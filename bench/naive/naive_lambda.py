"""The API as one would write it without a thought of cold starts: all that it may need is imported at the top."""

import argostranslate.package
import boto3
import ctranslate2
import fastapi
import mangum
import nltk
import sentencepiece
import sumy.nlp.tokenizers
import sumy.parsers.plaintext
import sumy.summarizers.lex_rank
import sumy.summarizers.lsa
import sumy.summarizers.luhn
import sumy.summarizers.text_rank

app = fastapi.FastAPI()
s3 = boto3.client("s3", region_name="eu-west-1")
used = (argostranslate.package, ctranslate2, nltk, sentencepiece, sumy)


@app.get("/healthz")
def health() -> dict[str, str]:
    """Tell whether the service is up."""
    return {"status": "ok"}


handler = mangum.Mangum(app, lifespan="off")
