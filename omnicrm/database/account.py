"""The account the server runs under. PostgreSQL refuses to run as root, so root lends it an ordinary one.

Everyone else runs it as themselves, and nothing here applies.
"""

import logging
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from omnicrm.database.errors import EmbeddedDatabaseError

_NAME = "omnicrm"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Account:
    """The numbers of a system user and its group."""

    uid: int
    gid: int

    def open_way_to(self, path: Path) -> None:
        """Let this account pass through the directories above `path`: search permission only, where it lacks it.

        The search permission does not let anyone list a directory; the modes of what is inside still decide.
        """
        for directory in reversed(path.parents):
            status = directory.stat()
            if not status.st_mode & stat.S_IXOTH and status.st_uid != self.uid:
                _logger.warning("letting the embedded database's account pass through %s (chmod o+x)", directory)
                directory.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)


def server_account(data_dir: Path) -> Account | None:
    """The account to run the server of `data_dir` under, or None to run it as this process's own user.

    For root that is the owner of the data or of the directory it is in, so that both can use it by turns; when that
    is root too, the system user "omnicrm", which is created if it does not exist.
    """
    if os.geteuid() != 0:
        return None
    for directory in (data_dir, data_dir.parent):
        if directory.exists() and directory.stat().st_uid != 0:
            owner = directory.stat()
            return Account(uid=owner.st_uid, gid=owner.st_gid)
    user = _user() or _created_user()
    return Account(uid=user.pw_uid, gid=user.pw_gid)


def _user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(_NAME)
    except KeyError:
        return None


def _created_user() -> pwd.struct_passwd:
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--user-group", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", _NAME]
    try:
        failure = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()  # noqa: S603 - no input of anyone's
    except OSError as error:
        failure = str(error)
    user = _user()  # another process may have created it in the meantime
    if user is None:
        raise EmbeddedDatabaseError(
            f'PostgreSQL cannot run as root, and the system user "{_NAME}" to run it under cannot be created: '
            f"{failure}; create it, or run OmniCRM as an ordinary user"
        )
    return user
