"""What the Cabinet page says when something is wrong, under promtool: made-up series in, the page's
own queries asked, nothing green that should not be.

The chosen time is ten minutes here; a number that is none (0/0) is asked for as "not itself".
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from callcenter.hosting.children import quiet
from callcenter.hosting.prometheus import METRICS
from callcenter.hosting.prometheus_programs import PrometheusPrograms, obtain_prometheus
from tests.integration.oversight.expected import FEW, NOT_KNOWN
from tests.integration.oversight.pages import panels

MET, MISSED = 2, 0
AT = "10m"
Series = dict[str, str]


@pytest.fixture(scope="module")
def programs() -> PrometheusPrograms:
    return obtain_prometheus(quiet)


def query(page: str, title: str, legend: str, row: int = 0) -> str:
    """A panel's own; `row`: of which concern, where several have the title."""
    found = [p for p in panels() if (p.page, p.title, p.legend) == (page, title, legend)]
    return found[row].query


def says(
    programs: PrometheusPrograms,
    folder: Path,
    series: Series,
    asked: str,
    expected: Mapping[str, float],
) -> None:
    """promtool fails, with what it found, when the answer is another."""
    story: dict[str, Any] = {
        "interval": "15s",
        "input_series": [{"series": name, "values": v} for name, v in series.items()],
        "promql_expr_test": [
            {
                "expr": asked,
                "eval_time": AT,
                "exp_samples": [{"labels": who, "value": v} for who, v in expected.items()],
            }
        ],
    }
    rules = [str(METRICS / "rules" / "recording.yml")]
    file = folder / "story.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": rules, "evaluation_interval": "15s", "tests": [story]})
    )
    done = subprocess.run(
        [str(programs.promtool), "test", "rules", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def no_number(asked: str) -> str:
    """Only what is there and is not a number: a NaN is not itself."""
    return f"({asked}) != ({asked})"


TRUNKS = {
    'hotline_trunk_up{trunk="down"}': "1x20 0x30",
    'hotline_trunk_up{trunk="up"}': "1x50",
    'hotline_trunk_channels{trunk="down",kind="in_use"}': "0x50",
    'hotline_trunk_channels{trunk="up",kind="in_use"}': "0x50",
    'hotline_trunk_channels{trunk="quiet",kind="in_use"}': "3x50",
}


def test_a_trunk_that_was_down_is_missed_and_one_nobody_asks_is_not_known(
    programs: PrometheusPrograms, tmp_path: Path
) -> None:
    state = query("cabinet", "state", "วงจร/trunk {{trunk}}")
    words = {
        '{trunk="down"}': MISSED,
        '{trunk="up"}': MET,
        '{trunk="quiet"}': NOT_KNOWN,
    }
    says(programs, tmp_path, TRUNKS, state, words)


@pytest.mark.parametrize(
    ("tied", "up", "word"),
    [
        ("1x50", "1x50", MET),
        ("1x20 0x30", "1x50", MISSED),
        ("1x20 _x30", "1x20 0x30", MISSED),
    ],
    ids=["all well", "Asterisk away", "the service away, which then says nothing"],
)
def test_without_asterisk_or_the_service_the_number_is_not_reached(
    programs: PrometheusPrograms, tmp_path: Path, tied: str, up: str, word: int
) -> None:
    series = {"hotline_ari_connected": tied, 'up{job="callcenter"}': up}
    says(programs, tmp_path, series, query("cabinet", "state", "Asterisk"), {"{}": word})


def staff(available: str, waiting: str, offered: str) -> Series:
    return {
        'hotline_operators{queue="night",state="available"}': available,
        'hotline_queue_waiting{queue="night"}': waiting,
        'hotline_calls_offered_total{line="1567",queue="night"}': offered,
    }


def test_no_calls_and_nobody_there_is_neither_starved_nor_met(
    programs: PrometheusPrograms, tmp_path: Path
) -> None:
    empty = staff("0x50", "0x50", "0x50")
    starved = query("cabinet", "callers waiting, nobody free", "{{queue}}")
    said = f"count({no_number(starved)})"
    says(programs, tmp_path, empty, said, {"{}": 1})
    said = f"count({no_number(query('cabinet', 'state', '{{queue}}'))})"
    says(programs, tmp_path, empty, said, {"{}": 1})
    duty = query("cabinet", "state", "{{queue}}: มีเวร/on duty")
    says(programs, tmp_path, empty, duty, {'{queue="night"}': MISSED})


@pytest.mark.parametrize(
    ("available", "waiting", "offered", "word"),
    [
        ("0x50", "2x50", "0x50", MISSED),
        ("1x50", "0x50", "0x20 3x30", MET),
    ],
    ids=["callers and nobody there", "calls, each answered at once"],
)
def test_with_calls_concern_1_has_a_state(
    programs: PrometheusPrograms,
    tmp_path: Path,
    available: str,
    waiting: str,
    offered: str,
    word: int,
) -> None:
    series = staff(available, waiting, offered)
    says(
        programs,
        tmp_path,
        series,
        query("cabinet", "state", "{{queue}}"),
        {'{queue="night"}': word},
    )


@pytest.mark.parametrize("concern", ["answered within 20 s", "calls answered"])
def test_one_call_is_no_percentage(
    programs: PrometheusPrograms, tmp_path: Path, concern: str
) -> None:
    """One call, answered too late on 045-614545, at once on 1567; 1111 has enough calls."""

    def line(name: str, answered: str, in_time: str) -> Series:
        wait = "hotline_call_wait_seconds_bucket"
        ended = "hotline_calls_ended_total"
        return {
            f'{ended}{{line="{name}",outcome="answered"}}': answered,
            f'{wait}{{line="{name}",outcome="answered",le="20.0"}}': in_time,
        }

    series = line("045-614545", "0x20 1x30", "0x50") | line("1567", "0x20 1x30", "0x20 1x30")
    series |= line("1111", "0x20 30x30", "0x20 30x30")
    few = {'{line="045-614545"}': FEW, '{line="1567"}': FEW}
    asked = query("cabinet", concern, "{{line}}")
    place = ["calls let in", "answered within 20 s", "calls answered"].index(concern)
    state = query("cabinet", "state", "{{line}}", place)
    says(programs, tmp_path, series, asked, few | {'{line="1111"}': 1})
    says(programs, tmp_path, series, state, few | {'{line="1111"}': MET})


def test_two_services_may_have_trunks_of_the_same_name(
    programs: PrometheusPrograms, tmp_path: Path
) -> None:
    series: Series = {}
    expected: dict[str, float] = {}
    for instance, in_use in (("a", 27), ("b", 3)):
        for kind, channels in (("in_use", in_use), ("limit", 30)):
            labels = f'instance="{instance}",trunk="trunk",kind="{kind}"'
            series[f"hotline_trunk_channels{{{labels}}}"] = f"{channels}x50"
        expected[f'{{instance="{instance}",trunk="trunk"}}'] = in_use / 30
    says(programs, tmp_path, series, query("trunks", "share in use", "{{trunk}}"), expected)


@pytest.mark.parametrize(
    ("ours", "refused", "share", "word"),
    [
        ("0x50", "0x50", 1.0, MET),
        ("0x20 10x30", "0x50", 30 / 40, MISSED),
        ("0x50", "0x20 10x30", 40 / 50, MISSED),
        ("0x20 10x30", "0x20 10x30", 30 / 50, MISSED),
    ],
)
def test_calls_that_asterisk_refused_did_not_reach_the_number(
    programs: PrometheusPrograms, tmp_path: Path, ours: str, refused: str, share: float, word: int
) -> None:
    """Forty were received; ten of them were not let in, or Asterisk refused ten before, or both."""
    series = {
        'hotline_calls_received_total{line="1567"}': "0x20 40x30",
        'hotline_calls_rejected_total{line="1567",reason="queue_full"}': ours,
        'hotline_trunk_refused_total{status="4xx",kind="media"}': refused,
    }
    legend = "ทุกสาย/all lines"
    says(programs, tmp_path, series, query("cabinet", "let in of all", legend), {"{}": share})
    says(programs, tmp_path, series, query("cabinet", "state", legend), {"{}": word})


def test_few_calls_are_no_share_of_all(programs: PrometheusPrograms, tmp_path: Path) -> None:
    series = {
        'hotline_calls_received_total{line="1567"}': "0x20 9x30",
        'hotline_calls_rejected_total{line="1567",reason="queue_full"}': "0x50",
        'hotline_trunk_refused_total{status="4xx",kind="media"}': "0x20 10x30",
    }
    asked = query("cabinet", "let in of all", "ทุกสาย/all lines")
    says(programs, tmp_path, series, asked, {"{}": FEW})
