"""The credentials of the webhook can be told apart again by whoever receives them."""

from collections.abc import Callable

from omnicrm.config import Config

Load = Callable[[str], Config]
Mistakes = Callable[[str], list[str]]
ACCOUNT = "mailjet:\n  api_key: key\n  api_secret: secret\n"


def test_a_user_name_without_a_colon_is_taken(load: Load) -> None:
    webhook = load(ACCOUNT + '  webhook: {username: mailjet, password: "s:e/cret"}\n').mailjet.webhook
    assert webhook is not None
    assert (webhook.username, webhook.password.get_secret_value()) == ("mailjet", "s:e/cret")


def test_a_user_name_with_a_colon_is_refused(mistakes: Mistakes) -> None:
    (line,) = mistakes(ACCOUNT + '  webhook: {username: "mail:jet", password: secret}\n')
    assert line.endswith('"mail:jet" contains a colon; choose one without, since basic authentication ends it there')
