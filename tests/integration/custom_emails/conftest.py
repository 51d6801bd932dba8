"""An operator who has added emails: one about network maintenance, one of an offer, one that was never pushed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailjet_sandbox.control import SandboxControl
from omnicrm.config import current_config
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import create_customer
from tests.integration.outbox.conftest import NOW

MAINTENANCE = """\
title: {fr: Maintenance planifiée, en: Planned maintenance}
sent_when: {fr: Avant des travaux, en: Before work on the network}
category: notice
from_email: noc@yourcompany.com
template_id: 801
subject: "Maintenance : {{var:service_name}}"
languages:
  en: {template_id: 802, subject: "Maintenance: {{var:service_name}}"}
variables:
  service_name: {meaning: {fr: Service, en: Service}, sample: Fibre}
  starts_at: {meaning: {fr: Début, en: Beginning}, type: datetime, sample: 2026-12-01T22:00:00+01:00}
  fee: {meaning: {fr: Frais, en: Fee}, type: amount, currency: EUR, required: false, sample: 12.5}
  places: {meaning: {fr: Lieux, en: Places}, type: list, required: false, sample: [Lyon, Bron]}
  access_code: {meaning: {fr: Code, en: Code}, required: false, secret: true, sample: "1234"}
  is_on_site: {meaning: {fr: Sur place, en: On site}, type: yes_no, required: false, sample: yes}
"""
OFFER = """\
title: {fr: Offre, en: Offer}
category: marketing
template_id: 803
subject: Notre offre
languages: {en: {template_id: 804, subject: Our offer}}
"""
UNPUSHED = """\
title: {fr: Brouillon, en: Draft}
subject: Bonjour
"""
DESIGN = """\
<mjml lang="{language}"><mj-body><mj-section><mj-column><mj-text>
{{{{var:service_name:""}}}} {{{{var:starts_at:""}}}} {{{{var:fee:""}}}} {{{{var:places:""}}}}
{{{{var:access_code:""}}}} {{{{var:is_on_site:""}}}}
</mj-text></mj-column></mj-section></mj-body></mjml>
"""
OFFER_DESIGN = """\
[% extends "layout.mjml" %]
[% set preview = {{"{language}": "Offre"}} %]
[% block {language} %]
<mj-text><a href='{{{{var:unsubscribe_url:""}}}}'>Unsubscribe</a></mj-text>
[% endblock %]
"""
GIVEN = {"service_name": "Fibre 1 Gb/s", "starts_at": "2026-12-01T22:00:00+01:00"}


def write_emails(folder: Path) -> None:
    folder.mkdir()
    described = {"planned_maintenance": MAINTENANCE, "autumn_offer": OFFER, "draft": UNPUSHED}
    for name, text in described.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    for language in ("fr", "en"):
        for name, design in (("planned_maintenance", DESIGN), ("autumn_offer", OFFER_DESIGN)):
            text = design.format(language=language)
            (folder / f"{name}.{language}.mjml").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, sandbox_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the emails, beside a config whose Mailjet is the sandbox."""
    config = Path(os.environ["OMNICRM_CONFIG"]).read_text(encoding="utf-8")
    (tmp_path / "crm_config.yaml").write_text(config.replace("http://127.0.0.1:9", sandbox_url), encoding="utf-8")
    write_emails(tmp_path / "email_templates")
    monkeypatch.setenv("OMNICRM_CONFIG", str(tmp_path / "crm_config.yaml"))
    current_config.cache_clear()
    yield tmp_path / "email_templates"
    monkeypatch.undo()
    current_config.cache_clear()


@pytest.fixture
def mailjet(transactional_db: None, folder: Path, sandbox: SandboxControl) -> SandboxControl:
    """The sandbox with the operator's templates, that of maintenance in both languages."""
    for number in (801, 802):
        text = "{{var:service_name}}|{{var:starts_at}}|{{var:fee}}|{{var:places}}|{{var:is_on_site}}"
        sandbox.put_template(number, html=f"<p>{text}</p>", text=text)
    for number in (803, 804):
        sandbox.put_template(number, html='<a href="{{var:unsubscribe_url}}">x</a>', text="{{var:unsubscribe_url}}")
    return sandbox


def registered(email: str = "helene@example.com", *, language: str = "fr") -> Customer:
    contacts = [
        {"contact_type": "billing", "email": f"billing.{email}"},
        {"contact_type": "primary", "first_name": "Hélène", "last_name": "Martin", "email": email},
    ]
    return create_customer(customer_name="Boulangerie Martin", language=language, contacts=contacts, now=NOW)
