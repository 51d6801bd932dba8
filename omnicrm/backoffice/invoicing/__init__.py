"""Invoices, runs and recurring charges on screen."""
