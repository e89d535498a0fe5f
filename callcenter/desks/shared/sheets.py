"""Texts in files for spreadsheet programs."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

CALCULATED = "=+-@\uff1d\uff0b\uff0d\uff20"
UNSEEN = " \u00a0\u200b\u200c\u200d\u2060\ufeff"
CONTROL = ("\t", "\r", "\n")


def safe_text(text: str) -> str:
    """OWASP's protection against formulas in CSV: text that would be calculated is marked as
    text. Some programs leave out spaces before the sign, and take its wide form for it, too."""
    begins = text.lstrip(UNSEEN)[:1]
    return f"'{text}" if (begins and begins in CALCULATED) or text[:1] in CONTROL else text
