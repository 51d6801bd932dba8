"""A service with its charge, invoices, one of them overdue, and two alerts for a reader of each language."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from omnicrm.ops.demo.scenario import Api

OutsideInvoice = Callable[..., tuple[bytes, Decimal]]
"""As `inside.outside_invoice`, which needs Django set up."""
_LEFT: Final = (20, 18.4, 16.9, 12.2, 11.6, 9, 5.1, 0.8)
"""GB, from event to event."""
_BETWEEN_EVENTS: Final = timedelta(hours=19)
OVERDUE: Final = timedelta(days=2)
"""Before the first step of reminders by themselves, so that only the one by hand leaves, whatever the hour."""


def bill_and_alert(api: Api, *, outside_invoice: OutsideInvoice) -> None:
    """Invoices go out with their PDF, an overdue one of an outside biller's is reminded of; a data allowance runs low,
    and prepaid credit has expired. Once in all.
    """
    if api.call("GET", "/invoice?limit=1")["count"]:
        return
    for language in ("fr", "en"):
        customer = api.call("GET", f"/customer?limit=1&language={language}")["items"][0]
        customer_id = customer["customer_id"]
        service = {"service_name": "Mobile 20 Go" if language == "fr" else "Mobile 20 GB", "state": "active"}
        added = api.call("POST", f"/customer/{customer_id}/service", service)
        charge = {"amount": "16.66", "start_date": "2026-11-01"}
        api.call("POST", f"/service/{added['service_id']}/charge", charge)
        api.call("POST", "/invoice", _invoice(customer_id, service["service_name"]))
        _remind(api, customer, language, outside_invoice)
        api.call("POST", "/balance_event", _events(added["service_uuid"], now=datetime.now(UTC)))


def _invoice(customer_id: int, service_name: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "start_date": "2026-11-01",
        "end_date": "2026-11-30",
        "lines": [
            {"title": service_name, "quantity": "1", "unit_price": "16.66", "tax_rate": "20"},
            {"title": "Fibre 1 Gb/s", "quantity": "1", "unit_price": "33.25", "tax_rate": "20"},
        ],
    }


def _remind(api: Api, customer: Mapping[str, Any], language: str, outside_invoice: OutsideInvoice) -> None:
    due = datetime.now(UTC).date() - OVERDUE
    dates = {"number": f"EXT-{customer['customer_id']:06}", "issued": due - timedelta(days=30), "due": due}
    pdf, total = outside_invoice(language, customer_name=customer["customer_name"], **dates)
    fields = {
        "customer_id": customer["customer_id"],
        "number": dates["number"],
        "issue_date": dates["issued"],
        "due_date": due,
        "total_amount": total,
        "send": "false",
    }
    invoice_id = api.upload("/invoice/import", fields, pdf=pdf)["invoice_id"]
    api.call("POST", f"/invoice/{invoice_id}/reminder", {})


def _events(service_uuid: str, *, now: datetime) -> list[dict[str, Any]]:
    """A week of a data allowance, and prepaid credit."""
    data = {"balance_id": "bundle", "balance_type": "data", "initial_value": 20, "unit": "GB"}
    credit = {"balance_id": "credit", "balance_type": "monetary", "initial_value": 10, "value": 4.2, "unit": "EUR"}
    expiry = (now - timedelta(minutes=1)).isoformat()
    told = [{**data, "value": left} for left in _LEFT]
    told.insert(-1, {**credit, "expiry": expiry})
    return [
        {
            "service_uuid": service_uuid,
            "event_id": f"demo-{number}",
            "event_time": (now - _BETWEEN_EVENTS * (len(told) - 1 - number) - timedelta(minutes=5)).isoformat(),
            **event,
        }
        for number, event in enumerate(told)
    ]
