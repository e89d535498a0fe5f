"""The bans: whom, for how long, and the file that Asterisk reads and that outlives the service."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from callcenter.ari import rest
from callcenter.ari.bans import BAN_SECONDS, BANS_FILE, BANS_KEPT, Bans, Reader, kept
from callcenter.ari.edge_bans import NETWORKS, NETWORKS_MOST, rows
from callcenter.ports.bans import Ban, NoBanError, shown_network
from tests.people import until

STRANGER = ip_network("192.0.2.66")
TRUNK = (
    '[{"attribute": "match", "value": "192.0.2.7/255.255.255.255,198.51.100.0/255.255.255.240"}]'
)
READ, NOT_READ = rest.Response(status=204), rest.Response(status=409)


class Asterisk:
    """Counts how often it reads; knows one trunk."""

    def __init__(self) -> None:
        self.answer = READ
        self.reads = 0
        self.connected = True

    async def ask(self, request: rest.Request) -> rest.Response:
        if request.method == "GET":
            return rest.Response(status=200, body=TRUNK)
        self.reads += 1
        return self.answer


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callcenter.ari.bans.REST_SECONDS", 0.01)


class Hand:
    """The hand of the wall clock."""

    now = 1_795_000_000.0


def made(folder: Path, asterisk: Asterisk, hand: Hand) -> Bans:
    return Bans(
        folder, asterisk.ask, lambda: asterisk.connected, lambda: ["trunk"], lambda: hand.now
    )


def addresses(bans: Bans) -> list[str]:
    return [shown_network(ban.network) for ban in bans.all()]


async def while_it_runs(bans: Bans, *what: Callable[[], object]) -> None:
    running = asyncio.create_task(bans.run())
    for wanted in what:
        await until(wanted, within=15)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def test_a_ban_for_guessing_is_over_after_ten_minutes(tmp_path: Path) -> None:
    hand = Hand()
    bans = made(tmp_path, Asterisk(), hand)
    bans.ban_guesser(STRANGER)
    bans.ban_guesser(STRANGER)
    assert (bans.made, bans.count()) == (1, {True: 0, False: 1})
    hand.now += BAN_SECONDS
    assert not bans.all()


def test_a_ban_by_hand_lasts_as_long_as_was_said_and_is_not_shortened(tmp_path: Path) -> None:
    hand = Hand()
    bans = made(tmp_path, Asterisk(), hand)
    bans.ban(ip_network("192.0.2.0/24"), 86_400)
    bans.ban_guesser(STRANGER)
    hand.now += 86_000
    assert addresses(bans) == ["192.0.2.0/24"]
    assert bans.lift(ip_network("192.0.2.0/24"))
    assert not bans.lift(ip_network("192.0.2.0/24"))
    assert not bans.all()


@pytest.mark.parametrize(
    "network", ["0.0.0.0/0", "10.0.0.0/8", "2001:db8::/32", "127.0.0.1", "::1"]
)
def test_what_cannot_be_banned(tmp_path: Path, network: str) -> None:
    with pytest.raises(NoBanError):
        made(tmp_path, Asterisk(), Hand()).ban(ip_network(network), 60)


def test_where_an_operator_s_phone_is_nobody_is_banned_by_a_slip(tmp_path: Path) -> None:
    asked, phones = [], True

    def has_phones(network: object) -> bool:
        asked.append(network)
        return phones

    bans = Bans(tmp_path, Asterisk().ask, lambda: True, has_phones=has_phones)
    with pytest.raises(NoBanError, match="A phone registered from there"):
        bans.ban(STRANGER, 60)
    assert not bans.all()
    assert bans.ban(STRANGER, 60, also_phones=True).network == STRANGER
    phones = False
    assert bans.ban(STRANGER, 60).network == STRANGER
    assert set(asked) == {STRANGER}


def test_the_table_is_bounded_and_those_by_hand_stay(tmp_path: Path) -> None:
    bans = made(tmp_path, Asterisk(), Hand())
    bans.ban(STRANGER, 60)
    for number in range(2 * BANS_KEPT):
        bans.ban_guesser(ip_network(ip_address(0x0A000000 + number)))
    assert len(bans.all()) == BANS_KEPT
    assert STRANGER in {ban.network for ban in bans.all()}
    with pytest.raises(NoBanError, match="firewall"):
        for number in range(BANS_KEPT):
            bans.ban(ip_network(ip_address(0x0B000000 + number)), 60)


async def test_asterisk_reads_what_changed_and_the_next_service_goes_on(tmp_path: Path) -> None:
    asterisk, hand = Asterisk(), Hand()
    bans = made(tmp_path, asterisk, hand)
    bans.ban(STRANGER, 3600)
    bans.ban_guesser(ip_network("2001:db8:0:1::/64"))
    await while_it_runs(bans, lambda: asterisk.reads)
    lines = (tmp_path / BANS_FILE).read_text().splitlines()
    assert [line for line in lines if not line.startswith(";")] == [
        "deny = 192.0.2.66",
        "deny = 2001:db8:0:1::/64",
    ]
    assert list(kept(tmp_path / BANS_FILE)) == list(bans.all())
    hand.now += BAN_SECONDS
    after = made(tmp_path, asterisk, hand)
    assert addresses(after) == ["192.0.2.66"]
    reads = asterisk.reads
    await while_it_runs(after, lambda: asterisk.reads > reads)
    assert "2001:db8" not in (tmp_path / BANS_FILE).read_text()


async def test_what_asterisk_did_not_read_is_tried_again_and_after_a_reconnect(
    tmp_path: Path,
) -> None:
    asterisk = Asterisk()
    asterisk.answer = NOT_READ
    bans = made(tmp_path, asterisk, Hand())
    bans.ban(STRANGER, 3600)

    def at_last() -> bool:
        if asterisk.reads >= 1:
            asterisk.answer = READ
        return asterisk.reads >= 2

    await while_it_runs(bans, at_last)


async def test_a_trunk_is_not_banned(tmp_path: Path) -> None:
    asterisk = Asterisk()
    bans = made(tmp_path, asterisk, Hand())
    bans.ban(STRANGER, 3600)
    await while_it_runs(bans, lambda: asterisk.reads)
    for address in ("192.0.2.7", "198.51.100.3"):
        bans.ban_guesser(ip_network(address))
        with pytest.raises(NoBanError, match="trunk"):
            bans.ban(ip_network(address), 60)
    assert addresses(bans) == ["192.0.2.66"]
    assert bans.made == 0


@pytest.mark.parametrize(
    "text", ["", "deny = 192.0.2.66\n", "; by hand until never\ndeny = 1\n", "\xff"]
)
def test_a_file_that_says_nothing_bans_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / BANS_FILE).write_bytes(text.encode("latin-1"))
    assert not made(tmp_path, Asterisk(), Hand()).all()


async def test_a_file_that_is_no_text_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / BANS_FILE).write_bytes(b"; K\xf6nig\n")
    asterisk = Asterisk()
    bans = made(tmp_path, asterisk, Hand())
    bans.ban_guesser(STRANGER)
    await while_it_runs(bans, lambda: asterisk.reads)
    assert [ban.network for ban in kept(tmp_path / BANS_FILE)] == [STRANGER]


async def test_every_node_and_the_edge_are_told_also_one_that_was_away(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("n1", "n2")]
    for folder in folders:
        folder.mkdir()
    first, second = Asterisk(), Asterisk()
    second.connected = False
    told: list[list[str]] = []

    async def tell(bans: Sequence[Ban]) -> None:
        told.append([shown_network(ban.network) for ban in bans])
        if len(told) == 1:
            raise OSError("the edge is away")

    bans = Bans(
        folders[0],
        first.ask,
        lambda: first.connected,
        others=[Reader(folders[1], second.ask, lambda: second.connected)],
        edge=tell,
    )
    bans.ban(STRANGER, 600)

    def is_back() -> bool:
        second.connected = first.reads > 0
        return second.connected

    await while_it_runs(bans, is_back, lambda: second.reads > 0, lambda: len(told) > 1)
    assert told[-1] == ["192.0.2.66"]
    for folder in folders:
        assert [ban.network for ban in kept(folder / BANS_FILE)] == [STRANGER]


def test_the_edge_gets_a_row_for_each_address_and_one_for_networks() -> None:
    def of(*networks: str) -> list[Ban]:
        return [Ban(network=ip_network(n), until=1, by_hand=True) for n in networks]

    assert rows(of("192.0.2.66", "198.51.100.0/24", "2001:db8::7")) == {
        "192.0.2.66": "1",
        NETWORKS: "198.51.100.0/24,2001:db8::7/128",
    }
    many = rows(of(*(f"10.0.{number}.0/24" for number in range(NETWORKS_MOST + 5))))
    assert len(many[NETWORKS].split(",")) == NETWORKS_MOST
    assert many[NETWORKS].endswith("10.0.204.0/24")
