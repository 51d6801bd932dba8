from collections.abc import Callable
from pathlib import Path

from omnicrm.config import Config

Load = Callable[..., Config]
Mistakes = Callable[..., list[str]]


def test_any_value_may_come_from_the_environment(load: Load) -> None:
    config = load(
        "mailjet: {api_key: '${KEY}', api_secret: '${SECRET}', calls_per_minute: '${CALLS}'}\n"
        "server: {debug: '${DEBUG}', allowed_hosts: ['${HOST}']}\nstate_dir: /srv/${NAME}/var\n",
        KEY="k",
        SECRET="$!: #'\"",
        CALLS="50",
        DEBUG="true",
        HOST="crm.example",
        NAME="crm",
    )
    assert config.mailjet.api_secret.get_secret_value() == "$!: #'\""
    assert config.mailjet.calls_per_minute == 50
    assert config.server.debug is True
    assert config.server.allowed_hosts == ("crm.example",)
    assert config.state_dir == Path("/srv/crm/var")


def test_a_value_from_the_environment_is_not_searched_again(load: Load) -> None:
    config = load("mailjet: {api_key: '${A}', api_secret: s}", A="${B}", B="b")
    assert config.mailjet.api_key.get_secret_value() == "${B}"


def test_two_dollars_make_a_plain_one(load: Load) -> None:
    config = load("mailjet: {api_key: 'a$${KEY}b', api_secret: 'a$b$$c'}")
    assert config.mailjet.api_key.get_secret_value() == "a${KEY}b"
    assert config.mailjet.api_secret.get_secret_value() == "a$b$$c"


def test_a_variable_that_is_not_set_is_named_once_with_its_line(mistakes: Mistakes) -> None:
    assert mistakes("mailjet:\n  api_key: k\n  api_secret: s\n  calls_per_minute: ${CALLS}\n") == [
        "4: mailjet.calls_per_minute: the environment variable CALLS is not set; set it, or write $${ for a plain ${"
    ]


def test_a_variable_that_is_empty_is_an_empty_value(mistakes: Mistakes) -> None:
    assert mistakes("mailjet:\n  api_key: ${KEY}\n  api_secret: s\n", KEY="") == [
        "2: mailjet.api_key: is empty; copy it from Mailjet, Account settings, API keys"
    ]


def test_a_mistake_shows_the_variables_name_and_never_its_value(mistakes: Mistakes) -> None:
    assert mistakes("mailjet: {api_key: k, api_secret: s, base_url: '${URL}'}\n", URL="hunter2") == [
        '1: mailjet.base_url: "${URL}" is not a web address; write it in full, as in https://crm.example.com'
    ]
