"""Pausing and resuming reminders, of one invoice or of all that a customer has to pay."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.backoffice.access import StaffModelAdmin
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import accepted
from omnicrm.backoffice.invoicing.forms import PauseForm
from omnicrm.backoffice.invoicing.money_actions import invoice_page
from omnicrm.backoffice.invoicing.wording import day
from omnicrm.customers.models import Customer
from omnicrm.invoices.days import local_day
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pausing import pause_reminders, resume_reminders
from omnicrm.invoices.reminder_models import ReminderPause
from omnicrm.invoices.reminder_plan import pause_of
from omnicrm.invoices.reminders import pause_customer, resume_customer


def pause_now(customer: Customer | None, *, now: datetime) -> ReminderPause | None:
    """The pause of a customer's reminders that holds at the moment."""
    return pause_of(customer, today=local_day(now)) if customer else None


def pause_text(customer: Customer | None, *, now: datetime) -> str:
    """Why no reminders are sent to a customer and until when, or nothing."""
    pause = pause_now(customer, now=now)
    if pause is None:
        return ""
    until = _("until %(day)s") % {"day": day(pause.until)} if pause.until else ""
    return " · ".join(filter(None, [pause.get_reason_display(), until, pause.note]))


def ask_to_pause(request: HttpRequest, admin: StaffModelAdmin, invoice: Invoice) -> HttpResponse:
    question = Question(
        title=_("Pause reminders of %(name)s") % {"name": invoice},
        text=_("For an invoice that is disputed, or that the customer promised to pay."),
        answer=_("Pause reminders"),
    )
    told = _("No reminders of %(name)s are sent for now.") % {"name": invoice}
    pause = partial(pause_reminders, invoice_id=invoice.pk)
    return _paused(request, admin, question, pause, told=told, about=invoice, back=invoice_page(invoice))


def ask_to_resume(request: HttpRequest, admin: StaffModelAdmin, invoice: Invoice) -> HttpResponse:
    question = Question(
        title=_("Resume reminders of %(name)s?") % {"name": invoice},
        text=_("If it is overdue, the next reminder follows with the next daily run."),
        answer=_("Resume reminders"),
    )
    told = _("Reminders of %(name)s are sent again.") % {"name": invoice}
    resume = partial(resume_reminders, invoice_id=invoice.pk)
    return _resumed(request, admin, question, resume, told=told, about=invoice, back=invoice_page(invoice))


def ask_to_pause_customer(
    request: HttpRequest, admin: StaffModelAdmin, customer: Customer, *, about: Model, back: str
) -> HttpResponse:
    """On the customer's page, or that of an invoice, to which the answer leads `back`."""
    question = Question(
        title=_("Pause all reminders to %(name)s") % {"name": customer},
        text=_("The customer is reminded of no overdue invoice. Each can also be paused alone, on its page."),
        answer=_("Pause all reminders"),
    )
    told = _("No reminders are sent to %(name)s for now.") % {"name": customer}
    pause = partial(pause_customer, customer_id=customer.pk)
    return _paused(request, admin, question, pause, told=told, about=about, back=back)


def ask_to_resume_customer(
    request: HttpRequest, admin: StaffModelAdmin, customer: Customer, *, about: Model, back: str
) -> HttpResponse:
    question = Question(
        title=_("Resume all reminders to %(name)s?") % {"name": customer},
        text=_("Those that are overdue follow with the next daily run. Invoices paused one by one stay paused."),
        facts=[pause_text(customer, now=now())],
        answer=_("Resume all reminders"),
    )
    told = _("Reminders are sent to %(name)s again.") % {"name": customer}
    resume = partial(resume_customer, customer_id=customer.pk)
    return _resumed(request, admin, question, resume, told=told, about=about, back=back)


def _paused(
    request: HttpRequest,
    admin: StaffModelAdmin,
    question: Question,
    pause: Callable[..., object],
    *,
    told: str,
    about: Model,
    back: str,
) -> HttpResponse:
    form = PauseForm(request.POST or None)
    if accepted(form, lambda: pause(by=visitor(request), now=now(), **form.cleaned_data)):
        messages.success(request, told)
        return redirect(back)
    return ask(request, admin, question, about=about, back=back, form=form)


def _resumed(
    request: HttpRequest,
    admin: StaffModelAdmin,
    question: Question,
    resume: Callable[..., object],
    *,
    told: str,
    about: Model,
    back: str,
) -> HttpResponse:
    if request.method == "POST":
        resume(by=visitor(request), now=now())
        messages.success(request, told)
        return redirect(back)
    return ask(request, admin, question, about=about, back=back)
