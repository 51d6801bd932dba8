"""The words of invoices: what they can be, how they are paid, and why reminders of them pause.

draft ──issue──> issued ──payment──> partially_paid ──payment──> paid
                   └──────── credit note for all of it ────────> cancelled
issued, partially_paid ──the due date passes──> overdue
"""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from omnicrm.invoices.document import DocumentKind


class Kind(models.TextChoices):
    INVOICE = DocumentKind.INVOICE.value, _("Invoice")
    CREDIT_NOTE = DocumentKind.CREDIT_NOTE.value, _("Credit note")


class State(models.TextChoices):
    """All but OVERDUE are stored: an invoice falls due by the calendar alone, and a column that follows it would be
    wrong each night until some job had run. queries.py derives it from the due date, over an index."""

    DRAFT = "draft", _("draft")
    ISSUED = "issued", _("issued")
    PARTIALLY_PAID = "partially_paid", _("partially paid")
    PAID = "paid", _("paid")
    OVERDUE = "overdue", _("overdue")
    CANCELLED = "cancelled", pgettext_lazy("invoice", "cancelled")


OPEN: Final = (State.ISSUED, State.PARTIALLY_PAID)
"""Stored states of an invoice of which something is still to be paid."""


class PauseReason(models.TextChoices):
    DISPUTE = "dispute", _("disputed by the customer")
    PROMISE = "promise", _("promised to be paid")
    OTHER = "other", _("other reason")


class PaymentMethod(models.TextChoices):
    TRANSFER = "transfer", _("bank transfer")
    DIRECT_DEBIT = "direct_debit", _("direct debit")
    CARD = "card", _("card")
    CHEQUE = "cheque", _("cheque")
    CASH = "cash", _("cash")
    OTHER = "other", _("other")
