"""Asterisk, and nothing else, is spoken here."""
