"""The pages of a sign-up: the form, then the code or the link from the email, then the portal."""

from math import ceil
from typing import Final
from uuid import UUID

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from omnicrm.accounts.models import User
from omnicrm.accounts.pages.adapter import home_of
from omnicrm.accounts.pages.forms import CodeForm, accepted
from omnicrm.accounts.pages.policies import private
from omnicrm.accounts.pages.visitors import client_ip
from omnicrm.customers.errors import InvalidInput
from omnicrm.onboarding import sign_up as onboarding
from omnicrm.onboarding.models import PendingSignUp
from omnicrm.selfcare.forms import ConfirmForm, SignUpForm

_PENDING: Final = "sign_up"
"""Under this name the browser's session holds the number of its sign-up."""


@private
@login_not_required
@sensitive_post_parameters("password")
@sensitive_variables("form")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Answers in one way, whether the address has a user or not."""
    if isinstance(request.user, User):
        return redirect(home_of(request.user))
    form = SignUpForm(request.POST or None, initial={"language": get_language()})
    pending = accepted(form, lambda: _begun(request, form)) if request.method == "POST" else None
    if pending is None:
        return render(request, "selfcare/sign_up.html", {"form": form})
    request.session[_PENDING] = str(pending.pk)
    return redirect("sign_up_code")


def _begun(request: HttpRequest, form: SignUpForm) -> PendingSignUp:
    return onboarding.sign_up(**form.cleaned_data, ip=client_ip(request), now=now())


@private
@login_not_required
def code(request: HttpRequest) -> HttpResponse:
    pending = _pending(request)
    if pending is None:
        return redirect("sign_up")
    form = CodeForm(request.POST or None)
    done = accepted(form, lambda: _by_code(request, pending, form)) if request.method == "POST" else None
    if done is not None:
        return _welcome(request, done)
    again_at = onboarding.may_ask_again_at(pending)
    wait = max(ceil((again_at - now()).total_seconds()), 0)
    return render(request, "selfcare/sign_up_code.html", {"form": form, "pending": pending, "wait": wait})


def _by_code(request: HttpRequest, pending: PendingSignUp, form: CodeForm) -> onboarding.SignedUp:
    typed = form.cleaned_data["code"]
    return onboarding.confirm_by_code(sign_up_id=pending.pk, code=typed, ip=client_ip(request), now=now())


@private
@login_not_required
@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    pending = _pending(request)
    if pending is None:
        return redirect("sign_up")
    try:
        onboarding.resend(sign_up_id=pending.pk, now=now())
    except InvalidInput as refusal:
        messages.error(request, refusal.errors[0].message)
    else:
        messages.success(request, _("A new email is on its way to %(address)s.") % {"address": pending.address})
    return redirect("sign_up_code")


@private
@login_not_required
@sensitive_post_parameters()
@sensitive_variables("token", "form")
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at it uses nothing up: mail scanners open links, but type no password."""
    pending = onboarding.awaited(token=token, now=now())
    if pending is None:
        return render(request, "selfcare/sign_up_void.html", status=404)
    form = ConfirmForm(request.POST or None)
    done = accepted(form, lambda: _by_link(request, token, form)) if request.method == "POST" else None
    if done is not None:
        return _welcome(request, done)
    return render(request, "selfcare/sign_up_link.html", {"form": form, "pending": pending})


def _by_link(request: HttpRequest, token: str, form: ConfirmForm) -> onboarding.SignedUp:
    password = form.cleaned_data["current_password"]
    return onboarding.confirm_by_link(token=token, password=password, ip=client_ip(request), now=now())


def _pending(request: HttpRequest) -> PendingSignUp | None:
    number = request.session.get(_PENDING)
    return onboarding.pending_sign_up(sign_up_id=UUID(number), now=now()) if number else None


def _welcome(request: HttpRequest, done: onboarding.SignedUp) -> HttpResponse:
    request.session.pop(_PENDING, None)
    messages.success(request, _("Welcome! Your account is ready."))
    response: HttpResponse = perform_login(request, Login(user=done.user, redirect_url=home_of(done.user)))
    return response
