"""What may be done for a customer, each on a page that asks first."""

from collections.abc import Container

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from typing_extensions import override

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import allows, page_about_one
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.customers.forms import ActivationForm, ConsentForm
from omnicrm.backoffice.invoicing.reminder_pages import ask_to_pause_customer, ask_to_resume_customer, pause_now
from omnicrm.backoffice.offers import Offering
from omnicrm.backoffice.outcomes import tell_welcome
from omnicrm.customers.models import ConsentSource, Customer, ServiceState
from omnicrm.emails.recipients import reachable_contacts
from omnicrm.onboarding import operations
from omnicrm.onboarding.consents import note_consent


def customer_page(customer: Customer) -> str:
    return reverse("admin:customers_customer_change", args=[customer.pk])


class CustomerActions(Offering):
    actions_detail = (
        "email_page",
        "welcome_page",
        "activate_page",
        "consent_page",
        "pause_page",
        "resume_page",
        "erase_page",
    )

    @override
    def possible(self, _request: HttpRequest, record: Customer) -> Container[str]:
        reminders = "resume-reminders" if pause_now(record, now=now()) else "pause-reminders"
        return {"email", "welcome", "activate-service", "marketing-consent", "erase", reminders}

    def has_invoices_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return allows(request, Permission.WRITE_INVOICES)

    def has_erase_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return allows(request, Permission.ERASE_CUSTOMERS)

    def has_email_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return allows(request, Permission.WRITE_MESSAGES)

    @page_about_one(description=gettext_lazy("Send an email"), url_path="email", icon="send", permission="email")
    def email_page(self, _request: HttpRequest, customer: Customer) -> HttpResponse:
        return redirect(f"{reverse('admin:custom_messages')}?customer={customer.pk}")

    @page_about_one(description=gettext_lazy("Send welcome again"), url_path="welcome", icon="forward_to_inbox")
    def welcome_page(self, request: HttpRequest, customer: Customer) -> HttpResponse:
        if request.method == "POST":
            tell_welcome(request, operations.send_welcome_again(customer_id=customer.pk, now=now()))
            return redirect(customer_page(customer))
        question = Question(
            title=_("Send the welcome email to %(name)s again?") % {"name": customer},
            text=_("It goes to the primary contact, whether or not it was sent before."),
            answer=_("Send the welcome again"),
        )
        return ask(request, self, question, about=customer, back=customer_page(customer))

    @page_about_one(description=gettext_lazy("Activate service"), url_path="activate-service", icon="bolt")
    def activate_page(self, request: HttpRequest, customer: Customer) -> HttpResponse:
        if not customer.services.exclude(state=ServiceState.ACTIVE).exists():
            messages.info(request, _("There is no service to activate. Add one under Services."))
            return redirect(f"{customer_page(customer)}#services")
        form = ActivationForm(request.POST or None, customer=customer)
        if form.is_valid():
            activated = operations.activate_service(service_id=form.cleaned_data["service"].pk, now=now())
            messages.success(request, _("The service “%(name)s” is active.") % {"name": activated.service})
            if activated.welcome:
                tell_welcome(request, activated.welcome)
            return redirect(customer_page(customer))
        question = Question(
            title=_("Activate a service of %(name)s") % {"name": customer},
            text=_("The first service that becomes active welcomes the customer, if nothing else has."),
            answer=_("Activate the service"),
        )
        return ask(request, self, question, about=customer, back=customer_page(customer), form=form)

    @page_about_one(description=gettext_lazy("Marketing consent"), url_path="marketing-consent", icon="how_to_reg")
    def consent_page(self, request: HttpRequest, customer: Customer) -> HttpResponse:
        contacts = reachable_contacts(customer)
        if not contacts:
            messages.warning(request, _("No contact of the customer has an email address."))
            return redirect(customer_page(customer))
        form = ConsentForm(request.POST if request.method == "POST" else None, contacts=contacts)
        if form.is_valid():
            for contact, agrees in form.answers():
                note_consent(
                    contact_id=contact.pk, agrees=agrees, source=ConsentSource.STAFF, by=visitor(request), now=now()
                )
            messages.success(request, _("Noted who has agreed to marketing email."))
            return redirect(customer_page(customer))
        question = Question(
            title=_("Who of %(name)s has agreed to marketing email?") % {"name": customer},
            text=_("Switch it on only for who said so. Whoever unsubscribed gets none all the same."),
            answer=_("Save"),
        )
        return ask(request, self, question, about=customer, back=customer_page(customer), form=form)

    @page_about_one(
        description=gettext_lazy("Pause reminders"), url_path="pause-reminders", icon="pause", permission="invoices"
    )
    def pause_page(self, request: HttpRequest, customer: Customer) -> HttpResponse:
        return ask_to_pause_customer(request, self, customer, about=customer, back=customer_page(customer))

    @page_about_one(
        description=gettext_lazy("Resume reminders"),
        url_path="resume-reminders",
        icon="play_arrow",
        permission="invoices",
    )
    def resume_page(self, request: HttpRequest, customer: Customer) -> HttpResponse:
        return ask_to_resume_customer(request, self, customer, about=customer, back=customer_page(customer))

    @page_about_one(description=gettext_lazy("Erase"), url_path="erase", icon="delete_forever", permission="erase")
    def erase_page(self, request: HttpRequest, customer: Customer) -> HttpResponse:
        if request.method == "POST":
            with transaction.atomic():
                erased = operations.erase_customer(customer_id=customer.pk, by=visitor(request), now=now())
                _forget(customer)
            done = _("The customer is erased. Messages whose content went too: %(messages)d; cancelled: %(cancelled)d.")
            messages.success(request, done % {"messages": erased.messages, "cancelled": erased.cancelled})
            return redirect("admin:customers_customer_changelist")
        question = Question(
            title=_("Erase %(name)s?") % {"name": customer},
            text=_("This cannot be undone. What goes:"),
            facts=_what_goes(customer),
            answer=_("Erase the customer"),
            is_dangerous=True,
        )
        return ask(request, self, question, about=customer, back=customer_page(customer))


def _what_goes(customer: Customer) -> list[str]:
    contacts, sites, services = (records.count() for records in (customer.contacts, customer.sites, customer.services))
    return [
        _("the customer with its attributes and tags"),
        ngettext("%(count)d contact", "%(count)d contacts", contacts) % {"count": contacts},
        ngettext("%(count)d site", "%(count)d sites", sites) % {"count": sites},
        ngettext("%(count)d service", "%(count)d services", services) % {"count": services},
        _("the content and the recipient of all its messages; those that still wait are cancelled"),
        _("the history of this page"),
    ]


def _forget(customer: Customer) -> None:
    """The admin's history quotes names."""
    about = ContentType.objects.get_for_model(Customer)
    LogEntry.objects.filter(content_type=about, object_id=str(customer.pk)).delete()
