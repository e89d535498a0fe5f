"""The one error of this folder: something on the host is not as it must be.

Raised by every module here, printed by `__main__` as it stands. It never wraps an error without
saying what the person at the keyboard can do.
"""


class HostingError(RuntimeError):
    """A part could not be found, built, started or stopped; the message says what to do."""
