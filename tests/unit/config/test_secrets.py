"""Secrets are kept, and kept out of sight."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from omnicrm.config import Config, ConfigError

Load = Callable[[str], Config]


def test_no_secret_shows_in_a_dump_or_a_repr(load: Load) -> None:
    config = load(
        "mailjet: {api_key: hunter2, api_secret: hunter2, webhook: {username: u, password: hunter2}}\n"
        "server: {secret_key: hunter2-hunter2-hunter2-hunter2-hunter2}\n"
        "database: postgresql://u:hunter2@h/d?sslpassword=hunter2\n"
    )
    shown = f"{config!r} {config} {config.model_dump()} {config.model_dump_json()} {config.server!r}"
    assert "hunter2" not in shown


def test_a_configured_secret_key_is_used(load_with_account: Load, tmp_path: Path) -> None:
    config = load_with_account(f"server: {{secret_key: {'k' * 32}}}")
    assert config.secret_key() == "k" * 32
    assert not config.state_dir.exists()


def test_a_secret_key_is_made_once_and_kept_private(load_with_account: Load) -> None:
    config = load_with_account("")
    assert not config.state_dir.exists()
    key = config.secret_key()
    assert len(key) >= 64
    assert load_with_account("").secret_key() == key
    assert stat.S_IMODE((config.state_dir / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(config.state_dir.stat().st_mode) == 0o700


def test_installations_do_not_share_a_secret_key(load_with_account: Load) -> None:
    assert load_with_account("state_dir: a").secret_key() != load_with_account("state_dir: b").secret_key()


def test_everyone_who_asks_at_once_gets_the_same_secret_key(load_with_account: Load) -> None:
    config = load_with_account("")
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: config.secret_key(), range(64)))
    assert len(keys) == 1
    assert [file.name for file in config.state_dir.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 40])
def test_a_damaged_secret_key_is_never_used(load_with_account: Load, content: bytes) -> None:
    config = load_with_account("")
    config.state_dir.mkdir()
    (config.state_dir / "secret_key").write_bytes(content)
    with pytest.raises(ConfigError, match="secret_key: "):
        config.secret_key()


def test_a_state_directory_that_cannot_be_made_is_told(load_with_account: Load, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="the secret key cannot be kept here"):
        load_with_account("state_dir: file/var").secret_key()
