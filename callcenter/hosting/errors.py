"""The only error of this package: something on the host is not as it must be.

Its message is printed as it is, and always says what the person can do.
"""


class HostingError(RuntimeError):
    """A part could not be found, built, started or stopped. The message says what to do."""
