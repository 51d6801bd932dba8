"""preview: one page that shows what recipients see and runs nothing."""

import re
import stat
import time
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from omnicrm.config import current_config
from omnicrm.customers.operations import create_customer
from omnicrm.emails.templates.folder import own_designs
from omnicrm.emails.templates.targets import targets
from omnicrm.ops.preview import write_preview
from tests.integration.templates.conftest import RESET, WELCOME, Operator

NOW = datetime.now(UTC)


def page(operator: Operator, *words: str) -> str:
    ended = operator.run("preview", *words)
    assert ended.status == 0, ended.error
    return Path(ended.out.strip()).read_text(encoding="utf-8")


def frames(shown: str, kind: str = "light") -> list[str]:
    return [unescape(found) for found in re.findall(rf'<iframe class="{kind}"[^>]*srcdoc="([^"]*)"', shown)]


def test_every_language_is_shown_side_by_side_with_sample_data(operator: Operator) -> None:
    shown = page(operator, "--section", WELCOME)
    french, english = frames(shown)
    assert "Hélène Lefèvre" in french
    assert "Helen Smith" in english
    assert not re.search(r"\{\{|\{%", french + english)
    assert "Bienvenue chez Votre Entreprise" in shown


def test_dark_mode_and_plain_text_are_shown_too(operator: Operator) -> None:
    shown = page(operator, "--section", RESET)
    (light,), (dark,) = frames(shown), frames(shown, "dark")
    assert "@media all" in dark
    assert "@media not all" in light
    assert re.search(r'<pre class="text">Bonjour Claire Fontaine,', shown)


def test_a_language_without_a_template_is_named(operator: Operator) -> None:
    operator.reconfigure("name: Votre Entreprise", "language: en\n  name: Votre Entreprise")
    shown = page(operator, "--section", RESET)
    assert "<strong>French</strong>: no template of its own; recipients get the one in English." in shown


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_speaks_the_companys_language(operator: Operator, language: str) -> None:
    operator.reconfigure("name: Votre Entreprise", f"language: {language}\n  name: Votre Entreprise")
    assert f'<html lang="{language}">' in page(operator, "--section", WELCOME)


def test_nothing_on_the_page_can_run_or_call_home(operator: Operator) -> None:
    operator.write_design(f"{RESET}.fr.html", '"><script>alert(1)</script>{{var:reset_url}}')
    operator.write_design(f"{RESET}.fr.txt", "</pre><script>alert(2)</script>")
    shown = page(operator)
    assert "<script" not in shown
    assert "default-src 'none'" in shown
    assert shown.count('sandbox=""') == shown.count("<iframe") == 6
    assert "allow-" not in shown


def test_a_customers_own_name_is_shown_and_escaped(operator: Operator) -> None:
    customer = create_customer(customer_name="O'Brien <Ltd>", contacts=[{"email": "sean@obrien.example.com"}], now=NOW)
    shown = page(operator, "--section", WELCOME, "--customer", str(customer.pk))
    assert all("O'Brien &lt;Ltd&gt;" in frame and "sean@obrien.example.com" in frame for frame in frames(shown))


def test_a_customer_without_an_address_is_shown_without(operator: Operator) -> None:
    customer = create_customer(customer_name="Phone only", contacts=[{"phone": "+33100000000"}], now=NOW)
    assert "Phone only" in page(operator, "--section", WELCOME, "--customer", str(customer.pk))


def test_an_unknown_customer_is_one_line(operator: Operator) -> None:
    assert operator.run("preview", "--customer", "404").error == "there is no customer 404"


def test_what_mailjet_would_choke_on_is_said(operator: Operator) -> None:
    operator.write_design(f"{RESET}.fr.html", "<p>{{var:nope}}</p>")
    assert re.search(r'class="problem"[^>]*>.*var:nope', page(operator, "--section", RESET))


def test_only_its_owner_can_read_the_page(operator: Operator) -> None:
    path = Path(operator.run("preview").out.strip())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    operator.run("preview")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.usefixtures("operator")
def test_a_preview_of_one_email_takes_less_than_a_tenth_of_a_second() -> None:
    config = current_config()
    chosen, spent = targets(config, section=WELCOME), []
    for _ in range(3):
        before = time.process_time()
        write_preview(chosen, config=config, folder=own_designs(), customer_id=None, now=NOW)
        spent.append(time.process_time() - before)
    assert min(spent) < 0.1
