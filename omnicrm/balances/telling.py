"""Deciding about facts worth telling: whom to tell, in which email, when, or why not.

Facts about one service that come together leave in one email, and so do those that find an earlier email still waiting:
it is cancelled, and one about everything takes its place. The customers concerned are locked meanwhile, so that chunks
applied at the same time see each other's emails.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext_noop

from omnicrm.balances.emails import alert_email
from omnicrm.balances.facts import Fact
from omnicrm.balances.models import Alert, AlertKind, Balance, Outcome
from omnicrm.balances.posts import hand_over
from omnicrm.balances.quiet import after_quiet_hours, day_began, zone_of
from omnicrm.balances.waiting import Waiting, lock_waiting
from omnicrm.config import current_config
from omnicrm.customers.models import Contact, Customer, Service, ServiceState
from omnicrm.customers.queries import addressee
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import MessageKey
from omnicrm.outbox.operations import Outgoing, cancel, enqueue_many
from omnicrm.outbox.tasks import wake

JOINED = gettext_noop("It was replaced by one email about all balances of the service.")
_COUNTED = (Outcome.EMAILED,)

GroupKey = tuple[int, AlertKind, date | None]
"""A service, the kind of alert, and for expiries the customer's day of it: what one email can tell."""


@dataclass(slots=True)
class Group:
    """Facts for one email, with the alerts of the waiting email it replaces."""

    service: Service
    kind: AlertKind
    alerts: list[Alert] = field(default_factory=list)
    replaced: Waiting | None = None
    key: str = ""
    not_before: datetime | None = None


def tell(facts: Sequence[Fact], *, now: datetime) -> None:
    """Records what is decided about each fact, and queues what follows from it, in the caller's transaction."""
    if not facts:
        return
    services = Service.objects.select_related("customer").in_bulk({fact.service_id for fact in facts})
    groups = _grouped(facts, services, now)
    customers = {group.service.customer_id for group in groups}
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=customers).order_by("pk").values_list("pk"))
    refused = [_alert(fact, services, fact.refusal, now) for fact in facts if fact.refusal]
    _queue(groups, customers, now=now)
    alerts = [*refused, *(alert for group in groups for alert in group.alerts)]
    Alert.objects.bulk_create(alerts)
    hand_over([(group.service, group.alerts, group.not_before) for group in groups], now=now)


def _grouped(facts: Iterable[Fact], services: Mapping[int, Service], now: datetime) -> list[Group]:
    groups: dict[GroupKey, Group] = {}
    for fact in facts:
        if fact.refusal is None:
            service = services[fact.service_id]
            day = fact.expiry.astimezone(zone_of(service.customer)).date() if fact.expiry else None
            group = groups.setdefault((service.pk, fact.kind, day), Group(service, fact.kind))
            group.alerts.append(_alert(fact, services, Outcome.EMAILED, now))
            group.key = fact.key
    return list(groups.values())


def _queue(groups: Sequence[Group], customers: Iterable[int], *, now: datetime) -> None:
    """Settles every alert of the groups, and queues their emails."""
    contacts = _addressees(customers)
    told_today = _told_today([group.service.customer for group in groups], now)
    waiting = lock_waiting([group.service.pk for group in groups if group.kind is AlertKind.LOW], now=now)
    going: list[Group] = []
    for group in groups:
        group.replaced = waiting.pop(group.service.pk, None) if group.kind is AlertKind.LOW else None
        if refusal := _refusal(group, contacts, told_today):
            for alert in group.alerts:
                alert.outcome = refusal
        else:
            told_today[group.service.customer_id] += group.replaced is None
            group.not_before = _not_before(group, now)
            going.append(group)
    _enqueue(going, contacts, now=now)


def _refusal(group: Group, contacts: Mapping[int, Contact], told_today: Mapping[int, int]) -> Outcome | None:
    customer_id = group.service.customer_id
    if group.service.state == ServiceState.CLOSED:
        return Outcome.CLOSED
    if customer_id not in contacts:
        return Outcome.NO_ADDRESS
    is_full = told_today[customer_id] >= current_config().balances.daily_cap
    return Outcome.CAPPED if is_full and group.replaced is None else None


def _not_before(group: Group, now: datetime) -> datetime:
    if group.replaced:
        return group.replaced.not_before
    settings = current_config().balances
    return after_quiet_hours(now + settings.gather, hours=settings.quiet_hours, zone=zone_of(group.service.customer))


def _enqueue(groups: Sequence[Group], contacts: Mapping[int, Contact], *, now: datetime) -> None:
    if not groups:
        return
    replaced = [group.replaced for group in groups if group.replaced]
    cancel(Q(pk__in=[each.message_id for each in replaced]), reason=JOINED, now=now)
    told = {alert.balance_id for group in groups for alert in _all_alerts(group)}
    balances = Balance.objects.in_bulk(told)
    enqueue_many((_outgoing(group, contacts, balances) for group in groups), now=now)
    wake(min(group.not_before for group in groups if group.not_before))
    message_ids = dict(
        MessageKey.objects.filter(key__in=[group.key for group in groups]).values_list("key", "message_id")
    )
    for group in groups:
        for alert in _all_alerts(group):
            alert.message_id = message_ids[group.key]
    Alert.objects.bulk_update([alert for each in replaced for alert in each.alerts], ["message_id"])


def _outgoing(group: Group, contacts: Mapping[int, Contact], balances: Mapping[int, Balance]) -> Outgoing:
    customer = group.service.customer
    contact = contacts[customer.pk]
    told = [(alert, balances[alert.balance_id]) for alert in _all_alerts(group)]
    to = Recipient(
        email=contact.email,
        name=contact.full_name or customer.customer_name,
        language=customer.language,
        customer_id=customer.pk,
    )
    email = alert_email(group.kind, group.service, told, zone=zone_of(customer))
    return Outgoing(email=email, to=to, key=group.key, not_before=group.not_before)


def _all_alerts(group: Group) -> list[Alert]:
    return [*(group.replaced.alerts if group.replaced else ()), *group.alerts]


def _alert(fact: Fact, services: Mapping[int, Service], outcome: Outcome, now: datetime) -> Alert:
    return Alert(
        balance_id=fact.balance_id,
        customer_id=services[fact.service_id].customer_id,
        kind=fact.kind,
        step=fact.step,
        ordinal=fact.ordinal,
        expiry=fact.expiry,
        value=fact.value,
        threshold=fact.threshold,
        happened_at=fact.happened_at,
        decided_at=now,
        outcome=outcome,
    )


def _addressees(customers: Iterable[int]) -> dict[int, Contact]:
    """For each customer the primary contact with an address, else the first with one."""
    reachable: dict[int, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(customer_id__in=customers).exclude(email="").order_by("pk"):
        reachable[contact.customer_id].append(contact)
    return {customer_id: chosen for customer_id, contacts in reachable.items() if (chosen := addressee(contacts))}


def _told_today(customers: Iterable[Customer], now: datetime) -> defaultdict[int, int]:
    """How many emails about balances each customer's day has seen so far."""
    began = {customer.pk: day_began(now, zone_of(customer)) for customer in customers}
    told: dict[int, set[object]] = defaultdict(set)
    if began:
        alerts = Alert.objects.filter(
            customer_id__in=began, decided_at__gte=min(began.values()), outcome__in=_COUNTED
        ).values_list("customer_id", "decided_at", "message_id")
        for customer_id, decided_at, message_id in alerts:
            if decided_at >= began[customer_id]:
                told[customer_id].add(message_id)
    return defaultdict(int, {customer_id: len(messages) for customer_id, messages in told.items()})
