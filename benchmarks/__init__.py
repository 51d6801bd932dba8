"""Our own outbox measured beside its peers, and beside the floor that HTTP and PostgreSQL alone set. See README.md."""
