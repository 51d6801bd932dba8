"""The page that shows a template as Mailjet has it now beside our design."""

import re
from html import unescape

import pytest
from django.http import HttpResponse

from omnicrm.accounts.roles import Role
from omnicrm.emails.models import KnownTemplate
from tests.integration.backoffice.scene import signed_in, staff
from tests.integration.templates.conftest import WELCOME, Mailjet, Operator, number_of

PAGE = f"/backoffice/templates/{WELCOME}/fr/mailjet/"


def asked(address: str = PAGE, *, role: Role = Role.ADMIN) -> HttpResponse:
    return signed_in(staff(role)).get(address)


def text_of(response: HttpResponse) -> str:
    assert response.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode())))


def frames(response: HttpResponse) -> list[str]:
    return [unescape(found) for found in re.findall(r'<iframe sandbox srcdoc="([^"]*)"', response.content.decode())]


def test_a_template_in_step_is_shown_once(pushed: Operator) -> None:
    response = asked()
    assert len(frames(response)) == 1
    assert "As mailboxes show it" in text_of(response)
    assert "What differs" not in text_of(response)


def test_what_was_edited_in_mailjet_is_shown_beside_our_design(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(WELCOME), html="<p>Edited, {{var:customer_name}} {{var:login_url}}</p>")
    response = asked()
    ours, theirs = frames(response)
    assert "Hélène Lefèvre" in ours
    assert "<p>Edited, Hélène Lefèvre" in theirs
    assert "What differs HTML" in text_of(response)
    assert "-<p>Edited, {{var:customer_name}}" in text_of(response)


def test_the_page_of_the_email_leads_there(pushed: Operator) -> None:
    page = asked(f"/backoffice/templates/{WELCOME}/").content.decode()
    assert re.search(rf'href="{PAGE}\?view=desktop">Compare with Mailjet now', page)


def test_what_is_wrong_with_the_live_template_is_told(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(WELCOME), html="<p>{{var:Customer_Name}}</p>", text="{{var:login_url}}")
    told = text_of(asked())
    assert "var:Customer_Name is in the wrong case; write var:customer_name" in told
    assert f"template {number_of(WELCOME)}, HTML:1:6" in told


def test_the_plain_text_view_shows_both_texts(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(WELCOME), text="Salut {{var:customer_name}} {{var:login_url}}")
    response = asked(f"{PAGE}?view=text")
    assert frames(response) == []
    assert "Salut Hélène Lefèvre" in text_of(response)
    assert "Bonjour Hélène Lefèvre" in text_of(response)


def test_hostile_content_from_mailjet_stays_in_its_frame(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(WELCOME), html='"><script>alert(1)</script>', text="</pre><script>alert(2)</script>")
    browser = signed_in(staff())
    responses = [browser.get(PAGE, {"view": view}) for view in ("desktop", "text")]
    for response in responses:
        assert "<script>alert" not in response.content.decode()
        policy = response["Content-Security-Policy"].split("; ")
        assert {"frame-src 'self'", "img-src 'self' data: https:", "frame-ancestors 'none'"} <= set(policy)
    assert "<script>alert" in frames(responses[0])[1]


def test_a_number_that_mailjet_does_not_know_is_one_line(operator: Operator) -> None:
    response = asked()
    assert "Mailjet has no such template for this key" in text_of(response)
    assert len(frames(response)) == 1


def test_mailjet_out_of_reach_is_one_line(pushed: Operator, mailjet: Mailjet) -> None:
    pushed.reconfigure(mailjet.url, "http://127.0.0.1:9")
    assert "Mailjet could not be asked: " in text_of(asked())


def test_a_design_that_is_none_is_one_line(pushed: Operator) -> None:
    pushed.write_design(f"{WELCOME}.fr.mjml", "hello")
    assert "The design here cannot be read" in text_of(asked())


def test_looking_changes_nothing(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(WELCOME), html="<p>{{var:login_url}}</p>")
    before = list(KnownTemplate.objects.order_by("template_id").values())
    asked()
    assert list(KnownTemplate.objects.order_by("template_id").values()) == before


def test_who_only_reads_may_not_spend_calls(pushed: Operator) -> None:
    assert asked(role=Role.READ_ONLY).status_code == 403


@pytest.mark.parametrize("place", ["api_crmNothing/fr", f"{WELCOME}/de", "api_crmCommunicationUserPasswordReset/en"])
def test_where_there_is_no_template_there_is_nothing_to_compare(operator: Operator, place: str) -> None:
    assert asked(f"/backoffice/templates/{place}/mailjet/").status_code == 302
