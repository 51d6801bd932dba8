"""How strict, how slow and how forgetful the sandbox is."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Every default is a fresh sandbox that lets a new project send at once. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    calls_limit: int = Field(default=0, ge=0)
    """API calls per window and key; beyond it 429. 0: no limit."""
    window_seconds: float = Field(default=60, gt=0)
    """Length of the sliding window that calls_limit counts in."""
    latency_seconds: float = Field(default=0, ge=0, le=600)
    """Every API call waits this long before it is processed."""
    strict_senders: bool = False
    """From must be a registered, active sender or lie in a registered domain. False: every From is authorised."""
    strict_properties: bool = True
    """A property that Send API v3.1 does not have is an error. False: it is ignored."""
    strict_filters: bool = False
    """A filter that a list does not have is an error. False, as at Mailjet: it is ignored and all rows come back."""
    mixed_batch_status: Literal[200, 400] = 400
    """HTTP status when some messages of a call were accepted and others were not (sources disagree about Mailjet's)."""
    listing_lag_seconds: float = Field(default=0, ge=0)
    """A message shows up in /v3/REST/message only after this long."""
    clock_offset_seconds: float = Field(default=0, ge=-1e9, le=1e9)
    """Added to the clock that dates messages and says what "today" is."""
    monitoring_categories: tuple[str, ...] = ()
    """The values that MonitoringCategory may have."""
    keep_messages: int = Field(default=10_000, ge=1)
    """Beyond it the oldest message is dropped."""
    hold_events: bool = False
    """Events are told only when the control API says so, not by themselves."""
