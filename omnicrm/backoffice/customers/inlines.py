"""Contacts, sites and services on a customer's page. What is changed there is written by their operations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.timezone import now
from typing_extensions import override

from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import allows
from omnicrm.backoffice.customers.forms import ContactForm, ServiceForm, ServiceFormSet, SiteForm
from omnicrm.backoffice.unfolded import TabularInline
from omnicrm.customers import operations as customers
from omnicrm.customers.models import Contact, Service, Site
from omnicrm.onboarding import operations as onboarding
from omnicrm.onboarding.operations import ServiceChanged
from omnicrm.onboarding.welcome import Welcome


class StaffInline(TabularInline):
    extra = 0
    tab = True
    show_change_link = False

    @override
    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return allows(request, Permission.READ_CUSTOMERS)

    @override
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return allows(request, Permission.WRITE_CUSTOMERS)

    @override
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return allows(request, Permission.WRITE_CUSTOMERS)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return allows(request, Permission.WRITE_CUSTOMERS)


class ContactInline(StaffInline):
    model = Contact
    form = ContactForm


class SiteInline(StaffInline):
    model = Site
    form = SiteForm


class ServiceInline(StaffInline):
    model = Service
    form = ServiceForm
    formset = ServiceFormSet


@dataclass(frozen=True, kw_only=True, slots=True)
class _Writer:
    """The operations on one kind of record. Values are by the operations' own names."""

    fields: Sequence[str]
    add: Callable[[int, dict[str, Any]], object]
    update: Callable[[int, dict[str, Any]], object]
    remove: Callable[[int], object]


_WRITERS: Mapping[type[Model], _Writer] = {
    Contact: _Writer(
        fields=ContactForm.Meta.fields,
        add=lambda customer_id, values: customers.add_contact(customer_id=customer_id, now=now(), **values),
        update=lambda pk, values: customers.update_contact(contact_id=pk, now=now(), **values),
        remove=lambda pk: customers.remove_contact(contact_id=pk),
    ),
    Site: _Writer(
        fields=SiteForm.Meta.fields,
        add=lambda customer_id, values: customers.add_site(customer_id=customer_id, **values),
        update=lambda pk, values: customers.update_site(site_id=pk, **values),
        remove=lambda pk: customers.remove_site(site_id=pk),
    ),
    Service: _Writer(
        fields=ServiceForm.Meta.fields,
        add=lambda customer_id, values: onboarding.add_service(customer_id=customer_id, now=now(), **values),
        update=lambda pk, values: onboarding.update_service(service_id=pk, now=now(), **values),
        remove=lambda pk: customers.remove_service(service_id=pk),
    ),
}


def save(formset: BaseInlineFormSet[Any, Any, Any]) -> list[Welcome]:
    """Carries out what was entered. Returns the welcomes that came of services made active."""
    formset.save(commit=False)
    writer = _WRITERS[formset.model]  # type: ignore[index]  # a formset of an inline has a model
    for removed in formset.deleted_objects:
        writer.remove(removed.pk)
    results = [writer.update(each.pk, _values(each, names)) for each, names in formset.changed_objects]
    results += [writer.add(formset.instance.pk, _values(each, writer.fields)) for each in formset.new_objects]
    return [each.welcome for each in results if isinstance(each, ServiceChanged) and each.welcome]


def _values(record: Model, names: Sequence[str]) -> dict[str, Any]:
    columns = ("site_id" if name == "site" else name for name in names)
    return {column: getattr(record, column) for column in columns}
