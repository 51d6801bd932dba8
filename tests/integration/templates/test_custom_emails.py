"""Custom emails are checked, pushed, pulled, compared and tried out as all others are."""

from datetime import UTC, datetime

from asgiref.sync import async_to_sync

from mailjet_sandbox.control import SandboxControl
from omnicrm.config import current_config
from omnicrm.emails.models import KnownTemplate
from omnicrm.emails.templates.account import Account
from omnicrm.emails.templates.folder import own_designs
from omnicrm.emails.templates.operations import check_drift
from omnicrm.outbox.runtime import running_outbox
from tests.integration.templates.conftest import Mailjet, Operator, number_of
from tests.integration.templates.test_trial import NOBODY, drain

NAME = "planned_maintenance"
FILE = """\
# Ours: the network team asked for it
title: {fr: Maintenance, en: Maintenance}   # what staff read
subject: "Maintenance : {{var:service_name}}"   # keep it short
languages: {en: {subject: "Maintenance: {{var:service_name}}"}}
variables:
  service_name: {meaning: Service, sample: Fibre}
"""
DESIGN = """\
[% extends "layout.mjml" %]
[% set preview = {"LANGUAGE": "Maintenance"} %]
[% block LANGUAGE %]
<mj-text>Service {{var:service_name:""}}</mj-text>
[% endblock %]
"""


def with_email(operator: Operator, *, file: str = FILE, design: str = DESIGN) -> Operator:
    operator.write_design(f"{NAME}.yaml", file)
    for language in ("fr", "en"):
        operator.write_design(f"{NAME}.{language}.mjml", design.replace("LANGUAGE", language))
    return operator


def test_a_first_push_creates_the_templates_and_writes_their_numbers_down(operator: Operator, mailjet: Mailjet) -> None:
    with_email(operator)
    config_before = operator.config_file.read_text(encoding="utf-8")
    ended = operator.run("push", "--section", NAME)
    assert ended.status == 0, ended.error
    french, english = number_of(NAME, "fr"), number_of(NAME, "en")
    assert mailjet.names() == [f"OmniCRM {NAME} (fr)", f"OmniCRM {NAME} (en)"]
    assert f"its number now stands at email_templates/{NAME}.yaml: languages.en" in ended.out.replace(":lang", ": lang")
    assert (operator.folder / f"{NAME}.yaml").read_text(encoding="utf-8") == FILE.replace(
        'subject: "Maintenance :', f'template_id: {french}\nsubject: "Maintenance :'
    ).replace('{subject: "Maintenance:', f'{{template_id: {english}, subject: "Maintenance:')
    assert operator.config_file.read_text(encoding="utf-8") == config_before


def test_what_is_pushed_stands_on_the_shared_layout(operator: Operator, mailjet: Mailjet) -> None:
    with_email(operator).run("push", "--section", NAME)
    content = mailjet.content(number_of(NAME, "en"))
    assert "The Votre Entreprise team" in (content.text or "")
    assert 'Service {{var:service_name:""}}' in (content.html or "")
    assert content.headers["Subject"] == "Maintenance: {{var:service_name}}"


def test_a_second_push_has_nothing_to_do(operator: Operator) -> None:
    with_email(operator).run("push")
    assert "nothing to push" in operator.run("push").out
    assert operator.run("diff").status == 0
    assert operator.run("lint").status == 0


def test_a_new_number_takes_the_place_of_the_old_one(operator: Operator, empty_mailjet: SandboxControl) -> None:
    with_email(operator).run("push", "--section", NAME)
    before, lost = (operator.folder / f"{NAME}.yaml").read_text(encoding="utf-8"), number_of(NAME)
    empty_mailjet.remove_template(lost)
    assert operator.run("push", "--section", NAME).status == 0
    after = (operator.folder / f"{NAME}.yaml").read_text(encoding="utf-8")
    assert after == before.replace(str(lost), str(number_of(NAME)))


def test_what_was_edited_in_mailjet_comes_back_into_the_file(operator: Operator, mailjet: Mailjet) -> None:
    with_email(operator).run("push", "--section", NAME)
    mailjet.edit(number_of(NAME), html='<p>{{var:service_name:""}}, edited</p>')
    assert operator.run("pull", "--section", NAME).status == 0
    assert "edited" in (operator.folder / f"{NAME}.fr.html").read_text(encoding="utf-8")
    assert operator.run("diff", "--section", NAME).status == 0


def test_lint_tells_that_it_was_never_pushed(operator: Operator) -> None:
    ended = with_email(operator).run("lint", "--section", NAME)
    assert ended.status == 1
    assert f"email_templates/{NAME}.yaml: error: it was never pushed, so it cannot be sent; run `omnicrm" in ended.out


def test_the_contract_holds_for_it_too(operator: Operator) -> None:
    wrong = DESIGN.replace('{{var:service_name:""}}', "{{var:Service_Name}}")
    ended = with_email(operator, design=wrong).run("push", "--section", NAME)
    assert f"{NAME}.fr.mjml, filled in:" in ended.error
    assert "var:Service_Name is in the wrong case; write var:service_name" in ended.error
    assert "the HTML lacks service_name, without which the email is useless" in ended.error


def test_a_marketing_design_must_offer_our_link_to_unsubscribe(operator: Operator) -> None:
    marketing = FILE.replace("variables:", "category: marketing\nvariables:")
    with_email(operator, file=marketing)
    told = operator.run("lint", "--local", "--section", NAME).out
    assert "the HTML lacks unsubscribe_url" in told
    assert "the plain text lacks unsubscribe_url" in told
    with_email(operator, file=marketing, design=DESIGN.replace("Service ", "<a href='{{var:unsubscribe_url}}'>x</a>"))
    assert operator.run("lint", "--local", "--section", NAME).status == 0


def test_a_missing_design_is_one_line(operator: Operator) -> None:
    operator.write_design(f"{NAME}.yaml", FILE)
    ended = operator.run("lint", "--local", "--section", NAME)
    lines = [line for line in ended.out.splitlines() if ": error: " in line]
    assert len(lines) == 2
    assert all("is missing, which should hold the email's design" in line for line in lines)


def test_a_design_that_cannot_be_filled_in_is_one_line_and_reaches_nothing(operator: Operator) -> None:
    for design, what in {
        '[% extends "../../crm_config.yaml" %]': "builds on ../../crm_config.yaml, which is not there",
        '[% extends "layout.mjml" %][% block fr %]': ".fr.mjml:1: Unexpected end of template",
        '[% set x = "".__class__.__mro__[1].__subclasses__() %]': "cannot be filled in: access to attribute",
        "[% set x = 1 / 0 %]": "cannot be filled in: division by zero",
        "[= company.name.nothing =]": "",
    }.items():
        operator.write_design(f"{NAME}.yaml", FILE.replace("languages:", "# languages:"))
        operator.write_design(f"{NAME}.fr.mjml", design)
        ended = operator.run("lint", "--local", "--section", NAME)
        (line,) = [line for line in ended.out.splitlines() if ": error: " in line]
        assert what in line


def test_a_test_of_it_reaches_an_inbox(operator: Operator, empty_mailjet: SandboxControl) -> None:
    with_email(operator).run("push", "--section", NAME)
    current_config.cache_clear()
    assert operator.run("test", "--section", NAME, "--language", "en", "--to", NOBODY).status == 0
    drain()
    (received,) = empty_mailjet.messages()
    assert (received.subject, received.errors) == ("[TEST] Maintenance: Fibre", ())
    assert "Service Fibre" in received.text


def test_the_preview_shows_it(operator: Operator) -> None:
    ended = with_email(operator).run("preview", "--section", NAME)
    assert ended.status == 0, ended.error
    assert "Service Fibre" in (operator.home / "var" / "templates-preview.html").read_text(encoding="utf-8")


def drifted() -> list[str]:
    """What the nightly check finds of it."""

    async def check() -> list[str]:
        now = datetime.now(UTC)
        async with running_outbox(current_config(), clock=lambda: now, connections=1) as outbox:
            found = await check_drift(Account(outbox), config=current_config(), folder=own_designs(), now=now)
            return [str(each.target) for each in found if each.target.section == NAME]

    current_config.cache_clear()
    return async_to_sync(check)()


def test_the_nightly_check_compares_it(operator: Operator, mailjet: Mailjet) -> None:
    with_email(operator).run("push", "--section", NAME)
    mailjet.edit(number_of(NAME), html="<p>Edited</p>")
    assert drifted() == [f"{NAME} (fr)"]


def test_the_nightly_check_tells_of_what_was_never_pushed(operator: Operator) -> None:
    with_email(operator)
    assert drifted() == [f"{NAME} (fr)", f"{NAME} (en)"]
    assert not KnownTemplate.objects.filter(section=NAME).exists()
