"""Customers on screen."""
