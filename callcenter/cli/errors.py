"""The only exception of the commands. This module imports nothing."""


class CommandError(Exception):
    """A command that is not possible. Its text is for the person at the keyboard."""
