"""Users and the audit log in the back office, as administrators use them in Chromium."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from omnicrm.accounts.actors import user_actor
from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user, send_staff_welcome, update_user
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry, TargetKind
from omnicrm.audit.operations import Target, anonymous, record
from omnicrm.onboarding.operations import register_customer
from omnicrm.outbox.models import Message
from tests.browser.conftest import fits, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

OpenPage = Callable[..., Page]
Enter = Callable[..., Page]
NEW_PASSWORD = "better horse 43 out"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """What tells two visits of the same page apart. Texts are found by their place: no language is known by heart."""

    language: str
    width: int


BOTH = pytest.mark.parametrize(
    "screen",
    [Screen(language="en", width=1280), Screen(language="fr", width=390)],
    ids=["english desktop", "french phone"],
)


@pytest.fixture(autouse=True)
def _no_attempts_yet(transactional_db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ada(screen: Screen, transactional_db: None) -> User:
    return create_user(
        email="ada@yourcompany.com", full_name="Ada Minot", role=Role.ADMIN, language=screen.language, now=now()
    )


@pytest.fixture
def sam(ada: User) -> User:
    """A colleague who was welcomed and has a second factor."""
    user = create_user(
        email="sam@yourcompany.com", full_name="Sam Port", role=Role.SUPPORT, language="en", now=now(), welcome=True
    )
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    return user


@pytest.fixture
def enter(open_page: OpenPage, live_server: Any, ada: User, screen: Screen) -> Enter:
    """`enter("accounts/user/")`: that page of the back office, as a signed-in administrator."""

    def act(path: str) -> Page:
        page = open_page(language=screen.language, width=screen.width)
        sign_in(page, ada, at=live_server.url)
        page.goto(f"{live_server.url}/backoffice/{path}")
        return page

    return act


def go(page: Page, path: str) -> None:
    page.goto(f"{page.url.partition('/backoffice/')[0]}/backoffice/{path}")


def answer(page: Page) -> None:
    """Presses the button that says yes."""
    page.locator("#content-main button[type=submit], .bo-buttons button[type=submit]").last.click()


@BOTH
def test_a_colleague_is_added_and_welcomed(enter: Enter) -> None:
    page = enter("accounts/user/add/")
    expect(page.locator("#id_welcome")).to_be_checked()
    page.locator("#id_full_name").fill("Zoé Perrin")
    page.locator("#id_email").fill("zoe@yourcompany.com")
    page.locator("#id_role").select_option("Billing")
    assert fits(page)
    answer(page)
    expect(page.get_by_text("zoe@yourcompany.com").first).to_be_visible()
    zoe = User.objects.get(email="zoe@yourcompany.com")
    assert (zoe.role, zoe.must_change_password) == (Role.BILLING, True)
    assert Message.objects.filter(section__endswith="UserWelcome", to_email=zoe.email).count() == 1
    assert fits(page)


@BOTH
def test_a_colleague_is_helped_back_in(enter: Enter, sam: User) -> None:
    page = enter(f"accounts/user/{sam.pk}/change/")
    for path in ("second-factor", "welcome", "sign-out"):
        page.locator(f'a[href$="/{path}/"]').first.click()
        expect(page.locator(".bo-narrow")).to_be_visible()
        assert fits(page)
        answer(page)
        expect(page.locator("#id_full_name")).to_be_visible()
    assert not Authenticator.objects.exists()
    assert Message.objects.filter(section__endswith="UserWelcome", to_email=sam.email).count() == 2


@BOTH
def test_a_password_is_set_for_a_colleague(enter: Enter, sam: User) -> None:
    page = enter(f"accounts/user/{sam.pk}/set-password/")
    page.locator("#id_password").fill(NEW_PASSWORD)
    answer(page)
    expect(page.locator("#id_full_name")).to_be_visible()
    sam.refresh_from_db()
    assert sam.check_password(NEW_PASSWORD)


@BOTH
def test_the_log_is_narrowed_down_and_taken_away(enter: Enter, sam: User, ada: User, tmp_path: Path) -> None:
    for address in ("sam@yourcompany.com", "eve@example.com"):
        target = Target(kind=TargetKind.ADDRESS, name=address)
        record(action=Action.SIGN_IN_FAILED, by=anonymous("203.0.113.7"), target=target, now=now())
    page = enter("audit/entry/")
    expect(page.locator("#result_list")).to_contain_text("eve@example.com")
    page.locator("a[href='#changelist-filter'], #changelist-filter-link, [x-on\\:click*=filterOpen]").first.click()
    page.locator("[name=target]").fill("sam@")
    page.locator("form.bo-filter:has([name=target]) button").click()
    expect(page.locator("#result_list")).not_to_contain_text("eve@example.com")
    assert fits(page)
    with page.expect_download() as download:
        page.locator(".bo-export button").click()
    file = tmp_path / "log.csv"
    download.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        assert [row[8] for row in csv.reader(lines)][1:] == ["sam@yourcompany.com"]
    assert Entry.objects.latest("id").action == Action.LOG_EXPORTED


@BOTH
def test_every_page_fits_the_screen_and_breaks_no_rule(enter: Enter, sam: User, ada: User) -> None:
    update_user(user_id=sam.pk, role=Role.BILLING, language="fr", by=user_actor(ada, ip="2001:db8::7"), now=now())
    send_staff_welcome(user_id=sam.pk, by=user_actor(ada, ip="2001:db8::7"), now=now())
    customer = register_customer(now=now(), customer_name="Boulangerie du Port").customer
    karim = create_user(
        email="karim.benali.de.la.boulangerie@example.org",
        full_name="Karim Benali",
        role=Role.CUSTOMER,
        customer_id=customer.pk,
        now=now(),
    )
    page = enter("accounts/user/")
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for path in (
        "accounts/user/",
        "accounts/user/?kind=customers",
        f"accounts/user/{sam.pk}/change/",
        f"accounts/user/{karim.pk}/change/",
        f"accounts/user/{sam.pk}/history/",
        *(f"accounts/user/{sam.pk}/{action}/" for action in ("welcome", "verify", "second-factor", "deactivate")),
        f"customers/customer/{customer.pk}/change/",
        "audit/entry/",
        f"audit/entry/{Entry.objects.latest('id').pk}/change/",
    ):
        go(page, path)
        expect(page.locator("#main")).to_be_visible()
        assert fits(page), path
    assert complaints == []
