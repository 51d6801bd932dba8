"""The pages behind the links of balance alerts. Who has the link sees what is left of that one service, without signing
in, and where to top it up or renew it."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from omnicrm.accounts.pages.policies import private
from omnicrm.balances.links import LinkState, Purpose, service_of
from omnicrm.balances.quiet import zone_of
from omnicrm.customers.models import Service
from omnicrm.selfcare.balances import told_balances
from omnicrm.selfcare.by_link import shown_by_link
from omnicrm.selfcare.services import what_to_do


@private
@login_not_required
@require_safe
def service_page(request: HttpRequest, service_id: int, purpose: Purpose) -> HttpResponse:
    """About the service of the token `?t=`; 410 when that has expired, 404 when it opens nothing."""
    found = _found(service_id, request.GET.get("t", ""))
    if isinstance(found, LinkState):
        return shown_by_link(request, lambda: _nothing(request, found), language=None)
    return shown_by_link(request, lambda: _page(request, found, purpose), language=found.customer.language)


def _found(service_id: int, token: str) -> Service | LinkState:
    """The link of a service that was removed, or whose customer was erased, opens nothing any more."""
    named = service_of(token, now=timezone.now())
    if isinstance(named, LinkState):
        return named
    service = Service.objects.select_related("customer").filter(pk=named).first() if named == service_id else None
    return service or LinkState.WRONG


def _page(request: HttpRequest, service: Service, purpose: Purpose) -> HttpResponse:
    now = timezone.now()
    about = {
        "service": service,
        "balances": told_balances([service], now=now).get(service.pk, []),
        "is_renewal": purpose is Purpose.RENEW,
        **what_to_do(service, now=now),
    }
    with timezone.override(zone_of(service.customer)):
        return render(request, "selfcare/service_link.html", about)


def _nothing(request: HttpRequest, why: LinkState) -> HttpResponse:
    is_expired = why is LinkState.EXPIRED
    status = HTTPStatus.GONE if is_expired else HTTPStatus.NOT_FOUND
    return render(request, "selfcare/service_link_void.html", {"is_expired": is_expired}, status=status)
