"""crm_config.example.yaml shows every setting, and everything it shows is right."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from omnicrm.config import SECTION_NAMES, Config, load_config
from omnicrm.config.mistakes import fields_of, model_in

EXAMPLE = Path(__file__).parents[3] / "crm_config.example.yaml"
ENVIRON = {
    "MAILJET_WEBHOOK_PASSWORD": "webhook",
    "OMNICRM_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
    "DATABASE_PASSWORD": "p@ss",
}


def keys(model: type[BaseModel]) -> Iterator[str]:
    for key, field in fields_of(model).items():
        yield key
        inner = model_in(field.annotation)
        if inner is not None:
            yield from keys(inner)


def test_it_loads_as_it_stands() -> None:
    config = load_config(EXAMPLE, environ={})
    assert all(config.section(name) for name in SECTION_NAMES)
    assert config.database is None


def test_it_loads_with_every_setting_it_shows(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    shown = [re.sub(r"^( *)# ( *[a-z_]+:( .*)?)$", r"\1\2", line) for line in lines]
    file = tmp_path / "crm_config.yaml"
    file.write_text("\n".join(line for line in shown if "postgresql://" not in line), encoding="utf-8")
    config = load_config(file, environ=ENVIRON)
    assert config.database is not None
    assert config.database.options["connect_timeout"].get_secret_value() == "5"
    assert config.mailjet.webhook is not None
    assert config.company.it_support_email == "it@yourcompany.com"
    assert config.server.allowed_hosts == ("crm.yourcompany.com",)


@pytest.mark.parametrize("key", sorted(set(keys(Config)) - {"contact_sync"}))
def test_it_shows_every_key(key: str) -> None:
    assert re.search(rf"^[ #]*{key}:", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
