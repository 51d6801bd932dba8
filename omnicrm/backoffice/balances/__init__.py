"""Balances, alerts, plans and quarantine on screen."""
