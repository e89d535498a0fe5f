"""The service as a process: start, stop, kill or freeze it. Its output is kept in files."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.people import until

READY_SECONDS = 60.0
DIES_WITH_US = ("setpriv", "--pdeathsig=KILL", "--")
CHECKOUT = Path(__file__).resolve().parents[2]


class ServiceProcess:
    """`python -m callcenter serve` with these settings. `log` and `spoken` are its two outputs."""

    def __init__(self, directory: Path, url: str, settings: Mapping[str, str]) -> None:
        self.url, self.settings = url, dict(settings)
        self.log, self.spoken = directory / "service.log", directory / "service.out"
        self.process: subprocess.Popen[bytes] | None = None
        self.started_in_seconds = 0.0

    def launch(self) -> None:
        """Start it, without waiting until it is ready."""
        # code is compiled once, as in any installation
        not_its_own = ("CALLCENTER_", "PYTHONDONTWRITEBYTECODE")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(not_its_own)
        }
        with self.log.open("ab") as log, self.spoken.open("ab") as spoken:
            self.process = subprocess.Popen(
                [*DIES_WITH_US, sys.executable, "-m", "callcenter", "serve"],
                cwd=CHECKOUT,
                env={**environment, **self.settings, "PYTHONWARNINGS": "default"},
                stdin=subprocess.DEVNULL,
                stdout=spoken,
                stderr=log,
                start_new_session=True,
            )

    async def starts(self) -> None:
        """Start it, and wait until it serves calls."""
        began = time.monotonic()
        self.launch()
        await self.is_ready()
        await self.is_whole()
        self.started_in_seconds = time.monotonic() - began

    async def is_ready(self, within: float = READY_SECONDS) -> None:
        """Wait for /readyz."""
        await until(self._ready, within=within, but=self.last_words)

    async def is_whole(self, within: float = READY_SECONDS) -> None:
        """Wait until nothing is degraded either (the database is there, its tables are made)."""
        seen: list[object] = []

        async def whole() -> bool:
            seen[:] = [await asyncio.to_thread(self.readiness)]
            return seen == [{}]

        await until(whole, within=within, but=lambda: f"{seen}{self.last_words()}")

    async def stops(self) -> None:
        """SIGTERM, and wait until it ends, which must be clean."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            process = self.process
            await until(lambda: process.poll() is not None, within=20, but=self.last_words)
            assert process.returncode == 0, self.last_words()

    async def kills(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)

    def freezes(self) -> None:
        """SIGSTOP: it exists, its sockets are open, and it does nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaws(self) -> None:
        """SIGCONT."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def put_away(self) -> None:
        """End it, whatever its state."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        if not self.log.exists():
            return "it wrote nothing"
        return "\n" + "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])

    def says(self) -> Callable[[str], bool]:
        """A function that tells whether it has logged this from now on."""
        before = self.log.stat().st_size

        def said(text: str) -> bool:
            with self.log.open("rb") as file:
                file.seek(before)
                return text.encode() in file.read()

        return said

    async def _ready(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"the service ended by itself:{self.last_words()}")
        return await asyncio.to_thread(self.asks)

    async def doctor(self) -> str:
        """The output of `callcenter doctor` with these settings."""
        said, _ = await (await self.command("doctor")).communicate()
        return said.decode()

    async def command(self, *words: str) -> asyncio.subprocess.Process:
        """Start `callcenter …` with these settings. Both outputs come together."""
        clean = {n: v for n, v in os.environ.items() if not n.startswith("CALLCENTER_")}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-u", "-m", "callcenter", *words),
            cwd=CHECKOUT,
            env={**clean, **self.settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    def readiness(self) -> object:
        """What is missing or degraded. {} when all is well."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:
                told = json.load(answer)
        except (OSError, urllib.error.HTTPError) as error:
            return str(error)
        return {**told["missing"], **told["degraded"]}

    def asks(self) -> bool:
        """Whether /readyz says that calls are served."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False
