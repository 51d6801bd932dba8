"""An operator's installation as the template commands see it: a config file, a folder of designs, a Mailjet account."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from mailjet_sandbox.control import SandboxControl
from omnicrm.config import current_config
from omnicrm.mailjet.templates import (
    TemplateContent,
    TemplateInfo,
    create_template,
    get_template,
    list_templates,
    read_content,
    write_content,
)
from omnicrm.mailjet.transport import Transport

CONFIG = """\
# Ours: ask before you change it
mailjet:
  api_key: test-key   # public
  api_secret: test-secret
  base_url: {url}
  calls_per_minute: unlimited
  api_crmCommunicationCustomerWelcome:
    from_email: support@yourcompany.com
    from_name: Support de Votre Entreprise
    template_id: 5977509   # made in the builder
    subject: Bienvenue chez Votre Entreprise
    languages: {{en: {{template_id: 5977599, subject: Welcome to Your Company}}}}
  api_crmCommunicationUserPasswordReset:
    from_email: noreply@yourcompany.com
    from_name: Sécurité
    template_id: 5977511
    subject: Demande de réinitialisation de mot de passe
company:
  name: Votre Entreprise
  website_url: https://yourcompany.example
  login_url: https://yourcompany.example/self-care
server:
  public_url: https://crm.yourcompany.example
"""
Capture = pytest.CaptureFixture[str]
WELCOME, RESET = "api_crmCommunicationCustomerWelcome", "api_crmCommunicationUserPasswordReset"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended. `error` is what it says on its way out."""

    status: int
    out: str
    error: str = ""

    @property
    def json(self) -> Any:
        return orjson.loads(self.out)


@dataclass(frozen=True)
class Operator:
    """The operator at the command line. Nobody answers questions, so pushes and pulls say --yes by themselves."""

    home: Path
    _capture: Capture

    @property
    def config_file(self) -> Path:
        return self.home / "crm_config.yaml"

    @property
    def folder(self) -> Path:
        return self.home / "email_templates"

    def write_design(self, name: str, text: str) -> Path:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder / name

    def reconfigure(self, before: str, after: str) -> None:
        text = self.config_file.read_text(encoding="utf-8")
        assert before in text
        self.config_file.write_text(text.replace(before, after), encoding="utf-8")
        current_config.cache_clear()

    def run(self, action: str, *words: str) -> Ended:
        given = [*words, *(["--yes"] if action in ("push", "pull") and "--yes" not in words else [])]
        self._capture.readouterr()
        current_config.cache_clear()  # a command is a new process, which reads the file anew
        status, error = 0, ""
        try:
            call_command("templates", action, *given)
        except CommandError as refused:
            status, error = 1, str(refused)
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Ended(status=status, out=self._capture.readouterr().out, error=error)


@pytest.fixture
def empty_mailjet(sandbox_url: str) -> SandboxControl:
    """An account without templates."""
    control = SandboxControl(sandbox_url)
    control.reset()
    return control


@pytest.fixture
def operator(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailjet: "Mailjet", capsys: Capture
) -> Iterator[Operator]:
    (tmp_path / "crm_config.yaml").write_text(CONFIG.format(url=mailjet.url), encoding="utf-8")
    monkeypatch.setenv("OMNICRM_CONFIG", str(tmp_path / "crm_config.yaml"))
    current_config.cache_clear()
    yield Operator(tmp_path, capsys)
    monkeypatch.undo()
    current_config.cache_clear()


@pytest.fixture
def pushed(operator: Operator) -> Operator:
    """An operator whose templates are all at Mailjet."""
    assert operator.run("push").status == 0
    return operator


@dataclass(frozen=True)
class Mailjet:
    """Somebody at work in Mailjet's own pages."""

    url: str

    def template(self, number: int) -> tuple[TemplateInfo, TemplateContent] | None:
        async def read() -> tuple[TemplateInfo, TemplateContent] | None:
            async with self._transport() as transport:
                info, content = await get_template(transport, number), await read_content(transport, number)
                return (info, content) if info and content else None

        return asyncio.run(read())

    def content(self, number: int) -> TemplateContent:
        found = self.template(number)
        assert found, f"Mailjet has no template {number}"
        return found[1]

    def edit(self, number: int, **parts: Any) -> None:
        async def write() -> None:
            async with self._transport() as transport:
                await write_content(transport, number, **parts)

        asyncio.run(write())

    def create(self, name: str, **parts: Any) -> int:
        """Creates a template by hand; returns its number."""

        async def write() -> int:
            async with self._transport() as transport:
                info = await create_template(transport, name=name, locale="fr_FR")
                if parts:
                    await write_content(transport, info.id, **parts)
                return info.id

        return asyncio.run(write())

    def names(self) -> list[str]:
        async def read() -> list[str]:
            async with self._transport() as transport:
                return [info.name async for info in list_templates(transport)]

        return asyncio.run(read())

    def _transport(self) -> Transport:
        return Transport(base_url=self.url, api_key="test-key", api_secret="test-secret")


@pytest.fixture
def mailjet(empty_mailjet: SandboxControl, sandbox_url: str) -> Mailjet:
    return Mailjet(sandbox_url)


def number_of(section: str, language: str = "fr") -> int:
    """The number in the configuration file as it is now."""
    current_config.cache_clear()
    configured = current_config().section(section)
    assert configured
    return configured.for_language(language).template_id
