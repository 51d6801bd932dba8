"""`invoice` and `reminders` in crm_config.yaml."""

from omnicrm.config.base import Model
from omnicrm.config.fields import Line


class Invoicing(Model):
    """How invoices are numbered, taxed and drawn."""

    template_filename: Line | None = None


class Reminders(Model):
    """When customers are reminded of an overdue invoice."""

    days_overdue: tuple[int, ...] = (3, 10, 30)
