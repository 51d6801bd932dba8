"""crm_config.yaml, read once, checked whole, and typed. Nothing else in OmniCRM reads the environment."""

from omnicrm.config.loading import current_config, find_config, load_config
from omnicrm.config.models import (
    SECTION_NAMES,
    Company,
    Config,
    Database,
    EmailSection,
    LocalisedTemplate,
    Mailjet,
    Server,
    Webhook,
)
from omnicrm.config.problems import ConfigError, ConfigInvalid, ConfigNotFound, Problem

__all__ = [
    "SECTION_NAMES",
    "Company",
    "Config",
    "ConfigError",
    "ConfigInvalid",
    "ConfigNotFound",
    "Database",
    "EmailSection",
    "LocalisedTemplate",
    "Mailjet",
    "Problem",
    "Server",
    "Webhook",
    "current_config",
    "find_config",
    "load_config",
]
