"""Registers every page with the site: Django imports this module when it looks for admin pages."""

from omnicrm.backoffice import (
    alerts,
    api_keys,
    audit_log,
    balances,
    charges,
    customers,
    invoice_runs,
    invoices,
    messages,
    plans,
    quarantine,
    suppressions,
    users,
)

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
