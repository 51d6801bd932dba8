"""How the back office looks and what its sidebar leads to: the settings of django-unfold.

Read while the settings load, so whatever needs Django at work is a function here, called once per request.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omnicrm.accounts.roles import Permission
from omnicrm.config import current_config

_PRIMARY = {
    "50": "oklch(97.6% .013 236.6)",
    "100": "oklch(95.1% .026 236.8)",
    "200": "oklch(90.1% .058 230.9)",
    "300": "oklch(82.8% .111 230.3)",
    "400": "oklch(74.6% .14 234)",
    "500": "oklch(62% .13 243)",
    "600": "oklch(51% .115 247)",
    "700": "oklch(45% .1 248)",
    "800": "oklch(39% .085 248)",
    "900": "oklch(34% .07 248)",
    "950": "oklch(26% .055 248)",
}


def company_name(_request: HttpRequest) -> str:
    return current_config().company.name


def mail_goes_elsewhere(_request: HttpRequest) -> list[str] | None:
    """A label for installations whose email does not go to Mailjet itself, so that nobody waits for it in an inbox."""
    host = urlsplit(current_config().mailjet.base_url).hostname or ""
    return None if host == "mailjet.com" or host.endswith(".mailjet.com") else [gettext("Sandbox"), "warning"]


def _asset(name: str) -> Callable[[HttpRequest], str]:
    return lambda _request: static(f"backoffice/{name}")


def _page(title: str | Promise, icon: str, name: str, permission: Permission) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{name}"),
        "permission": lambda request: request.user.may(permission),
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": company_name,
    "SITE_HEADER": company_name,
    "SITE_SUBHEADER": "OmniCRM",
    "SITE_SYMBOL": "forward_to_inbox",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _asset("icon.svg")}],
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": mail_goes_elsewhere,
    "BORDER_RADIUS": "8px",
    "COLORS": {"primary": _PRIMARY},
    "STYLES": [_asset("backoffice.css")],
    "SCRIPTS": [_asset("backoffice.js")],
    "ACCOUNT": {"navigation": [{"title": _("My account"), "link": reverse_lazy("account_home")}]},
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    _page(_("Dashboard"), "monitoring", "index", Permission.READ_MESSAGES),
                    _page(_("Customers"), "group", "customers_customer_changelist", Permission.READ_CUSTOMERS),
                ],
            },
            {
                "title": _("Billing"),
                "separator": True,
                "items": [
                    _page(_("Invoices"), "receipt_long", "invoices_invoice_changelist", Permission.READ_INVOICES),
                    _page(_("Invoice runs"), "autorenew", "invoices_invoicerun_changelist", Permission.READ_INVOICES),
                    _page(
                        _("Recurring charges"),
                        "event_repeat",
                        "invoices_recurringcharge_changelist",
                        Permission.READ_INVOICES,
                    ),
                ],
            },
            {
                "title": _("Balances"),
                "separator": True,
                "items": [
                    _page(_("Balances"), "battery_horiz_050", "balances_balance_changelist", Permission.READ_BALANCES),
                    _page(_("Alerts"), "notifications", "balances_alert_changelist", Permission.READ_BALANCES),
                    _page(_("Plans"), "tune", "balances_plan_changelist", Permission.READ_BALANCES),
                    _page(_("Quarantine"), "pan_tool", "balances_quarantined_changelist", Permission.READ_BALANCES),
                ],
            },
            {
                "title": _("Email"),
                "separator": True,
                "items": [
                    _page(_("Send an email"), "send", "custom_messages", Permission.WRITE_MESSAGES),
                    _page(_("Messages"), "mail", "outbox_message_changelist", Permission.READ_MESSAGES),
                    _page(_("Templates"), "palette", "templates", Permission.READ_MESSAGES),
                    _page(_("Suppressions"), "block", "outbox_suppression_changelist", Permission.READ_MESSAGES),
                ],
            },
            {
                "title": _("Access"),
                "separator": True,
                "items": [
                    _page(_("Users"), "badge", "accounts_user_changelist", Permission.MANAGE_ACCOUNTS),
                    _page(_("API keys"), "key", "accounts_apikey_changelist", Permission.MANAGE_ACCOUNTS),
                    _page(_("Audit log"), "history", "audit_entry_changelist", Permission.READ_AUDIT),
                ],
            },
        ],
    },
}
