"""push: from here to Mailjet, and the numbers back into the config."""

import pytest
from django.core.management import CommandError, call_command

from mailjet_sandbox.control import SandboxControl
from omnicrm.emails.models import KnownTemplate
from tests.integration.templates.conftest import RESET, WELCOME, Mailjet, Operator, number_of

RESET_HTML = (
    '<p>Bonjour {{var:user_name:""}}, <a href="{{var:reset_url:""}}">suivez ce lien</a>. {{var:expiry_time}}</p>'
)
RESET_MJML = f"""<mjml lang="fr"><mj-body><mj-section><mj-column>
<mj-text>{RESET_HTML}</mj-text></mj-column></mj-section></mj-body></mjml>"""


def writes(sandbox: SandboxControl) -> list[str]:
    return [f"{call.method} {call.path}" for call in sandbox.calls(path="/v3/REST") if call.method != "GET"]


def test_templates_that_mailjet_does_not_know_are_created(operator: Operator, mailjet: Mailjet) -> None:
    assert operator.run("push").status == 0
    found = mailjet.template(number_of(WELCOME, "en"))
    assert found
    info, content = found
    assert (info.name, info.locale, info.purposes) == (f"OmniCRM {WELCOME} (en)", "en_GB", ("transactional",))
    assert (content.text or "").startswith('Hello {{var:customer_name:""}},')
    assert "<html" in (content.html or "")
    assert "<mj-body" in str(content.mjml)
    assert content.headers == {
        "From": '"Support de Votre Entreprise" <support@yourcompany.com>',
        "Subject": "Welcome to Your Company",
    }


def test_only_the_numbers_in_the_config_change(operator: Operator) -> None:
    before = operator.config_file.read_text(encoding="utf-8")
    operator.run("push")
    new = {"5977509": number_of(WELCOME), "5977599": number_of(WELCOME, "en"), "5977511": number_of(RESET)}
    for old, number in new.items():
        before = before.replace(old, str(number))
    assert len(set(new.values())) == 3
    assert operator.config_file.read_text(encoding="utf-8") == before


def test_a_second_push_writes_nothing(pushed: Operator, empty_mailjet: SandboxControl) -> None:
    empty_mailjet.clear_calls()
    ended = pushed.run("push")
    assert (ended.status, "nothing to push" in ended.out) == (0, True)
    assert writes(empty_mailjet) == []


def test_what_changed_here_is_shown_and_pushed_and_nothing_else(
    pushed: Operator, empty_mailjet: SandboxControl, mailjet: Mailjet
) -> None:
    pushed.write_design(f"{RESET}.fr.mjml", RESET_MJML)
    empty_mailjet.clear_calls()
    ended = pushed.run("push")
    assert "+<mj-text><p>" in ended.out
    assert writes(empty_mailjet) == [f"PUT /v3/REST/template/{number_of(RESET)}/detailcontent"]
    assert mailjet.content(number_of(RESET)).mjml == RESET_MJML


def test_a_new_subject_is_pushed_and_other_headers_stay(pushed: Operator, mailjet: Mailjet) -> None:
    number = number_of(WELCOME)
    headers = mailjet.content(number).headers
    mailjet.edit(number, headers={**headers, "Reply-to": "desk@yourcompany.com"})
    pushed.reconfigure("subject: Bienvenue chez Votre Entreprise", "subject: Bonjour")
    assert pushed.run("push").status == 0
    assert mailjet.content(number).headers == {**headers, "Subject": "Bonjour", "Reply-to": "desk@yourcompany.com"}


def test_a_part_that_we_do_not_have_is_never_blanked(pushed: Operator, mailjet: Mailjet) -> None:
    number = number_of(RESET)
    before = mailjet.content(number)
    pushed.write_design(f"{RESET}.fr.html", RESET_HTML)
    assert pushed.run("push", "--force").status == 0
    after = mailjet.content(number)
    assert after.html == RESET_HTML
    assert (after.text, after.mjml) == (before.text, before.mjml)


def test_one_email_in_one_language_can_be_pushed_alone(operator: Operator, mailjet: Mailjet) -> None:
    operator.run("push", "--section", WELCOME, "--language", "en")
    assert mailjet.names() == [f"OmniCRM {WELCOME} (en)"]
    assert number_of(WELCOME) == 5977509


def test_what_was_edited_in_mailjet_is_not_overwritten(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), html="<p>Edited</p>")
    ended = pushed.run("push")
    assert ended.status == 1
    assert f"template {number_of(RESET)} was edited in Mailjet" in ended.error
    assert "pull" in ended.error
    assert mailjet.content(number_of(RESET)).html == "<p>Edited</p>"


def test_one_conflict_holds_the_whole_push_back(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), html="<p>Edited</p>")
    pushed.write_design(f"{RESET}.fr.mjml", RESET_MJML)
    pushed.reconfigure("subject: Bienvenue chez Votre Entreprise", "subject: Bonjour")
    ended = pushed.run("push")
    assert "changed here and edited in Mailjet" in ended.error
    assert "nothing was done" in ended.error
    assert mailjet.content(number_of(WELCOME)).headers["Subject"] == "Bienvenue chez Votre Entreprise"


def test_force_overwrites_what_was_edited_in_mailjet(pushed: Operator, mailjet: Mailjet) -> None:
    before = mailjet.content(number_of(RESET)).html
    mailjet.edit(number_of(RESET), html="<p>Edited</p>")
    assert pushed.run("push", "--force").status == 0
    assert mailjet.content(number_of(RESET)).html == before


def test_a_template_made_by_hand_is_not_overwritten(operator: Operator, mailjet: Mailjet) -> None:
    number = mailjet.create("ours", html="<p>By hand</p>")
    operator.reconfigure("template_id: 5977511", f"template_id: {number}")
    ended = operator.run("push", "--section", RESET)
    assert "never pushed from here" in ended.error
    assert mailjet.content(number).html == "<p>By hand</p>"


def test_an_empty_template_is_filled(operator: Operator, mailjet: Mailjet) -> None:
    number = mailjet.create("ours")
    operator.reconfigure("template_id: 5977511", f"template_id: {number}")
    assert operator.run("push", "--section", RESET).status == 0
    assert mailjet.content(number).html
    assert mailjet.names() == ["ours"]


def test_a_template_deleted_in_mailjet_is_made_anew(
    pushed: Operator, empty_mailjet: SandboxControl, mailjet: Mailjet
) -> None:
    deleted = number_of(WELCOME)
    empty_mailjet.remove_template(deleted)
    assert pushed.run("push").status == 0
    assert number_of(WELCOME) != deleted
    assert mailjet.content(number_of(WELCOME)).html
    assert not KnownTemplate.objects.filter(template_id=deleted).exists()


def test_a_number_that_was_lost_is_found_by_the_templates_name(operator: Operator, mailjet: Mailjet) -> None:
    before = operator.config_file.read_text(encoding="utf-8")
    operator.run("push")
    number, names = number_of(RESET), mailjet.names()
    operator.config_file.write_text(before, encoding="utf-8")
    assert [row["state"] for row in operator.run("diff", "--json").json] == ["missing"] * 3
    assert operator.run("lint").status == 1
    assert operator.run("push").status == 0
    assert (number_of(RESET), mailjet.names()) == (number, names)


def test_a_push_that_broke_off_goes_on_where_it_ended(
    operator: Operator, empty_mailjet: SandboxControl, mailjet: Mailjet
) -> None:
    empty_mailjet.fault("status", status=500, path="/v3/REST/template/", times=4)
    assert operator.run("push").status == 1
    empty_mailjet.clear_faults()
    assert operator.run("push").status == 0
    assert len(mailjet.names()) == 3
    assert operator.run("diff").status == 0


def test_a_design_with_an_error_is_not_pushed(operator: Operator, mailjet: Mailjet) -> None:
    operator.write_design(f"{RESET}.fr.mjml", RESET_MJML.replace("reset_url", "Reset_URL"))
    ended = operator.run("push")
    assert "var:Reset_URL is in the wrong case; write var:reset_url" in ended.error
    assert mailjet.names() == []


def test_nobody_to_ask_is_a_no(operator: Operator, mailjet: Mailjet) -> None:
    with pytest.raises(CommandError, match="give --yes"):
        call_command("templates", "push")
    assert mailjet.names() == []


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--section", "api_crmCommunicationUserPasswordRest"), f'did you mean "{RESET}"?'),
        (("--section", "../../etc/passwd"), 'there is no email "../../etc/passwd"'),
        (("--language", "../en"), 'there are no designs in "../en"'),
        (("--section", RESET, "--language", "en"), 'has no template of its own in "en"; add languages.en'),
        (("--section", "api_crmCommunicationUserWelcome"), "is not configured; add it"),
    ],
)
def test_a_choice_that_is_not_there_is_one_line(words: tuple[str, ...], what: str, operator: Operator) -> None:
    ended = operator.run("push", *words)
    assert ended.status == 1
    assert what in ended.error
    assert "\n" not in ended.error


def test_two_emails_never_share_a_number(operator: Operator, mailjet: Mailjet) -> None:
    operator.reconfigure("template_id: 5977511", "template_id: 5977599")
    ended = operator.run("push")
    assert (
        ended.error == f"template 5977599 stands at {WELCOME}.languages.en and {RESET}; give each a number of its own"
    )
    assert mailjet.names() == []


def test_an_account_out_of_reach_is_one_line(operator: Operator, sandbox_url: str) -> None:
    operator.reconfigure(sandbox_url, "http://127.0.0.1:9")
    ended = operator.run("push")
    assert ended.error.startswith("cannot connect to http://127.0.0.1:9")


def test_too_many_calls_is_one_line_and_holds_everybody_back(operator: Operator, empty_mailjet: SandboxControl) -> None:
    empty_mailjet.fault("status", status=429, retry_after=60)
    assert operator.run("push").error == "Mailjet says: too many requests"
    assert "calls to Mailjet pause for" in operator.run("push").error
