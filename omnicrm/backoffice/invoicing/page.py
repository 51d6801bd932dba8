"""What the page about one invoice tells: its facts, its lines, its money, and everything that happened to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnicrm.audit.models import Action, Entry, TargetKind
from omnicrm.backoffice.audit import wording as audit_wording
from omnicrm.backoffice.email import message_page
from omnicrm.backoffice.email.happenings import Happening
from omnicrm.backoffice.invoicing.reminder_pages import pause_text
from omnicrm.backoffice.invoicing.wording import amount, day, due, exact, number, period, rate, state_badges, title
from omnicrm.backoffice.wording import email_name, moment, reason_text
from omnicrm.delivery.models import DeliveryEvent
from omnicrm.delivery.queries import events_of
from omnicrm.invoices.models import Invoice, InvoiceLine, Payment
from omnicrm.invoices.queries import invoices_in_full, is_paused, state_of
from omnicrm.invoices.reminder_queries import ReminderFact, every_email_about, outlook_of, reminders_of
from omnicrm.invoices.states import Kind, State
from omnicrm.outbox.models import Message

LINES_SHOWN: Final = 200
_TOLD_OF_THE_LOG: Final = (Action.REMINDERS_PAUSED, Action.REMINDERS_RESUMED, Action.INVOICE_IMPORTED)
"""What else of the audit log belongs to the timeline; the other entries are about things that stand there already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownLine:
    title: str
    period: str
    quantity: str
    price: str
    rate: str
    net: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPayment:
    """`undo` is the page that takes it back; empty for one that was taken back or takes back itself."""

    payment: Payment
    amount: str
    day: str
    undo: str


def told(record: Invoice, *, now: datetime) -> dict[str, Any]:
    """What the template shows."""
    invoice = invoices_in_full().select_related("customer").get(pk=record.pk)
    lines, reminders = list(invoice.lines.all()), reminders_of(invoice.pk)
    every_email = every_email_about(invoice.pk, reminders)
    events = events_of([message.id for message in every_email])
    return {
        "invoice": invoice,
        "heading": title(invoice),
        "badges": state_badges(invoice, now=now),
        "facts": _facts(invoice, now=now),
        "pause": _pause(invoice, now=now),
        "customers_pause": pause_text(invoice.customer, now=now),
        "lines": [_line(line, invoice.currency) for line in lines[:LINES_SHOWN]],
        "lines_left": max(len(lines) - LINES_SHOWN, 0),
        "sums": _sums(invoice),
        "payments": [_payment(payment, invoice) for payment in invoice.payments.all()],
        "notes_for_it": list(invoice.credit_notes.all()),
        "emails": every_email[::-1],
        "timeline": timeline(invoice, every_email, reminders, events),
    }


def timeline(
    invoice: Invoice,
    emails: Sequence[Message],
    reminders: Sequence[ReminderFact],
    events: Mapping[UUID, Sequence[DeliveryEvent]],
) -> list[Happening]:
    """Everything that happened, oldest first; `events` are what Mailjet told, by the email's id."""
    found = [*_born(invoice), *_paid(invoice), *_credited(invoice), *_logged(invoice), *_reminded(reminders)]
    for message in emails:
        found.extend(_mailed(message, events.get(message.id, ())))
    return sorted(found, key=lambda happening: happening.place)


def _facts(invoice: Invoice, *, now: datetime) -> list[tuple[str, Any]]:
    """Labels and values in the order of interest; what an invoice does not have is left out."""
    late = due(invoice, now=now)
    shown: Sequence[tuple[str, Any]] = [
        (_("Date of issue"), invoice.issue_date and day(invoice.issue_date)),
        (_("Due date"), invoice.due_date and f"{day(invoice.due_date)}{f' · {late}' if late else ''}"),
        (_("Reminders"), _next_reminder(invoice, now=now)),
        (_("Period"), period(invoice.start_date, invoice.end_date)),
        (_("Language"), invoice.get_language_display()),
        (_("Notes"), invoice.notes),
        (_("Issued elsewhere"), invoice.is_imported and _("yes: its PDF was uploaded")),
        (_("Created"), moment(invoice.created_at)),
    ]
    return [(label, value) for label, value in shown if value]


def _next_reminder(invoice: Invoice, *, now: datetime) -> str:
    """What today's round does about it, if it is overdue."""
    if state_of(invoice, now=now) != State.OVERDUE:
        return ""
    outlook = outlook_of(invoice, now=now)
    if outlook.step is None or outlook.why_not:
        return outlook.why_not
    days = outlook.step
    due = ngettext("due: the one of %(days)d day overdue", "due: the one of %(days)d days overdue", days)
    return due % {"days": days}


def _pause(invoice: Invoice, *, now: datetime) -> str:
    """Why no reminders are sent, or nothing."""
    if not is_paused(invoice, now=now):
        return ""
    until = _("until %(day)s") % {"day": day(invoice.paused_until)} if invoice.paused_until else ""
    return " · ".join(filter(None, [invoice.get_pause_reason_display(), until, invoice.pause_note]))


def _line(line: InvoiceLine, currency: str) -> ShownLine:
    return ShownLine(
        title=line.title,
        period=period(line.start_date, line.end_date),
        quantity=f"{number(line.quantity)} {line.unit}".rstrip(),
        price=exact(line.unit_price, currency),
        rate=rate(line.tax_rate),
        net=amount(line.net_amount, currency),
    )


def _sums(invoice: Invoice) -> list[tuple[str, str, bool]]:
    """Label, amount, and whether it stands out."""
    currency = invoice.currency
    taxes = [
        (_("Tax %(rate)s of %(net)s") % {"rate": rate(tax.tax_rate), "net": amount(tax.net_amount, currency)}, tax)
        for tax in invoice.taxes.all()
    ]
    sums = [(_("Without tax"), amount(invoice.net_amount, currency), False)]
    sums += [(label, amount(tax.tax_amount, currency), False) for label, tax in taxes]
    sums.append((_("Total"), amount(invoice.total_amount, currency), True))
    if invoice.number is None or invoice.kind == Kind.CREDIT_NOTE:
        return sums
    if invoice.paid_amount:
        sums.append((_("Paid"), amount(invoice.paid_amount, currency), False))
    if invoice.credited_amount:
        sums.append((_("Credited"), amount(invoice.credited_amount, currency), False))
    sums.append((_("Still due"), amount(invoice.balance_due, currency), True))
    if invoice.overpaid_amount:
        sums.append((_("Overpaid, to be refunded"), amount(invoice.overpaid_amount, currency), True))
    return sums


def _payment(payment: Payment, invoice: Invoice) -> ShownPayment:
    is_final = payment.amount < 0 or any(each.reverses_id == payment.pk for each in invoice.payments.all())
    page = reverse("admin:invoices_invoice_reverse_page", args=[invoice.pk])
    return ShownPayment(
        payment=payment,
        amount=amount(payment.amount, invoice.currency),
        day=day(payment.date),
        undo="" if is_final else f"{page}?payment={payment.pk}",
    )


def _born(invoice: Invoice) -> Iterator[Happening]:
    yield Happening(at=invoice.created_at, what=_("created"))
    if invoice.issued_at:
        yield Happening(at=invoice.issued_at, what=_("issued"), detail=invoice.number or "", colour="info")


def _paid(invoice: Invoice) -> Iterator[Happening]:
    came_in = Decimal()
    for payment in invoice.payments.all():
        came_in += payment.amount
        what, colour = _paid_what(payment, invoice, came_in=came_in)
        paid = amount(abs(payment.amount), invoice.currency)
        parts = [paid, payment.get_method_display(), payment.reference, day(payment.date)]
        yield Happening(at=payment.created_at, what=what, detail=" · ".join(parts), colour=colour)


def _paid_what(payment: Payment, invoice: Invoice, *, came_in: Decimal) -> tuple[str, str]:
    """What a payment was, and its colour; `came_in` is what had come in with it."""
    if payment.amount < 0:
        return _("paid back"), "warning"
    earlier = [note for note in invoice.credit_notes.all() if note.issued_at and note.issued_at <= payment.created_at]
    to_pay = invoice.total_amount - sum(note.total_amount for note in earlier)
    return (_("paid"), "success") if came_in >= to_pay else (_("part payment"), "info")


def _credited(invoice: Invoice) -> Iterator[Happening]:
    for note in invoice.credit_notes.all():
        if note.issued_at:
            detail = f"{note.number} · {amount(note.total_amount, note.currency)}"
            yield Happening(at=note.issued_at, what=_("credited"), detail=detail, colour="warning")


def _logged(invoice: Invoice) -> Iterator[Happening]:
    entries = Entry.objects.filter(target_kind=TargetKind.INVOICE, target_id=invoice.pk, action__in=_TOLD_OF_THE_LOG)
    for entry in entries:
        yield Happening(at=entry.at, what=audit_wording.action(entry), detail=audit_wording.details(entry))


def _reminded(reminders: Sequence[ReminderFact]) -> Iterator[Happening]:
    for fact in reminders:
        reminder = fact.reminder
        step = _step(reminder.step)
        if reminder.mail is None:
            detail = f"{step} · {reason_text(reminder.reason)}"
            yield Happening(at=reminder.created_at, what=_("reminder passed over"), detail=detail)
        else:
            detail = " · ".join(filter(None, [step, reminder.mail.note]))
            yield Happening(at=reminder.created_at, what=_("reminded"), detail=detail, colour="warning")


def _step(days: int | None) -> str:
    if days is None:
        return _("by hand")
    return ngettext("%(days)d day overdue", "%(days)d days overdue", days) % {"days": days}


def _mailed(message: Message, events: Sequence[DeliveryEvent]) -> Iterator[Happening]:
    """The first is the message's creation, called by the email's name."""
    created, *others = message_page.timeline(message, events)
    name = email_name(message.section)
    what = _("%(email)s queued") % {"email": name}
    yield Happening(at=created.at, what=what, detail=message.to_email, colour="info")
    for each in others:
        yield replace(each, detail=" · ".join(filter(None, [name, message.to_email, each.detail])))
