"""`python -m callcenter`, `callcenter`: the command line.

The service itself goes past the command line's parser and tables, which take a quarter of a second
to read: whoever restarts it has callers waiting.
"""

import sys


def main() -> None:
    """The program."""
    if sys.argv[1:] == ["serve"]:
        from callcenter.cli.serve import main as serve

        serve()
    else:
        from callcenter.cli.main import main as command_line

        command_line()


if __name__ == "__main__":
    main()
