"""Sending an email of a custom kind: choose it, fill it in, look at it, send it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import require
from omnicrm.backoffice.email.custom_message_forms import CustomMessageForm
from omnicrm.backoffice.email.custom_message_preview import MessagePreview, preview_of
from omnicrm.backoffice.filters import record_id
from omnicrm.backoffice.policies import PAGE_OF_EMAILS
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.emails.catalogue import custom_kinds
from omnicrm.emails.operations import compose, send_custom_email
from omnicrm.emails.recipients import reachable_contacts


@dataclass(frozen=True)
class CustomMessagePages:
    site: AdminSite

    def urls(self) -> list[URLPattern]:
        return [
            path("send/", self.site.admin_view(self.choose), name="custom_messages"),
            path("send/<slug:section>/", self.site.admin_view(self.send), name="custom_message"),
        ]

    def choose(self, request: HttpRequest) -> HttpResponse:
        """Every custom email, or how to add the first."""
        require(request, Permission.WRITE_MESSAGES)
        customer = _customer(request)
        context = {"kinds": custom_kinds().values(), **self._about(request, customer, _("Send an email"))}
        return TemplateResponse(request, "backoffice/custom_messages.html", context)

    def send(self, request: HttpRequest, section: str) -> HttpResponse:
        """The form; once it is filled in, the email as it will look; then the email is queued."""
        require(request, Permission.WRITE_MESSAGES)
        kind, customer = custom_kinds().get(section), _customer(request)
        if kind is None:
            messages.warning(request, _("This is no longer there."))
            return redirect("admin:custom_messages")
        if customer and not reachable_contacts(customer):
            messages.warning(request, _("No contact of the customer has an email address."))
            return redirect("admin:customers_customer_change", customer.pk)
        form = CustomMessageForm(request.POST or None, kind=kind, customer=customer)
        step = request.POST.get("step", "")
        if step == "send" and form.is_valid() and (sent := _sent(request, form)):
            return sent
        if step == "preview" and form.is_valid() and (preview := _preview(form)):
            return self._page(request, "backoffice/custom_message_preview.html", form, customer, preview=preview)
        return self._page(request, "backoffice/custom_message.html", form, customer)

    def _page(
        self,
        request: HttpRequest,
        template: str,
        form: CustomMessageForm,
        customer: Customer | None,
        *,
        preview: MessagePreview | None = None,
    ) -> HttpResponse:
        about = self._about(request, customer, str(form.kind.title))
        response = TemplateResponse(request, template, {**about, "kind": form.kind, "form": form, "preview": preview})
        response["Content-Security-Policy"] = PAGE_OF_EMAILS
        return response

    def _about(self, request: HttpRequest, customer: Customer | None, title: str) -> dict[str, Any]:
        query = f"?customer={customer.pk}" if customer else ""
        return {**self.site.each_context(request), "title": title, "customer": customer, "query": query}


def _customer(request: HttpRequest) -> Customer | None:
    """The one that the address names, if any; what names nobody is passed over."""
    number = record_id(request.GET.get("customer", ""))
    if number is None:
        return None
    require(request, Permission.READ_CUSTOMERS)
    return Customer.objects.filter(pk=number).first()


def _preview(form: CustomMessageForm) -> MessagePreview | None:
    try:
        email, mailbox = compose(section=form.kind.section, variables=form.variables(), to=form.addressee())
    except InvalidInput as refusal:
        form.refuse(refusal)
        return None
    return preview_of(email, mailbox, now=timezone.now())


def _sent(request: HttpRequest, form: CustomMessageForm) -> HttpResponse | None:
    try:
        enqueued = send_custom_email(
            section=form.kind.section,
            variables=form.variables(),
            to=form.addressee(),
            key=str(form.cleaned_data["token"]),
            not_before=form.cleaned_data["not_before"],
            by=visitor(request),
            now=timezone.now(),
        )
    except InvalidInput as refusal:
        form.refuse(refusal)
        return None
    if enqueued.created:
        messages.success(request, _("The email is queued; this page shows what becomes of it."))
    else:
        messages.info(request, _("This email was queued before; it is not sent a second time."))
    return redirect(reverse("admin:outbox_message_change", args=[enqueued.message_id]))
