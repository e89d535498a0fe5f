"""The carrier's switch: a second Asterisk, which transcodes, records, or passes sound on.

    with CarrierAsterisk(folder, sip_port=15410, rtp_port_first=24000, hotline=sip) as carrier:
        caller = await Caller(address=SUBSCRIBERS, codec=ULAW).dials("1567", at=carrier.sip)

It is Debian's, with Debian's patch: where it decodes, it drops a frame as late if its sequence
number is more than 32,768 ahead, and every one after it, until the numbers have caught up. Callers
are its subscribers at 127.0.0.2. Mu-law is transcoded to the A-law of the trunk; A-law is passed
on. What a caller of 9<number> hears is also recorded. Whoever the hotline calls answers, speaks
with CITIZEN_VOICE, is recorded in the same way, and presses 1 again and again.
"""

import os
import wave
from pathlib import Path
from types import TracebackType
from typing import Self

from callcenter.hosting.asterisk import ASTERISK_UID, Asterisk
from callcenter.hosting.asterisk_files import AsteriskSettings
from callcenter.hosting.asterisk_root import obtain_asterisk
from callcenter.hosting.children import quiet, start_child, system_environment, wait_until
from callcenter.hosting.ownership import give
from tests.people.tones import RATE_HERTZ, named

SUBSCRIBERS = "127.0.0.2"
START_SECONDS = 60
CITIZEN_VOICE = 1950
FOLDERS = ("etc", "lib", "run", "spool/monitor", "log")
EMPTY = ("acl", "ccss", "cdr", "cel", "features", "indications", "manager", "pjproject", "udptl")
MODULES = (
    *("res_timing_timerfd", "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb"),
    *("format_wav", "format_pcm", "codec_alaw", "codec_ulaw", "codec_a_mu", "codec_resample"),
    *("bridge_simple", "bridge_native_rtp", "bridge_softmix", "bridge_holding", "res_pjproject"),
    *("res_pjsip", "res_pjsip_session", "res_pjsip_pubsub", "res_pjsip_sdp_rtp", "res_pjsip_nat"),
    *("res_pjsip_caller_id", "res_pjsip_endpoint_identifier_ip", "res_rtp_asterisk"),
    *("chan_pjsip", "pbx_config", "app_dial", "app_mixmonitor", "func_callerid"),
    *("codec_gsm", "codec_g722", "codec_opus_open_source", "res_format_attr_opus"),
    *("app_playtones", "app_senddtmf"),
)

ASTERISK = """[directories]
astetcdir => {base}/etc
astmoddir => {modules}
astvarlibdir => {base}/lib
astdbdir => {base}/lib
astkeydir => {base}/lib
astdatadir => /usr/share/asterisk
astspooldir => {base}/spool
astrundir => {base}/run
astlogdir => {base}/log
[options]
systemname = carrier
"""
PJSIP = """[global]
type = global
endpoint_identifier_order = ip
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:{port}
[subscriber]
type = endpoint
context = subscribers
disallow = all
allow = alaw,ulaw
direct_media = no
rtp_symmetric = yes
trust_id_inbound = yes
[subscriber]
type = identify
endpoint = subscriber
match = {subscribers}
[hotline]
type = endpoint
context = citizens
disallow = all
allow = {codec}
direct_media = no
rtp_symmetric = yes
aors = hotline
[hotline]
type = aor
contact = sip:{host}:{hotline}
[hotline]
type = identify
endpoint = hotline
match = {host}
"""
EXTENSIONS = """[subscribers]
exten => _9X.,1,MixMonitor({base}/spool/monitor/all.wav,t({base}/spool/monitor/heard.wav))
 same => n,Goto(${{EXTEN:1}},1)
exten => _[0-8]!,1,Dial(PJSIP/${{EXTEN}}@hotline)
[citizens]
exten => _0!,1,Ringing()
 same => n,Wait(1)
 same => n,Answer()
 same => n,MixMonitor({base}/spool/monitor/all.wav,r({base}/spool/monitor/heard.wav))
 same => n(again),Playtones({voice})
 same => n,Wait(3)
 same => n,SendDTMF(1)
 same => n,Goto(again)
"""


class CarrierAsterisk(Asterisk):
    """A context manager. Subscribers call `sip`."""

    def __init__(
        self,
        directory: Path,
        *,
        sip_port: int,
        rtp_port_first: int,
        hotline: tuple[str, int],
        codec: str = "alaw",
    ) -> None:
        """`codec`: the only one that it speaks with the hotline."""
        super().__init__(
            root=obtain_asterisk(quiet),
            directory=directory,
            settings=AsteriskSettings(
                name="carrier",
                sip_port=sip_port,
                rtp_port_first=rtp_port_first,
                rtp_port_last=rtp_port_first + 99,
                ari_password="the-carrier-has-no-ari",
            ),
        )
        self.hotline, self.codec = hotline, codec

    @property
    def sip(self) -> tuple[str, int]:
        """The address where it listens."""
        return "127.0.0.1", self.settings.sip_port

    def recorded_seconds(self, voice: int) -> float:
        """How many seconds of a voice the last caller of 9<number>, or the citizen, has heard."""
        try:
            with wave.open(str(self.directory / "spool/monitor/heard.wav")) as file:
                pcm = memoryview(file.readframes(file.getnframes())).cast("h")
        except (OSError, EOFError, wave.Error):  # the file is being written
            return 0.0
        piece = RATE_HERTZ // 10
        pieces = (pcm[start : start + piece] for start in range(0, len(pcm) - piece, piece))
        return sum(named(one) == str(voice) for one in pieces) / 10

    def launch(self) -> None:
        """Write the files and start it."""
        for folder in FOLDERS:
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        for name, text in self._files().items():
            (self.directory / "etc" / name).write_text(text)
        if os.geteuid() == 0:
            give(self.directory, ASTERISK_UID)
        self.process = start_child(
            self._command(),
            pid_file=self._pid_file,
            output=self._output,
            environment=system_environment(),
        )

    def start(self, *, limit_seconds: float = START_SECONDS) -> None:
        """Launch, and wait until it has read everything."""
        self.launch()
        booted = wait_until(
            lambda: "fully booted" in self.console("core waitfullybooted"),
            limit_seconds=limit_seconds,
        )
        if not booted:
            self.kill()
            raise RuntimeError(f"the carrier's Asterisk did not start: {self._output}")

    def _files(self) -> dict[str, str]:
        host, port = self.hotline
        modules = f"/usr/lib/{os.uname().machine}-linux-gnu/asterisk/modules"
        settings = self.settings
        return {
            **{f"{name}.conf": "" for name in EMPTY},
            "hosts": "127.0.0.1 localhost\n",
            "asterisk.conf": ASTERISK.format(base=self._base, modules=modules),
            "modules.conf": "[modules]\nautoload = no\n"
            + "".join(f"load = {name}.so\n" for name in MODULES),
            "pjsip.conf": PJSIP.format(
                port=settings.sip_port,
                host=host,
                hotline=port,
                subscribers=SUBSCRIBERS,
                codec=self.codec,
            ),
            "extensions.conf": EXTENSIONS.format(base=self._base, voice=CITIZEN_VOICE),
            "rtp.conf": f"[general]\nrtpstart = {settings.rtp_port_first}\n"
            f"rtpend = {settings.rtp_port_last}\n",
            "logger.conf": "[logfiles]\nmessages => error,warning\n",
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
