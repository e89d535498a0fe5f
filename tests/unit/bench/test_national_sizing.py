"""How large the parts must be, against numbers worked by hand; the README shows today's inputs."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from tests.bench import scenarios
from tests.bench.national.costs import Costs, costs, measured
from tests.bench.national.country import Plan, assumptions
from tests.bench.national.sizing import (
    Load,
    database_gigabytes_a_year,
    erlang_b,
    rooms,
    size,
    trunk_channels,
)
from tests.bench.national.told import number, percent, table, wrapped
from tests.bench.national.voices import speaking

README = Path(__file__).resolve().parents[3] / "tests/bench/national/README.md"
PRICES = Costs(
    engine_steps_a_second=100_000,
    service_ms_a_call=4,
    asterisk_ms_a_call=9,
    database_ms_a_call=0.5,
    asterisk_talk_ms_a_second=3,
    asterisk_wait_ms_a_second=2,
    asterisk_kilobytes_a_channel=256,
    service_kilobytes_a_caller=1,
    calls_a_second_borne=80,
    channels_seen=1_000,
    database_bytes_a_row=300,
    rows_a_second_borne=13_000,
    journal_facts_a_second_borne=120_000,
)
RUSH = Load(
    calls_a_second=10,
    steps_a_second=50,
    facts_a_second=60,
    rows_a_second=40,
    waiting=1_000,
    talking=100,
    callers=1_100,
    trunk_erlangs=3.0,
)


@pytest.mark.parametrize(
    ("channels", "erlangs", "blocked"),
    [  # exact fractions: 1/2, 1/5, 81/736, 390625/21247437; the last computed with 40 digits
        (1, 1, 1 / 2),
        (2, 1, 1 / 5),
        (5, 3, 81 / 736),
        (10, 5, 390625 / 21247437),
        (1000, 950, 0.00364929368894),
    ],
)
def test_erlang_b(channels: int, erlangs: float, blocked: float) -> None:
    assert erlang_b(channels, erlangs) == pytest.approx(blocked, rel=1e-9)


def test_the_fewest_channels_at_which_no_more_is_blocked() -> None:
    assert trunk_channels(3, blocking=0.12) == 5  # 0.110 with five, 0.206 with four
    assert trunk_channels(3, blocking=0.11) == 6
    enough = trunk_channels(950, blocking=0.001)
    assert erlang_b(enough, 950) <= 0.001 < erlang_b(enough - 1, 950)


def test_sizes_worked_by_hand() -> None:
    need = size(RUSH, PRICES, node_cores=4)
    # 10 x 9 + 1000 x 2 + 100 x 3 = 2390 ms a second: 2.39 cores, 4.78 with half kept free.
    assert need.asterisk_cores == 5
    assert need.asterisk_nodes == 2  # by cores 5/4, by channels 1200/1000
    assert need.asterisk_megabytes == 300  # 1200 x 256 kB
    assert need.service_cores == pytest.approx(0.08)  # 10 x 4 ms, twice
    assert need.engine_share == pytest.approx(0.0005)
    assert need.database_cores == pytest.approx(0.01)
    # 1200 legs x 50 packets x 238 bytes x 8 = 114.24 Mbit/s, twice
    assert need.network_megabits == 229
    assert need.trunk_channels == trunk_channels(3, blocking=0.001)


def test_nodes_are_counted_by_cores_where_those_run_out_first() -> None:
    assert size(RUSH, replace(PRICES, channels_seen=1e6), node_cores=2).asterisk_nodes == 3


def test_a_year_of_rows() -> None:
    assert database_gigabytes_a_year(1_000_000, PRICES) == pytest.approx(109.5)


def test_what_breaks_first_comes_first() -> None:
    found = rooms(RUSH, PRICES, node_cores=8)
    assert [room.times for room in found] == sorted(room.times for room in found)
    assert found[0].part.startswith("channels of one Asterisk")
    assert found[0].times == pytest.approx(1_000 / 1_200)
    by_part = {room.part.split(",")[0]: room.times for room in found}
    assert by_part["processor of one Asterisk with 8 cores"] == pytest.approx(8 / 2.39)
    assert by_part["calls answered through one Asterisk"] == 8
    assert by_part["processor of the service"] == 25  # 250 calls a second of 4 ms


# --- the measured costs --------------------------------------------------------------------------


def test_every_cost_was_measured_and_says_how() -> None:
    figures = measured()
    assert set(figures) == {field.name for field in fields(Costs)}
    for name, figure in figures.items():
        assert figure.value > 0, name
        assert "`" in figure.source, f"{name} does not say with which command it was measured"


def test_a_cost_can_be_given_instead() -> None:
    given = costs(measured(), ["asterisk_wait_ms_a_second=1.25"])
    assert given.asterisk_wait_ms_a_second == 1.25
    assert given.service_ms_a_call == costs(measured()).service_ms_a_call
    with pytest.raises(ValueError, match="there is no cost 'colour'"):
        costs(measured(), ["colour=1"])


# --- the page ------------------------------------------------------------------------------------


def test_the_readme_shows_the_assumptions_and_the_costs_of_the_code() -> None:
    text = README.read_text()
    assert table(["assumed", "how much", "from"], assumptions(Plan())) in text, AGAIN
    for name, figure in measured().items():
        line = f"| `{name}` | {number(figure.value)} {figure.unit} | {figure.source} |"
        assert line in text, AGAIN


AGAIN = "run: make bench-national"


def test_how_figures_are_shown() -> None:
    assert [number(x) for x in (0.00123, 1.5, 99.96, 123456.7)] == [
        "0.00123",
        "1.5",
        "100",
        "123,457",
    ]
    assert (percent(0.8312), percent(None)) == ("83.1 %", "–")
    assert wrapped("| a | b |") == "| a | b |"
    assert max(map(len, wrapped("word " * 100).splitlines())) <= 115


# --- the people who speak, for measure.py --------------------------------------------------------


def test_a_scenario_with_sound_begins_it_where_it_is_told_to() -> None:
    quiet = scenarios.operator("<pause/>")
    loud = speaking(quiet, '<recv request="ACK"/>')
    after_ack = loud.partition('<recv request="ACK"/>')[2].lstrip()
    assert after_ack.startswith("<nop><action><exec rtp_stream=")
    assert "[media_port]" not in loud and "[rtpstream_audio_port]" in loud
    with pytest.raises(ValueError, match="has no <nothing/>"):
        speaking(quiet, "<nothing/>")
