"""`python -m callcenter`, `callcenter`: the command line.

`serve` skips the command line's parser and tables, which take a quarter of a second to load: while
the service is restarted, callers wait.
"""

import io
import sys


def main() -> None:
    """Run the program."""
    _speak_to_any_console()
    if sys.argv[1:] == ["serve"]:
        from callcenter.cli.serve import main as serve

        serve()
    else:
        from callcenter.cli.main import main as command_line

        command_line()


def _speak_to_any_console() -> None:
    """A console without Thai shows question marks, which is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
