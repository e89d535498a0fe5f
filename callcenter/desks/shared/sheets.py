"""Texts in files for spreadsheet programs."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def safe_text(text: str) -> str:
    """OWASP's protection against formulas in CSV: text that would be calculated is marked as
    text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
