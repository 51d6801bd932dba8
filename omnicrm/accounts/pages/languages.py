"""Switching the language, on any page."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.timezone import now
from django.views.i18n import set_language

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import choose_language
from omnicrm.accounts.pages.visitors import client_ip
from omnicrm.customers.models import Language


def switch_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own view makes the browser remember it; here whoever is signed in is written to in it as well."""
    language = request.POST.get("language", "")
    if isinstance(request.user, User) and language in Language.values and language != request.user.language:
        choose_language(user=request.user, language=language, ip=client_ip(request), now=now())
    return set_language(request)
