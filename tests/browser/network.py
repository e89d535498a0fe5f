"""A network of its own for a browser, behind a router that can let nothing through.

The router drops packets as a broken link somewhere on the way does: neither side is told, both
still have their cable. Needs root.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

NEEDS_ROOT = "a network is made"
SECONDS = 10.0
DIES_WITH_US = ("setpriv", "--pdeathsig=KILL", "--")


class FarNetwork:
    """A context: inside, programs started by `enter` reach us at `near` only, by a router.

    Two of them at a time want two numbers; packets are dropped while it is `gone`."""

    def __init__(self, number: int) -> None:
        """`number`: 0 to 31. RFC 2544 keeps 198.18/15 for tests."""
        self.near, self._door = _address(number, 1), _address(number, 2)
        self._gate, self.far = _address(number, 5), _address(number, 6)
        self._name = f"far{number}"
        self._stack = ExitStack()
        self._router = self._home = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._router = _namespace(stack)
            self._home = _namespace(stack)
            self._connect()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()  # the links go with their ends

    def enter(self, program: str) -> tuple[str, ...]:
        """The words that start a program there."""
        return (*_at(self._home), program)

    @contextmanager
    def gone(self) -> Iterator[None]:
        """No packet comes through, in either direction, and nobody is told."""
        with ExitStack() as stack:
            for address in (self.near, self.far):
                route = ("blackhole", f"{address}/32")
                _run(*_at(self._router), "ip", "route", "add", *route)
                stack.callback(_run, *_at(self._router), "ip", "route", "del", *route)
            yield

    def _connect(self) -> None:
        router, home = _at(self._router), _at(self._home)
        _run(*_link(self._name, "near", self._router))
        _run("ip", "address", "add", f"{self.near}/30", "dev", self._name)
        _run("ip", "link", "set", self._name, "up")
        _run(*router, *_link("far", "eth", self._home))
        for name, address in (("near", self._door), ("far", self._gate)):
            _run(*router, "ip", "address", "add", f"{address}/30", "dev", name)
            _run(*router, "ip", "link", "set", name, "up")
        _run(*router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        _run(*home, "ip", "address", "add", f"{self.far}/30", "dev", "eth")
        for name in ("lo", "eth"):
            _run(*home, "ip", "link", "set", name, "up")
        _run(*home, "ip", "route", "add", "default", "via", self._gate)
        _run("ip", "route", "add", f"{self.far}/32", "via", self._door)


def _address(number: int, last: int) -> str:
    return f"198.18.0.{8 * number + last}"


def _link(name: str, other: str, there: int) -> tuple[str, ...]:
    peer = ("peer", "name", other, "netns", str(there))
    return ("ip", "link", "add", name, "type", "veth", *peer)


def _at(namespace: int) -> tuple[str, ...]:
    return ("nsenter", f"--net=/proc/{namespace}/ns/net", "--")


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr}")


def _namespace(stack: ExitStack) -> int:
    """A process that does nothing in a new network, until the stack is left."""
    words = (*DIES_WITH_US, "unshare", "--net", "--", "sleep", "infinity")
    process = stack.enter_context(subprocess.Popen(words))
    stack.callback(process.kill)
    ours, theirs = Path("/proc/self/ns/net"), Path(f"/proc/{process.pid}/ns/net")
    until = time.monotonic() + SECONDS
    while theirs.readlink() == ours.readlink():
        if process.poll() is not None or time.monotonic() > until:
            raise OSError("no new network was made")
        time.sleep(0.01)
    return process.pid
