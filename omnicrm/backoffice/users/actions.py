"""What may be done about a user, each on a page that asks first and says what follows."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from typing_extensions import override
from unfold.dataclasses import UnfoldAction

from omnicrm.accounts import operations
from omnicrm.accounts.models import User
from omnicrm.accounts.pages.operations import end_sessions, remove_second_factor
from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.queries import address_to_verify
from omnicrm.audit.models import TargetKind
from omnicrm.backoffice.access import page_about_one
from omnicrm.backoffice.audited import Audited
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import accepted
from omnicrm.backoffice.outcomes import tell_refusal
from omnicrm.backoffice.users.forms import NewPasswordForm
from omnicrm.backoffice.wording import span
from omnicrm.config import current_config
from omnicrm.customers.errors import InvalidInput

Result = TypeVar("Result")


def user_page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


class UserActions(Audited):
    kind = TargetKind.USER
    actions_detail = (
        "welcome_page",
        "password_page",
        "verification_page",
        "second_factor_page",
        "sessions_page",
        "deactivate_page",
        "reactivate_page",
    )

    change_form_outer_after_template = "backoffice/user_actions.html"

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:  # noqa: ARG002 - unfold's signature
        """None in the page's head, which has no room for them: they stand below the form."""
        return []

    @override
    def about(self, request: HttpRequest, record: User) -> dict[str, Any]:
        """Adds what this user's state allows, each as icon, title and address of the page that asks first."""
        possible = _possible(record)
        actions = [
            (each.icon, each.description, reverse(f"admin:{each.action_name}", args=[record.pk]))
            for each in super().get_actions_detail(request, str(record.pk))
            if each.path in possible
        ]
        return {"user_actions": actions}

    @page_about_one(description=gettext_lazy("Send welcome"), url_path="welcome", icon="forward_to_inbox")
    def welcome_page(self, request: HttpRequest, user: User) -> HttpResponse:
        expiry = span(current_config().security.temporary_password_expiry)
        question = Question(
            title=_("Send the welcome email to %(name)s?") % {"name": user},
            text=_("It goes to %(address)s, with a new temporary password.") % {"address": user.email},
            facts=[
                _("The password they have now stops working at once, and they are signed out everywhere."),
                _("The temporary password is valid for %(span)s and must be changed at the first sign-in.")
                % {"span": expiry},
                _("A welcome email that has not left yet is cancelled."),
            ],
            answer=_("Send the welcome"),
        )
        return self._do(
            request,
            user,
            question,
            lambda: operations.send_staff_welcome(user_id=user.pk, by=visitor(request), now=now()),
            done=lambda _id: _("A welcome with a new temporary password is queued for %(address)s."),
        )

    @page_about_one(description=gettext_lazy("Set password"), url_path="set-password", icon="password")
    def password_page(self, request: HttpRequest, user: User) -> HttpResponse:
        form = NewPasswordForm(request.POST or None)
        changed = accepted(
            form,
            lambda: operations.set_password(
                user_id=user.pk, new_password=form.cleaned_data["password"], by=visitor(request), now=now()
            ),
            fields={"new_password": "password"},
        )
        if changed:
            if changed == request.user:
                update_session_auth_hash(request, changed)
            messages.success(request, _("The new password of %(name)s is set.") % {"name": user})
            return redirect(user_page(user))
        question = Question(
            title=_("Set a password for %(name)s") % {"name": user},
            text=_(
                "Their sessions end, and they sign in with the new password from now on. An email tells them that you "
                "changed it; the password is not in it, so give it to them yourself."
            ),
            answer=_("Set the password"),
        )
        return ask(request, self, question, about=user, back=user_page(user), form=form)

    @page_about_one(description=gettext_lazy("Verify the address"), url_path="verify", icon="mark_email_read")
    def verification_page(self, request: HttpRequest, user: User) -> HttpResponse:
        question = Question(
            title=_("Have the address of %(name)s verified?") % {"name": user},
            text=_("An email with a link and a code goes to %(address)s. An earlier one stops working.")
            % {"address": address_to_verify(user) or user.email},
            answer=_("Send the email"),
        )
        return self._do(
            request,
            user,
            question,
            lambda: operations.request_verification(user_id=user.pk, now=now()),
            done=lambda _address: _("The verification is queued for %(address)s."),
        )

    @page_about_one(description=gettext_lazy("Remove second factor"), url_path="second-factor", icon="phonelink_erase")
    def second_factor_page(self, request: HttpRequest, user: User) -> HttpResponse:
        question = Question(
            title=_("Remove the second factor of %(name)s?") % {"name": user},
            text=_(
                "For somebody who lost their phone and their recovery codes. Make sure that it is really they who ask: "
                "from now on their password alone is enough, unless their role needs a second factor, which they then "
                "set up anew at the next sign-in."
            ),
            answer=_("Remove the second factor"),
            is_dangerous=True,
        )
        return self._do(
            request,
            user,
            question,
            lambda: remove_second_factor(user_id=user.pk, by=visitor(request), now=now()),
            done=lambda was_on: (
                _("The second factor of %(name)s is removed.") if was_on else _("%(name)s has no second factor.")
            ),
        )

    @page_about_one(description=gettext_lazy("Sign out everywhere"), url_path="sign-out", icon="logout")
    def sessions_page(self, request: HttpRequest, user: User) -> HttpResponse:
        question = Question(
            title=_("Sign %(name)s out everywhere?") % {"name": user},
            text=_("Every browser in which they are signed in asks for their password again."),
            answer=_("Sign out"),
        )
        return self._do(
            request,
            user,
            question,
            lambda: end_sessions(user_id=user.pk, by=visitor(request), now=now()),
            done=lambda count: ngettext(
                "%(count)d session of %(name)s is ended.", "%(count)d sessions of %(name)s are ended.", count
            ).replace("%(count)d", str(count)),
        )

    @page_about_one(description=gettext_lazy("Deactivate"), url_path="deactivate", icon="person_off")
    def deactivate_page(self, request: HttpRequest, user: User) -> HttpResponse:
        question = Question(
            title=_("Deactivate %(name)s?") % {"name": user},
            text=_("They are signed out at once and cannot sign in any more. What they did stays."),
            answer=_("Deactivate"),
            is_dangerous=True,
        )
        return self._do(
            request,
            user,
            question,
            lambda: operations.deactivate(user_id=user.pk, by=visitor(request), now=now()),
            done=lambda _user: _("%(name)s can no longer sign in."),
        )

    @page_about_one(description=gettext_lazy("Reactivate"), url_path="reactivate", icon="person_check")
    def reactivate_page(self, request: HttpRequest, user: User) -> HttpResponse:
        question = Question(
            title=_("Reactivate %(name)s?") % {"name": user},
            text=_("They can sign in again with their password."),
            answer=_("Reactivate"),
        )
        return self._do(
            request,
            user,
            question,
            lambda: operations.reactivate(user_id=user.pk, by=visitor(request), now=now()),
            done=lambda _user: _("%(name)s can sign in again."),
        )

    def _do(
        self,
        request: HttpRequest,
        user: User,
        question: Question,
        act: Callable[[], Result],
        *,
        done: Callable[[Result], str],
    ) -> HttpResponse:
        """Asks, and once that is answered acts; `done` says what came of it, about %(name)s and %(address)s."""
        if request.method != "POST":
            return ask(request, self, question, about=user, back=user_page(user))
        try:
            result = act()
        except InvalidInput as refusal:
            tell_refusal(request, refusal)
        else:
            messages.success(request, done(result) % {"name": user, "address": user.email})
        return redirect(user_page(user))


def _possible(user: User) -> set[str]:
    """The paths of what can be done about the user now."""
    if not user.is_active:
        return {"reactivate"}
    states = {
        "welcome": user.is_staff,
        "verify": address_to_verify(user) is not None,
        "second-factor": getattr(user, "has_second_factor", False),
    }
    return {"set-password", "sign-out", "deactivate", *(path for path, is_so in states.items() if is_so)}
