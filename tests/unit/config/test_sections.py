from collections.abc import Callable

import pytest

from omnicrm.config import Config, EmailSection, LocalisedTemplate

Load = Callable[[str], Config]
WELCOME = "api_crmCommunicationCustomerWelcome"


def section(load: Load, *, template_id: str = "1", languages: str = "") -> EmailSection:
    fields = f"from_email: a@example.com, from_name: Name, template_id: {template_id}, subject: Bienvenue"
    config = load(f"{WELCOME}: {{{fields}, languages: {{{languages}}}}}\n")
    found = config.section(WELCOME)
    assert found is not None
    return found


def test_a_language_has_its_own_template_and_subject(load_with_account: Load) -> None:
    english = section(load_with_account, languages="en: {template_id: 2, subject: Welcome}").for_language("en")
    assert english == LocalisedTemplate(template_id=2, subject="Welcome", from_email="a@example.com", from_name="Name")


@pytest.mark.parametrize("language", ["fr", "de", ""])
def test_a_language_that_is_not_configured_gets_the_section_itself(load_with_account: Load, language: str) -> None:
    template = section(load_with_account, languages="en: {template_id: 2, subject: Welcome}").for_language(language)
    assert (template.template_id, template.subject) == (1, "Bienvenue")


def test_a_template_id_may_be_quoted(load_with_account: Load) -> None:
    assert section(load_with_account, template_id='"5977509"').template_id == 5977509


def test_sections_at_top_level_and_under_mailjet_may_be_mixed(load: Load) -> None:
    fields = "{from_email: a@example.com, from_name: N, template_id: 1, subject: S}"
    config = load(
        f"mailjet:\n  api_key: k\n  api_secret: s\n  {WELCOME}: {fields}\napi_crmCommunicationUserWelcome: {fields}\n"
    )
    assert config.section(WELCOME) is not None
    assert config.section("api_crmCommunicationUserWelcome") is not None


def test_senders_may_be_shared_by_an_alias_or_merged(load_with_account: Load) -> None:
    config = load_with_account(
        f"{WELCOME}: &welcome\n  from_email: &sender a@example.com\n  from_name: N\n  template_id: 1\n  subject: S\n"
        "api_crmCommunicationUserWelcome: {<<: *welcome, template_id: 2}\n"
        "api_crmCommunicationEmailVerification: {from_email: *sender, from_name: N, template_id: 3, subject: S}\n"
    )
    merged = config.section("api_crmCommunicationUserWelcome")
    aliased = config.section("api_crmCommunicationEmailVerification")
    assert merged is not None
    assert (merged.from_email, merged.template_id) == ("a@example.com", 2)
    assert aliased is not None
    assert aliased.from_email == "a@example.com"


def test_a_section_that_never_existed_is_one_that_is_left_out(load_with_account: Load) -> None:
    assert load_with_account("").section("api_crmCommunicationBalanceLow") is None
