"""Signing in without a page: by what allauth's forms do, with their limits on tries and the same audit."""

from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.views.decorators.debug import sensitive_variables

from omnicrm.accounts.models import User
from omnicrm.accounts.pages.forms import SignInCodeForm, SignInForm


class NeedsSecondFactor(Exception):
    """Address and password are right; a code is needed as well."""


class RefusedSignIn(Exception):
    """Why, in words that do not tell whether the address is known."""

    def __init__(self, reason: str, *, is_too_often: bool) -> None:
        super().__init__(reason)
        self.is_too_often = is_too_often


@sensitive_variables()
def sign_in(request: HttpRequest, *, email: str, password: str, code: str | None, remember: bool) -> User:
    """Begins a session for the user, whose answer then sets its cookies. Raises NeedsSecondFactor, RefusedSignIn."""
    data = {"login": email, "password": password, "remember": "on" if remember else ""}
    form = SignInForm(data=data, request=request)
    if not form.is_valid():
        raise _refusal(form)
    form.login(request)
    if not request.user.is_authenticated:
        _pass_second_factor(request, code)
    get_token(request)
    assert isinstance(request.user, User)  # noqa: S101 - signed in by now
    return request.user


def _pass_second_factor(request: HttpRequest, code: str | None) -> None:
    """Leaves no half-begun session behind: the next try sends everything again."""
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    if stage is None or not code:
        clear_login(request)
        raise NeedsSecondFactor
    form = SignInCodeForm(user=stage.login.user, data={"code": code})
    if not form.is_valid():
        clear_login(request)
        raise _refusal(form)
    form.save()
    stage.exit()


def _refusal(form: SignInForm | SignInCodeForm) -> RefusedSignIn:
    error = next(error for errors in form.errors.as_data().values() for error in errors)
    return RefusedSignIn(error.messages[0], is_too_often=error.code == "too_many_login_attempts")
