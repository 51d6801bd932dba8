"""The page behind the unsubscribe link of marketing email. Looking at it changes nothing: scanners follow links too."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from omnicrm.accounts.pages.policies import private
from omnicrm.customers.addresses import masked
from omnicrm.outbox.consent import InvalidLink, consent, resubscribe, unsubscribe
from omnicrm.selfcare.by_link import language_of


@private
@login_not_required
@csrf_exempt  # the token in the address is the permission: a mailbox provider has neither cookie nor form (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what will happen, POST makes it happen; a wrong token is 404."""
    try:
        found = consent(token)
    except InvalidLink:
        return render(request, "selfcare/unsubscribe_unknown.html", status=404)
    if request.method == "POST":
        return _change(request, token)
    with translation.override(language_of(request, found.language)):
        page = render(request, "selfcare/unsubscribe.html", {"consent": found, "address": masked(found.address)})
        page.headers["Content-Language"] = translation.get_language()
    return page


def _change(request: HttpRequest, token: str) -> HttpResponse:
    if request.POST.get("List-Unsubscribe") == "One-Click":
        unsubscribe(token, now=timezone.now())
        return HttpResponse("Unsubscribed.\n", content_type="text/plain; charset=utf-8")
    match request.POST.get("wish"):
        case "unsubscribe":
            unsubscribe(token, now=timezone.now())
        case "resubscribe":
            resubscribe(token)
    return redirect("unsubscribe", token)
