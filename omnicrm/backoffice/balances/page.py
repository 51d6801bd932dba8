"""What the page about a service's balances tells: each balance, its course and thresholds, and the alerts about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnicrm.backoffice.balances import wording as balance_wording
from omnicrm.backoffice.balances.plot import DAYS, Plot, plot
from omnicrm.backoffice.balances.wording import ORIGINS, amount
from omnicrm.backoffice.wording import current_locale, moment
from omnicrm.balances.explaining import Explained, Verdict, explain_alerts, verdicts
from omnicrm.balances.models import Balance, Kind, Plan, ServiceAlerts
from omnicrm.balances.queries import find_alerts, find_balances, thresholds_of
from omnicrm.balances.quiet import zone_of
from omnicrm.config import current_config
from omnicrm.customers.models import Service
from omnicrm.emails.formats import Percentage, formatted

PAGE_SIZE: Final = 10
ALERTS_SHOWN: Final = 20
ROWS_SHOWN: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownThreshold:
    text: str
    verdict: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownBalance:
    """`percent` is None where there is nothing to compare with; `rows` the plot as a table, newest first."""

    balance: Balance
    title: str
    left: str
    percent: int | None
    share: str
    badges: SafeString
    expiry: SafeString | str
    origin: str
    thresholds: list[ShownThreshold]
    plot: Plot
    rows: list[tuple[SafeString | str, str]]
    rows_left: int


def told(service: Service, asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """What the template shows. `asked`: `days` is the period of the plots, `p` a page of balances."""
    days = next((each for each in DAYS if str(each) == asked.get("days")), 7)
    balances = find_balances(service_id=service.pk).select_related("service__alerts__plan")
    page = Paginator(balances, PAGE_SIZE).get_page(asked.get("p"))
    alerts = list(find_alerts(service_id=service.pk).select_related("balance__service")[: ALERTS_SHOWN + 1])
    return {
        "service": service,
        "facts": facts(service),
        "page": page,
        "balances": [_shown(balance, days, now) for balance in page],
        "days": days,
        "periods": [(each, _period(each)) for each in DAYS],
        "alerts": [_alert(each) for each in explain_alerts(alerts[:ALERTS_SHOWN])],
        "has_more_alerts": len(alerts) > ALERTS_SHOWN,
        "all_alerts": f"{reverse('admin:balances_alert_changelist')}?service={service.pk}",
        "margin": margin(),
    }


def facts(service: Service) -> list[tuple[str, Any]]:
    own = ServiceAlerts.objects.select_related("plan").filter(service=service).first()
    steps = balance_wording.steps_summary(own.steps) if own else []
    shown = [
        (_("State"), service.get_state_display()),
        (_("UUID"), str(service.service_uuid)),
        (_("Plan"), plan_text(own.plan if own else None)),
        (_("Own thresholds"), "\n".join(f"{kind}: {text}" for kind, text in steps) or _("none")),
        (_("Customer's time zone"), str(zone_of(service.customer))),
    ]
    return [(label, value) for label, value in shown if value]


def plan_text(plan: Plan | None) -> str:
    return plan.name if plan else _("none")


def margin() -> str:
    """By how much a balance has to rise before it is told again, such as "5%"."""
    percent = current_config().balances.hysteresis_percent
    return formatted(Percentage(percent), current_locale()[:2])


def _shown(balance: Balance, days: int, now: datetime) -> ShownBalance:
    origin, _steps = thresholds_of(balance)
    judged = verdicts(balance)
    drawn = plot(balance, days=days, thresholds=[each.threshold for each in judged if each.threshold], now=now)
    percent = balance.percent_left
    return ShownBalance(
        balance=balance,
        title=_("%(type)s: %(balance)s") % {"type": Kind(balance.balance_type).label, "balance": balance.balance_id},
        left=balance_wording.left(balance),
        percent=None if percent is None else round(percent),
        share=balance_wording.share_left(balance),
        badges=balance_wording.state_badges(balance, now=now),
        expiry=balance_wording.expiry(balance),
        origin=str(ORIGINS[origin]),
        thresholds=[_threshold(balance, each) for each in judged],
        plot=drawn,
        rows=[
            (moment(each.at, seconds=True), amount(balance, each.value))
            for each in drawn.points[: -ROWS_SHOWN - 1 : -1]
        ],
        rows_left=max(len(drawn.points) - ROWS_SHOWN, 0),
    )


def _threshold(balance: Balance, verdict: Verdict) -> ShownThreshold:
    text = balance_wording.threshold_text(balance, verdict.step, verdict.threshold)
    return ShownThreshold(text=text, verdict=verdict.text)


def _alert(explained: Explained) -> dict[str, Any]:
    alert, message = explained.alert, explained.message
    return {
        "badge": balance_wording.alert_badge(alert),
        "what": balance_wording.what_happened(alert),
        "balance": alert.balance.balance_id,
        "explanation": explained.explanation,
        "message": message and reverse("admin:outbox_message_change", args=[message.pk]),
        "at": moment(alert.decided_at),
    }


def _period(days: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
