"""The language, the headers that every page carries, the menu."""

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.roles import STAFF_ROLES, Role
from tests.integration.backoffice.conftest import SignIn

INDEX = reverse("admin:index")


class TestLanguage:
    def test_can_be_switched_from_the_user_menu(self, sign_in: SignIn) -> None:
        browser = sign_in(language="en")
        assert f'action="{reverse("set_language")}"' in browser.get(INDEX).content.decode()
        browser.post(reverse("set_language"), {"language": "fr", "next": INDEX})
        assert "En attente d’envoi" in browser.get(INDEX).content.decode()


class TestEveryAnswer:
    @pytest.mark.parametrize("page", ["admin:index", "admin:customers_customer_changelist", "admin:figures"])
    def test_has_a_strict_content_security_policy(self, admin: Client, page: str) -> None:
        policy = admin.get(reverse(page))["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self' 'unsafe-eval'" in policy
        assert "http" not in policy

    def test_brings_all_it_needs_from_this_server(self, admin: Client) -> None:
        shown = admin.get(INDEX).content.decode()
        assert 'src="http' not in shown
        assert 'src="//' not in shown
        assert "<script>" not in shown

    def test_the_refusal_has_it_too(self, sign_in: SignIn) -> None:
        response = sign_in(Role.READ_ONLY).get(reverse("admin:accounts_user_changelist"))
        assert response.status_code == 403
        assert "default-src 'none'" in response["Content-Security-Policy"]

    def test_a_form_from_elsewhere_changes_nothing(self, admin: Client) -> None:
        admin.handler.enforce_csrf_checks = True
        assert admin.post(reverse("admin:outbox_suppression_add"), {"address": "a@example.com"}).status_code == 403

    def test_a_null_byte_in_the_address_is_refused(self, admin: Client) -> None:
        assert admin.get(reverse("admin:outbox_message_changelist"), {"section": "\x00"}).status_code == 400


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_the_menu_of_an_app_shows_nothing_that_the_role_may_not_open(role: Role, sign_in: SignIn) -> None:
    expected = 200 if role == Role.ADMIN else 404
    assert sign_in(role).get(reverse("admin:app_list", args=["accounts"])).status_code == expected


def test_only_our_own_models_are_here(admin: Client) -> None:
    addresses = {model["admin_url"] for app in admin.get(INDEX).context["app_list"] for model in app["models"]}
    assert addresses == {
        reverse(f"admin:{name}_changelist")
        for name in (
            "customers_customer",
            "invoices_invoice",
            "invoices_invoicerun",
            "invoices_recurringcharge",
            "balances_balance",
            "balances_alert",
            "balances_plan",
            "balances_quarantined",
            "outbox_message",
            "outbox_suppression",
            "accounts_user",
            "accounts_apikey",
            "audit_entry",
        )
    }
