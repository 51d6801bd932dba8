"""crm_config.yaml, read once, checked whole, and typed. Nothing else in OmniCRM reads the environment."""

from omnicrm.config.custom_emails import CustomSection, CustomVariable
from omnicrm.config.loading import config_path, current_config, find_config, load_config
from omnicrm.config.models import (
    SECTION_NAMES,
    Company,
    Config,
    Database,
    Mailjet,
    Server,
    Webhook,
)
from omnicrm.config.problems import ConfigError, ConfigInvalid, ConfigNotFound, Problem
from omnicrm.config.sections import EmailSection, LocalisedTemplate

__all__ = [
    "SECTION_NAMES",
    "Company",
    "Config",
    "ConfigError",
    "ConfigInvalid",
    "ConfigNotFound",
    "CustomSection",
    "CustomVariable",
    "Database",
    "EmailSection",
    "LocalisedTemplate",
    "Mailjet",
    "Problem",
    "Server",
    "Webhook",
    "config_path",
    "current_config",
    "find_config",
    "load_config",
]
