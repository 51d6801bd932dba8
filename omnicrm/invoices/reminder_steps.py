"""The steps of reminders: which hold for a customer, which is due, and on which days reminders leave."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from omnicrm.config import current_config
from omnicrm.customers.models import Customer
from omnicrm.invoices.days import is_holiday

_SATURDAY: Final = 5


def steps_for(customer: Customer) -> tuple[int, ...]:
    """In days overdue, ascending: those of the first class that is a tag of the customer, else of the account type."""
    reminders = current_config().reminders
    for name in (*(name for name in reminders.classes if name in customer.tags), customer.customer_account_type):
        if name in reminders.classes:
            return reminders.classes[name]
    return reminders.days_overdue


def all_steps() -> set[tuple[int, ...]]:
    """Of every class there is."""
    reminders = current_config().reminders
    return {reminders.days_overdue, *reminders.classes.values()}


def step_at(days_overdue: int, steps: tuple[int, ...]) -> int | None:
    """The latest step that has come; None before the first."""
    return max((step for step in steps if step <= days_overdue), default=None)


def leave_on(day: date) -> bool:
    """Whether reminders leave on this day at all."""
    reminders = current_config().reminders
    if not reminders.working_days_only:
        return True
    if day.weekday() >= _SATURDAY or day in reminders.closed_days:
        return False
    return not (reminders.holidays and is_holiday(day, calendar=reminders.holidays))


def hour_has_come(now: datetime) -> bool:
    config = current_config()
    return now.astimezone(ZoneInfo(config.server.timezone)).hour >= config.reminders.hour


def due_between(step: int, following: int | None, *, today: date) -> tuple[date | None, date]:
    """The first and last due date of invoices at this step today; the first is None for the last step."""
    first = today - timedelta(days=following - 1) if following else None
    return first, today - timedelta(days=step)
