"""One log: ours by structlog and the libraries' by the standard module, as JSON lines or for a person's eyes."""

import re
from typing import Any, Literal

import structlog
from structlog.typing import EventDict

_TOKEN = re.compile(r"(?<=/)(account/reset|account/verify|self-care/sign-up|invoice|unsubscribe)/[\w:=.~-]{20,}")
"""The links in emails. Django names the path of a request that it refuses, whose link may still open something."""


def _without_tokens(_logger: object, _method: str, event: EventDict) -> EventDict:
    event["event"] = _TOKEN.sub(r"\1/•••", str(event["event"]))
    return event


_SHARED: tuple[structlog.types.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    _without_tokens,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)

_TRACES = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
"""Local variables hold addresses, links and passwords: no trace shows them."""


def logging_config(log_format: Literal["console", "json"]) -> dict[str, Any]:
    """Configures structlog and returns Django's LOGGING to match."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderers: list[structlog.types.Processor] = (
        [structlog.processors.ExceptionRenderer(_TRACES), structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "ours": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": list(_SHARED),
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "procrastinate": {"level": "WARNING"},
            "django.server": {"level": "WARNING"},
        },
    }
