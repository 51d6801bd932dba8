"""Django and anymail as the peers that use them set them up: a template message through Mailjet's v3.1 API."""

import threading

import django
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from psycopg.conninfo import conninfo_to_dict

from benchmarks.context import Context
from benchmarks.emails import API_KEY, API_SECRET, SENDER_EMAIL, SENDER_NAME, SUBJECT, TEMPLATE_ID


class _Thread(threading.local):
    connection: BaseEmailBackend | None = None


_thread = _Thread()


def set_up_django(context: Context, **more: object) -> None:
    """`more` are further Django settings."""
    database = conninfo_to_dict(context.dsn)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": database["dbname"],
                "USER": database["user"],
                "HOST": database["host"],
                "PORT": database["port"],
            }
        },
        EMAIL_BACKEND="anymail.backends.mailjet.EmailBackend",
        ANYMAIL={
            "MAILJET_API_KEY": API_KEY,
            "MAILJET_SECRET_KEY": API_SECRET,
            "MAILJET_API_URL": f"{context.sink_url}/v3.1/",
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        **more,
    )
    django.setup()


def send_template(address: str, variables: dict[str, str]) -> None:
    """Sends one email over this thread's own keep-alive connection."""
    message = _message([address])
    message.merge_global_data = variables
    message.send()


def send_merged(variables: dict[str, dict[str, str]]) -> None:
    """Sends one call for up to 50 recipients, given as address: variables."""
    message = _message(list(variables))
    message.merge_data = variables
    message.send()


def _message(recipients: list[str]) -> AnymailMessage:
    message = AnymailMessage(
        subject=SUBJECT, from_email=f"{SENDER_NAME} <{SENDER_EMAIL}>", to=recipients, connection=_connection()
    )
    message.template_id = TEMPLATE_ID
    return message


def _connection() -> BaseEmailBackend:
    if _thread.connection is None:
        _thread.connection = get_connection()
        _thread.connection.open()
    return _thread.connection
