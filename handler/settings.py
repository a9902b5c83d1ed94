"""The only reader of the environment."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.adapters.webhooks import HostRule, signing_key

_ROOT = Path(__file__).resolve().parents[1]
_S3_URL = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?")


class Settings(BaseSettings):
    """Configuration, read once: each field from INTERLEDE_ and its name in capitals."""

    # An error would show its input, which may be the secret.
    model_config = SettingsConfigDict(env_prefix="INTERLEDE_", frozen=True, hide_input_in_errors=True)

    packages: Path = Field(default=_ROOT / ".models" / "packages", description="Folder of installed Argos packages")
    results: str = Field(
        default=str(_ROOT / ".results"),
        min_length=1,
        description="Where results are kept: a folder, or `s3://bucket/prefix`",
    )
    queue: str | None = Field(
        default=None,
        min_length=1,
        description="Where the tasks of jobs wait: the URL of an SQS queue, or a file; beside the results by default",
    )
    dead_letters: str | None = Field(default=None, description="URL of the dead-letter queue of an SQS queue")
    sqs_endpoint_url: str | None = Field(
        default=None, pattern="^https?://", description="URL of another SQS-speaking server than AWS"
    )
    workers_of_jobs: int = Field(
        default=2, ge=0, description="Tasks done at a time beside requests; on Lambda SQS decides"
    )
    s3_endpoint_url: str | None = Field(
        default=None, pattern="^https?://", description="URL of another S3-speaking server than AWS"
    )
    s3_encryption: Literal["AES256", "aws:kms", "bucket"] = Field(
        default="AES256", description="What S3 is asked for: `AES256`, `aws:kms`; `bucket` leaves it to the bucket"
    )
    keys: Literal["off", "required"] = Field(
        default="off", description="Whether calls need an API key: `off`, or `required` as in production"
    )
    usage_table: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.-]{3,255}$",
        description="DynamoDB table of keys and what they use; a file beside the results by default",
    )
    dynamodb_endpoint_url: str | None = Field(
        default=None, pattern="^https?://", description="URL of another DynamoDB-speaking server than AWS"
    )
    store_budget_ms: int = Field(
        default=1_000, gt=0, description="Time that a request may spend on the store before it goes on without it"
    )
    store_call_ms: int = Field(default=10_000, gt=0, description="The same for a call of background work")
    deadline_ms: int = Field(
        default=25_000,
        gt=0,
        description="Time after which a request is answered with what is done; the function ends at 29 s on Lambda",
    )
    public_cache: bool = Field(
        default=False, description="Whether shared caches may keep articles, as in a public service without keys"
    )
    workers: int | None = Field(
        default=None, gt=0, description="Sentences decoded at a time; by default, one for each core that there is"
    )
    lambda_memory_mb: int | None = Field(
        default=None,
        validation_alias="AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        description="Set by Lambda, where memory decides how many cores there are",
    )
    lambda_start: str | None = Field(
        default=None,
        validation_alias="AWS_LAMBDA_INITIALIZATION_TYPE",
        description="Set by Lambda: `snap-start` where a snapshot is taken after the start",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="What is logged: `INFO` has a line for each request, `WARNING` only what goes wrong"
    )
    service: str = Field(
        default="interlede",
        min_length=1,
        validation_alias="POWERTOOLS_SERVICE_NAME",
        description="Names the installation in logs and metrics",
    )
    max_requests: int = Field(
        default=50,
        gt=0,
        description="Requests at a time, of which 40 are at work; more are answered with 503",
    )
    body_pause_ms: int = Field(
        default=20_000, gt=0, description="Longest pause within the body of a request before it is answered with 408"
    )
    max_text_chars: int = Field(default=200_000, gt=0, description="Longest text of a request, in code points")
    max_texts: int = Field(default=1_000, gt=0, description="Most texts in one request")
    max_body_bytes: int = Field(default=6 * 1024 * 1024, gt=0, description="Largest request body; Lambda takes 6 MB")
    max_batch_bytes: int = Field(default=1024**3, gt=0, description="Largest batch of a job")
    sentence_cache_bytes: int = Field(
        default=32 * 1024 * 1024, ge=0, description="Memory for sentences and their translations, about"
    )
    max_model_bytes: int = Field(
        default=1024 * 1024 * 1024, gt=0, description="Loaded models, by their files; the least recently used one goes"
    )
    summary_method: str = Field(default="lede", description="Summary method where a request names none")
    webhook_secret: SecretStr | None = Field(
        default=None, description="Signs webhooks: `whsec_` and the base64 of 24 to 64 random bytes"
    )
    webhook_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Where webhooks may go: `name`, `name:port`, `*.name`, with commas between"
    )
    webhook_private: bool = Field(default=False, description="Webhooks over http and to private addresses as well")

    @field_validator("results")
    @classmethod
    def _names_a_bucket(cls, results: str) -> str:
        if results.startswith("s3:") and not _S3_URL.fullmatch(results):
            raise ValueError("an S3 place looks like s3://bucket or s3://bucket/prefix")
        return results

    @field_validator("webhook_secret")
    @classmethod
    def _holds_a_key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret:
            signing_key(secret.get_secret_value())
        return secret

    @field_validator("webhook_hosts", mode="before")
    @classmethod
    def _between_commas(cls, hosts: object) -> object:
        return [host.strip() for host in hosts.split(",") if host.strip()] if isinstance(hosts, str) else hosts

    @field_validator("webhook_hosts")
    @classmethod
    def _names_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            HostRule.parse(host)
        return hosts

    @model_validator(mode="after")
    def _signs_webhooks_to_somewhere(self) -> Self:
        if bool(self.webhook_secret) != bool(self.webhook_hosts):
            raise ValueError("webhooks need INTERLEDE_WEBHOOK_SECRET and INTERLEDE_WEBHOOK_HOSTS, both or neither")
        return self

    @model_validator(mode="after")
    def _keeps_keys_somewhere(self) -> Self:
        if self.keys == "required" and self.lambda_memory_mb and not self.usage_table:
            raise ValueError("keys on Lambda need INTERLEDE_USAGE_TABLE: its own disk is no place for them")
        return self

    @model_validator(mode="after")
    def _knows_both_queues(self) -> Self:
        if (self.queue or "").startswith("http") != bool(self.dead_letters):
            raise ValueError("an SQS queue needs INTERLEDE_DEAD_LETTERS, and a file has its own")
        return self
