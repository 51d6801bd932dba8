"""What happens to messages after they were accepted, and how it is told: Mailjet's Event API."""
