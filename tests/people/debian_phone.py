"""Debian's own baresip, a program of its own, as an operator's phone.

It speaks a tone from a file. What it hears is what its jitter buffer and decoder made of the
packets: its module `sndfile` writes that to a file as it comes, which is read here at every look.
After a hold baresip 1.0.0 writes no more of it (its module is not put back, while it decodes on):
then `wire` has what reaches it, and `decoded_seconds` how much of it was made to sound; `sent` has
what it says. Needs root.
"""

import asyncio
import contextlib
import json
import math
import re
import shutil
import socket
import struct
import subprocess
import time
import wave
from array import array
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.people.caller import next_voice
from tests.people.ear import Ear, Head
from tests.people.tones import FRAME_SAMPLES, alaw_of
from tests.people.until import until

PROGRAM = "baresip"
MODULES = ("g711", "aufile", "aubridge", "sndfile", "account", "menu", "ctrl_tcp")
RATE_HERTZ, VOICE_SECONDS = 8_000, 120
LOOK_SECONDS = 0.02
ETH_P_IP = 0x0800
HEAD_BYTES = 44  # of a file of sound
PORTS = 24  # from `port` on: SIP (and TLS above it), orders, sound
DIES_WITH_US = ("setpriv", "--pdeathsig=KILL", "--")
CONFIG = """
sip_listen 127.0.0.1:{port}
rtp_ports {rtp_first}-{rtp_last}
ctrl_tcp_listen 127.0.0.1:{orders}
audio_source aufile,{folder}/voice.wav
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
audio_srate 8000
audio_channels 1
sndfile_path {folder}
module_path {modules}
"""
ACCOUNT = (
    "<sip:{user}@{host}:{at}>;regint=300;auth_pass={secret};answermode=auto;"
    "audio_codecs=PCMA/8000/1\n"
)


class DebianPhone:
    """A context: the program runs inside, registers, and answers whatever rings."""

    def __init__(
        self,
        folder: Path,
        user: str,
        secret: str,
        *,
        at: tuple[str, int],
        port: int,
    ) -> None:
        self.voice, self.ear = next_voice(), Ear()
        self.wire, self.sent = Ear(), Ear()
        self._sound_ports = range(port + 4, port + PORTS)
        self._folder, self._orders_port = folder, port + 2
        self._process: subprocess.Popen[bytes] | None = None
        self._tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self._listens: asyncio.Task[None] | None = None
        self._account = ACCOUNT.format(user=user, host=at[0], at=at[1], secret=secret)
        self._config = CONFIG.format(
            port=port,
            orders=self._orders_port,
            rtp_first=port + 4,
            rtp_last=port + PORTS - 1,
            folder=folder,
            modules="/usr/lib/baresip/modules",
        ) + "".join(f"module {name}.so\n" for name in MODULES)

    async def __aenter__(self) -> Self:
        program = shutil.which(PROGRAM)
        assert program, "apt-get install baresip-core"
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "config").write_text(self._config)
        (self._folder / "accounts").write_text(self._account)
        (self._folder / "contacts").write_text("")
        _tone_file(self._folder / "voice.wav", self.voice)
        with (self._folder / "said").open("wb") as said:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it takes a moment
                [*DIES_WITH_US, program, "-f", str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )
        self._tap.bind(("lo", 0))
        self._tap.setblocking(False)
        asyncio.get_running_loop().add_reader(self._tap, self._packets_came)
        self._listens = asyncio.create_task(self._listen())
        await until(lambda: "200 OK" in self.said, within=20, but=lambda: self.said)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._tap)
        self._tap.close()
        if self._listens is not None:
            self._listens.cancel()
        if self._process is not None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, 5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    @property
    def said(self) -> str:
        """What the program wrote."""
        return (self._folder / "said").read_text(errors="replace")

    async def press(self, command: str) -> str:
        """A command of its menu: hold, resume, hangup."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._orders_port)
        order = json.dumps({"command": command}).encode()
        writer.write(b"%d:%s," % (len(order), order))
        answer = await asyncio.wait_for(reader.read(65_536), 5)
        writer.close()
        return answer.decode(errors="replace")

    async def decoded_seconds(self) -> float:
        """How much sound of the present call came out of its decoder so far."""
        told = await self.press("audio_debug")
        found = re.search(r" rx: .*? time = ([0-9.]+) sec", told.replace("\\n", " "))
        assert found is not None, told
        return float(found[1])

    def _packets_came(self) -> None:
        """All that goes over the loopback: what Asterisk sends to the phone's sound is kept."""
        with contextlib.suppress(BlockingIOError):
            while True:
                packet, about = self._tap.recvfrom(2_048)
                head = 4 * (packet[0] & 15)
                if about[2] == socket.PACKET_OUTGOING or packet[9] != socket.IPPROTO_UDP:
                    continue
                ports = struct.unpack_from("!HH", packet, head)
                sound = packet[head + 8 :]
                for port, ear in zip(ports, (self.sent, self.wire), strict=True):
                    if port in self._sound_ports and sound[1:2] in (b"\x08", b"\x88"):
                        number, at, source = struct.unpack_from("!HII", sound, 2)
                        ear.take(sound[12:], time.monotonic(), Head(source, number, at))

    async def _listen(self) -> None:
        """Each file of what was heard, one after the other, as it grows."""
        read = dict[Path, int]()
        while True:
            for path in sorted(self._folder.glob("dump-*-dec.wav")):
                read[path] = self._hear(path, read.get(path, HEAD_BYTES))
            self.ear.listened_until = self.wire.listened_until = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)

    def _hear(self, path: Path, begin: int) -> int:
        """What is new in this file, in whole frames; where that ends."""
        size = 2 * FRAME_SAMPLES
        with path.open("rb") as file:
            file.seek(begin)
            new = file.read()
        for at in range(0, len(new) - size + 1, size):
            self.ear.take(alaw_of(array("h", new[at : at + size])), time.monotonic())
        return begin + len(new) // size * size


def _tone_file(path: Path, hertz: int) -> None:
    turn = 2 * math.pi * hertz / RATE_HERTZ
    second = array("h", (round(8000 * math.sin(turn * i)) for i in range(RATE_HERTZ)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HERTZ)
        file.writeframes(second.tobytes() * VOICE_SECONDS)
