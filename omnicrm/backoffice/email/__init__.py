"""Messages, templates and suppressions on screen."""
