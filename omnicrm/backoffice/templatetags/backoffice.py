"""The back office's wording for templates."""

from datetime import datetime

from django.template import Library

from omnicrm.backoffice import wording
from omnicrm.backoffice.users.state import user_state

register = Library()

register.filter("email_name", wording.email_name)
register.filter("reason_text", wording.reason_text)
register.filter("moment", wording.moment)
register.filter("state_badge", wording.state_badge)
register.filter("user_badge", user_state)


@register.filter
def exact_moment(value: datetime) -> str:
    return wording.moment(value, seconds=True)
