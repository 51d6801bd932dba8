"""Registers every page with the site: Django imports this module when it looks for admin pages."""

from omnicrm.backoffice.audit import log as audit_log
from omnicrm.backoffice.balances import alerts, balances, plans, quarantine
from omnicrm.backoffice.customers import customers
from omnicrm.backoffice.email import messages, suppressions
from omnicrm.backoffice.invoicing import charges, invoices
from omnicrm.backoffice.invoicing import runs as invoice_runs
from omnicrm.backoffice.users import api_keys, users

__all__ = [
    "alerts",
    "api_keys",
    "audit_log",
    "balances",
    "charges",
    "customers",
    "invoice_runs",
    "invoices",
    "messages",
    "plans",
    "quarantine",
    "suppressions",
    "users",
]
