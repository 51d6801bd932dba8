"""`invoice` in crm_config.yaml: what numbers, payment pages and bank accounts may look like."""

from pathlib import Path

import pytest

from omnicrm.config import Config, ConfigInvalid, load_config

START = "mailjet: {api_key: a, api_secret: b}\ninvoice:\n"


def load(tmp_path: Path, yaml: str) -> Config:
    file = tmp_path / "crm_config.yaml"
    file.write_text(START + "".join(f"  {line}\n" for line in yaml.splitlines()), encoding="utf-8")
    return load_config(file, environ={})


@pytest.mark.parametrize(
    "pattern", ["INV-{year}-{sequence:06}", "{sequence}", "F{year}{sequence:04}", "2024/{sequence:5}"]
)
def test_numbers_follow_a_pattern_with_a_sequence(tmp_path: Path, pattern: str) -> None:
    assert load(tmp_path, f'numbering: {{invoice: "{pattern}"}}').invoice.numbering.invoice == pattern


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ('numbering: {invoice: "INV-{year}"}', "has no {sequence}"),
        ('numbering: {invoice: "{sequence}-{sequence}"}', "is not a pattern of invoice numbers"),
        ('numbering: {invoice: "{sequence}{month}"}', "is not a pattern of invoice numbers"),
        ('numbering: {invoice: "{sequence!r}"}', "has no {sequence}"),
        ('numbering: {invoice: "{sequence}<b>"}', "is not a pattern of invoice numbers"),
        (f'numbering: {{invoice: "{"x" * 32}{{sequence}}"}}', "makes numbers that are too long"),
        ('numbering: {invoice: "A{sequence}", credit_note: "A{sequence}"}', "is the pattern of the invoices too"),
        ("currency: FRF", "is not a currency in use"),
        ("tax_rate: 120", "is too large; write at most 100"),
        ("tax_rate: many", "write a percentage from 0 to 100"),
        ("payment_days: -1", "is too small; write at least 0"),
        ("link_expiry: 5m", "is too short or too long for a link in an email"),
        ('pay_url: "https://pay.example.com/"', "does not say which invoice to pay"),
        ('pay_url: "https://pay.example.com/?ref={numbr}"', "is not the address of a payment page"),
        ('pay_url: "https://pay.example.com/?ref={number"', "is not the address of a payment page"),
        ('pay_url: "https://pay.example.com/?ref={number.__class__}"', "is not the address of a payment page"),
        ('pay_url: "https://{number}.example.com/"', "has a placeholder in the name of the server"),
        ('pay_url: "javascript:pay({number})"', "is not the address of a payment page"),
        ("bank: {iban: FR76 3000 6000 0112 3456 7890 188}", "is not an IBAN"),
        ("bank: {bic: nobank}", "is not a BIC"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, yaml: str, said: str) -> None:
    with pytest.raises(ConfigInvalid) as refusal:
        load(tmp_path, yaml)
    assert said in str(refusal.value)
    assert "crm_config.yaml:3: invoice." in str(refusal.value)


def test_a_payment_page_takes_the_invoice_in_its_address(tmp_path: Path) -> None:
    url = "https://pay.example.com/?ref={number}&amount={amount}&currency={currency}"
    assert load(tmp_path, f'pay_url: "{url}"').invoice.pay_url == url


def test_an_iban_is_written_in_groups(tmp_path: Path) -> None:
    assert load(tmp_path, "bank: {iban: fr7630006000011234567890189}").invoice.bank.iban == (
        "FR76 3000 6000 0112 3456 7890 189"
    )


def test_the_law_wants_texts_in_both_languages(tmp_path: Path) -> None:
    mentions = load(tmp_path, "legal_mentions: {fr: Pénalités, en: Interest}").invoice.legal_mentions
    assert (mentions.in_language("fr"), mentions.in_language("en")) == ("Pénalités", "Interest")


def calendar_of(tmp_path: Path, calendar: str) -> str | None:
    file = tmp_path / "crm_config.yaml"
    file.write_text(f"mailjet: {{api_key: a, api_secret: b}}\nreminders: {{holidays: {calendar}}}\n", encoding="utf-8")
    return load_config(file, environ={}).reminders.holidays


@pytest.mark.parametrize("calendar", ["FR", "FR-57", "DE-BY", "NO"])
def test_public_holidays_are_of_a_country_or_of_a_region(tmp_path: Path, calendar: str) -> None:
    assert calendar_of(tmp_path, calendar) == calendar


@pytest.mark.parametrize(
    ("calendar", "said"),
    [
        ("France", 'write its two capital letters, such as "FR"'),
        ("fr", 'did you mean "FR"?'),
        ("FR-99", "is not a region whose public holidays are known; FR has 57, 6AE"),
        ("FR-", "is not a region whose public holidays are known"),
    ],
)
def test_an_unknown_calendar_is_refused_with_what_to_write(tmp_path: Path, calendar: str, said: str) -> None:
    with pytest.raises(ConfigInvalid) as refusal:
        calendar_of(tmp_path, calendar)
    assert said in str(refusal.value)
    assert "crm_config.yaml:2: reminders.holidays" in str(refusal.value)
