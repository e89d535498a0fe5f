"""Callers and operators who speak: the SIPp people of the benchmark, with sound.

Each side sends G.711 A-law, a packet every 20 ms, from the answer to the end. Used by measure.py
alone: sound costs SIPp nearly as much as Asterisk, so the other measurements go without.
"""

from pathlib import Path

from tests.bench import scenarios
from tests.bench.crowd import CALLERS_PORT, OPERATORS_PORT, Crowd

SPEECH = "speech.alaw"
SPEECH_SECONDS = 10
_A_LAW_HERTZ = 8000
CALLERS_VOICES_PORT, OPERATORS_VOICES_PORT = 36000, 42000
STREAMS_A_THREAD = ("-rtp_threadtasks", "50")


def speaking(scenario: str, after: str) -> str:
    """The scenario with sound, begun behind the first `after`."""
    before, found, rest = scenario.partition(after)
    if not found:
        raise ValueError(f"the scenario has no {after}")
    begin = f'<nop><action><exec rtp_stream="{SPEECH},-1,8"/></action></nop>'
    whole = f"{before}{found}\n{begin}\n{rest}"
    return whole.replace("[media_port]", "[rtpstream_audio_port]")


class Voices(Crowd):
    """A crowd that speaks when `loud`."""

    def __init__(self, directory: Path, asterisk: str, *, loud: bool) -> None:
        super().__init__(directory, asterisk)
        self._loud = loud
        # Not silence: something that a codec could not skip.
        speech = bytes((n * 37 + n // 160) % 256 for n in range(SPEECH_SECONDS * _A_LAW_HERTZ))
        (directory / SPEECH).write_bytes(speech)

    def operators_work(self, pause: str) -> None:
        """As Crowd does it, with sound after the ACK."""
        self.operators_go()
        text = scenarios.operator(pause)
        if self._loud:
            text = speaking(text, '<recv request="ACK"/>')
        scenario = scenarios.write(self._directory, "voices_operators", text)
        self._operators = self._play(
            scenario,
            OPERATORS_PORT,
            OPERATORS_VOICES_PORT,
            *STREAMS_A_THREAD,
        )

    def callers_call(
        self, number: str, *, at_once: int, rate: float, most: int = 10_000_000
    ) -> None:
        """As Crowd does it, with sound behind our ACK."""
        text = scenarios.CALLER
        if self._loud:
            marked = text.replace('<label id="1"/>', '<!-- up --><label id="1"/>')
            text = speaking(marked, "<!-- up -->")
        scenario = scenarios.write(self._directory, "voices_caller", text)
        more = ["-s", number, "-r", f"{rate:g}", "-l", str(at_once), "-m", str(most)]
        self._callers = self._play(
            scenario,
            CALLERS_PORT,
            CALLERS_VOICES_PORT,
            *STREAMS_A_THREAD,
            *more,
            self._asterisk,
        )
