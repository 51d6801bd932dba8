"""allauth's pages about the second factor; the audit log hears of what they change in the same transaction."""

from typing import Any

from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.db import transaction
from django.http import HttpResponse
from django.utils.timezone import now
from typing_extensions import override

from omnicrm.accounts.pages import trail
from omnicrm.accounts.pages.first_steps import needs_second_factor
from omnicrm.accounts.pages.visitors import signed_in_user


class SetUp(ActivateTOTPView):
    def get_context_data(self, **known: object) -> dict[str, Any]:
        is_required = needs_second_factor(signed_in_user(self.request))
        return {**super().get_context_data(**known), "is_required": is_required}

    @override
    @transaction.atomic
    def form_valid(self, form: ActivateTOTPForm) -> HttpResponse:
        trail.second_factor_on(self.request, now=now())
        response: HttpResponse = super().form_valid(form)
        return response


class TurnOff(DeactivateTOTPView):
    @override
    @transaction.atomic
    def form_valid(self, form: DeactivateTOTPForm) -> HttpResponse:
        trail.second_factor_off(self.request, now=now())
        response: HttpResponse = super().form_valid(form)
        return response
