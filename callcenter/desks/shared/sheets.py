"""Texts in files that a spreadsheet opens."""


def safe_text(text: str) -> str:
    """OWASP's way against formulas in CSV: what would be calculated is told as a text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
