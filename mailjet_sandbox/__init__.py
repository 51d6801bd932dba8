"""A local Mailjet: the HTTP API, an inbox to look at what was sent, and faults on demand. See README.md."""
