"""A forgotten password: asked for, and set anew through the link in the email."""

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_safe

from omnicrm.accounts import operations
from omnicrm.accounts.models import User
from omnicrm.accounts.pages.forms import ForgotForm, NewPasswordForm, accepted
from omnicrm.accounts.pages.policies import private
from omnicrm.accounts.pages.visitors import client_ip
from omnicrm.accounts.queries import reset_proof
from omnicrm.config import current_config

TOKEN_COOKIE: Final = "omnicrm_reset"  # noqa: S105 - the name of a cookie
"""Holds the token instead of the address bar. Not the session: it lies in the database, where tokens are but hashes."""
_PAGE = reverse_lazy("account_reset")


@private
@login_not_required
def forgot(request: HttpRequest) -> HttpResponse:
    """Answers in one way, whether the address has an account or not."""
    form = ForgotForm(request.POST or None)
    if request.method == "POST" and accepted(form, lambda: _asked(request, form)):
        return redirect("account_forgot_sent")
    return render(request, "account/forgot.html", {"form": form})


def _asked(request: HttpRequest, form: ForgotForm) -> bool:
    operations.request_reset(email=form.cleaned_data["email"], ip=client_ip(request), now=now())
    return True


@private
@login_not_required
@require_safe
def forgot_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "account/forgot_sent.html", {"expiry": current_config().security.password_reset_expiry})


@private
@login_not_required
@require_safe
@sensitive_variables("token")
def reset_link(_request: HttpRequest, token: str) -> HttpResponse:
    """Uses nothing up, so that mail scanners may open it too."""
    response = redirect(_PAGE)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.set_cookie(
        TOKEN_COOKIE,
        token,
        max_age=current_config().security.password_reset_expiry,
        path=str(_PAGE),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@private
@login_not_required
@sensitive_post_parameters()
@sensitive_variables("token", "form")
def reset(request: HttpRequest) -> HttpResponse:
    token = request.COOKIES.get(TOKEN_COOKIE, "")
    user = reset_proof(token=token, now=now())
    if user is None:
        return _forgetting(render(request, "account/reset_void.html", status=404))
    form = NewPasswordForm(request.POST or None)
    done = accepted(form, lambda: _reset(request, token, form)) if request.method == "POST" else None
    if done is None:
        return render(request, "account/reset.html", {"form": form, "owner": user})
    logout(request)
    messages.success(request, _("Your new password is set. Sign in with it."))
    return _forgetting(redirect("account_login"))


def _reset(request: HttpRequest, token: str, form: NewPasswordForm) -> User:
    new_password = form.cleaned_data["new_password"]
    return operations.reset_password(token=token, new_password=new_password, ip=client_ip(request), now=now())


def _forgetting(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(TOKEN_COOKIE, path=str(_PAGE), samesite="Lax")
    return response
