"""Who may see a page of the portal: a customer's user whose address is proven, and only that customer's data."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from omnicrm.accounts.models import User
from omnicrm.accounts.pages.policies import View, private
from omnicrm.accounts.pages.visitors import signed_in_user
from omnicrm.accounts.roles import Permission
from omnicrm.balances.quiet import zone_of
from omnicrm.customers.models import Customer, Service
from omnicrm.invoices.models import Invoice
from omnicrm.outbox.models import Message

P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A signed-in customer. Pages read the customer's data through it, so that none can show another's."""

    user: User
    customer: Customer

    @property
    def messages(self) -> QuerySet[Message]:
        return Message.objects.filter(customer=self.customer)

    @property
    def invoices(self) -> QuerySet[Invoice]:
        """What was issued to the customer, newest first; drafts are nobody's yet."""
        return Invoice.objects.filter(customer=self.customer, number__isnull=False).order_by("-id")

    @property
    def services(self) -> QuerySet[Service]:
        found = Service.objects.filter(customer=self.customer).order_by("id")
        return found.select_related("site", "alerts__plan")


Page = Callable[Concatenate[HttpRequest, Visit, P], HttpResponse]


def customers_only(permission: Permission) -> Callable[[Page[P]], View[P]]:
    """Makes of `(request, visit, ...)` a view, by the customer's clock. Staff are shown the way to the back office
    instead."""

    def decorate(page: Page[P]) -> View[P]:
        @private
        @login_required
        @wraps(page)
        def view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user = signed_in_user(request)
            if user.customer is None or not user.may(permission):
                return render(request, "selfcare/for_staff.html", status=403)
            if user.email_verified_at is None:
                return redirect("account_verify")
            with timezone.override(zone_of(user.customer)):
                return page(request, Visit(user=user, customer=user.customer), *args, **kwargs)

        return view

    return decorate
