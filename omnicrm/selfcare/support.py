"""How to reach us: where the support link of emails leads unless the company has a page of its own."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from omnicrm.accounts.pages.policies import private
from omnicrm.config import current_config


@private
@login_not_required
@require_safe
def support_page(request: HttpRequest) -> HttpResponse:
    """The company's address and website, and what customers can look up by themselves."""
    return render(request, "selfcare/support.html", {"company": current_config().company})
