"""`python -m callcenter`, `callcenter`: the command line.

The service itself goes past the command line's parser and tables, which take a quarter of a second
to read: whoever restarts it has callers waiting.
"""

import io
import sys


def main() -> None:
    """The program."""
    _speak_to_any_console()
    if sys.argv[1:] == ["serve"]:
        from callcenter.cli.serve import main as serve

        serve()
    else:
        from callcenter.cli.main import main as command_line

        command_line()


def _speak_to_any_console() -> None:
    """One that has no Thai shows question marks; that is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
