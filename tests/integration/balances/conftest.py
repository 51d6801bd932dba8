"""Prepaid customers, and what their charging system reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from omnicrm.balances.events import IncomingEvent
from omnicrm.balances.intake import Received, accept_events
from omnicrm.balances.models import Alert, AlertKind, Balance, Source
from omnicrm.config import Config, current_config
from omnicrm.customers.models import Service
from omnicrm.customers.operations import add_service, create_customer
from omnicrm.emails.balances import BalanceType
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State

NOW = datetime.now(UTC).replace(microsecond=0)
SECOND = timedelta(seconds=1)
GIGABYTE = 10**9


def new_service(name: str = "Martin", **fields: Any) -> Service:
    """An active prepaid service of a new customer, who speaks French unless told otherwise."""
    email = f"{name.lower()}@example.com"
    contacts = fields.pop("contacts", [{"email": email, "phone": "+33 199001234"}])
    customer = create_customer(customer_name=name, contacts=contacts, now=NOW, **fields)
    service = add_service(customer_id=customer.pk, service_name="Mobile 20 Go", state="active", now=NOW)
    return Service.objects.select_related("customer").get(pk=service.pk)


@pytest.fixture
def service(db: None) -> Service:
    return new_service()


def event(service: Service | UUID, value: object, at: int = 0, **fields: Any) -> IncomingEvent:
    """A balance of 100 SMS has `value` left, `at` seconds from NOW. Its id tells its time."""
    uuid = service.service_uuid if isinstance(service, Service) else service
    kept = None if value is None else Decimal(str(value))
    return IncomingEvent(
        **{
            "service_uuid": uuid,
            "account": str(uuid),
            "balance_id": "main",
            "balance_type": BalanceType.SMS,
            "unit": "SMS",
            "value": kept,
            "initial_value": Decimal(100),
            "event_id": f"e{at}",
            "event_time": NOW + at * SECOND,
            **fields,
        }
    )


def accept(*events: IncomingEvent, now: datetime = NOW) -> list[Received]:
    return accept_events(events, source=Source.OWN, now=now)


def balance_of(service: Service, balance_id: str = "main") -> Balance:
    return Balance.objects.get(service=service, balance_id=balance_id)


def crossings_of(service: Service, balance_id: str = "main") -> list[tuple[str, int]]:
    """Each step that was crossed, and for the how-manieth time."""
    alerts = Alert.objects.filter(balance__service=service, balance__balance_id=balance_id, kind=AlertKind.LOW)
    return sorted(alerts.values_list("step", "ordinal"))


def outcomes(service: Service) -> list[str]:
    """Of all alerts of the service, oldest first."""
    return list(Alert.objects.filter(balance__service=service).order_by("id").values_list("outcome", flat=True))


def waiting_emails(service: Service) -> list[Message]:
    return list(Message.objects.filter(customer=service.customer_id, state=State.QUEUED).order_by("id"))


@contextmanager
def configured(**changes: Any) -> Iterator[Config]:
    """crm_config.yaml with other settings under `balances`."""
    config = current_config()
    original = config.balances
    object.__setattr__(config, "balances", original.model_copy(update=changes))
    try:
        yield config
    finally:
        object.__setattr__(config, "balances", original)
