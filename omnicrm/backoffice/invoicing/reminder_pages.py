"""Pausing and resuming the reminders of a customer: on its own page, and on those about its invoices."""

from datetime import datetime

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
from omnicrm.backoffice.invoicing.wording import day
from omnicrm.customers.models import Customer
from omnicrm.invoices.days import local_day
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


def ask_to_pause(
    request: HttpRequest, admin: StaffModelAdmin, customer: Customer, *, about: Model, back: str
) -> HttpResponse:
    """The page that asks, whose answer leads to `back`."""
    form = PauseForm(request.POST or None)
    paused = accepted(
        form, lambda: pause_customer(customer_id=customer.pk, by=visitor(request), now=now(), **form.cleaned_data)
    )
    if paused:
        messages.success(request, _("No reminders are sent to %(name)s for now.") % {"name": customer})
        return redirect(back)
    question = Question(
        title=_("Pause all reminders to %(name)s") % {"name": customer},
        text=_("The customer is reminded of no overdue invoice. Each can also be paused alone, on its page."),
        answer=_("Pause all reminders"),
    )
    return ask(request, admin, question, about=about, back=back, form=form)


def ask_to_resume(
    request: HttpRequest, admin: StaffModelAdmin, customer: Customer, *, about: Model, back: str
) -> HttpResponse:
    if request.method == "POST":
        resume_customer(customer_id=customer.pk, by=visitor(request), now=now())
        messages.success(request, _("Reminders are sent to %(name)s again.") % {"name": customer})
        return redirect(back)
    question = Question(
        title=_("Resume all reminders to %(name)s?") % {"name": customer},
        text=_("Those that are overdue follow with the next daily run. Invoices paused one by one stay paused."),
        facts=[pause_text(customer, now=now())],
        answer=_("Resume all reminders"),
    )
    return ask(request, admin, question, about=about, back=back)
