"""Registers every page with the site: Django imports this module when it looks for admin pages."""

from omnicrm.backoffice import api_keys, audit_log, customers, invoice_runs, invoices, messages, suppressions, users

__all__ = ["api_keys", "audit_log", "customers", "invoice_runs", "invoices", "messages", "suppressions", "users"]
