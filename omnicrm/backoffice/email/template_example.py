"""A template as one may write it by hand in Mailjet, for the guide: short, and good enough to be sent."""

from typing import Final

from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from omnicrm.config import Company

_HTML: Final = """\
<!DOCTYPE html>
<html lang="%(language)s">
<head>
<meta charset="utf-8">
<style>
body { font-family: Arial, sans-serif; }
.button { background-color: #2e7d32; color: white; display: inline-block; padding: 14px 28px; }
</style>
</head>
<body>
%(header)s
<h2>%(title)s</h2>
<p>%(greeting)s</p>
<p>%(asked)s</p>
<a href="{{ var:reset_url }}" class="button">%(button)s</a>
<p>%(expiry)s</p>
<p>%(ignore)s</p>
<hr>
<p style="font-size: 12px; color: #666;">%(footer)s</p>
</body>
</html>
"""


def example_of_a_template(company: Company) -> str:
    """The password reset in the user's language, with the company's name, logo and address."""
    name = escape(company.name)
    logo = f'<img src="{escape(company.logo_url)}" alt="{name}" width="200">'
    footer = [name, escape(company.support_email), *(escape(line) for line in company.address.splitlines())]
    return _HTML % {
        "language": (get_language() or "en")[:2],
        "header": logo if company.logo_url else f"<p><strong>{name}</strong></p>",
        "title": _("Reset your password"),
        "greeting": _("Hello %(name)s,") % {"name": "{{ var:user_name }}"},
        "asked": _("We were asked to reset your password. Use the button below to choose a new one:"),
        "button": _("Reset the password"),
        "expiry": _("This link is good for %(time)s.") % {"time": "{{ var:expiry_time }}"},
        "ignore": _("If it was not you who asked, please ignore this email."),
        "footer": "<br>\n".join(line for line in footer if line),
    }
