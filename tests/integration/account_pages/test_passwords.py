"""One's own password: changed on its page, or chosen anew through the link in an email."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now
from procrastinate.contrib.django.models import ProcrastinateJob

from omnicrm.accounts.models import Proof, User
from omnicrm.accounts.pages.resets import TOKEN_COOKIE
from omnicrm.outbox.models import Message
from tests.integration.account_pages.conftest import (
    ADDRESS,
    HOME,
    PASSWORD,
    SIGN_IN,
    Browser,
    ask_for_reset,
    headers_of,
    is_signed_in,
    sign_in,
    signed_in,
    trail,
    words,
)

PAGE = reverse("account_password")
FORGOT = reverse("account_forgot")
SENT = reverse("account_forgot_sent")
RESET = reverse("account_reset")
BETTER = "better horse 43"
NEW = {"new_password": BETTER, "new_password_again": BETTER}


class TestChanging:
    def change(self, browser: Browser, **typed: str) -> Any:
        return browser.post(PAGE, {"current_password": PASSWORD, **NEW, **typed})

    def test_keeps_this_session_and_ends_the_others(self, ada: User) -> None:
        here, there = signed_in(ada), signed_in(ada)
        assert self.change(here)["Location"] == HOME
        assert is_signed_in(here)
        assert not is_signed_in(there)
        assert "this one" in words(here.get(reverse("account_sessions")))

    def test_holds_from_then_on_and_is_told_by_email(self, ada: User) -> None:
        self.change(signed_in(ada))
        assert sign_in(Browser(), password=PASSWORD).status_code == 200
        assert sign_in(Browser(), password=BETTER).status_code == 302
        assert Message.objects.get().section.endswith("UserPasswordChange")
        assert "password_changed" in trail()

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"current_password": "wrong"}, "current_password"),
            ({"current_password": ""}, "current_password"),
            ({"new_password_again": "other"}, "new_password_again"),
            ({"new_password": "12345678", "new_password_again": "12345678"}, "new_password"),
            ({"new_password": "short", "new_password_again": "short"}, "new_password"),
            ({"new_password": ADDRESS, "new_password_again": ADDRESS}, "new_password"),
            ({"new_password": "a\x00b" * 9, "new_password_again": "a\x00b" * 9}, "new_password"),
            ({"new_password": "x" * 129, "new_password_again": "x" * 129}, "new_password"),
        ],
        ids=["wrong", "missing", "unequal", "common", "short", "own address", "nul", "endless"],
    )
    def test_says_beside_the_field_what_is_wrong(self, ada: User, typed: dict[str, str], field: str) -> None:
        page = self.change(signed_in(ada), **typed)
        assert field in page.context["form"].errors
        assert f'aria-describedby="id_{field}' in page.content.decode()
        assert f'id="id_{field}_error"' in page.content.decode()
        assert sign_in(Browser()).status_code == 302

    def test_shows_the_rules_before_anything_is_wrong(self, ada: User) -> None:
        assert "at least 12 characters" in words(signed_in(ada).get(PAGE))

    def test_is_not_for_strangers(self, client: Browser) -> None:
        assert client.get(PAGE)["Location"] == f"{SIGN_IN}?next={PAGE}"


class TestForgetting:
    def test_answers_the_unknown_as_the_known(self, ada: User) -> None:
        known, unknown = (Browser().post(FORGOT, {"email": email}) for email in (ADDRESS, "nobody@example.com"))
        assert (known.status_code, known["Location"]) == (302, SENT)
        assert (unknown.status_code, unknown["Location"]) == (302, SENT)
        assert headers_of(known) == headers_of(unknown)

    def test_does_the_same_work_for_the_unknown_as_for_the_known(self, ada: User) -> None:
        statements = []
        for email in (ADDRESS, "bob@yourcompany.com"):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                Browser().post(FORGOT, {"email": email})
            statements.append([each["sql"].split(" ", 1)[0] for each in captured])
        assert statements[0] == statements[1]
        assert ProcrastinateJob.objects.filter(task_name="accounts.send_reset").count() == 2

    def test_says_how_long_the_link_lasts_without_saying_for_whom(self, client: Browser) -> None:
        page = words(client.get(SENT))
        assert "valid for 1 hour" in page
        assert "If an account has this address" in page

    def test_too_often_is_refused_for_known_and_unknown_alike(self, ada: User) -> None:
        for email in (ADDRESS, "nobody@example.com"):
            for _ in range(5):
                assert Browser().post(FORGOT, {"email": email}).status_code == 302
            assert "Try again in" in words(Browser().post(FORGOT, {"email": email}))


class TestTheLink:
    def test_moves_its_token_out_of_the_address(self, ada: User, client: Browser) -> None:
        moved = client.get(ask_for_reset(ada))
        assert (moved["Location"], moved["Referrer-Policy"]) == (RESET, "no-referrer")
        cookie = moved.cookies[TOKEN_COOKIE]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (RESET, True, "Lax")
        assert "For ada@yourcompany.com" in words(client.get(RESET))

    def test_is_not_used_up_by_whoever_only_opens_it(self, ada: User, client: Browser) -> None:
        link = ask_for_reset(ada)
        scanner = Browser(HTTP_USER_AGENT="MailScanner")
        for _ in range(3):
            assert scanner.get(link, follow=True).status_code == 200
            assert scanner.head(link).status_code == 302
        client.get(link)
        assert client.post(RESET, NEW)["Location"] == SIGN_IN

    def test_sets_the_password_once_and_ends_every_session(self, ada: User, client: Browser) -> None:
        before = signed_in(ada)
        link = ask_for_reset(ada)
        client.get(link)
        assert "Your new password is set." in words(client.post(RESET, NEW, follow=True))
        assert not is_signed_in(before)
        assert sign_in(Browser(), password=BETTER).status_code == 302
        again = client.get(link, follow=True)
        assert again.status_code == 404
        assert "This link does not work any more" in words(again)

    def test_signs_nobody_in(self, ada: User, client: Browser) -> None:
        client.get(ask_for_reset(ada))
        client.post(RESET, NEW)
        assert not is_signed_in(client)

    def test_works_still_after_a_weak_password(self, ada: User, client: Browser) -> None:
        client.get(ask_for_reset(ada))
        weak = client.post(RESET, {"new_password": "password", "new_password_again": "password"})
        assert "new_password" in weak.context["form"].errors
        assert client.post(RESET, NEW)["Location"] == SIGN_IN

    def test_answers_the_unknown_and_the_expired_alike(self, ada: User) -> None:
        expired = ask_for_reset(ada)
        Proof.objects.update(expires_at=now() - timedelta(seconds=1))
        pages = [Browser().get(link, follow=True) for link in (expired, reverse("account_reset_link", args=["x" * 43]))]
        assert [page.status_code for page in pages] == [404, 404]
        assert words(pages[0]) == words(pages[1])

    def test_takes_any_text_for_a_token(self, client: Browser) -> None:
        for token in ("é", "%00", "x" * 3000, "a b;c"):
            assert client.get(reverse("account_reset_link", args=[token]), follow=True).status_code == 404

    def test_is_forgotten_by_the_browser_afterwards(self, ada: User, client: Browser) -> None:
        client.get(ask_for_reset(ada))
        assert client.post(RESET, NEW).cookies[TOKEN_COOKIE]["max-age"] == 0

    def test_ends_a_forced_change_of_a_temporary_password(self, ada: User, client: Browser) -> None:
        User.objects.update(temporary_password_until=now() - timedelta(days=1))
        client.get(ask_for_reset(ada))
        client.post(RESET, NEW)
        sign_in(client, password=BETTER)
        assert client.get(HOME).status_code == 200
