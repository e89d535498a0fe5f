"""What can be wrong with a recording or a pack."""


class PromptError(Exception):
    """A recording that is not taken. The text says why."""


class PackError(PromptError):
    """A pack that cannot be read, or not be written. The text has its path."""
