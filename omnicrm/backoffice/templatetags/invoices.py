"""What many invoices come to, for templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.template import Library
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnicrm.backoffice.invoicing import wording as invoice_wording
from omnicrm.backoffice.invoicing.wording import age_text, amount
from omnicrm.invoices.figures import AgedAmount, Ageing, CurrencyTotals
from omnicrm.invoices.models import Invoice

register = Library()

register.filter("invoice_day", invoice_wording.day)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """`percent` is how high it stands beside the highest of its currency."""

    name: str
    label: str
    amount: str
    count: str
    percent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    currency: str
    count: str
    amounts: Sequence[tuple[str, str]]


@register.filter
def charts(ageing: Sequence[Ageing]) -> list[list[Bar]]:
    """One row of bars per currency."""
    return [[_bar(aged, of=each) for aged in each.aged] for each in ageing]


@register.filter
def sums(totals: Sequence[CurrencyTotals]) -> list[Sums]:
    """What is nothing is left out, but for what was invoiced."""
    return [_sums(each) for each in totals]


@register.filter
def invoice_badges(invoice: Invoice) -> SafeString:
    return invoice_wording.state_badges(invoice, now=now())


@register.filter
def invoice_total(invoice: Invoice) -> str:
    return amount(invoice.total_amount, invoice.currency)


@register.simple_tag
def querystring_of(cl: ChangeList, name: str, value: str) -> str:
    """The list as it is, filtered by this too, from its first page on."""
    return cl.get_query_string({name: value}, [PAGE_VAR])


def _bar(aged: AgedAmount, *, of: Ageing) -> Bar:
    highest = max(each.amount for each in of.aged)
    return Bar(
        name=aged.age.name,
        label=age_text(aged.age),
        amount=amount(aged.amount, of.currency),
        count=_invoices(aged.count),
        percent=_percent(aged.amount, highest),
    )


def _percent(part: Decimal, whole: Decimal) -> int:
    """At least 2 of what is something, so that it is seen."""
    return max(round(100 * part / whole), 2) if part and whole else 0


def _sums(totals: CurrencyTotals) -> Sums:
    labelled = [
        (_("Invoiced"), totals.invoiced),
        (_("Credited"), totals.credited),
        (_("Paid"), totals.paid),
        (_("Still due"), totals.due),
        (_("Overdue"), totals.overdue),
        (_("Drafts"), totals.drafts),
    ]
    shown = [(label, amount(value, totals.currency)) for label, value in labelled if value or value is totals.invoiced]
    return Sums(currency=totals.currency, count=_invoices(totals.count), amounts=shown)


def _invoices(count: int) -> str:
    return ngettext("%(count)d invoice", "%(count)d invoices", count) % {"count": count}
