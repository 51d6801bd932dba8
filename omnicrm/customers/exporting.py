"""A record as the file of a customer's data shows it."""

from decimal import Decimal
from typing import Any

from django.db.models import Model


def columns(record: Model) -> dict[str, Any]:
    """Everything stored of it; amounts are texts."""
    values = ((field.attname, getattr(record, field.attname)) for field in record._meta.concrete_fields)
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values}
