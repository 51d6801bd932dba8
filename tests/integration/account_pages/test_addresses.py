"""The address: verified by code or link, changed once the new one is verified."""

from datetime import timedelta

from django.urls import reverse

from omnicrm.accounts.models import Proof, User
from omnicrm.outbox.models import Message
from tests.integration.account_pages.conftest import (
    ADDRESS,
    HOME,
    SIGN_IN,
    Browser,
    code_in_email,
    link_in,
    signed_in,
    words,
)
from tests.integration.account_pages.test_second_factor import long_after_signing_in

PAGE = reverse("account_address")
VERIFY = reverse("account_verify")
AGAIN = reverse("account_verify_again")
KEEP = reverse("account_address_keep")
NEW_ADDRESS = "ada@newhome.example"


def changing(user: User) -> Browser:
    """A browser in which the user has asked for a new address."""
    browser = signed_in(user)
    assert browser.post(PAGE, {"new_email": NEW_ADDRESS})["Location"] == VERIFY
    return browser


def past_the_cool_down() -> None:
    for proof in Proof.objects.all():
        proof.created_at -= timedelta(minutes=2)
        proof.save()


class TestChanging:
    def test_leaves_the_address_in_force_until_the_new_one_is_verified(self, ada: User) -> None:
        browser = changing(ada)
        assert f"{NEW_ADDRESS} replaces it once it is verified" in words(browser.get(HOME))
        ada.refresh_from_db()
        assert ada.email == ADDRESS
        browser.post(VERIFY, {"code": code_in_email()})
        ada.refresh_from_db()
        assert ada.email == NEW_ADDRESS
        assert browser.get(HOME).status_code == 200

    def test_answers_alike_for_an_address_somebody_has(self, ada: User, helene: User) -> None:
        browser = signed_in(ada)
        taken = browser.post(PAGE, {"new_email": helene.email}, follow=True)
        free = browser.post(PAGE, {"new_email": NEW_ADDRESS}, follow=True)
        assert words(taken).replace(helene.email, NEW_ADDRESS) == words(free)

    def test_can_be_given_up(self, ada: User) -> None:
        browser = changing(ada)
        assert "Your address stays as it was." in words(browser.post(KEEP, follow=True))
        assert NEW_ADDRESS not in words(browser.get(HOME))

    def test_asks_who_signed_in_long_ago_to_confirm_it(self, ada: User) -> None:
        browser = long_after_signing_in(signed_in(ada))
        assert browser.get(PAGE)["Location"].startswith(reverse("account_reauthenticate"))
        browser.post(PAGE, {"new_email": NEW_ADDRESS})
        assert not Message.objects.exists()

    def test_says_what_is_no_address(self, ada: User) -> None:
        assert "new_email" in signed_in(ada).post(PAGE, {"new_email": "no"}).context["form"].errors


class TestVerifyingByCode:
    def test_says_how_many_tries_are_left(self, ada: User) -> None:
        browser = changing(ada)
        wrong = "000000" if code_in_email() != "000000" else "000001"
        assert "You can try 4 more times." in words(browser.post(VERIFY, {"code": wrong}))

    def test_leads_after_the_last_wrong_try_to_a_new_email(self, ada: User) -> None:
        browser = changing(ada)
        wrong = "000000" if code_in_email() != "000000" else "000001"
        for _ in range(4):
            browser.post(VERIFY, {"code": wrong})
        page = words(browser.post(VERIFY, {"code": wrong}))
        assert "This is no longer valid. Ask for a new email." in page
        assert "Send a new email" in page
        browser.post(VERIFY, {"code": code_in_email()})
        ada.refresh_from_db()
        assert ada.email == ADDRESS

    def test_begins_with_sending_an_email_to_who_never_got_one(self, ada: User) -> None:
        browser = signed_in(ada)
        assert "Send the email" in words(browser.get(VERIFY))
        browser.post(AGAIN)
        browser.post(VERIFY, {"code": code_in_email()})
        ada.refresh_from_db()
        assert ada.email_verified_at

    def test_shows_when_the_email_can_be_asked_for_again(self, ada: User) -> None:
        browser = changing(ada)
        assert "possible in" in words(browser.get(VERIFY))
        assert "Try again in" in words(browser.post(AGAIN, follow=True))
        assert Message.objects.filter(section__endswith="EmailVerification").count() == 1

    def test_after_the_cool_down_another_email_goes_out(self, ada: User) -> None:
        browser = changing(ada)
        past_the_cool_down()
        assert f"A new email is on its way to {NEW_ADDRESS}." in words(browser.post(AGAIN, follow=True))
        assert Message.objects.filter(section__endswith="EmailVerification").count() == 2

    def test_has_nothing_to_do_for_a_verified_address(self, ada: User) -> None:
        browser = changing(ada)
        browser.post(VERIFY, {"code": code_in_email()})
        assert browser.get(VERIFY)["Location"] == HOME


class TestVerifyingByLink:
    def test_is_not_done_by_opening_it(self, ada: User) -> None:
        changing(ada)
        scanner = Browser()
        assert "Press the button" in words(scanner.get(link_in("EmailVerification")))
        ada.refresh_from_db()
        assert ada.email == ADDRESS

    def test_is_done_by_the_button_in_any_browser_once(self, ada: User, client: Browser) -> None:
        changing(ada)
        link = link_in("EmailVerification")
        assert client.post(link)["Location"] == SIGN_IN
        ada.refresh_from_db()
        assert ada.email == NEW_ADDRESS
        again = client.post(link)
        assert again.status_code == 404
        assert "This link does not work any more" in words(again)

    def test_answers_any_text_alike(self, client: Browser) -> None:
        pages = [client.post(reverse("account_verify_link", args=[token])) for token in ("x" * 43, "é", "%00")]
        assert {page.status_code for page in pages} == {404}
        assert len({words(page) for page in pages}) == 1
