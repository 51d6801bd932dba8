"""How facts about balances are put for staff: amounts, thresholds, states in colour."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnicrm.backoffice.wording import NOTHING, badge, current_locale, moment
from omnicrm.balances.models import Alert, AlertKind, Balance, Kind, Outcome
from omnicrm.balances.thresholds import ANY_TYPE, OF_CHARGING, Origin, Step, written_step
from omnicrm.balances.units import shown_amount
from omnicrm.customers.models import Service
from omnicrm.emails.balances import BalanceType
from omnicrm.emails.formats import Percentage, formatted

_BYTES: Final = re.compile(r"(?<=\d )([GMk]?)B$")
_SEPARATOR: Final = re.compile(r"[;\n]|,\s|(?<=[^\d\s]),")
"""Between thresholds. A comma between digits is a decimal one."""
_SPACE_IN_NUMBER: Final = re.compile(r"(?<=\d)\s(?=\d)")

ORIGINS: Final = {
    Origin.SERVICE: gettext_lazy("set for this service"),
    Origin.PLAN: gettext_lazy("from the plan"),
    Origin.CHARGING: gettext_lazy("from the charging system"),
    Origin.CONFIG: gettext_lazy("from crm_config.yaml"),
}


def kind_label(kind: str) -> str:
    return _("All other types") if kind == ANY_TYPE else str(Kind(kind).label)


def amount(balance: Balance, value: Decimal | None) -> str:
    """In the reader's language: 1.5 GB or 1,5 Go. A service itself has no amount."""
    kind = BalanceType(balance.balance_type)
    if kind is BalanceType.SERVICE:
        return NOTHING
    return _("unlimited") if value is None else formatted(shown_amount(kind, balance.unit, value), _language())


def left(balance: Balance) -> str:
    """What is left of how much."""
    value = amount(balance, balance.value)
    if balance.value is None or not balance.initial_value:
        return value
    return _("%(value)s of %(initial)s") % {"value": value, "initial": amount(balance, balance.initial_value)}


def share_left(balance: Balance) -> str:
    percent = balance.percent_left
    return "" if percent is None else formatted(Percentage(percent.quantize(Decimal("0.1"))), _language())


def state_badges(balance: Balance, *, now: datetime) -> SafeString:
    found = []
    if balance.is_expired(now):
        found.append(badge(_("expired"), "danger"))
    if balance.is_low:
        found.append(badge(_("low"), "warning"))
    if balance.is_unlimited and balance.balance_type != Kind.SERVICE:
        found.append(badge(_("unlimited"), "info"))
    return format_html_join(" ", "{}", ([each] for each in found or [badge(_("in order"), "success")]))


def expiry(balance: Balance) -> SafeString | str:
    return moment(balance.expiry) if balance.expiry else NOTHING


def alert_badge(alert: Alert) -> SafeString:
    return badge(str(AlertKind(alert.kind).label), "warning" if alert.kind == AlertKind.LOW else "danger")


def outcome_badge(alert: Alert) -> SafeString:
    return badge(_("emailed"), "success") if alert.outcome == Outcome.EMAILED else badge(_("not sent"), "")


def what_happened(alert: Alert) -> str:
    """Such as "1.9 GB, below 20%"."""
    balance = alert.balance
    if alert.kind == AlertKind.EXPIRED:
        return str(Kind(balance.balance_type).label)
    below = {"value": amount(balance, alert.value), "threshold": amount(balance, alert.threshold)}
    if alert.step.endswith("%"):
        below["threshold"] = step_text(balance.balance_type, alert.step)
    return _("%(value)s, below %(threshold)s") % below


def threshold_text(balance: Balance, step: Step, threshold: Decimal | None) -> str:
    """A threshold of a balance, with the amount a percentage comes to."""
    shown = amount(balance, threshold) if threshold is not None else NOTHING
    if step == OF_CHARGING or step.percent is None:
        return shown
    return f"{step_text(balance.balance_type, step.key)} ({shown})"


def step_text(kind: str, key: str) -> str:
    """As people of the reader's language write it, exactly; `typed_steps` reads it again."""
    text = written_step(kind, key)
    if not current_locale().startswith("fr"):
        return text
    return _BYTES.sub(r"\1o", text).replace(".", ",").replace("%", "\N{NARROW NO-BREAK SPACE}%")


def steps_text(kind: str, keys: Sequence[str]) -> str:
    return "; ".join(step_text(kind, key) for key in keys)


def steps_summary(steps: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """By type, all that a plan or service has set."""
    return [(kind_label(kind), steps_text(kind, keys) or _("never low")) for kind, keys in steps.items()]


def typed_steps(text: str) -> list[str]:
    """Thresholds that somebody typed one after the other, for thresholds.checked_steps. Raises ValueError for "1,000",
    which can be meant either way in English."""
    steps = [_SPACE_IN_NUMBER.sub("", " ".join(each.split())) for each in _SEPARATOR.split(text)]
    if not current_locale().startswith("fr") and any(re.search(r"\d,\d{3}(?!\d)", each) for each in steps):
        raise ValueError(_("Write thousands without a comma, as in 1000, and decimals with a point, as in 1.5."))
    return [each for each in steps if each]


def service_page(service_id: int) -> str:
    return reverse("admin:balances_service", args=[service_id])


def service_link(service: Service) -> SafeString:
    return format_html('<a class="bo-link" href="{}" dir="auto">{}</a>', service_page(service.pk), service.service_name)


def _language() -> str:
    return current_locale()[:2]
