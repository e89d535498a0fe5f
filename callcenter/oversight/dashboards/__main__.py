"""Prints the pages, their provisioning and the service level rules into metrics/."""

import sys

from callcenter.oversight.dashboards.files import stale, write


def main(arguments: list[str]) -> int:
    """`--check` changes nothing, and exits with 1 if something is out of date."""
    check = "--check" in arguments
    changed = stale() if check else write()
    for path in changed:
        print(f"{'stale' if check else 'written'}: metrics/{path}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
