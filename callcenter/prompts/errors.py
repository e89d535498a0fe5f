"""What can be wrong with a recording or a pack."""


class PromptError(Exception):
    """A recording that is not taken, or a pack that cannot be read. The text says why."""
