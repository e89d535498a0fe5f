"""Turns facts into rows, and rows into answers. Never on the path of a call."""
