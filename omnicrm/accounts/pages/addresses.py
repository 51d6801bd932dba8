"""The user's address: changed, and verified by the link or the code in the email."""

from math import ceil

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from omnicrm.accounts import operations
from omnicrm.accounts.models import Purpose, User
from omnicrm.accounts.pages.forms import AddressForm, CodeForm, accepted
from omnicrm.accounts.pages.policies import private
from omnicrm.accounts.pages.visitors import client_ip, signed_in_user, visitor
from omnicrm.accounts.proofs import open_proof
from omnicrm.accounts.queries import address_to_verify, may_ask_again_at
from omnicrm.customers.errors import InvalidInput


@private
@login_required
@reauthentication_required
def change(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and accepted(form, lambda: _change(request, user, form)) is not None:
        return redirect("account_verify")
    return render(request, "account/address.html", {"form": form})


def _change(request: HttpRequest, user: User, form: AddressForm) -> str:
    new_email = form.cleaned_data["new_email"]
    return operations.change_address(user_id=user.pk, new_email=new_email, by=visitor(request), now=now())


@private
@login_required
def verify(request: HttpRequest) -> HttpResponse:
    """For the code, beside which the link in the same email may be followed instead."""
    user = signed_in_user(request)
    address = address_to_verify(user)
    if address is None:
        return redirect("account_home")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and accepted(form, lambda: _verify(request, user, form)) is not None:
        messages.success(request, _("%(address)s is verified.") % {"address": address})
        return redirect("account_home")
    again_at = may_ask_again_at(user, now=now())
    about = {
        "form": form,
        "address": address,
        "is_sent": form.is_bound or open_proof(user, Purpose.VERIFY) is not None,
        "is_change": address != user.email,
        "wait": ceil((again_at - now()).total_seconds()) if again_at else 0,
    }
    return render(request, "account/verify.html", about)


def _verify(request: HttpRequest, user: User, form: CodeForm) -> User:
    code = form.cleaned_data["code"]
    return operations.verify_by_code(user_id=user.pk, code=code, ip=client_ip(request), now=now())


@private
@require_POST
@login_required
def send_again(request: HttpRequest) -> HttpResponse:
    try:
        address = operations.request_verification(user_id=signed_in_user(request).pk, now=now())
    except InvalidInput as refusal:
        messages.error(request, refusal.errors[0].message)
    else:
        messages.success(request, _("A new email is on its way to %(address)s.") % {"address": address})
    return redirect("account_verify")


@private
@require_POST
@login_required
def keep(request: HttpRequest) -> HttpResponse:
    """Gives a change up that is not verified yet."""
    operations.cancel_address_change(user_id=signed_in_user(request).pk, now=now())
    messages.success(request, _("Your address stays as it was."))
    return redirect("account_home")


@private
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def verify_link(request: HttpRequest, token: str) -> HttpResponse:
    """Only the button verifies: mail scanners open links, but press nothing."""
    if request.method != "POST":
        return render(request, "account/verify_link.html")
    try:
        user = operations.verify_by_link(token=token, ip=client_ip(request), now=now())
    except InvalidInput as refusal:
        return render(request, "account/verify_void.html", {"why": refusal.errors[0].message}, status=404)
    messages.success(request, _("%(address)s is verified.") % {"address": user.email})
    return redirect("account_home" if request.user.is_authenticated else "account_login")
