"""Reads that span a customer and its email."""

from datetime import datetime
from typing import Any

from omnicrm.accounts.models import User
from omnicrm.balances.exporting import export_balances
from omnicrm.customers.exporting import columns
from omnicrm.customers.models import Contact, Customer, Service, Site
from omnicrm.delivery.queries import export_events
from omnicrm.invoices.queries import export_invoices
from omnicrm.invoices.reminder_queries import export_reminders
from omnicrm.outbox.models import Message, Suppression


def export_customer(*, customer_id: int, now: datetime) -> dict[str, Any]:
    """Everything stored about a customer, column by column, as JSON values, dates and UUIDs. Raises DoesNotExist."""
    customer = Customer.objects.get(pk=customer_id)
    contacts = Contact.objects.filter(customer=customer)
    return {
        "exported_at": now,
        "customer": columns(customer),
        "contacts": [columns(contact) for contact in contacts],
        "users": [
            {name: value for name, value in columns(user).items() if name != "password"}
            for user in User.objects.filter(customer=customer)
        ],
        "sites": [columns(site) for site in Site.objects.filter(customer=customer)],
        "services": [columns(service) for service in Service.objects.filter(customer=customer)],
        "suppressions": [
            columns(each) for each in Suppression.objects.filter(address__in=contacts.exclude(email="").values("email"))
        ],
        "invoices": export_invoices(customer_id),
        **export_reminders(customer_id),
        **export_balances(customer_id),
        "messages": [
            {**columns(message), "variables": message.shown_variables}
            for message in Message.objects.filter(customer=customer)
        ],
        "delivery_events": export_events(customer_id),
    }
