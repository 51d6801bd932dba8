"""Every mistake is one line: where it is, what is wrong, how to mend it; and all of them are told at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omnicrm.config import Config, ConfigError, ConfigInvalid, Problem, load_config

Load = Callable[[str], Config]
Mistakes = Callable[..., list[str]]
WELCOME = "api_crmCommunicationCustomerWelcome"
TEMPLATE_ID_MEND = "copy the numeric ID Mailjet shows for the template"


@pytest.fixture
def section_mistakes(mistakes_after_account: Mistakes) -> Mistakes:
    """The mistakes in a section whose values are right but for the ones given. It stands on line 2."""

    def found(**changed: str) -> list[str]:
        fields = {"from_email": "a@example.com", "from_name": "N", "template_id": "1", "subject": "S", **changed}
        lines = mistakes_after_account(f"{WELCOME}: {{{', '.join(f'{key}: {v}' for key, v in fields.items())}}}\n")
        return [line.removeprefix(f"2: {WELCOME}.") for line in lines]

    return found


def test_a_mistake_tells_file_line_place_fault_and_cure(load: Load, config_file: Path) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load(
            "mailjet:\n  api_key: k\n  api_secret: s\n"
            f"  {WELCOME}:\n    from_email: a@example.com\n    from_name: N\n    subject: S\n    template_id: abc\n"
        )
    [problem] = caught.value.problems
    assert problem == Problem(
        file=str(config_file),
        line=8,
        column=5,
        where=f"mailjet.{WELCOME}.template_id",
        what='"abc" is not a number',
        mend=TEMPLATE_ID_MEND,
    )
    assert str(problem) == (
        f'{config_file}:8: mailjet.{WELCOME}.template_id: "abc" is not a number; {TEMPLATE_ID_MEND}'
    )


def test_all_mistakes_are_told_at_once_by_line(mistakes: Mistakes) -> None:
    found = mistakes(
        f"server:\n  port: 0\nmailjet:\n  api_key: k\n  base_url: nowhere\n  {WELCOME}:\n    template_id: x\n"
        "company:\n  language: de\ncompany: {}\nzork: 1\nstate_dir: ${NOWHERE}\n"
    )
    assert [line.partition(": ")[0] for line in found] == ["2", "3", "5", "6", "6", "6", "7", "9", "10", "11", "12"]


def test_a_missing_secret_is_told_where_it_should_be(mistakes: Mistakes) -> None:
    assert mistakes("# comment\nmailjet:\n  api_key: k\n") == [
        "2: mailjet.api_secret: is missing; copy it from Mailjet, Account settings, API keys"
    ]


def test_without_an_account_nothing_works(mistakes: Mistakes) -> None:
    assert mistakes("company: {name: N}\n") == [
        "1: mailjet: is missing; add the mailjet section with api_key and api_secret"
    ]


@pytest.mark.parametrize("empty", ["", " ", " ~", ' ""'])
def test_an_empty_secret_is_a_missing_one(mistakes: Mistakes, empty: str) -> None:
    [mistake] = mistakes(f"mailjet:\n  api_key: k\n  api_secret:{empty}\n")
    assert mistake.endswith("copy it from Mailjet, Account settings, API keys")


def test_a_section_is_complete_or_left_out(mistakes_after_account: Mistakes) -> None:
    assert mistakes_after_account(f"{WELCOME}:\n") == [
        f"2: {WELCOME}.from_email: is missing; write the sender's address, validated in Mailjet",
        f"2: {WELCOME}.from_name: is missing; write the sender's name as recipients see it",
        f"2: {WELCOME}.subject: is missing; write the subject line of the email",
        f"2: {WELCOME}.template_id: is missing; {TEMPLATE_ID_MEND}",
    ]


def test_a_language_is_complete_or_left_out(section_mistakes: Mistakes) -> None:
    assert section_mistakes(languages="{en: {subject: S}}") == [
        f"languages.en.template_id: is missing; {TEMPLATE_ID_MEND}"
    ]


def test_only_french_and_english_are_spoken(section_mistakes: Mistakes, mistakes_after_account: Mistakes) -> None:
    assert section_mistakes(languages="{de: {template_id: 1, subject: S}}") == [
        "languages.de: is not a known key; the keys here are en, fr"
    ]
    assert mistakes_after_account("company: {language: de}\n") == [
        """2: company.language: "de" is not allowed here; write 'fr' or 'en'"""
    ]


@pytest.mark.parametrize("value", ["abc", "12x", "1.5", "true", "'1 2'", "5977509€", "٣x"])
def test_a_template_id_is_a_number(section_mistakes: Mistakes, value: str) -> None:
    assert section_mistakes(template_id=value) == [
        f'template_id: "{value.strip(chr(39))}" is not a number; {TEMPLATE_ID_MEND}'
    ]


@pytest.mark.parametrize(
    ("value", "fault"), [("0", "is too small"), ("-5", "is too small"), ("9" * 20, "is too large")]
)
def test_a_template_id_is_within_range(section_mistakes: Mistakes, value: str, fault: str) -> None:
    [mistake] = section_mistakes(template_id=value)
    assert mistake.startswith(f'template_id: "{value}" {fault}; write at ')


def test_an_absurdly_long_number_is_refused_and_cut_short_in_the_message(section_mistakes: Mistakes) -> None:
    [mistake] = section_mistakes(template_id="9" * 10_000)
    assert len(mistake) < 200


@pytest.mark.parametrize(
    "value", ["support", "a@", "@b.example", "a b@example.com", "N <a@example.com>", "a@b", "a@-b.fr"]
)
def test_a_sender_is_an_email_address(section_mistakes: Mistakes, value: str) -> None:
    quoted = f'"{value}"'
    [mistake] = section_mistakes(from_email=quoted)
    assert mistake.startswith(f"from_email: {quoted} is not an email address; ")


def test_a_subject_has_at_most_255_characters(section_mistakes: Mistakes) -> None:
    assert section_mistakes(subject="é" * 256) == ["subject: is too long; write at most 255 characters"]


@pytest.mark.parametrize("key", ["subject", "from_name"])
def test_no_header_can_be_smuggled_into_an_email(section_mistakes: Mistakes, key: str) -> None:
    assert section_mistakes(**{key: r'"S\r\nBcc: x@example.com"'}) == [
        f"{key}: contains a line break or another control character; keep it on one line"
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("compny: {}", '2: compny: is not a known key; did you mean "company"?'),
        ("server: {publicurl: x}", '2: server.publicurl: is not a known key; did you mean "public_url"?'),
        ("api_key: k", "2: api_key: is not a known key; it belongs under mailjet"),
        ("mailjet_url: x", '2: mailjet_url: is not a known key; did you mean "mailjet"?'),
        ("server: {state_dir: x}", "2: server.state_dir: is not a known key; it belongs at top level"),
        ("server: {zork: x}", "2: server.zork: is not a known key; the keys here are allowed_hosts, debug, host,"),
        ("sections: {}", "2: sections: is not a known key; the keys here are balances, company, contact_sync,"),
        ("'': x", '2: "": is not a known key; the keys here are'),
    ],
)
def test_an_unknown_key_is_refused_with_a_suggestion(mistakes_after_account: Mistakes, text: str, mistake: str) -> None:
    [found] = mistakes_after_account(text)
    assert found.startswith(mistake)


def test_a_section_with_a_letter_amiss_is_recognised(mistakes: Mistakes) -> None:
    assert mistakes("mailjet:\n  api_key: k\n  api_secret: s\n  api_crmCommunicationBalanceLow: {}\n") == [
        '4: mailjet.api_crmCommunicationBalanceLow: is not a known key; did you mean "api_crmCommunicationsBalanceLow"?'
    ]


def test_a_key_given_twice_is_a_mistake(mistakes: Mistakes) -> None:
    assert mistakes("mailjet:\n  api_key: k\n  api_secret: s\n  api_key: other\n") == [
        "4: mailjet.api_key: is given twice, first on line 2; keep one of the two"
    ]


def test_a_section_stands_under_mailjet_or_at_top_level_not_both(mistakes: Mistakes) -> None:
    section = "{from_email: a@example.com, from_name: N, template_id: 1, subject: S}"
    assert mistakes(f"mailjet:\n  api_key: k\n  api_secret: s\n  {WELCOME}: {section}\n{WELCOME}: {section}\n") == [
        f"5: {WELCOME}: stands at top level and under mailjet; keep one of the two"
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("calls_per_minute: 0", 'calls_per_minute: "0" is too small; write at least 1'),
        ("calls_per_minute: -1", 'calls_per_minute: "-1" is too small; write at least 1'),
        ("calls_per_minute: many", 'calls_per_minute: "many" is not a number; write a whole number, or "unlimited"'),
        ("base_url: api.mailjet.com", 'base_url: "api.mailjet.com" is not a web address; write it in full'),
        ("base_url: ftp://x.example", 'base_url: "ftp://x.example" is not a web address; write it in full'),
        ("webhook: {username: u}", "webhook.password: is missing; write the password that stands in the webhook URL"),
        ("webhook: secret", "webhook: should be a mapping; write its keys below it, indented"),
        ("webhook: [u, p]", "webhook: should be a mapping; write its keys below it, indented"),
    ],
)
def test_the_accounts_settings_are_checked(mistakes: Mistakes, text: str, mistake: str) -> None:
    [found] = mistakes(f"mailjet:\n  api_key: k\n  api_secret: s\n  {text}\n")
    assert found.startswith(f"4: mailjet.{mistake}")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("port: 65536", 'port: "65536" is too large; write at most 65535'),
        ("port: http", 'port: "http" is not a number; write a number from 1 to 65535'),
        ("public_url: 'https://'", 'public_url: "https://" is not a web address; write it in full'),
        ("public_url: 'https://a b'", 'public_url: "https://a b" is not a web address; write it in full'),
        ("timezone: Paris", 'timezone: "Paris" is not a time zone; did you mean "Europe/Paris"?'),
        ("timezone: Europe/Pariss", 'timezone: "Europe/Pariss" is not a time zone; did you mean "Europe/Paris"?'),
        ("timezone: ../../etc/passwd", 'timezone: "../../etc/passwd" is not a time zone; write one such as'),
        ("debug: maybe", 'debug: "maybe" is neither true nor false; write true or false'),
        ("log_format: xml", """log_format: "xml" is not allowed here; write 'console' or 'json'"""),
        ("secret_key: too-short", "secret_key: is too short; write at least 32 characters"),
        (
            "allowed_hosts: {a: b}",
            "allowed_hosts: should be a list; write each item on a line of its own, after a dash",
        ),
        ("host: [a]", "host: should be a text; write it on one line"),
    ],
)
def test_the_servers_settings_are_checked(mistakes_after_account: Mistakes, text: str, mistake: str) -> None:
    [found] = mistakes_after_account(f"server:\n  {text}\n")
    assert found.startswith(f"3: server.{mistake}")


def test_an_item_of_a_list_is_told_by_its_number(mistakes_after_account: Mistakes) -> None:
    assert mistakes_after_account("server:\n  allowed_hosts:\n    - a.example\n    - ''\n") == [
        "5: server.allowed_hosts.1: is empty; write a value, or leave the key out"
    ]


@given(text=st.text(alphabet=st.sampled_from("mailjet: {}[]\n\t-'\"&*<!|>#%@`$abc,?é\x00\ufeff0"), max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_no_text_whatever_gets_past_or_breaks_the_reader(tmp_path: Path, text: str) -> None:
    file = tmp_path / "crm_config.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file, environ={})
    assert all(line.startswith(str(file)) for line in str(caught.value).splitlines())
