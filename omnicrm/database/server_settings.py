"""How the embedded server is set up: for a queue and a CRM on one machine, beside the processes that use it."""

FILE = "omnicrm.conf"

_ALWAYS = """\
# Written by OmniCRM each time it starts the server. Your own settings go into postgresql.conf, below the include.
listen_addresses = ''
port = 5432
unix_socket_directories = '.'
unix_socket_permissions = 0700
max_connections = 200
timezone = 'UTC'

shared_buffers = 256MB
random_page_cost = 1.1
jit = off

# A queue rewrites its few rows all the time: clean up often, checkpoint seldom.
autovacuum_naptime = 10s
autovacuum_vacuum_cost_delay = 0
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on

# Statements, and errors about them, hold personal data: they stay out of the log.
log_timezone = 'UTC'
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
log_autovacuum_min_duration = -1
"""

_NOT_DURABLE = """
# For tests: a killed server loses its last moments, and a stopped machine everything.
fsync = off
full_page_writes = off
synchronous_commit = off
"""


def server_settings(*, durable: bool) -> str:
    """The text of the settings file. With `durable=False` a commit does not wait for the disk."""
    return _ALWAYS if durable else _ALWAYS + _NOT_DURABLE
