"""One's own account: what it is, its password, its sessions."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from omnicrm.accounts import operations
from omnicrm.accounts.models import User
from omnicrm.accounts.pages import trail
from omnicrm.accounts.pages.adapter import home_of
from omnicrm.accounts.pages.browsers import browser_name
from omnicrm.accounts.pages.factors import has_second_factor
from omnicrm.accounts.pages.forms import ChangePasswordForm, accepted
from omnicrm.accounts.pages.policies import private
from omnicrm.accounts.pages.sessions import end, keep_after_password_change, sessions_of
from omnicrm.accounts.pages.visitors import signed_in_user, visitor
from omnicrm.accounts.queries import address_to_verify


@private
@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    about = {
        "to_verify": address_to_verify(user),
        "has_second_factor": has_second_factor(user),
        "session_count": len(sessions_of(user)),
        "workplace": home_of(user),
    }
    return render(request, "account/home.html", about)


@private
@sensitive_post_parameters()
@login_required
def password(request: HttpRequest) -> HttpResponse:
    """Also where a temporary password is exchanged for one's own, before anything else."""
    user = signed_in_user(request)
    form = ChangePasswordForm(request.POST or None)
    changed = accepted(form, lambda: _changed(request, user, form)) if request.method == "POST" else None
    if changed:
        keep_after_password_change(request, changed)
        messages.success(request, _("Your password is changed. All other sessions are signed out."))
        return redirect(home_of(changed) if user.must_change_password else "account_home")
    return render(request, "account/password.html", {"form": form, "is_temporary": user.must_change_password})


def _changed(request: HttpRequest, user: User, form: ChangePasswordForm) -> User:
    return operations.change_password(
        user_id=user.pk,
        current_password=form.cleaned_data["current_password"],
        new_password=form.cleaned_data["new_password"],
        by=visitor(request),
        now=now(),
    )


@private
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """POST with `session=<id>` ends that one, `others` all but this one, `all` every one."""
    if request.method == "POST":
        return _end_chosen(request)
    shown = [(each, browser_name(each.user_agent)) for each in sessions_of(signed_in_user(request))]
    return render(request, "account/sessions.html", {"sessions": shown})


def _end_chosen(request: HttpRequest) -> HttpResponse:
    open_sessions = sessions_of(signed_in_user(request))
    choice = request.POST.get("session", "")
    ended = [each for each in open_sessions if choice == str(each.pk) or (choice in _MANY and not each.is_current())]
    end(ended)
    if ended:
        trail.sessions_ended(request, len(ended), now=now())
    if choice == "all":
        trail.signed_out(request, now=now())
        logout(request)
        messages.success(request, _("You are signed out everywhere."))
        return redirect("account_login")
    text = ngettext("%(count)d session is signed out.", "%(count)d sessions are signed out.", len(ended))
    messages.success(request, text % {"count": len(ended)})
    return redirect("account_sessions")


_MANY = ("others", "all")
