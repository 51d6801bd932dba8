"""What each part of the file means, and what holds where it says nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from omnicrm.config import Config

Load = Callable[[str], Config]


def test_what_is_left_out_has_sensible_defaults(load_with_account: Load) -> None:
    config = load_with_account("")
    assert config.mailjet.base_url == "https://api.mailjet.com"
    assert config.mailjet.calls_per_minute == 200
    assert config.mailjet.webhook is None
    assert (config.server.host, config.server.port) == ("127.0.0.1", 8000)
    assert config.server.public_url == "http://localhost:8000"
    assert config.server.timezone == "Europe/Paris"
    assert (config.server.debug, config.server.log_format) == (False, "console")
    assert config.company.language == "fr"
    assert config.database is None


def test_an_empty_part_is_a_part_left_out(load_with_account: Load) -> None:
    config = load_with_account("company:\nserver:\n  port:\ndatabase:\nstate_dir:\n")
    assert config.server.port == 8000
    assert config.company.name == "OmniCRM"
    assert config.database is None


def test_the_account_may_have_another_number_of_calls_or_no_limit(load: Load) -> None:
    def calls(value: str) -> int | None:
        return load(f"mailjet: {{api_key: k, api_secret: s, calls_per_minute: {value}}}").mailjet.calls_per_minute

    assert calls("1000") == 1000
    assert calls("unlimited") is None


@pytest.mark.parametrize("key", ["12345678901234567890", "0123", "5e12", "0x1f", "yes", "1_000", "2026-01-01"])
def test_a_key_that_looks_like_a_number_or_a_date_stays_as_written(load: Load, key: str) -> None:
    assert load(f"mailjet: {{api_key: {key}, api_secret: s}}").mailjet.api_key.get_secret_value() == key


def test_state_is_kept_beside_the_file_unless_elsewhere_is_named(load_with_account: Load, tmp_path: Path) -> None:
    assert load_with_account("").state_dir == tmp_path.resolve() / "var"
    assert load_with_account("state_dir: ../elsewhere").state_dir == tmp_path.resolve().parent / "elsewhere"
    assert load_with_account("state_dir: /srv/omnicrm").state_dir == Path("/srv/omnicrm")


def test_the_public_url_follows_the_port_and_never_ends_in_a_slash(load_with_account: Load) -> None:
    assert load_with_account("server: {port: 8080}").server.public_url == "http://localhost:8080"
    assert (
        load_with_account("server: {public_url: 'https://crm.example.com/'}").server.public_url
        == "https://crm.example.com"
    )


def test_browsers_may_use_the_public_host_and_the_machine_itself(load_with_account: Load) -> None:
    server = load_with_account("server: {public_url: 'https://crm.example.com:8443'}").server
    assert server.allowed_hosts == ("crm.example.com", "localhost", "127.0.0.1", "[::1]")


def test_hosts_may_be_listed_in_one_text(load_with_account: Load) -> None:
    assert load_with_account("server: {allowed_hosts: 'a.example, b.example'}").server.allowed_hosts == (
        "a.example",
        "b.example",
    )


def test_the_companys_links_lead_to_the_public_url(load_with_account: Load) -> None:
    company = load_with_account("server: {public_url: 'https://crm.example.com'}").company
    assert company.website_url == "https://crm.example.com"
    assert company.login_url == "https://crm.example.com/self-care/"
    assert company.admin_login_url == "https://crm.example.com/backoffice/"
    assert company.support_url == "https://crm.example.com/self-care/support/"
    assert company.support_email == company.it_support_email == "support@crm.example.com"


def test_the_companys_own_links_are_kept(load_with_account: Load) -> None:
    company = load_with_account(
        "company: {login_url: 'https://my.example.com/', support_email: help@example.com}"
    ).company
    assert company.login_url == "https://my.example.com/"
    assert company.support_email == company.it_support_email == "help@example.com"


def test_support_is_where_the_welcome_emails_come_from(load_with_account: Load) -> None:
    def welcome(who: str, sender: str) -> str:
        return f"api_crmCommunication{who}Welcome: {{from_email: {sender}, from_name: N, template_id: 1, subject: S}}\n"

    company = load_with_account(welcome("Customer", "help@example.com") + welcome("User", "it@example.com")).company
    assert (company.support_email, company.it_support_email) == ("help@example.com", "it@example.com")


def test_keys_documented_for_later_features_are_accepted(load_with_account: Load) -> None:
    load_with_account(
        "invoice: {template_filename: a.html}\nreminders: {days_overdue: [3, 7]}\n"
        "balances: {low_threshold_percent: 20}\nsecurity: {password_reset_expiry: 1h}\ncontact_sync: {enabled: true}\n"
    )


def test_a_byte_order_mark_is_no_mistake(load: Load) -> None:
    assert load("\ufeffmailjet: {api_key: k, api_secret: s}").mailjet.api_key.get_secret_value() == "k"


def test_nothing_can_be_changed_once_loaded(load_with_account: Load) -> None:
    config = load_with_account("")
    with pytest.raises(ValidationError):
        config.mailjet.base_url = "https://elsewhere.example"  # type: ignore[misc]  # what the test is about
