"""What crm_config.yaml says, typed: one frozen model per mapping of the file, one field per key.

A field's description tells where its value is found; it is shown when the value is missing or wrong.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import Field, HttpUrl, PrivateAttr, SecretStr, ValidationInfo, field_validator, model_validator

from omnicrm.config.balances import Balances
from omnicrm.config.base import Model
from omnicrm.config.custom_emails import CustomSection
from omnicrm.config.fields import (
    BaseUrl,
    CallsPerMinute,
    EmailAddress,
    Hosts,
    Language,
    Line,
    Port,
    Ports,
    Secret,
    Text,
    TimeZone,
    Url,
    mistake,
)
from omnicrm.config.invoicing import Invoicing, Reminders
from omnicrm.config.secret_key import SHORTEST, kept_secret_key
from omnicrm.config.sections import EmailSection
from omnicrm.config.security import Security


class Webhook(Model):
    """The credentials Mailjet gives back, by HTTP basic authentication, when it posts events to us."""

    username: Line = Field(description="write the user name that stands in the webhook URL given to Mailjet")
    password: Secret = Field(description="write the password that stands in the webhook URL given to Mailjet")

    @field_validator("username")
    @classmethod
    def _without_colon(cls, username: str) -> str:
        if ":" in username:
            raise mistake("contains a colon", "choose one without, since basic authentication ends it there")
        return username


def _section(name: str) -> Any:  # noqa: ANN401 - as pydantic's own Field: it stands for a value of the field's type
    return Field(default=None, alias=name)


class Mailjet(Model):
    """The Mailjet account and the emails sent through it. `calls_per_minute` is None when unlimited."""

    api_key: Secret = Field(description="copy it from Mailjet, Account settings, API keys")
    api_secret: Secret = Field(description="copy it from Mailjet, Account settings, API keys")
    base_url: BaseUrl = "https://api.mailjet.com"
    calls_per_minute: CallsPerMinute = Field(200, description='write a whole number, or "unlimited"')
    webhook: Webhook | None = None

    customer_welcome: EmailSection | None = _section("api_crmCommunicationCustomerWelcome")
    customer_invoice: EmailSection | None = _section("api_crmCommunicationCustomerInvoice")
    customer_invoice_reminder: EmailSection | None = _section("api_crmCommunicationCustomerInvoiceReminder")
    user_welcome: EmailSection | None = _section("api_crmCommunicationUserWelcome")
    user_password_reset: EmailSection | None = _section("api_crmCommunicationUserPasswordReset")
    user_password_reset_success: EmailSection | None = _section("api_crmCommunicationUserPasswordResetSuccess")
    user_password_change: EmailSection | None = _section("api_crmCommunicationUserPasswordChange")
    user_address_change: EmailSection | None = _section("api_crmCommunicationUserAddressChange")
    email_verification: EmailSection | None = _section("api_crmCommunicationEmailVerification")
    balance_expired: EmailSection | None = _section("api_crmCommunicationsBalanceExpired")
    balance_low: EmailSection | None = _section("api_crmCommunicationsBalanceLow")


_ATTRIBUTES: Mapping[str, str] = {
    field.alias: attribute for attribute, field in Mailjet.model_fields.items() if field.alias is not None
}
SECTION_NAMES: tuple[str, ...] = tuple(_ATTRIBUTES)


class Company(Model):
    """The operator, as its emails and portals name it. An empty `logo_url` means no logo."""

    name: Line = "OmniCRM"
    language: Language = "fr"
    address: Text | Literal[""] = ""
    logo_url: Url = ""
    website_url: Url = ""
    login_url: Url = ""
    admin_login_url: Url = ""
    support_url: Url = ""
    support_email: EmailAddress = ""
    it_support_email: EmailAddress = ""


class Database(Model):
    """A PostgreSQL server. `host` and `port` may list several, separated by commas, as libpq allows.

    `options` are further libpq parameters, such as `connect_timeout` or `target_session_attrs`.
    """

    host: Line = Field(description="write the server's name or address")
    port: Ports = "5432"
    name: Line = Field(description="write the name of the database")
    user: Line = Field(description="write the role that owns the database")
    password: SecretStr | None = None
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = "prefer"
    options: Mapping[str, SecretStr] = {}  # `sslpassword` is one of them

    @model_validator(mode="before")
    @classmethod
    def _from_url(cls, data: object) -> object:
        return _url_parts(data) if isinstance(data, str) else data

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `postgresql://user:password@host:port/name?sslmode=…`; raise pydantic's ValidationError."""
        return cls.model_validate(url)

    def conninfo(self) -> str:
        """The connection string for psycopg. It contains the password."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            dbname=self.name,
            user=self.user,
            password=self.password.get_secret_value() if self.password else None,
            sslmode=self.sslmode,
            **{key: value.get_secret_value() for key, value in self.options.items()},
        )


def _url_parts(url: str) -> dict[str, Any]:
    refusal = mistake(
        "is not the address of a PostgreSQL database",
        "write postgresql://user:password@host:5432/name, with special characters percent-encoded",
        quoted=False,
    )
    if not url.startswith(("postgresql://", "postgres://")):
        raise refusal
    try:
        parts: dict[str, Any] = conninfo_to_dict(url)
    except ProgrammingError:
        raise refusal from None
    named: dict[str, Any] = {
        key: parts.pop(key) for key in ("host", "port", "user", "password", "sslmode") if key in parts
    }
    return {**named, "name": parts.pop("dbname", None), "options": parts}


def _own_hosts(public_url: str) -> tuple[str, ...]:
    host = HttpUrl(public_url).host or ""  # with the brackets Django wants around an IPv6 address
    return tuple(dict.fromkeys((host, "localhost", "127.0.0.1", "[::1]")))


class Server(Model):
    """The HTTP server and the process around it. `public_url` is where customers and staff reach it."""

    host: Line = "127.0.0.1"
    port: Port = Field(8000, description="write a number from 1 to 65535")
    public_url: BaseUrl = Field(default_factory=lambda known: f"http://localhost:{known['port']}")
    allowed_hosts: Hosts = Field(default_factory=lambda known: _own_hosts(known["public_url"]))
    trusted_proxies: int = Field(0, ge=0, le=10, description="write how many proxies stand in front of the server")
    secret_key: SecretStr | None = Field(None, min_length=SHORTEST)
    timezone: TimeZone = "Europe/Paris"
    debug: bool = False
    log_format: Literal["console", "json"] = "console"


class Config(Model):
    """All of crm_config.yaml, and the operator's own kinds of email that stand beside it."""

    mailjet: Mailjet = Field(description="add the mailjet section with api_key and api_secret")
    server: Server = Server()
    company: Company = Field(default=Company(), validate_default=True)
    database: Database | None = None
    state_dir: Path = Field(default=Path("var"), validate_default=True)

    invoice: Invoicing = Invoicing()
    reminders: Reminders = Reminders()
    balances: Balances = Balances()
    security: Security = Security()
    contact_sync: Any = None  # a documented key, whose model comes with its feature
    _custom_emails: Mapping[str, CustomSection] = PrivateAttr(default_factory=dict)  # no key of the file

    @field_validator("company")
    @classmethod
    def _complete_company(cls, company: Company, info: ValidationInfo) -> Company:
        if not {"mailjet", "server"} <= info.data.keys():
            return company  # they have mistakes of their own, which are reported
        defaults = _company_defaults(company, info.data["mailjet"], info.data["server"].public_url)
        return company.model_copy(update={key: value for key, value in defaults.items() if not getattr(company, key)})

    @field_validator("state_dir")
    @classmethod
    def _beside_the_file(cls, state_dir: Path, info: ValidationInfo) -> Path:
        directory: Path = (info.context or {}).get("directory", Path())
        return (directory / state_dir.expanduser()).resolve()

    def model_post_init(self, context: Any) -> None:  # noqa: ANN401 - pydantic's signature
        """Takes in the custom emails, which the company sends unless they name a sender."""
        company = self.company
        self._custom_emails = {
            email.name: email.sent_by(name=company.name, address=company.support_email)
            for email in (context or {}).get("custom_emails", ())
        }

    @property
    def custom_emails(self) -> Mapping[str, CustomSection]:
        """The operator's own kinds of email, by name."""
        return self._custom_emails

    @property
    def section_names(self) -> tuple[str, ...]:
        """Of every email there may be: SECTION_NAMES and the custom ones."""
        return (*SECTION_NAMES, *self._custom_emails)

    def section(self, name: str) -> EmailSection | None:
        """The email section called `name`, or None when neither the file nor a custom email has one."""
        if name not in _ATTRIBUTES:
            return self._custom_emails.get(name)
        section: EmailSection | None = getattr(self.mailjet, _ATTRIBUTES[name])
        return section

    def secret_key(self) -> str:
        """The key that signs sessions and links: the configured one, or one made once and kept in `state_dir`."""
        configured = self.server.secret_key
        return configured.get_secret_value() if configured else kept_secret_key(self.state_dir)


def _company_defaults(company: Company, mailjet: Mailjet, public_url: str) -> dict[str, str]:
    customers, staff = mailjet.customer_welcome, mailjet.user_welcome
    support = customers.from_email if customers else f"support@{urlsplit(public_url).hostname}"
    return {
        "website_url": public_url,
        "login_url": f"{public_url}/self-care/",
        "admin_login_url": f"{public_url}/backoffice/",
        "support_url": f"{public_url}/self-care/support/",
        "support_email": support,
        "it_support_email": staff.from_email if staff else company.support_email or support,
    }
