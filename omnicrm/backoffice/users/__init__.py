"""Users and API keys on screen."""
