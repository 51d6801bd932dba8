"""Everything the room stores about a customer, for the file of their data."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from omnicrm.balances.models import Alert, Balance, BalanceEvent, Quarantined, ServiceAlerts, WebhookPost
from omnicrm.customers.exporting import columns
from omnicrm.customers.models import Service

Rows = Sequence[Mapping[str, Any]]


def export_balances(customer_id: int) -> Mapping[str, Rows]:
    """Column by column; amounts are texts. Each balance has its `course`, oldest event first."""
    services = Service.objects.filter(customer=customer_id)
    courses = _courses(customer_id)
    return {
        "balances": [
            {**columns(balance), "course": courses[balance.pk]}
            for balance in Balance.objects.filter(service__in=services)
        ],
        "balance_alerts": [columns(alert) for alert in Alert.objects.filter(customer=customer_id)],
        "balance_alerts_posted": [columns(post) for post in WebhookPost.objects.filter(alert__customer=customer_id)],
        "balance_thresholds": [
            {**columns(own), "plan": own.plan.name if own.plan else None}
            for own in ServiceAlerts.objects.filter(service__in=services).select_related("plan")
        ],
        "balance_events_waiting": [
            columns(held) for held in Quarantined.objects.filter(service_uuid__in=services.values("service_uuid"))
        ],
    }


def _courses(customer_id: int) -> Mapping[int, Rows]:
    courses: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for event in BalanceEvent.objects.filter(balance__service__customer=customer_id):
        courses[event.balance_id].append(columns(event))
    return courses
