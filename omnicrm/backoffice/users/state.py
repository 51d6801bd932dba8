"""Whether somebody can sign in, in a word."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _

from omnicrm.accounts.models import User
from omnicrm.backoffice.wording import badge, moment, two_lines


def user_state(user: User) -> SafeString:
    """Active, deactivated, or until when the temporary password holds that was sent by email."""
    if not user.is_active:
        return badge(_("deactivated"), "")
    if user.temporary_password_until is None:
        return badge(_("active"), "success")
    if user.temporary_password_is_over(now=now()):
        return two_lines(badge(_("temporary password expired"), "danger"), moment(user.temporary_password_until))
    until = format_html(_("until {}"), moment(user.temporary_password_until))
    return two_lines(badge(_("temporary password"), "warning"), until)
