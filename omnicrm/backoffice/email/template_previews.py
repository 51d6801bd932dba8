"""What a preview of a template shows, as the address of its page asks: a view, and sample data or a customer's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import allows
from omnicrm.backoffice.filters import record_id
from omnicrm.customers.models import Customer
from omnicrm.customers.queries import find_customers
from omnicrm.emails.templates.rendering import Rendition, values_of

MOST_CUSTOMERS: Final = 8
LONGEST_SEARCH: Final = 100


class View(models.TextChoices):
    DESKTOP = "desktop", gettext_lazy("Desktop")
    PHONE = "phone", gettext_lazy("Phone")
    DARK = "dark", gettext_lazy("Dark")
    TEXT = "text", gettext_lazy("Text")


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """`address` holds the query alone: it leads to the same page."""

    label: str
    address: str
    is_current: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """`customer` is whose data is shown; None for sample data. `search` is what customers were looked for by."""

    view: View
    customer: Customer | None
    search: str
    problem: str

    @property
    def own(self) -> Mapping[str, str]:
        """The customer's values, for a rendition."""
        return values_of(self.customer) if self.customer else {}

    @property
    def query(self) -> str:
        """What makes another page show the same."""
        return _query(self.view, self.customer)

    @property
    def views(self) -> list[Link]:
        return [
            Link(label=str(view.label), address=_query(view, self.customer), is_current=view == self.view)
            for view in View
        ]

    @property
    def without_customer(self) -> str:
        return _query(self.view, None)

    @property
    def customers(self) -> "Customers":
        return customers_found(self.search, view=self.view)

    def html(self, rendition: Rendition) -> str:
        return rendition.dark if self.view == View.DARK else rendition.light


@dataclass(frozen=True, kw_only=True, slots=True)
class Customers:
    """Those whose data a preview could show. `search` is "" where nobody was looked for."""

    search: str
    links: Sequence[Link]
    are_more: bool


def preview_asked_for(request: HttpRequest) -> Preview:
    """Whatever the address holds: what means nothing is passed over, an unknown customer is a `problem`."""
    view = request.GET.get("view", "")
    number = request.GET.get("customer", "").strip()
    may_see = allows(request, Permission.READ_CUSTOMERS)
    customer = _customer(number) if may_see else None
    return Preview(
        view=View(view) if view in View.values else View.DESKTOP,
        customer=customer,
        search=searched_for(request) if may_see else "",
        problem=_("There is no customer %(number)s.") % {"number": number[:20]}
        if may_see and number and not customer
        else "",
    )


def searched_for(request: HttpRequest) -> str:
    return request.GET.get("find", "").strip()[:LONGEST_SEARCH]


def customers_found(search: str, *, view: View) -> Customers:
    found = list(find_customers(search=search)[: MOST_CUSTOMERS + 1]) if search else []
    links = [Link(label=_named(customer), address=_query(view, customer)) for customer in found[:MOST_CUSTOMERS]]
    return Customers(search=search, links=links, are_more=len(found) > MOST_CUSTOMERS)


def _named(customer: Customer) -> str:
    """Enough to tell two of the same name apart."""
    address = next((contact.email for contact in customer.contacts.all() if contact.email), "")
    return " · ".join(part for part in (customer.customer_name, address, str(customer.pk)) if part)


def _customer(number: str) -> Customer | None:
    return Customer.objects.filter(pk=record_id(number) or 0).first()


def _query(view: View, customer: Customer | None) -> str:
    return "?" + urlencode({"view": view.value} | ({"customer": customer.pk} if customer else {}))
