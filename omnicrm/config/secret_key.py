"""The secret key of an installation that configures none: made once, then kept."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from omnicrm.config.problems import ConfigError

SHORTEST = 32  # characters


def kept_secret_key(state_dir: Path) -> str:
    """Read `state_dir/secret_key`, made on the first call with mode 0600; many processes may call at once.

    Raise ConfigError when it can be neither read nor made, or is too short to be a key.
    """
    kept = state_dir / "secret_key"
    try:
        if not kept.exists():
            state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            _publish(secrets.token_urlsafe(48), kept)
        key = kept.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{kept}: the secret key cannot be kept here: {error}; mend it or set server.secret_key"
        ) from error
    if len(key) < SHORTEST:
        raise ConfigError(f"{kept}: is not a secret key; delete it to have a new one, which signs everyone out")
    return key


def _publish(key: str, kept: Path) -> None:
    # A link to a complete file appears whole or not at all, and the first of several processes wins.
    descriptor, draft = tempfile.mkstemp(dir=kept.parent, prefix="secret_key.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(key + "\n")
        with contextlib.suppress(FileExistsError):
            kept.hardlink_to(draft)
    finally:
        Path(draft).unlink()
