"""Which number carries which email in which language."""

from pathlib import Path

import pytest

from omnicrm.config import Config, load_config
from omnicrm.emails.templates.targets import NothingChosen, NumberUsedTwice, fallbacks, targets

WELCOME, RESET = "api_crmCommunicationCustomerWelcome", "api_crmCommunicationUserPasswordReset"
SECTION = """
  {name}:
    from_email: a@example.com
    from_name: A
    template_id: {number}
    subject: Bienvenue
    languages: {{{languages}}}
"""


def config(tmp_path: Path, *sections: tuple[str, int, str], language: str = "fr") -> Config:
    text = "mailjet:\n  api_key: k\n  api_secret: s\n"
    text += "".join(SECTION.format(name=name, number=number, languages=own) for name, number, own in sections)
    (tmp_path / "crm_config.yaml").write_text(f"{text}company: {{language: {language}}}\n", encoding="utf-8")
    return load_config(tmp_path / "crm_config.yaml", environ={})


def own(language: str, number: int) -> str:
    return f"{language}: {{template_id: {number}, subject: x}}"


def numbers(config: Config) -> list[tuple[str, int]]:
    return [(target.language, target.template_id) for target in targets(config)]


def test_the_sections_own_number_is_in_the_companys_language(tmp_path: Path) -> None:
    assert numbers(config(tmp_path, (WELCOME, 1, ""))) == [("fr", 1)]
    assert numbers(config(tmp_path, (WELCOME, 1, ""), language="en")) == [("en", 1)]


def test_a_language_may_have_its_own_number(tmp_path: Path) -> None:
    assert numbers(config(tmp_path, (WELCOME, 1, own("en", 2)))) == [("fr", 1), ("en", 2)]


def test_a_number_nobody_is_sent_is_left_alone(tmp_path: Path) -> None:
    both = f"{own('fr', 3)}, {own('en', 2)}"
    assert numbers(config(tmp_path, (WELCOME, 1, both))) == [("fr", 3), ("en", 2)]


def test_a_language_without_a_number_falls_back_to_the_sections(tmp_path: Path) -> None:
    (fallback,) = fallbacks(config(tmp_path, (WELCOME, 1, own("en", 2)), (RESET, 4, "")))
    assert (fallback.section, fallback.language, fallback.instead) == (RESET, "en", "fr")


def test_two_emails_may_not_share_a_number(tmp_path: Path) -> None:
    with pytest.raises(NumberUsedTwice, match=f"template 1 stands at {WELCOME} and {RESET}"):
        targets(config(tmp_path, (WELCOME, 1, ""), (RESET, 1, "")))


def test_two_languages_may_not_share_a_number(tmp_path: Path) -> None:
    with pytest.raises(NumberUsedTwice, match=f"{WELCOME} and {WELCOME}.languages.en"):
        targets(config(tmp_path, (WELCOME, 1, own("en", 1))))


def test_without_any_email_there_is_nothing_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingChosen, match="no email is configured"):
        targets(config(tmp_path))
