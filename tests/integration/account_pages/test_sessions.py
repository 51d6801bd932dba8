"""Sessions: listed, ended one by one or all, kept alive while in use, forgotten."""

from datetime import datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.pages.browsers import browser_name
from omnicrm.accounts.pages.operations import end_sessions
from omnicrm.accounts.pages.sessions import IDLE_LIMIT, PRECISION, USED_AT
from omnicrm.accounts.pages.tasks import forget_sessions
from omnicrm.audit.models import Entry
from omnicrm.audit.operations import SYSTEM
from tests.integration.account_pages.conftest import (
    HOME,
    SIGN_IN,
    Browser,
    is_signed_in,
    sign_in,
    signed_in,
    trail,
    words,
)

PAGE = reverse("account_sessions")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile/15E148 Safari/604.1"
)


def key_of(browser: Browser) -> int:
    return UserSession.objects.get(session_key=browser.session.session_key).pk


def left_unused(browser: Browser, span: timedelta) -> Browser:
    session = browser.session
    session[USED_AT] = (now() - span).timestamp()
    session.save()
    return browser


def used_at(browser: Browser) -> datetime:
    return UserSession.objects.get(session_key=browser.session.session_key).last_seen_at


class TestTheList:
    def test_shows_each_browser_with_its_place(self, ada: User) -> None:
        sign_in(Browser(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="192.0.2.7"))
        page = words(signed_in(ada).get(PAGE))
        assert "Firefox, Windows" in page
        assert "192.0.2.7" in page
        assert "Unknown browser this one" in page

    def test_shows_nobody_elses(self, ada: User, helene: User) -> None:
        sign_in(Browser(HTTP_USER_AGENT=FIREFOX), helene.email)
        assert "Firefox" not in words(signed_in(ada).get(PAGE))

    def test_escapes_what_a_browser_calls_itself(self, ada: User) -> None:
        sign_in(Browser(HTTP_USER_AGENT="<script>alert(1)</script>"))
        assert "<script>alert" not in signed_in(ada).get(PAGE).content.decode()


class TestEnding:
    def test_one_leaves_the_others(self, ada: User) -> None:
        here, there, elsewhere = (signed_in(ada) for _ in range(3))
        here.post(PAGE, {"session": str(key_of(there))})
        assert [is_signed_in(each) for each in (here, there, elsewhere)] == [True, False, True]
        assert trail()[-1] == "sessions_ended"

    def test_all_others_keeps_this_one(self, ada: User) -> None:
        here, there, elsewhere = (signed_in(ada) for _ in range(3))
        assert "2 sessions are signed out." in words(here.post(PAGE, {"session": "others"}, follow=True))
        assert [is_signed_in(each) for each in (here, there, elsewhere)] == [True, False, False]
        assert Entry.objects.get(action="sessions_ended").detail == {"count": 2}

    def test_all_signs_out_everywhere(self, ada: User) -> None:
        here, there = signed_in(ada), signed_in(ada)
        assert here.post(PAGE, {"session": "all"})["Location"] == SIGN_IN
        assert not is_signed_in(here)
        assert not is_signed_in(there)

    @pytest.mark.parametrize("choice", ["", "x", "-1", "99999999999999999999", "\x00"])
    def test_an_unknown_choice_ends_nothing(self, ada: User, choice: str) -> None:
        here, there = signed_in(ada), signed_in(ada)
        here.post(PAGE, {"session": choice})
        assert is_signed_in(here)
        assert is_signed_in(there)
        assert "sessions_ended" not in trail()

    def test_of_somebody_elses_is_not_possible(self, ada: User, helene: User) -> None:
        theirs = signed_in(helene)
        signed_in(ada).post(PAGE, {"session": str(key_of(theirs))})
        assert is_signed_in(theirs)

    def test_by_an_administrator_signs_out_everywhere(self, ada: User) -> None:
        browser = signed_in(ada)
        assert end_sessions(user_id=ada.pk, by=SYSTEM, now=now()) == 1
        assert not is_signed_in(browser)


class TestLasting:
    def test_an_unused_session_of_a_browser_ends(self, ada: User) -> None:
        browser = left_unused(signed_in(ada), IDLE_LIMIT)
        assert not is_signed_in(browser)

    def test_a_remembered_one_does_not(self, ada: User, client: Browser) -> None:
        sign_in(client, remember="on")
        assert is_signed_in(left_unused(client, timedelta(days=29)))

    def test_use_renews_the_thirty_days_and_shows_in_the_list(self, ada: User, client: Browser) -> None:
        sign_in(client, remember="on")
        UserSession.objects.update(last_seen_at=now() - timedelta(days=1))
        renewed = left_unused(client, PRECISION).get(HOME)
        assert renewed.cookies["sessionid"]["max-age"] == 30 * 24 * 3600
        assert used_at(client) > now() - timedelta(hours=1)

    def test_use_right_after_use_writes_nothing(self, ada: User) -> None:
        browser = signed_in(ada)
        assert "sessionid" not in browser.get(HOME).cookies


class TestForgetting:
    def test_takes_away_where_ended_sessions_came_from(self, ada: User) -> None:
        here, there = signed_in(ada), signed_in(ada)
        there.session.delete()
        forget_sessions(0)
        assert [each.session_key for each in UserSession.objects.all()] == [here.session.session_key]
        assert is_signed_in(here)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        (EDGE, "Edge, Windows"),
        (IPHONE, "Safari, iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown browser"),
    ],
    ids=["firefox", "edge", "iphone", "curl", "none"],
)
def test_browsers_are_called_what_people_call_them(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
