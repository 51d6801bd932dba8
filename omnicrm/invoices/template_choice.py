"""Which template invoices are drawn with."""

from pathlib import Path
from typing import Final

from omnicrm.config import Config, config_path, current_config
from omnicrm.invoices.template_files import PACKAGED, InvalidTemplate, Template

FOLDER: Final = "invoice_templates"
DEFAULT: Final = "invoice.html"


def configured_template() -> Template:
    """That of this process's configuration."""
    return template_of(current_config())


def template_of(config: Config) -> Template:
    """The one that `invoice.template_filename` names, which need not exist, or the usual one."""
    own = config_path().resolve().parent / FOLDER
    return Template(folders=(own, PACKAGED), name=config.invoice.template_filename or DEFAULT)


def template_at(path: Path) -> Template:
    """The template in that very file; the files beside it come before the packaged ones. Raises InvalidTemplate."""
    if not path.is_file():
        raise InvalidTemplate(f"there is no file {path}")
    return Template(folders=(path.absolute().parent, PACKAGED), name=path.name)
