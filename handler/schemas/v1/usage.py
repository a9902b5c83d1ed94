"""What /v1/usage gives."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from services.access import Usage


class KeyOut(BaseModel):
    """The key that was shown, by what it is called."""

    id: str = Field(examples=["5f2b8c1d9e0a7463"])
    name: str = Field(examples=["sports desk"])
    expires_at: datetime | None


class LimitsOut(BaseModel):
    """What the key may ask for; null where only the installation sets a limit."""

    characters_per_request: int | None
    requests_per_minute: int | None
    characters_per_month: int | None


class UsageResponse(BaseModel):
    """What was used this month, in UTC, by all keys of the caller; nothing is counted where no keys are needed."""

    key: KeyOut | None = Field(description="Null where no keys are needed")
    characters: int = Field(description="Code points of the texts that were answered, once for each target language")
    resets_at: datetime = Field(description="When the next month begins")
    limits: LimitsOut

    @classmethod
    def of(cls, usage: Usage) -> Self:
        """As an answer."""
        key, limits = usage.caller.key, usage.limits
        return cls(
            key=KeyOut(id=key.id, name=key.name, expires_at=key.valid_until) if key else None,
            characters=usage.characters,
            resets_at=usage.resets_at,
            limits=LimitsOut(
                characters_per_request=limits.chars_per_request,
                requests_per_minute=limits.requests_per_minute,
                characters_per_month=limits.chars_per_month,
            ),
        )
