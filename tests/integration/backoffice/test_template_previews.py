"""The preview on an email's page: its views, and a customer's own data in it."""

import re
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.translation import override

from omnicrm.accounts.roles import PERMISSIONS, Permission, Role
from omnicrm.backoffice.email.template_facts import as_remark
from omnicrm.backoffice.email.template_previews import MOST_CUSTOMERS
from omnicrm.config import current_config
from omnicrm.customers.operations import add_service
from omnicrm.emails.templates.findings import Finding, Level
from omnicrm.mailjet.language import phrase
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import customer
from tests.unit.emails.templates.conftest import errors

WELCOME, RESET = "api_crmCommunicationCustomerWelcome", "api_crmCommunicationUserPasswordReset"
BALANCE_LOW = "api_crmCommunicationsBalanceLow"
PAGE = f"/backoffice/templates/{WELCOME}/"
FOUND = f"{PAGE}customers/"


def preview(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode().partition('id="preview"')[2].partition("</section>")[0]


def links(page: str) -> list[str]:
    return [unescape(address) for address in re.findall(r'href="([^"]*)#preview"', page)]


@pytest.mark.parametrize("view", ["desktop", "phone", "dark", "text"])
def test_each_view_is_a_link_and_the_current_one_is_marked(admin: Client, view: str) -> None:
    shown = preview(admin.get(PAGE, {"view": view}))
    assert links(shown) == [f"?view={each}" for each in ("desktop", "phone", "dark", "text")]
    assert re.findall(r'href="([^"#]*)#preview" aria-current', shown) == [f"?view={view}"]
    assert ("<iframe" in shown) is (view != "text")


@pytest.mark.parametrize("view", ["", "upside-down", "<script>", "x" * 5000])
def test_a_view_that_is_none_is_the_desktops(admin: Client, view: str) -> None:
    assert 'href="?view=desktop#preview" aria-current' in preview(admin.get(PAGE, {"view": view}))


def test_the_dark_view_is_dark_whatever_the_screen_is_set_to(admin: Client) -> None:
    dark, light = (admin.get(f"{PAGE}en/", {"view": view}).content.decode() for view in ("dark", "phone"))
    assert "@media all" in dark
    assert "@media not all" in light
    assert "prefers-color-scheme: dark)" not in dark + light


def test_a_customers_own_data_is_shown_in_every_language(admin: Client) -> None:
    owner = customer("O'Brien <Ltd>", email="sean@obrien.example.com")
    shown = preview(admin.get(PAGE, {"customer": owner.pk, "view": "text"}))
    assert "for O&#x27;Brien &lt;Ltd&gt;" in shown
    assert unescape(shown).count("O'Brien &lt;Ltd&gt;,") == 2
    for language in ("fr", "en"):
        html = admin.get(f"{PAGE}{language}/", {"customer": owner.pk}).content.decode()
        assert "O'Brien &lt;Ltd&gt;" in html
        assert "sean@obrien.example.com" in html


def test_the_customers_first_service_is_named(admin: Client) -> None:
    owner = customer()
    add_service(customer_id=owner.pk, service_name="Fibre 8 Gb/s", now=owner.created_at)
    html = admin.get(f"/backoffice/templates/{BALANCE_LOW}/fr/", {"customer": owner.pk}).content.decode()
    assert "Fibre 8 Gb/s" in html


def test_an_email_to_staff_knows_no_customer(admin: Client) -> None:
    html = admin.get(f"/backoffice/templates/{RESET}/fr/", {"customer": customer("Somebody").pk}).content.decode()
    assert "Claire Fontaine" in html
    assert "Somebody" not in html


def test_the_customer_is_kept_from_view_to_view_and_can_be_left(admin: Client) -> None:
    owner = customer()
    shown = preview(admin.get(PAGE, {"customer": owner.pk, "view": "phone"}))
    assert f"?view=dark&customer={owner.pk}" in links(shown)
    assert re.search(r'href="\?view=phone#preview">Back to sample data', shown)
    assert f'src="{PAGE}en/?view=phone&amp;customer={owner.pk}"' in shown


@pytest.mark.parametrize("number", ["404", "-1", "x", "9" * 30, "٣", "1 OR 1"])
def test_a_customer_who_is_not_there_is_one_line(admin: Client, number: str) -> None:
    shown = preview(admin.get(PAGE, {"customer": number}))
    assert f"There is no customer {number[:20]}." in shown
    assert "with sample data" in shown


@pytest.mark.parametrize("search", ["obrien", "sean@", "Sean O"])
def test_customers_are_found_by_name_and_address(admin: Client, search: str) -> None:
    owner = customer("Sean OBrien", email="sean@obrien.example.com")
    shown = preview(admin.get(PAGE, {"find": search, "view": "dark"}))
    assert f"?view=dark&customer={owner.pk}" in links(shown)
    assert f"Sean OBrien · sean@obrien.example.com · {owner.pk}" in shown


def test_a_customer_is_found_by_number(admin: Client) -> None:
    owner = customer()
    assert f"?view=desktop&customer={owner.pk}" in links(preview(admin.get(PAGE, {"find": str(owner.pk)})))


def test_who_is_not_found_is_one_line(admin: Client) -> None:
    assert "No customer is found by “nobody &lt;b&gt;”." in preview(admin.get(PAGE, {"find": "nobody <b>"}))


def test_of_many_customers_the_newest_are_offered_and_it_says_that_there_are_more(admin: Client) -> None:
    owners = [customer("Same Name", email=f"same{number}@example.com") for number in range(MOST_CUSTOMERS + 1)]
    shown = preview(admin.get(PAGE, {"find": "same"}))
    assert sum("customer=" in link for link in links(shown)) == MOST_CUSTOMERS
    assert f"customer={owners[0].pk}#" not in shown
    assert "There are more" in shown


def test_while_one_types_the_customers_come_alone_and_lead_to_the_page(admin: Client) -> None:
    owner = customer()
    response = admin.get(FOUND, {"find": "helene", "view": "phone"})
    assert links(response.content.decode()) == [f"{PAGE}?view=phone&customer={owner.pk}"]
    assert "<html" not in response.content.decode()


def test_who_may_not_see_customers_sees_none(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERMISSIONS, Role.READ_ONLY, frozenset({Permission.READ_MESSAGES}))
    owner, browser = customer("Secret Name"), sign_in(Role.READ_ONLY)
    shown = preview(browser.get(PAGE, {"customer": owner.pk, "find": "secret", "view": "text"}))
    assert "Secret Name" not in shown
    assert 'type="search"' not in shown
    assert "Secret Name" not in browser.get(f"{PAGE}en/", {"customer": owner.pk}).content.decode()
    assert browser.get(FOUND, {"find": "secret"}).status_code == 403


def test_findings_are_told_in_the_users_language() -> None:
    found = Finding(
        level=Level.ERROR, section=WELCOME, language="en", where="x", what=phrase("Phone"), mend=phrase("Text")
    )
    with override("fr"):
        assert as_remark(found).text.startswith("Téléphone")
    assert as_remark(found).text == "Phone; Text"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_guide_has_every_step_and_an_example_without_an_error(sign_in: SignIn, language: str) -> None:
    page = sign_in(language=language).get("/backoffice/templates/").content.decode()
    guide = page.partition('<details class="bo-panel bo-guide">')[2].partition("</ol>")[0]
    assert len(re.findall(r"<li><strong>", guide)) == 5
    for told in ("{{ var:customer_name }}", "{{ var:user_name }}", "5977509", "template_id", "systemctl restart"):
        assert told in guide
    example = unescape(guide.partition("<pre")[2].partition(">")[2].partition("</pre>")[0])
    assert f'<html lang="{language}">' in example
    assert current_config().company.name in unescape(example)
    assert errors(html=example, text=None) == []
