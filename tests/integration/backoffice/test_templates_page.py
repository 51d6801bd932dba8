"""The templates pages: what each email is sent with, what is wrong with it, and a test of it."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.roles import Role
from omnicrm.backoffice.email.template_facts import DRIFT_COLOURS
from omnicrm.config import config_path, current_config
from omnicrm.emails.base import Variable
from omnicrm.emails.catalogue import CATALOGUE
from omnicrm.emails.models import Drift, KnownTemplate
from omnicrm.outbox.models import Message
from omnicrm.outbox.partitions import lowest_id
from omnicrm.outbox.queries import section_figures
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import customer, message_of

WELCOME, RESET = "api_crmCommunicationCustomerWelcome", "api_crmCommunicationUserPasswordReset"
VERIFICATION, BALANCE_LOW = "api_crmCommunicationEmailVerification", "api_crmCommunicationsBalanceLow"
LIST = "/backoffice/templates/"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def shown(browser: Client, section: str = "") -> str:
    response = browser.get(f"{LIST}{section}/" if section else LIST)
    assert response.status_code == 200
    return response.content.decode()


def row(browser: Client, section: str) -> str:
    """The text of an email's row in the list."""
    rows = re.findall(r"<tr>.*?</tr>", shown(browser), re.DOTALL)
    return text_of(next(each for each in rows if f"/{section}/" in each))


@pytest.fixture
def designs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an operator's own designs."""
    config = tmp_path / "crm_config.yaml"
    config.write_text(config_path().read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("OMNICRM_CONFIG", str(config))
    current_config.cache_clear()
    (tmp_path / "email_templates").mkdir()
    yield tmp_path / "email_templates"
    monkeypatch.undo()
    current_config.cache_clear()


def tags_of(variables: Mapping[str, Variable]) -> Iterator[str]:
    for name, variable in variables.items():
        yield f"{{% for each in var:{name} %}}" if variable.fields else f"{{{{var:{name}}}}}"
        yield from (f"{{{{each.{field}}}}}" for field in variable.fields)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_email_has_a_row_and_a_page(sign_in: SignIn, language: str) -> None:
    browser = sign_in(language=language)
    page = shown(browser)
    for section, email in CATALOGUE.items():
        assert f'href="{LIST}{section}/"' in page
        about = shown(browser, section)
        assert [tag for tag in tags_of(email.template_variables) if tag not in about] == []


def test_the_number_of_each_language_is_shown(admin: Client) -> None:
    found = row(admin, WELCOME)
    assert "5977509" in found
    assert "5977599" in found


def test_a_language_without_a_template_falls_back(admin: Client) -> None:
    assert "5977511" in row(admin, RESET)
    assert "falls back to French" in row(admin, RESET)
    assert "they get the one in French" in shown(admin, RESET)


def test_an_email_that_is_not_configured_says_so(admin: Client) -> None:
    assert row(admin, BALANCE_LOW).count("not configured") == 2
    assert "This email is not configured, so it cannot be sent" in shown(admin, BALANCE_LOW)


def known(number: int, drift: Drift, *, section: str = WELCOME, language: str = "fr") -> None:
    KnownTemplate.objects.create(template_id=number, section=section, language=language, drift=drift, checked_at=now())


@pytest.mark.parametrize("drift", Drift)
def test_the_state_at_the_last_check_is_shown(admin: Client, drift: Drift) -> None:
    known(5977509, drift)
    assert str(drift.label) in row(admin, WELCOME)
    assert row(admin, WELCOME).count("not checked yet") == 1


def test_what_is_known_of_a_number_that_another_email_had_is_not_shown(admin: Client) -> None:
    known(5977509, Drift.CONFLICT, section=RESET)
    assert str(Drift.CONFLICT.label) not in row(admin, WELCOME)


def test_every_state_has_a_colour() -> None:
    assert set(DRIFT_COLOURS) == set(Drift)


def test_a_number_used_twice_is_pointed_out(admin: Client, designs: Path) -> None:
    config = designs.parent / "crm_config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("5977511", "5977509"), encoding="utf-8")
    current_config.cache_clear()
    assert "number used twice" in row(admin, WELCOME)
    assert "number used twice" in row(admin, RESET)


def test_a_broken_design_is_counted_in_the_list_and_explained_on_the_page(admin: Client, designs: Path) -> None:
    (designs / f"{WELCOME}.en.html").write_text("<p>{{var:custumer_name}}</p>", encoding="utf-8")
    assert re.search(r"\d errors", row(admin, WELCOME))
    about = text_of(shown(admin, WELCOME))
    assert "did you mean var:customer_name?" in about
    assert f"{WELCOME}.en.html:1:" in about
    assert str(designs) not in about, "where the files lie on the server is nobody's business"


def test_a_design_that_cannot_be_compiled_spoils_no_page(admin: Client, designs: Path) -> None:
    (designs / f"{WELCOME}.en.mjml").write_text("<mjml><mj-body><mj-nonsense></mj-body>", encoding="utf-8")
    assert "error" in row(admin, WELCOME)
    about = shown(admin, WELCOME)
    assert "The design cannot be shown" in about
    assert str(designs) not in about
    assert admin.get(f"{LIST}{WELCOME}/en/").content == b""


def test_the_messages_of_the_last_30_days_are_counted(admin: Client) -> None:
    recent, old = message_of(customer()), message_of(customer(email="old@example.com"))
    Message.objects.filter(pk=old.pk).update(id=lowest_id(now() - timedelta(days=31)))
    assert row(admin, WELCOME).strip().endswith(" 1")
    page = shown(admin)
    assert "Messages of the last 30 days" in page
    assert f"/outbox/message/?section={recent.section}" in page


def test_of_very_many_messages_the_newest_are_counted_and_the_figure_says_since_when(db: None) -> None:
    for number in range(3):
        customer(email=f"a{number}@example.com")
    oldest = Message.objects.earliest("id")
    figures = section_figures(now=now(), limit=2)
    assert figures.messages == {WELCOME: 2}
    assert figures.is_shortened
    assert abs(figures.since - oldest.created_at) < timedelta(minutes=1)


def test_as_many_messages_as_are_counted_are_all_of_them(db: None) -> None:
    customer()
    figures = section_figures(now=now(), limit=1)
    assert (figures.messages, figures.is_shortened) == ({WELCOME: 1}, False)


def test_the_page_tells_sender_subject_and_number(admin: Client) -> None:
    about = text_of(shown(admin, WELCOME))
    for told in ("Support de Votre Entreprise &lt;support@yourcompany.com&gt;", "5977509", "Welcome to Your Company"):
        assert told in about


def test_the_page_marks_what_is_required_and_what_is_secret(admin: Client) -> None:
    rows = re.findall(r"<tr>.*?</tr>", shown(admin, VERIFICATION), re.DOTALL)
    url = text_of(next(each for each in rows if "var:verification_url" in each))
    name = text_of(next(each for each in rows if "var:user_name" in each))
    assert all(mark in url for mark in (" required ", " secret ", "or verification_code instead"))
    assert not any(mark in name for mark in (" required ", " secret "))
    assert "Claire Fontaine" in name
    assert "Clara Fields" in name


def test_the_sample_is_rendered_in_its_language(admin: Client) -> None:
    french, english = (admin.get(f"{LIST}{WELCOME}/{language}/").content.decode() for language in ("fr", "en"))
    assert "Hélène Lefèvre" in french
    assert "Helen Smith" in english
    assert "{{" not in french + english


def _texts(response: HttpResponse) -> list[str]:
    preview = response.content.decode().partition('id="preview"')[2].partition("</section>")[0]
    return re.findall(r'<pre class="bo-text"[^>]*>(.*?)</pre>', preview, re.DOTALL)


def test_the_plain_text_is_shown_in_both_languages(admin: Client) -> None:
    french, english = _texts(admin.get(f"{LIST}{WELCOME}/?view=text"))
    assert french.startswith("Bonjour Hélène Lefèvre,")
    assert english.startswith("Hello Helen Smith,")


def test_a_language_that_falls_back_is_shown_as_its_recipients_get_it(admin: Client) -> None:
    english = admin.get(f"{LIST}{RESET}/en/").content.decode()
    assert "Bonjour Clara Fields" in english


def test_a_hostile_design_can_run_nothing(admin: Client, designs: Path) -> None:
    (designs / f"{WELCOME}.en.html").write_text("<script>alert(1)</script>", encoding="utf-8")
    (designs / f"{WELCOME}.en.txt").write_text("</pre><script>alert(2)</script>", encoding="utf-8")
    page = admin.get(f"{LIST}{WELCOME}/")
    assert "<script>alert" not in page.content.decode()
    assert "<iframe sandbox " in page.content.decode()
    sample = admin.get(f"{LIST}{WELCOME}/en/")
    policy = sample["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "frame-ancestors 'self'"} <= set(policy)
    assert not any("script" in each for each in policy)
    assert sample["X-Frame-Options"] == "SAMEORIGIN"


def test_only_the_page_of_an_email_may_hold_frames_and_nobody_may_frame_it(admin: Client) -> None:
    page, every = admin.get(f"{LIST}{WELCOME}/"), admin.get(LIST)
    assert page["Content-Security-Policy"] == f"{every['Content-Security-Policy']}; frame-src 'self'"
    assert page["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("address", ["api_crmNothing/fr/", f"{WELCOME}/de/", f"{WELCOME}/fr%00/"])
def test_a_sample_of_nothing_is_not_found(admin: Client, address: str) -> None:
    assert admin.get(f"{LIST}{address}").status_code == 404


def test_an_unknown_email_leads_back_to_the_list(admin: Client) -> None:
    response = admin.get(f"{LIST}api_crmNothing/", follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "This is no longer there." in response.content.decode()


def test_a_test_is_queued_and_linked(admin: Client) -> None:
    response = admin.post(f"{LIST}{WELCOME}/", {"to": " Ada@YourCompany.com ", "language": "en"}, follow=True)
    message = Message.objects.get()
    assert (message.to_email, message.language) == ("Ada@yourcompany.com", "en")
    assert message.subject == "[TEST] Welcome to Your Company"
    page = response.content.decode()
    assert "A test is queued for Ada@yourcompany.com" in page
    assert f'href="{reverse("admin:outbox_message_change", args=[message.pk])}"' in page


@pytest.mark.parametrize("to", ["", "nobody", "a@b@c", "<script>@example.com", "a" * 5000, "a@example.com\0"])
def test_a_test_to_what_is_no_address_is_refused(admin: Client, to: str) -> None:
    response = admin.post(f"{LIST}{WELCOME}/", {"to": to, "language": "en"})
    assert response.status_code == 200
    assert response.context["form"].errors["to"]
    assert not Message.objects.exists()


def test_a_test_in_a_language_that_is_none_is_refused(admin: Client) -> None:
    response = admin.post(f"{LIST}{WELCOME}/", {"to": "a@example.com", "language": "de"})
    assert response.context["form"].errors["language"]
    assert not Message.objects.exists()


def test_a_test_of_an_email_that_is_not_configured_is_refused(admin: Client) -> None:
    response = admin.post(f"{LIST}{BALANCE_LOW}/", {"to": "a@example.com", "language": "en"})
    assert response.status_code == 200
    assert not Message.objects.exists()


def test_who_only_reads_sees_no_form_and_sends_no_test(sign_in: SignIn) -> None:
    browser = sign_in(Role.READ_ONLY)
    assert "Send a test" not in text_of(shown(browser, WELCOME)).replace("“Send a test”", "")
    assert browser.post(f"{LIST}{WELCOME}/", {"to": "a@example.com", "language": "en"}).status_code == 403
    assert not Message.objects.exists()


def test_the_guide_stands_on_both_pages(admin: Client) -> None:
    for page in (shown(admin), shown(admin, WELCOME)):
        assert "Transactional templates" in page
        assert "omnicrm templates push" in page
