from collections.abc import Callable
from pathlib import Path

import pytest

from omnicrm.config import Config, ConfigInvalid, load_config

Load = Callable[..., Config]
Mistakes = Callable[..., list[str]]

ACCOUNT = "mailjet: {api_key: key, api_secret: secret}\n"


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    return tmp_path / "crm_config.yaml"


@pytest.fixture
def load(config_file: Path) -> Load:
    """Load a text as crm_config.yaml. Keywords are environment variables."""

    def load_text(text: str, **environ: str) -> Config:
        config_file.write_text(text, encoding="utf-8")
        return load_config(config_file, environ=environ)

    return load_text


@pytest.fixture
def load_with_account(load: Load) -> Load:
    """As `load`, after a line that gives the Mailjet account."""
    return lambda text, **environ: load(ACCOUNT + text, **environ)


@pytest.fixture
def mistakes(load: Load, config_file: Path) -> Mistakes:
    """The mistakes found in a text, one line each, without the file's name."""

    def found(text: str, **environ: str) -> list[str]:
        with pytest.raises(ConfigInvalid) as caught:
            load(text, **environ)
        return [line.removeprefix(f"{config_file}:").strip() for line in str(caught.value).splitlines()]

    return found


@pytest.fixture
def mistakes_after_account(mistakes: Mistakes) -> Mistakes:
    """As `mistakes`, after a line that gives the Mailjet account: the text begins on line 2."""
    return lambda text, **environ: mistakes(ACCOUNT + text, **environ)
