"""The customer's services: what is left of their balances, and the alerts that were sent about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from omnicrm.accounts.roles import Permission
from omnicrm.balances.links import Purpose, outside_url
from omnicrm.balances.models import Plan
from omnicrm.config import current_config
from omnicrm.customers.models import Service, ServiceState
from omnicrm.selfcare.access import Visit, customers_only
from omnicrm.selfcare.balances import ToldBalance, sent_alerts, told_alerts, told_balances

PAGE_SIZE: Final = 25
LATEST_ALERTS: Final = 5
MOST_IN_A_LIST: Final = 6
"""Balances of one service in a list; its own page shows all of them."""
_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldService:
    """`more` is how many balances the service's own page shows beside these."""

    service: Service
    plan: Plan | None
    balances: Sequence[ToldBalance]
    more: int = 0

    @property
    def is_active(self) -> bool:
        return self.service.state == ServiceState.ACTIVE


def told_services(services: Iterable[Service], *, now: datetime) -> list[ToldService]:
    """In the order given, in a number of queries that does not depend on theirs."""
    listed = list(services)
    balances = told_balances(listed, now=now)
    return [_told(service, balances.get(service.pk, [])) for service in listed]


def _told(service: Service, balances: Sequence[ToldBalance], *, most: int = MOST_IN_A_LIST) -> ToldService:
    alerts = getattr(service, "alerts", None)
    return ToldService(
        service=service,
        plan=alerts.plan if alerts else None,
        balances=balances[:most],
        more=max(len(balances) - most, 0),
    )


@require_safe
@customers_only(Permission.READ_OWN)
def my_services(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The newest first; `?before=<id>` goes on from there."""
    before = _id(request.GET.get("before", ""))
    found = visit.services.order_by("-id")
    page = list((found.filter(id__lt=before) if before else found)[: PAGE_SIZE + 1])
    about = {
        "services": told_services(page[:PAGE_SIZE], now=timezone.now()),
        "before": page[PAGE_SIZE - 1].pk if len(page) > PAGE_SIZE else None,
        "is_first": before is None,
        "alerts": told_alerts(visit, sent_alerts(visit)[:LATEST_ALERTS]) if before is None else [],
        "support_email": current_config().company.support_email,
    }
    return render(request, "selfcare/services.html", about)


@require_safe
@customers_only(Permission.READ_OWN)
def my_service(request: HttpRequest, visit: Visit, service_id: int) -> HttpResponse:
    """All balances of one service, and its alerts, newest first; `?before=<id>` goes on from there."""
    service, now = _own(visit, service_id), timezone.now()
    before = _uuid(request.GET.get("before", ""))
    found = sent_alerts(visit).filter(balance__service=service)
    page = list((found.filter(id__lt=before) if before else found)[: PAGE_SIZE + 1])
    balances = told_balances([service], now=now).get(service.pk, [])
    about = {
        "each": _told(service, balances, most=len(balances)),
        "alerts": told_alerts(visit, page[:PAGE_SIZE]),
        "before": page[PAGE_SIZE - 1].pk if len(page) > PAGE_SIZE else None,
        "is_first": before is None,
        **what_to_do(service, now=now),
    }
    return render(request, "selfcare/service.html", about)


def what_to_do(service: Service, *, now: datetime) -> dict[str, str | bool | None]:
    """Where the service is topped up and renewed: on the operator's pages, else by writing to support."""
    is_closed = service.state == ServiceState.CLOSED
    pages = {
        "topup_page": outside_url(Purpose.TOP_UP, service, now=now),
        "renewal_page": outside_url(Purpose.RENEW, service, now=now),
    }
    ways = dict.fromkeys(pages) if is_closed else pages
    return {**ways, "is_closed": is_closed, "support_email": current_config().company.support_email}


def _own(visit: Visit, service_id: int) -> Service:
    service = visit.services.filter(pk=service_id).first() if service_id <= _LARGEST_ID else None
    if service is None:
        raise Http404
    return service


def _id(text: str) -> int | None:
    number = int(text[:20]) if text.isascii() and text.isdecimal() else 0
    return number if 0 < number <= _LARGEST_ID else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
