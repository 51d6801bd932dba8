"""What the log must never hold."""

import logging
import logging.config
import sys
from typing import Literal

import pytest

from omnicrm.ops.logs import logging_config


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_trace_shows_no_local_variable(
    log_format: Literal["console", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    handler = logging.config.DictConfigurator(logging_config(log_format))  # type: ignore[attr-defined]  # not in typeshed
    formatter = handler.configure_formatter(logging_config(log_format)["formatters"]["ours"])
    password = "s3cr3t-value"
    try:
        raise RuntimeError(f"failed {len(password)}")
    except RuntimeError:
        record = structlog_record()
    assert "failed 12" in formatter.format(record)
    assert password not in formatter.format(record)


def structlog_record() -> logging.LogRecord:
    """What structlog hands to the standard module for `log.exception`."""
    return logging.LogRecord("omnicrm", logging.ERROR, __file__, 1, "call_failed", None, sys.exc_info())


@pytest.mark.parametrize("log_format", ["console", "json"])
@pytest.mark.parametrize("page", ["account/reset", "account/verify", "self-care/sign-up", "invoice", "unsubscribe"])
def test_the_token_of_a_link_that_was_refused_is_left_out(log_format: Literal["console", "json"], page: str) -> None:
    handler = logging.config.DictConfigurator(logging_config(log_format))  # type: ignore[attr-defined]  # not in typeshed
    formatter = handler.configure_formatter(logging_config(log_format)["formatters"]["ours"])
    token = "aB3-" * 10 + ":1x"
    text = "Method Not Allowed (%s): %s"
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, text, ("PUT", f"/{page}/{token}/"), None)
    assert token not in formatter.format(record)
    assert f"/{page}/" in formatter.format(record)
