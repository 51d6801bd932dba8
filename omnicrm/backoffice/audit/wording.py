"""How entries of the audit log are put for staff, in their language."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.apps import apps
from django.contrib.admin import AdminSite
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, ActorKind, Entry, TargetKind
from omnicrm.backoffice.audit import balance_wording
from omnicrm.backoffice.wording import NOTHING, email_name
from omnicrm.customers.models import Language
from omnicrm.invoices.states import Kind, PauseReason, State
from omnicrm.outbox.models import SuppressionScope

ERASED: Final = _("erased")
_PAGES: Final = {
    "user": "accounts.user",
    "api_key": "accounts.apikey",
    "customer": "customers.customer",
    "invoice": "invoices.invoice",
    "invoice_run": "invoices.invoicerun",
    "plan": "balances.plan",
}
"""Models whose pages the log leads to, by the kind of actor or target."""

_NAMES: Final = {
    "role": _("role"),
    "full_name": _("full name"),
    "language": _("language"),
    "second_factor": _("second factor"),
    "remembered": _("stays signed in"),
    "why": _("because of"),
    "count": pgettext_lazy("how many", "number"),
    "address": _("address"),
    "email": _("email"),
    "message": _("message"),
    "from": pgettext_lazy("first day of a period", "from"),
    "scope": _("scope"),
    "reason": _("reason"),
    "title": _("title"),
    "amount": _("amount"),
    "tax_rate": _("tax rate"),
    "start_date": _("first day"),
    "end_date": _("last day"),
    "currency": _("currency"),
    "reference": _("reference"),
    "credit_note": _("credit note"),
    "until": _("until"),
    "entries": _("entries"),
    "is_dry": _("dry run"),
    "tag": _("tag"),
    "action": _("action"),
    "about": _("about"),
    "searched": _("searched for a text"),
    "state": _("state"),
    "overdue": _("overdue for"),
    "look": _("to look at"),
    "kind": _("kind"),
    "customer": _("customer's number"),
    "run": _("run's number"),
    **balance_wording.NAMES,
}
_VALUES: Final[Mapping[str, Mapping[str | None, str | Promise]]] = {
    "why": {
        "password": _("the password"),
        "second factor": _("the second factor"),
        "temporary password over": _("the temporary password, which had run out"),
    },
    "role": dict(Role.choices),
    "language": dict(Language.choices),
    "scope": dict(SuppressionScope.choices),
    "second_factor": {"totp": _("code from the app"), "recovery_codes": _("recovery code"), None: _("none")},
    "action": dict(Action.choices),
    "reason": dict(PauseReason.choices),
    "look": dict(PauseReason.choices),
    "state": dict(State.choices),
    "kind": dict(Kind.choices),
    **balance_wording.VALUES,
}
_YES_OR_NO: Final = {True: _("yes"), False: _("no")}


def actor(entry: Entry) -> str:
    """The name of then; of somebody without a name, the kind."""
    nameless = ERASED if entry.actor_id else ActorKind(entry.actor_kind).label
    return entry.actor_name or str(nameless)


def target(entry: Entry) -> str:
    return entry.target_name or (str(ERASED) if entry.target_kind else "")


def action(entry: Entry) -> str:
    return str(dict(Action.choices).get(entry.action, entry.action))


def target_kind(entry: Entry) -> str:
    return str(dict(TargetKind.choices).get(entry.target_kind, entry.target_kind))


def details(entry: Entry) -> str:
    """Such as "role: Support → Billing; language: French"; what has no words here stands as it is stored."""
    return "; ".join(_parts(entry.detail.items()))


def linked(site: AdminSite, kind: str, record_id: int | None, text: str) -> str | SafeString:
    """The text, leading to the page of whom it names where there is one."""
    page = _page(site, kind, record_id) if record_id else None
    return format_html('<a class="bo-link" href="{}">{}</a>', page, text) if page else text


def _parts(detail: Iterable[tuple[str, object]]) -> list[str]:
    told = gettext("%(name)s: %(value)s")
    return [told % {"name": _NAMES.get(name, name), "value": _change(name, value)} for name, value in detail]


def _change(name: str, value: object) -> str:
    if isinstance(value, dict) and set(value) == {"from", "to"}:
        return f"{_value(name, value['from'])} → {_value(name, value['to'])}"
    return _value(name, value)


def _value(name: str, value: object) -> str:
    if name == "email":
        return email_name(str(value))
    if isinstance(value, bool):
        return str(_YES_OR_NO[value])
    if value is None or isinstance(value, str):
        return str(_VALUES.get(name, {}).get(value, value or NOTHING))
    return str(value)


def _page(site: AdminSite, kind: str, record_id: int) -> str | None:
    label = _PAGES.get(kind)
    if label is None or not site.is_registered(apps.get_model(label)):
        return None
    return reverse(f"admin:{label.replace('.', '_')}_change", args=[record_id])
