"""A customer's way in and out, with what it means for email. Errors are those of customers.operations."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Unpack

from django.db import transaction
from django.db.models import F, Func, JSONField, Q
from django.utils.translation import gettext_noop

from omnicrm.audit.models import Action, TargetKind
from omnicrm.audit.operations import SYSTEM, Actor, Target, record
from omnicrm.balances.quarantine import discard_of_customer
from omnicrm.customers import operations as customers
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.fields import NewCustomer, ServiceFields
from omnicrm.customers.models import Customer, Service, ServiceState
from omnicrm.customers.operations import PreparedCustomer
from omnicrm.delivery.operations import forget_events
from omnicrm.onboarding.queries import export_customer
from omnicrm.onboarding.welcome import Welcome, first_welcome, no_address, welcome_again, welcome_once
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import Outgoing, cancel, enqueue_many

CHUNK = 1_000
"""Customers registered in one transaction: enough to be quick, few enough to be answered soon."""
ERASED = gettext_noop("The customer was erased, and the content of the message with it.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    customer: Customer
    welcome: Welcome


@dataclass(frozen=True, kw_only=True, slots=True)
class RowResult:
    """What became of one customer of many: an id, or errors. `no_welcome` says why none was queued."""

    customer_id: int | None = None
    errors: Sequence[FieldError] = ()
    no_welcome: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceChanged:
    """`welcome` is None unless the change made the service active."""

    service: Service
    welcome: Welcome | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """How many of the customer's messages lost their content, and how many of them had not left yet."""

    messages: int
    cancelled: int


@transaction.atomic
def register_customer(*, now: datetime, **fields: Unpack[NewCustomer]) -> Registered:
    """Creates a customer and queues the welcome: neither exists without the other."""
    prepared = customers.prepare_customer(fields, now=now)
    customers.save_customers([prepared])
    welcome = welcome_once(prepared.customer, prepared.contacts, now=now)
    return Registered(customer=prepared.customer, welcome=welcome)


def register_customers(*, rows: Iterable[NewCustomer], now: datetime, send_welcome: bool = True) -> Iterator[RowResult]:
    """Registers any number of customers in constant memory, and yields what became of each, in order.

    A wrong row fails alone. What has been yielded is durable, however the rest ends.
    """
    stream = iter(rows)
    while chunk := list(islice(stream, CHUNK)):
        yield from register_chunk(rows=chunk, now=now, send_welcome=send_welcome)


@transaction.atomic
def register_chunk(*, rows: Sequence[NewCustomer], now: datetime, send_welcome: bool = True) -> list[RowResult]:
    """Registers the right ones of up to some thousand rows in one transaction."""
    checked = [_checked(row, now) for row in rows]
    prepared = [each for each in checked if isinstance(each, PreparedCustomer)]
    customers.save_customers(prepared)
    wanted = prepared if send_welcome else []
    welcomes = {each.customer.pk: first_welcome(each.customer, each.contacts) for each in wanted}
    enqueue_many(filter(None, welcomes.values()), now=now)
    return [_result(each, welcomes) for each in checked]


@transaction.atomic
def add_service(*, customer_id: int, now: datetime, **fields: Unpack[ServiceFields]) -> ServiceChanged:
    """Adds a service. One that is active from the start welcomes the customer, unless that was done before."""
    return _welcomed_if_active(customers.add_service(customer_id=customer_id, now=now, **fields), now=now)


@transaction.atomic
def update_service(*, service_id: int, now: datetime, **changes: Unpack[ServiceFields]) -> ServiceChanged:
    """Changes a service. Making it active welcomes the customer, unless that was done before."""
    service = customers.update_service(service_id=service_id, now=now, **changes)
    return (
        _welcomed_if_active(service, now=now) if "state" in changes else ServiceChanged(service=service, welcome=None)
    )


def activate_service(*, service_id: int, now: datetime) -> ServiceChanged:
    return update_service(service_id=service_id, now=now, state=ServiceState.ACTIVE)


@transaction.atomic
def send_welcome_again(*, customer_id: int, now: datetime) -> Welcome:
    """Queues one more welcome, as a member of staff wished. Each call queues one."""
    customer = customers.locked(Customer.objects, customer_id)
    return welcome_again(customer, customer.contacts.all(), now=now)


@transaction.atomic
def export_data(*, customer_id: int, by: Actor, now: datetime) -> dict[str, Any]:
    """Everything stored about a customer, as queries.export_customer gives it; who took it is kept in the audit log."""
    customer = Customer.objects.get(pk=customer_id)
    record(action=Action.CUSTOMER_EXPORTED, by=by, target=_target(customer), now=now)
    return export_customer(customer_id=customer_id, now=now)


@transaction.atomic
def erase_customer(*, customer_id: int, now: datetime, by: Actor = SYSTEM) -> Erased:
    """Deletes the customer, cancels its unsent messages and erases what its messages say and to whom.

    Their sections, states and times stay, for the figures. Suppressed addresses stay suppressed.
    """
    customer = customers.locked(Customer.objects, customer_id)
    record(action=Action.CUSTOMER_ERASED, by=by, target=Target(kind=TargetKind.CUSTOMER, id=customer.pk), now=now)
    cancelled = cancel(Q(customer_id=customer_id), reason=ERASED, now=now)
    erased = Message.objects.filter(customer_id=customer_id).update(
        to_email="",
        to_name="",
        subject="",
        variables={},
        secrets=[],
        attachments=[],
        reason=ERASED,
        attempts=_WITHOUT_DETAILS,
    )
    discard_of_customer(customer_id=customer_id)
    forget_events(customer_id=customer_id)
    customers.delete_customer(customer_id=customer_id)
    return Erased(messages=erased, cancelled=cancelled)


def _target(customer: Customer) -> Target:
    return Target(kind=TargetKind.CUSTOMER, id=customer.pk, name=customer.customer_name)


def _checked(row: NewCustomer, now: datetime) -> PreparedCustomer | InvalidInput:
    try:
        return customers.prepare_customer(row, now=now)
    except InvalidInput as error:
        return error


def _result(checked: PreparedCustomer | InvalidInput, welcomes: Mapping[int, Outgoing | None]) -> RowResult:
    if isinstance(checked, InvalidInput):
        return RowResult(errors=checked.errors)
    customer_id = checked.customer.pk
    has_no_address = customer_id in welcomes and welcomes[customer_id] is None
    return RowResult(customer_id=customer_id, no_welcome=no_address() if has_no_address else "")


def _welcomed_if_active(service: Service, *, now: datetime) -> ServiceChanged:
    if service.state != ServiceState.ACTIVE:
        return ServiceChanged(service=service, welcome=None)
    customer = service.customer
    return ServiceChanged(service=service, welcome=welcome_once(customer, customer.contacts.all(), now=now))


_WITHOUT_DETAILS = Func(
    F("attempts"),
    template="""(
        SELECT coalesce(jsonb_agg(jsonb_set(attempt, '{detail}', '""') ORDER BY position), '[]')
        FROM jsonb_array_elements(%(expressions)s) WITH ORDINALITY AS each (attempt, position)
    )""",
    output_field=JSONField(),
)
"""Details may quote the address."""
