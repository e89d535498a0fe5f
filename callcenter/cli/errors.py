"""The one exception of the commands. Used by all of them; it imports nothing."""


class CommandError(Exception):
    """A command that cannot be done. Its text is for the person at the keyboard."""
