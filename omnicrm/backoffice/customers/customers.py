"""Customers: finding, registering and changing them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import display, register
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from typing_extensions import override

from omnicrm.accounts.queries import find_users
from omnicrm.accounts.roles import Permission
from omnicrm.audit.models import TargetKind
from omnicrm.backoffice.access import allows
from omnicrm.backoffice.audited import log_about
from omnicrm.backoffice.customers import inlines as customer_inlines
from omnicrm.backoffice.customers.actions import CustomerActions, customer_page
from omnicrm.backoffice.customers.forms import CONTACT_FIELDS, SITE_FIELDS, CustomerForm, NewCustomerForm
from omnicrm.backoffice.customers.inlines import ContactInline, ServiceInline, SiteInline
from omnicrm.backoffice.customers.reach import unreachable
from omnicrm.backoffice.entry import Section, accepted, enter, require_act
from omnicrm.backoffice.filters import PeriodFilter, TagFilter
from omnicrm.backoffice.invoicing.charge_wording import charged_services
from omnicrm.backoffice.invoicing.reminder_pages import pause_text
from omnicrm.backoffice.outcomes import tell_welcome
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import NOTHING, badge, moment, two_lines
from omnicrm.balances.queries import services_with_balances
from omnicrm.customers import operations as customers
from omnicrm.customers.models import Customer
from omnicrm.customers.queries import find_customers
from omnicrm.invoices.history import latest_invoices
from omnicrm.onboarding import operations as onboarding
from omnicrm.outbox.queries import messages_of_customer

MAX_SEARCH = 200


@register(Customer, site=site)
class CustomerAdmin(CustomerActions):
    reads = Permission.READ_CUSTOMERS
    acts = Permission.WRITE_CUSTOMERS

    form = CustomerForm
    list_display = (
        "customer_name",
        "main_contact",
        "customer_account_type",
        "customer_payment_type",
        "language",
        "labels",
        "created",
    )
    list_filter = ("customer_account_type", "customer_payment_type", "language", TagFilter, PeriodFilter)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("customer_name",)  # shows the field; get_search_results does the work
    search_help_text = gettext_lazy("Name, email, phone or service UUID")
    inlines = (ContactInline, SiteInline, ServiceInline)
    change_form_outer_before_template = "backoffice/customer_head.html"
    change_form_outer_after_template = "backoffice/customer_messages.html"
    empty_text = gettext_lazy("There is no customer yet. Add the first one: the welcome email follows by itself.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).prefetch_related("contacts")

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(services__service_uuid=UUID(search_term.strip())), False
        except ValueError:
            found = find_customers(search=search_term[:MAX_SEARCH]).order_by().values("pk")
            return queryset.filter(pk__in=found), False

    @display(description=gettext_lazy("contact"))
    def main_contact(self, customer: Customer) -> SafeString:
        for contact in customer.contacts.all():
            return two_lines(contact.full_name or NOTHING, contact.email or contact.phone)
        return two_lines(NOTHING)

    @display(description=gettext_lazy("tags"))
    def labels(self, customer: Customer) -> SafeString:
        return format_html_join(" ", "{}", ([badge(tag, "")] for tag in customer.tags))

    @display(description=gettext_lazy("created"))
    def created(self, customer: Customer) -> str:
        return moment(customer.created_at)

    @override
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        require_act(request, self)
        form = NewCustomerForm(request.POST or None, initial={"language": get_language()})
        registered = accepted(
            form, lambda: onboarding.register_customer(now=now(), **form.new_customer()), fields=form.paths()
        )
        if registered is None:
            words = {"title": _("Add a customer"), "answer": _("Add the customer")}
            return enter(request, self, form=form, sections=_sections(), **words)
        self.log_addition(request, registered.customer, [{"added": {}}])
        messages.success(request, _("%(name)s is a customer now.") % {"name": registered.customer})
        tell_welcome(request, registered.welcome)
        return redirect(customer_page(registered.customer))

    @override
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ObjectDoesNotExist:
            messages.error(request, _("Nothing was saved, because somebody else changed this customer meanwhile."))
            return redirect(request.path)

    @override
    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        if changes := {name: form.cleaned_data[name] for name in form.changed_data}:
            customers.update_customer(customer_id=obj.pk, now=now(), **changes)

    @override
    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for welcome in customer_inlines.save(formset):
            tell_welcome(request, welcome)

    @override
    def about(self, request: HttpRequest, record: Customer) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "users": find_users(customer_id=record.pk),
            "may_manage_users": allows(request, Permission.MANAGE_ACCOUNTS),
            "offers": self.offers(request, record),
        }
        if allows(request, Permission.READ_AUDIT):
            shown["what_happened"] = log_about(TargetKind.CUSTOMER, record.pk)
        if allows(request, Permission.READ_MESSAGES):
            all_messages = f"{reverse('admin:outbox_message_changelist')}?customer__id__exact={record.pk}"
            shown |= {
                "latest": messages_of_customer(record.pk),
                "all_messages": all_messages,
                "unreachable": unreachable(record),
                "may_lift": allows(request, Permission.WRITE_MESSAGES),
            }
        if allows(request, Permission.READ_INVOICES):
            may_invoice = allows(request, Permission.WRITE_INVOICES)
            shown |= {
                "invoices": latest_invoices(record.pk),
                "may_invoice": may_invoice,
                "charged": charged_services(record.pk, now=now()),
                "reminders_pause": pause_text(record, now=now()),
            }
        if allows(request, Permission.READ_BALANCES):
            shown["services"] = services_with_balances(record.pk)
        return shown


def _sections() -> list[Section]:
    own = ["customer_name", "customer_account_type", "customer_payment_type", "language", "tags", "attributes"]
    contact_hint = _("The welcome email goes to this address. More contacts can be added afterwards.")
    return [
        Section(title=_("Customer"), fields=own),
        Section(title=_("First contact"), fields=CONTACT_FIELDS, hint=contact_hint),
        Section(title=_("First site"), fields=list(SITE_FIELDS), hint=_("May stay empty.")),
    ]
