"""What the layout of the account pages knows."""

from datetime import timedelta

from django.template import Library
from django.utils.translation import get_language

from omnicrm.config import current_config
from omnicrm.config.models import Company
from omnicrm.emails.formats import formatted

register = Library()


@register.simple_tag
def company() -> Company:
    return current_config().company


@register.filter
def in_fours(key: str) -> str:
    """In groups that are easy to type."""
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


@register.filter
def span(length: timedelta) -> str:
    """Such as "1 hour", as the emails put it."""
    return formatted(length, get_language())
