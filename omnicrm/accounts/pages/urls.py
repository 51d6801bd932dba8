"""All addresses under /account/. Of allauth's pages only these exist."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from django.urls import path

from omnicrm.accounts.pages import addresses, own_pages, resets
from omnicrm.accounts.pages.policies import private
from omnicrm.accounts.pages.second_factor import SetUp, TurnOff

urlpatterns = [
    path("", own_pages.home, name="account_home"),
    path("sign-in/", private(account.login), name="account_login"),
    path("sign-in/code/", private(mfa.authenticate), name="mfa_authenticate"),
    path("sign-out/", private(account.logout), name="account_logout"),
    path("confirm/", private(account.reauthenticate), name="account_reauthenticate"),
    path("confirm/code/", private(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("password/", own_pages.password, name="account_password"),
    path("forgot/", resets.forgot, name="account_forgot"),
    path("forgot/sent/", resets.forgot_sent, name="account_forgot_sent"),
    path("reset/", resets.reset, name="account_reset"),
    path("reset/<str:token>/", resets.reset_link, name="account_reset_link"),
    path("address/", addresses.change, name="account_address"),
    path("address/keep/", addresses.keep, name="account_address_keep"),
    path("verify/", addresses.verify, name="account_verify"),
    path("verify/again/", addresses.send_again, name="account_verify_again"),
    path("verify/<str:token>/", addresses.verify_link, name="account_verify_link"),
    path("sessions/", own_pages.sessions, name="account_sessions"),
    path("second-factor/", private(mfa.index), name="mfa_index"),
    path("second-factor/set-up/", private(SetUp.as_view()), name="mfa_activate_totp"),
    path("second-factor/turn-off/", private(TurnOff.as_view()), name="mfa_deactivate_totp"),
    path("second-factor/codes/", private(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "second-factor/codes/new/", private(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path(
        "second-factor/codes/file/", private(recovery_codes.download_recovery_codes), name="mfa_download_recovery_codes"
    ),
]
