"""What is worth telling, before anything has been decided about it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from omnicrm.balances.models import AlertKind, Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A balance fell below a step for the `ordinal`th time, or it expired. `refusal` says why nobody need be told."""

    balance_id: int
    service_id: int
    kind: AlertKind
    value: Decimal | None
    happened_at: datetime
    step: str = ""
    ordinal: int = 0
    threshold: Decimal | None = None
    expiry: datetime | None = None
    refusal: Outcome | None = None

    @property
    def key(self) -> str:
        """A name of the fact for good."""
        moment = self.expiry.astimezone(UTC).isoformat() if self.expiry else ""
        what = f"{self.step}:{self.ordinal}" if self.kind is AlertKind.LOW else moment
        return f"balance:{self.balance_id}:{self.kind}:{what}"
