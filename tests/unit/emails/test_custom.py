"""The custom emails that we show, in the guide and in the demo, are as good as our own."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omnicrm.config import Config, current_config
from omnicrm.emails.templates.folder import own_designs
from omnicrm.emails.templates.linting import lint_local
from omnicrm.emails.templates.targets import targets

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "custom-emails.md").read_text(encoding="utf-8")
NAME = "planned_maintenance"
CONFIG = """\
mailjet: {api_key: k, api_secret: s}
company: {name: T, website_url: https://t.example.com, support_email: s@t.example.com}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The operator's folder, beside the config of this process."""
    (tmp_path / "crm_config.yaml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("OMNICRM_CONFIG", str(tmp_path / "crm_config.yaml"))
    current_config.cache_clear()
    yield tmp_path / "email_templates"
    monkeypatch.undo()
    current_config.cache_clear()


@pytest.fixture
def guided(folder: Path) -> Callable[[], Config]:
    """The config of an operator who has copied what the guide shows."""
    folder.mkdir()
    (described,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    (design,) = re.findall(r"```\n(\[% extends.*?)```", GUIDE, re.DOTALL)
    (folder / f"{NAME}.yaml").write_text(described, encoding="utf-8")
    (folder / f"{NAME}.en.mjml").write_text(design, encoding="utf-8")
    return current_config


def findings(language: str) -> list[str]:
    config = current_config()
    chosen = targets(config, section=NAME, language=language)
    return [str(each) for each in lint_local(chosen, config=config, folder=own_designs())]


def test_the_guide_tells_of_every_key_and_type(guided: Callable[[], Config]) -> None:
    email = guided().custom_emails[NAME]
    variable = email.variables["fee"]
    keys = {*type(email).model_fields, *type(variable).model_fields} - {"name", "template_id"}
    assert [word for word in sorted({*keys, *type(variable.type)}) if f"`{word}`" not in GUIDE] == []


def test_what_the_guide_shows_has_nothing_against_it(guided: Callable[[], Config]) -> None:
    assert findings("en") == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_demos_email_has_nothing_against_it(language: str, folder: Path) -> None:
    shutil.copytree(ROOT / "omnicrm" / "ops" / "demo" / "email_templates", folder)
    assert findings(language) == []
