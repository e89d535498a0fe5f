"""The public holidays for the opening hours, as the ministry confirmed them at the desks.

The back office reads them from the database now and then. A file keeps them over a restart: calls
come before the database is there, and a queue must not open for half a minute on a holiday.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import structlog

from callcenter.runtime.segment import write_over
from callcenter.thai_holidays import Holidays

log = structlog.get_logger(__name__)


class KnownHolidays:
    """The confirmed holidays. For years without confirmed ones, the package `holidays` is used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._kept = _read(path)

    def of(self, year: int) -> Mapping[date, str]:
        """The holidays of a year."""
        return self._known.of(year)

    def take(self, known: Holidays) -> bool:
        """Use these from now on. Gives whether the file had others. Raises OSError; then the file
        keeps the previous ones."""
        self._known = known
        if known == self._kept:
            return False
        years = {
            str(year): {day.isoformat(): name for day, name in days.items()}
            for year, days in known.confirmed.items()
        }
        write_over(self._path, json.dumps(years, ensure_ascii=False))
        self._kept = known
        return True


def _read(path: Path) -> Holidays:
    try:
        years = json.loads(path.read_text())
        return Holidays(
            {
                int(year): {date.fromisoformat(day): str(name) for day, name in days.items()}
                for year, days in years.items()
            }
        )
    except FileNotFoundError:
        return Holidays()
    except (OSError, ValueError, AttributeError) as error:
        log.warning("confirmed holidays cannot be read", reason=type(error).__name__)
        return Holidays()
