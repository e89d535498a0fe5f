"""Faults of a recording or a pack."""


class PromptError(Exception):
    """A recording that is refused. The text says why."""


class PackError(PromptError):
    """A pack that cannot be read or written. The text has its path."""
