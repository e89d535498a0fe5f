"""The one exception of the commands. It imports nothing."""


class CommandError(Exception):
    """A command that cannot be done. Its text is for the person at the keyboard."""
