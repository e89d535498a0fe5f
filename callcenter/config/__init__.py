"""Settings (environment variables) and the site file (TOML); every limit with unit and reason.

Start at settings.py; site_file.py turns a file into a `Site`.
"""

from callcenter.config.digits import as_did
from callcenter.config.plain_text import ACCEPTED, PATTERN
from callcenter.config.settings import (
    LogFormat,
    LogLevel,
    Settings,
    SettingsError,
    load_settings,
)
from callcenter.config.site_faults import Fault, SiteFileError
from callcenter.config.site_file import load_site, parse_site

__all__ = [
    "ACCEPTED",
    "PATTERN",
    "Fault",
    "LogFormat",
    "LogLevel",
    "Settings",
    "SettingsError",
    "SiteFileError",
    "as_did",
    "load_settings",
    "load_site",
    "parse_site",
]
