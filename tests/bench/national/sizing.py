"""How large the parts must be: the day's load multiplied by measured costs. Pure arithmetic.

Called by page.py. `Load` is what the day asked for, `Costs` what one of each costs here; every
formula is the one line it says. Nothing is rounded before the end, and then upwards.
"""

from dataclasses import dataclass
from math import ceil

from tests.bench.national.costs import Costs

HEADROOM = 0.5  # of a core, a link, a limit: not more is planned to be used
BLOCKING = 0.001  # share of calls that may meet a busy trunk
PACKETS_A_SECOND = 50  # G.711, 20 ms each
PACKET_BITS = 8 * (160 + 12 + 8 + 20 + 14 + 4 + 8 + 12)
"""Sound, RTP, UDP, IP, Ethernet with its checksum, preamble and gap."""
DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked at the worst minute of some hours, and in a whole day."""

    calls_a_second: float
    steps_a_second: float
    facts_a_second: float
    rows_a_second: float
    waiting: int  # callers at once, most
    talking: int  # pairs at once, most
    callers: int  # on a trunk channel at once, most
    trunk_erlangs: float  # mean of callers on the line in the busiest quarter, greeting included


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What it takes. Cores and links with HEADROOM, the rest as it is."""

    asterisk_cores: int
    asterisk_nodes: int
    asterisk_megabytes: float
    service_cores: float  # of the one that a service can use
    engine_share: float  # of a core, part of the former
    service_megabytes: float
    database_cores: float
    network_megabits: int  # each direction, at the nodes' links together
    trunk_channels: int


def erlang_b(channels: int, erlangs: float) -> float:
    """Share of calls that find all channels taken: B(0)=1, B(k)=aB(k-1)/(k+aB(k-1))."""
    blocked = 1.0
    for k in range(1, channels + 1):
        blocked = erlangs * blocked / (k + erlangs * blocked)
    return blocked


def trunk_channels(erlangs: float, blocking: float = BLOCKING) -> int:
    """Fewest channels at which no more than this share of calls is blocked."""
    channels, blocked = 0, 1.0
    while blocked > blocking:
        channels += 1
        blocked = erlangs * blocked / (channels + erlangs * blocked)
    return channels


def asterisk_milliseconds(load: Load, costs: Costs) -> float:
    """Of processor time a second: calls set up, music for those who wait, sound of those who
    talk."""
    return (
        load.calls_a_second * costs.asterisk_ms_a_call
        + load.waiting * costs.asterisk_wait_ms_a_second
        + load.talking * costs.asterisk_talk_ms_a_second
    )


def channels(load: Load) -> int:
    """In Asterisk: each caller's, and the operator's leg of each talk."""
    return load.callers + load.talking


def size(load: Load, costs: Costs, node_cores: int) -> Size:
    """What this load needs, on Asterisk nodes with so many cores each."""
    cores = ceil(asterisk_milliseconds(load, costs) / 1000 / HEADROOM)
    legs = channels(load)
    bits = legs * PACKETS_A_SECOND * PACKET_BITS
    return Size(
        asterisk_cores=cores,
        asterisk_nodes=max(ceil(cores / node_cores), ceil(legs / costs.channels_seen)),
        asterisk_megabytes=legs * costs.asterisk_kilobytes_a_channel / 1024,
        service_cores=load.calls_a_second * costs.service_ms_a_call / 1000 / HEADROOM,
        engine_share=load.steps_a_second / costs.engine_steps_a_second,
        service_megabytes=load.callers * costs.service_kilobytes_a_caller / 1024,
        database_cores=load.calls_a_second * costs.database_ms_a_call / 1000 / HEADROOM,
        network_megabits=ceil(bits / 1e6 / HEADROOM),
        trunk_channels=trunk_channels(load.trunk_erlangs),
    )


def database_gigabytes_a_year(rows_a_day: float, costs: Costs) -> float:
    """Indexes included."""
    return rows_a_day * DAYS * costs.database_bytes_a_row / 1e9


@dataclass(frozen=True, slots=True)
class Room:
    """A limit, what the day asked for, and how many times as much would fit."""

    part: str
    asked: float
    borne: float
    unit: str

    @property
    def times(self) -> float:
        """Below 1: it does not fit."""
        return self.borne / self.asked


def rooms(load: Load, costs: Costs, node_cores: int) -> list[Room]:
    """What breaks first, first: limits of one service with one Asterisk and one database."""
    milliseconds = asterisk_milliseconds(load, costs)
    service = 1000 / costs.service_ms_a_call
    found = [
        Room(f"processor of one Asterisk with {node_cores} cores", milliseconds / 1000,
             node_cores, "cores"),
        Room("channels of one Asterisk, as far as it was measured", channels(load),
             costs.channels_seen, "channels"),
        Room("calls answered through one Asterisk, 1,000 in line", load.calls_a_second,
             costs.calls_a_second_borne, "calls/s"),
        Room("processor of the service, of which it uses one core", load.calls_a_second,
             service, "calls/s"),
        Room("the engine in it", load.steps_a_second, costs.engine_steps_a_second, "steps/s"),
        Room("the journal", load.facts_a_second, costs.journal_facts_a_second_borne, "facts/s"),
        Room("rows into PostgreSQL", load.rows_a_second, costs.rows_a_second_borne, "rows/s"),
    ]  # fmt: skip
    return sorted(found, key=lambda room: room.times)
