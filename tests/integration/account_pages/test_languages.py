"""The switch of languages: the browser remembers it, and so does the user whose emails follow."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user, deactivate
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Customer
from omnicrm.outbox.models import Message
from tests.integration.account_pages.conftest import HOME, SIGN_IN, Browser, ask_for_reset, signed_in, words

SWITCH = reverse("set_language")


def switched(browser: Browser, language: str) -> Browser:
    assert browser.post(SWITCH, {"language": language, "next": HOME}).status_code == 302
    return browser


@pytest.fixture
def paul(customer: Customer) -> User:
    """Another user of Hélène's customer."""
    return create_user(
        email="paul@example.com",
        full_name="Paul Martin",
        role=Role.CUSTOMER,
        customer_id=customer.pk,
        language="fr",
        is_staff=False,
        now=now(),
    )


class TestOfStaff:
    def test_is_remembered_by_the_user(self, ada: User) -> None:
        switched(signed_in(ada), "fr")
        ada.refresh_from_db()
        assert ada.language == "fr"

    def test_is_followed_by_the_next_email(self, ada: User) -> None:
        switched(signed_in(ada), "fr")
        ada.refresh_from_db()
        ask_for_reset(ada)
        assert Message.objects.get(section__endswith="PasswordReset").language == "fr"

    def test_is_still_there_after_signing_in_elsewhere(self, ada: User) -> None:
        switched(signed_in(ada), "fr")
        assert "Déconnexion" in words(signed_in(ada).get(HOME))

    def test_is_in_the_audit_log_once_as_what_the_user_did(self, ada: User) -> None:
        switched(switched(signed_in(ada), "fr"), "fr")
        entry = Entry.objects.get(action=Action.USER_CHANGED)
        assert (entry.actor_id, entry.ip) == (ada.pk, "127.0.0.1")
        assert entry.detail == {"language": {"from": "en", "to": "fr"}}

    @pytest.mark.parametrize("language", ["de", "", "x" * 500, "\0"])
    def test_is_never_one_that_we_do_not_speak(self, ada: User, language: str) -> None:
        signed_in(ada).post(SWITCH, {"language": language, "next": HOME})
        ada.refresh_from_db()
        assert ada.language == "en"

    def test_is_not_changed_by_following_a_link(self, ada: User) -> None:
        signed_in(ada).get(SWITCH, {"language": "fr"})
        ada.refresh_from_db()
        assert ada.language == "en"


class TestOfACustomersUser:
    def test_is_that_of_the_customers_emails_where_nobody_else_signs_in(self, helene: User, customer: Customer) -> None:
        switched(signed_in(helene), "en")
        customer.refresh_from_db()
        assert customer.language == "en"

    def test_leaves_a_customer_with_several_users_alone(self, helene: User, paul: User, customer: Customer) -> None:
        switched(signed_in(helene), "en")
        for each in (helene, paul, customer):
            each.refresh_from_db()
        assert (helene.language, paul.language, customer.language) == ("en", "fr", "fr")

    def test_does_not_count_users_who_left(self, helene: User, paul: User, customer: Customer) -> None:
        deactivate(user_id=paul.pk, by=SYSTEM, now=now())
        switched(signed_in(helene), "en")
        customer.refresh_from_db()
        assert customer.language == "en"


def test_of_somebody_who_is_not_signed_in_is_the_browsers_alone(ada: User, client: Browser) -> None:
    client.post(SWITCH, {"language": "fr", "next": SIGN_IN})
    assert "Mot de passe" in words(client.get(SIGN_IN))
    ada.refresh_from_db()
    assert ada.language == "en"
