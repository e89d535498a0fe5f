"""A right site file becomes a Site; a wrong one is refused with every fault and its line."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.config import SiteFileError, load_site, parse_site
from callcenter.config.site_drawing import site_drawing
from callcenter.core.ids import LineName, QueueName
from callcenter.core.site import QueueRules, Telling

SHIPPED = Path(__file__).parents[3] / "dialplans" / "site.toml"

GOOD = """\
[lines.1567]
title = "1567 ศูนย์ดำรงธรรม"
dids = ["๑๕๖๗", "045-614545"]
queue = "centre"

[queues.centre]
title = "Centre"
waiting_limit = 50
max_wait_seconds = 600
ring_seconds = 20
wrapup_seconds = 0
"""


def faults_of(text: str | bytes) -> list[str]:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(SiteFileError) as refused:
        parse_site(raw, "site.toml")
    return str(refused.value).split("\n")


def test_the_shipped_file_has_the_three_published_lines() -> None:
    site = load_site(SHIPPED)
    assert list(site.lines) == ["1567", "1111", "045-614545"]
    for did, line in (("1567", "1567"), ("1111", "1111"), ("045614545", "045-614545")):
        assert site.line_of_did[did].name == line
    assert all(line.queue in site.queues for line in site.lines.values())


def test_a_short_file_gets_the_defaults_and_thai_digits_become_ascii() -> None:
    site = parse_site(GOOD.encode(), "site.toml")
    line = site.lines[LineName("1567")]
    assert line.dids == ("1567", "045614545")
    assert (line.priority, line.language) == (0, "th")
    assert set(site.line_of_did) == {"1567", "045614545"}
    queue = site.queues[QueueName("centre")]
    assert (queue.short_abandon_seconds, queue.overflow_queue, queue.wrapup_seconds) == (5, None, 0)
    assert (site.pauses.declined_seconds, site.bridge_seconds, site.leave_seconds) == (10, 4, 60)
    assert {name: trunk.channels for name, trunk in site.trunks.items()} == {"trunk": 0}


def test_the_strategy_of_a_queue_is_read_and_a_wrong_one_refused() -> None:
    assert parse_site(GOOD.encode(), "x").queues[QueueName("centre")].strategy == "longest_idle"
    text = GOOD.replace("ring_seconds", 'strategy = "round_robin"\nring_seconds')
    assert parse_site(text.encode(), "x").queues[QueueName("centre")].strategy == "round_robin"
    (fault,) = faults_of(text.replace("round_robin", "ring_all"))
    assert '"longest_idle" or "fewest_calls" or "least_occupied"' in fault


def test_several_phones_at_once_are_read_and_bad_numbers_refused() -> None:
    text = GOOD.replace("ring_seconds", 'strategy = "ring_several"\nring_seconds')
    centre = parse_site(text.encode(), "x").queues[QueueName("centre")]
    assert (centre.strategy, centre.ring_at_once) == ("ring_several", 3)
    five = text.replace("ring_seconds", "ring_at_once = 5\nring_seconds")
    assert parse_site(five.encode(), "x").queues[QueueName("centre")].ring_at_once == 5
    for bad in ("1", "11", "2.5", '"three"'):
        (fault,) = faults_of(five.replace("at_once = 5", f"at_once = {bad}"))
        assert "ring_at_once" in fault and "2 to 10" in fault, fault
    (fault,) = faults_of(five.replace("ring_several", "longest_idle"))
    assert 'is for strategy = "ring_several" only' in fault
    assert parse_site(GOOD.encode(), "x").queues[QueueName("centre")].ring_at_once == 1


def test_the_weight_of_waiting_is_read_and_never_nothing() -> None:
    site = parse_site((GOOD + "[calls]\naging_seconds = 60\n").encode(), "site.toml")
    assert site.aging_seconds == 60
    assert site.operators_raise
    assert (site.park.seconds, site.park.places) == (120.0, 20)
    site = parse_site((GOOD + '[calls]\noperators_raise = "no"\n').encode(), "site.toml")
    assert not site.operators_raise
    (fault,) = faults_of(GOOD + "[calls]\naging_seconds = 0\n")
    assert "a number of seconds from 10 to 3600" in fault


def test_what_a_line_needs_is_read_in_order_and_how_it_relaxes() -> None:
    text = GOOD.replace('queue = "centre"', 'queue = "centre"\nneeds = { law = 1, english = 3 }', 1)
    site = parse_site((text + "[calls]\nrelax_seconds = 45\n").encode(), "site.toml")
    assert site.lines[LineName("1567")].needs == (("english", 3), ("law", 1))
    assert site.line_of_did["1567"].needs == (("english", 3), ("law", 1))
    assert site.relax_seconds == 45
    plain = parse_site(GOOD.encode(), "site.toml")
    assert (plain.lines[LineName("1567")].needs, plain.relax_seconds) == ((), 30)
    (fault,) = faults_of(GOOD + "[calls]\nrelax_seconds = 0\n")
    assert "a number of seconds from 5 to 600" in fault


@pytest.mark.parametrize(
    "wrong",
    [
        '"english"',
        "{ english = 0 }",
        "{ english = 6 }",
        "{ english = 1.5 }",
        "{ english = true }",
        '{ english = "3" }',
        "{ English = 3 }",
        '{ "ภาษาอังกฤษ" = 3 }',
        "{ " + ", ".join(f"s{number} = 1" for number in range(21)) + " }",
    ],
)
def test_needs_that_are_none_are_refused_with_a_sentence(wrong: str) -> None:
    [fault] = faults_of(GOOD.replace('queue = "centre"', f'queue = "centre"\nneeds = {wrong}', 1))
    assert "lines.1567.needs: found " in fault
    assert fault.endswith(
        "accepted: a table of at most 20 skills and their levels, 1 to 5, such as { english = 3 }; "
        "a skill is 1 to 32 of a-z 0-9 _ -, the first a letter or digit"
    )


def test_the_language_of_a_line_is_read() -> None:
    text = GOOD.replace('queue = "centre"', 'queue = "centre"\nlanguage = "en"')
    site = parse_site(text.encode(), "site.toml")
    assert site.lines[LineName("1567")].language == "en"
    [fault] = faults_of(text.replace('"en"', '"de"'))
    assert fault.endswith('lines.1567.language: found "de"; accepted: "th" or "en"')


def test_the_size_of_each_trunk_is_read() -> None:
    text = GOOD + "[trunks.trunk]\nchannels = 30\n[trunks.nt-02]\n"
    site = parse_site(text.encode(), "site.toml")
    assert {name: trunk.channels for name, trunk in site.trunks.items()} == {
        "trunk": 30,
        "nt-02": 0,
    }


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "ring_seconds = 20",
            "ring_secs = 20",
            "site.toml:10: queues.centre.ring_secs: there is no such key; did you mean "
            "ring_seconds?",
        ),
        (
            "waiting_limit = 50",
            "waiting_limit = 0",
            "site.toml:8: queues.centre.waiting_limit: found 0; accepted: a whole number of "
            "callers from 1 to 10000 (what one Asterisk plays music to)",
        ),
        (
            "waiting_limit = 50",
            'waiting_limit = "50"',
            'site.toml:8: queues.centre.waiting_limit: found "50"; accepted: a whole number of '
            "callers from 1 to 10000",
        ),
        (
            "max_wait_seconds = 600",
            "max_wait_seconds = true",
            "site.toml:9: queues.centre.max_wait_seconds: found true; accepted: a number of "
            "seconds from 5 to 14400",
        ),
        (
            "ring_seconds = 20",
            "ring_seconds = nan",
            "site.toml:10: queues.centre.ring_seconds: found nan; accepted: a number of seconds "
            "from 3 to 120 (a phone needs 3 s to ring; 2 min helps nobody)",
        ),
        (
            'queue = "centre"',
            'queue = "center"',
            'site.toml:4: lines.1567.queue: there is no queue "center"; did you mean centre? '
            "Queues of this file: centre",
        ),
        (
            '"045-614545"]',
            "45614545]",
            "site.toml:3: lines.1567.dids[2]: found 45614545; accepted: a text of 2 to 20 digits "
            'such as "1567" or "+6645614545" (put it in quotes)',
        ),
        (
            "[queues.centre]",
            '[lines.1111]\ntitle = "1111"\ndids = ["+66 45 614545"]\nqueue = "centre"\n\n'
            "[queues.centre]",
            'site.toml:8: lines.1111.dids[1]: "045614545" is already a number of line 1567 (on '
            "line 3 of this file); keep it in one of the two",
        ),
        (
            "[queues.centre]",
            "[trunks.trunk]\nchannels = -1\n[queues.centre]",
            "site.toml:7: trunks.trunk.channels: found -1; accepted: a whole number of calls from "
            "0 to 20000 (what one SIP host carries)",
        ),
        (
            "[queues.centre]",
            "[trunks]\n[queues.centre]",
            "site.toml:6: trunks: found nothing; accepted: at least one table [trunks.NAME]: a "
            "site has a trunk",
        ),
        (
            "[queues.centre]",
            "[queues.Centre]",
            'site.toml:6: queues.Centre: found "Centre"; accepted: a name of a queue: 1 to 32 of '
            "a-z 0-9 _ -, the first a letter or digit",
        ),
        (
            "ring_seconds = 20",
            'ring_seconds = 20\noverflow_queue = "centre"',
            "site.toml:11: queues.centre.overflow_queue: callers would go round (centre "
            "-> centre); leave one overflow_queue or rule out",
        ),
        (
            'title = "Centre"',
            'title = "a\\nb"',
            'site.toml:7: queues.centre.title: found "a\\nb"; accepted: 1 to 64 characters on one '
            'line that can be seen, without " < > \\',
        ),
        (
            'title = "Centre"',
            'title = "a\\u202eb"',
            'site.toml:7: queues.centre.title: found "a\\u202eb"; accepted: 1 to 64 characters on '
            'one line that can be seen, without " < > \\',
        ),
        (
            "[lines.1567]",
            "[pauses]\nbusy_second = 1\n[lines.1567]",
            "site.toml:2: pauses.busy_second: there is no such key; did you mean busy_seconds?",
        ),
    ],
)
def test_each_fault_is_told_with_line_field_found_and_accepted(
    old: str, new: str, fault: str
) -> None:
    assert old in GOOD
    assert fault in faults_of(GOOD.replace(old, new))


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace("queue =", "que =")
        .replace("ring_seconds = 20", "ring_seconds = -1")
        .replace("waiting_limit", "waiting_limits")
    )
    told = faults_of(text + "[pause]\n")
    where = [line.split(": ")[:2] for line in told]
    assert where == [
        ["site.toml:1", "lines.1567.queue"],
        ["site.toml:4", "lines.1567.que"],
        ["site.toml:6", "queues.centre.waiting_limit"],
        ["site.toml:8", "queues.centre.waiting_limits"],
        ["site.toml:10", "queues.centre.ring_seconds"],
        ["site.toml:12", "pause"],
    ]


def test_an_overflow_loop_of_three_is_told_once() -> None:
    body = GOOD.partition("[queues.centre]\n")[2]
    text = GOOD + 'overflow_queue = "b"\n'
    text += f'[queues.b]\n{body}overflow_queue = "c"\n'
    text += f'[queues.c]\n{body}overflow_queue = "centre"\n'
    told = faults_of(text)
    assert len(told) == 1
    assert "(centre -> b -> c -> centre)" in told[0]


def test_two_queues_may_be_the_overflow_of_each_other() -> None:
    body = GOOD.partition("[queues.centre]\n")[2]
    text = GOOD + 'overflow_queue = "b"\n' + f'[queues.b]\n{body}overflow_queue = "centre"\n'
    assert _centre(text).overflow_queue == "b"
    assert "queue-b --" in site_drawing(parse_site(text.encode(), "x"))
    text += f'[queues.c]\n{body}overflow_queue = "centre"\n'
    assert _centre(text).overflow_queue == "b", "a third one leads to the two"


def test_the_message_after_the_longest_wait_is_read_drawn_and_refused() -> None:
    assert _centre(GOOD).overflow_message == ()
    text = GOOD + 'overflow_message = ["own_sorry", "own_web"]\n'
    assert _centre(text).overflow_message == ("own_sorry", "own_web")
    assert '"after 600 s: own_sorry, own_web" --> out' in site_drawing(
        parse_site(text.encode(), "x")
    )
    for wrong in ('"own_sorry"', '["../x"]', '["a&b"]', '["a", "b", "c", "d", "e", "f"]'):
        told = faults_of(GOOD + f"overflow_message = {wrong}\n")
        assert told and all("queues.centre.overflow_message" in fault for fault in told)
        assert any("prompt" in fault for fault in told), told


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"\xff\xfeh", "site.toml:1: is not UTF-8 (byte 0xff): save it as UTF-8 in your editor"),
        (b"[a]\nb = \n", "site.toml:2: is not TOML: invalid value"),
        (b"[a]\n\nb = [1,\n", "site.toml:4: is not TOML: invalid value"),
        (b"[a]\n[a]\n", "site.toml:2: is not TOML: cannot declare ('a',) twice"),
        (b"lines = 3\n", "site.toml:1: lines: found 3; accepted: a table [lines]"),
        (b"x" * 1_000_001, "site.toml:1: is 1000001 bytes long; a site file has at most 1000000"),
    ],
)
def test_what_is_no_site_file_at_all_is_refused(raw: bytes, fault: str) -> None:
    assert fault in faults_of(raw)


def test_an_empty_file_lacks_lines_and_queues() -> None:
    assert [line.split(":")[2] for line in faults_of("# nothing\n")] == [" queues", " lines"]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match="CALLCENTER_SITE_FILE"):
        load_site(tmp_path / "none.toml")


def test_a_windows_file_with_a_mark_and_carriage_returns_is_read() -> None:
    text = "\ufeff" + GOOD.replace("\n", "\r\n")
    assert parse_site(text.encode(), "site.toml").lines
    wrong = text.replace("ring_seconds", "ring_second")
    assert any(
        line.startswith("site.toml:10: queues.centre.ring_second:") for line in faults_of(wrong)
    )


@settings(max_examples=300)
@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace"))
)
def test_no_bytes_at_all_crash_the_reader(raw: bytes) -> None:
    with pytest.raises(SiteFileError):
        parse_site(raw, "site.toml")


JUNK = st.recursive(
    st.sampled_from(["1", "-1", "1.5", '"x"', "true", "nan", "1979-05-27", '"""a\nb"""', "'๑'"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=5,
)


@settings(max_examples=300)
@given(
    number=st.integers(0, len(GOOD.splitlines()) - 1),
    junk=JUNK,
)
def test_a_line_with_junk_is_blamed_on_that_line_or_is_fine(number: int, junk: str) -> None:
    lines = GOOD.splitlines()
    key, separator, _ = lines[number].partition(" = ")
    if not separator:
        return
    lines[number] = f"{key} = {junk}"
    try:
        parse_site("\n".join(lines).encode(), "site.toml")
    except SiteFileError as refused:
        assert {fault.line for fault in refused.faults} == {number + 1}


def test_neighbours_are_queues_of_the_file_each_once_and_another() -> None:
    body = GOOD.partition("[queues.centre]\n")[2]
    two = GOOD + f'neighbours = ["b"]\n[queues.b]\n{body}neighbours = ["centre"]\n'
    queues = parse_site(two.encode(), "site.toml").queues
    assert queues[QueueName("centre")].neighbours == ("b",)
    assert queues[QueueName("b")].neighbours == ("centre",), "of each other"

    for listed, told in (
        ('["c"]', 'there is no queue "c"; Queues of this file: centre, b'),
        ('["centre"]', "a queue is no neighbour of itself; take it out of the list"),
        ('["b", "b"]', "accepted: a list of at most 5 names of queues of this file, each once"),
        ('"b"', 'found "b"; accepted: a list of at most 5 names of queues of this file'),
        ("[1]", "accepted: a list of at most 5 names of queues of this file"),
    ):
        text = two.replace('neighbours = ["b"]', f"neighbours = {listed}")
        assert any(told in fault for fault in faults_of(text)), faults_of(text)


def test_a_length_to_overflow_at_needs_a_queue_to_overflow_to_and_lies_below_the_limit() -> None:
    told = faults_of(GOOD + "overflow_at_waiting = 1001\n")
    assert [fault.partition(": ")[2] for fault in told] == [
        "queues.centre.overflow_at_waiting: there is no overflow_queue where they could go; give "
        "it one",
        "queues.centre.overflow_at_waiting: found 1001; accepted: at most waiting_limit, which is "
        "50",
    ]


def _centre(text: str) -> QueueRules:
    return parse_site(text.encode(), "site.toml").queues[QueueName("centre")]


def test_what_callers_are_told_of_the_wait_is_read() -> None:
    assert _centre(GOOD).telling is None
    text = GOOD + 'tell = "both"\ntell_first_seconds = 30\ntell_every_seconds = 45\n'
    both = Telling(place=True, wait=True, first_seconds=30.0, every_seconds=45.0)
    assert _centre(text).telling == both
    place = _centre(GOOD + 'tell = "place"\n').telling
    assert place == Telling(place=True, wait=False)


def test_a_wait_that_nobody_would_hear_of_is_refused() -> None:
    late = GOOD.replace("max_wait_seconds = 600", "max_wait_seconds = 60")
    told = " ".join(
        faults_of(late + 'tell = "wait"\ntell_first_seconds = 60\ntell_every_seconds = 5\n')
    )
    assert "nobody waits so long here: max_wait_seconds is 60" in told
    assert "a number of seconds from 15 to 1800" in told
    assert '"nothing" or "place" or "wait" or "both"' in faults_of(GOOD + 'tell = "all"\n')[0]


def test_an_expected_wait_to_overflow_at_needs_a_queue_and_is_below_the_longest() -> None:
    told = " ".join(faults_of(GOOD + "overflow_at_expected_seconds = 600\n"))
    assert "there is no overflow_queue where they could go; give it one" in told
    assert "found 600; accepted: less than max_wait_seconds, which is 600" in told


def test_the_drawing_has_every_way_of_a_call() -> None:
    body = GOOD.partition("[queues.centre]\n")[2]
    text = GOOD + 'overflow_queue = "b"\noverflow_at_waiting = 9\nneighbours = ["b"]\n'
    text += f"[queues.b]\n{body}[queues.c]\n{body}"
    site = parse_site(text.encode(), "site.toml")
    drawing = site_drawing(site)
    assert drawing.startswith("flowchart LR\n")
    for way in (
        "--> queue-centre",
        '    queue-centre -. "1. nobody on duty, or closed" .-> queue-b',
        '    queue-centre -- "after 600 s, or when 9 wait" --> queue-b',
        '    queue-b -- "after 600 s" --> out',
    ):
        assert way in drawing
    assert "queue-c[" not in drawing, "nobody comes there"
    assert site_drawing(site, LineName("1567")) == drawing


def test_opening_hours_are_read_and_their_faults_told() -> None:
    hours = '[hours.office]\nweek = ["mon-fri 08:30-12:00 13:00-16:30", "sun 20:00-08:00"]\n'
    text = GOOD + 'hours = "office"\n' + hours + 'days = ["2026-12-31 closed"]\n'
    read = parse_site(text.encode(), "site.toml").queues[QueueName("centre")].hours
    assert read is not None and read.closed_on_holidays
    assert read.week[0] == ((510, 720), (780, 990))
    assert (read.week[5], read.week[6]) == ((), ((1200, 1920),))
    assert read.days == {date(2026, 12, 31): ()}

    for wrong, told in (
        ('"mon-fri"', "accepted: texts such as"),
        ('"moon 08:00-09:00"', "accepted: texts such as"),
        ('"mon 09:00-08:60"', "accepted: texts such as"),
        ('"mon 08:00-10:00 09:00-11:00"', "accepted: texts such as"),
        ('"mon-fri 08:00-09:00", "fri 10:00-11:00"', "fri has its hours already, above"),
    ):
        told_all = faults_of(GOOD + f"[hours.a]\nweek = [{wrong}]\n")
        assert any(told in fault for fault in told_all), told_all
    assert any(
        "there is no table [hours.office]; tables [hours.NAME] of this file: none" in fault
        for fault in faults_of(GOOD + 'hours = "office"\n')
    )
    assert any(
        "days[1]" in fault
        for fault in faults_of(GOOD + '[hours.a]\ndays = ["2026-02-30 closed"]\n')
    )


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ("week = []", 'week: it would never be open; if that is meant, say "mon-sun closed"'),
        (
            'week = ["mon 08:00-09:00"]\ndays = ["2569-12-31 closed"]',
            "days[1]: years are from 2000 to 2099; 2569 of the Buddhist era is 2026",
        ),
        (
            'week = ["mon 08:00-09:00"]\ndays = ["1926-12-31 closed"]',
            "days[1]: years are from 2000 to 2099",
        ),
        (
            'week = []\ndays = ["2026-12-31 closed", "2026-12-31 08:00-09:00"]',
            "days[2]: 2026-12-31 has its hours already, above",
        ),
        ('week = ["mon 08:3\u0e50-09:00"]', "week[1]: found"),
        ('week = ["mon 08:00-09:00"]\ndays = ["2026-W01-1 closed"]', "days[1]: found"),
    ],
)
def test_hours_that_nobody_means_are_refused(hours: str, told: str) -> None:
    faults = faults_of(GOOD + f"[hours.a]\n{hours}\n")
    assert any(f"hours.a.{told}" in fault for fault in faults), faults


@pytest.mark.parametrize(
    "hours", ['week = ["mon-sun closed"]', 'week = []\ndays = ["2026-12-31 08:00-09:00"]']
)
def test_hours_that_are_seldom_may_be_meant(hours: str) -> None:
    parse_site((GOOD + f"[hours.a]\n{hours}\n").encode(), "site.toml")


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ('"2569-12-31 closed"', "days[1]: years are from 2000 to 2099; 2569 of the Buddhist era"),
        ('"2026-12-31 closed", "2026-12-31 08:00-09:00 x1"', "days[2]: 2026-12-31 is planned"),
        ('"2026-12-31 08:00-09:00 x1", "2026-12-31 closed"', "days[2]: 2026-12-31 is planned"),
    ],
)
def test_a_roster_that_nobody_means_is_refused(days: str, told: str) -> None:
    week = 'week = ["mon 08:00-09:00 x1"]'
    faults = faults_of(GOOD + f"[rosters.r]\n{week}\ndays = [{days}]\n")
    assert any(f"rosters.r.{told}" in fault for fault in faults), faults


def test_a_roster_is_read_and_its_faults_told() -> None:
    shifts = (
        '[rosters.r]\nweek = ["mon-fri 08:30-12:00 13:00-16:30 x4", "mon-sun 16:30-08:30 x1"]\n'
    )
    text = GOOD + 'roster = "r"\n' + shifts + 'holidays = []\ndays = ["2026-12-31 closed"]\n'
    roster = parse_site(text.encode(), "site.toml").queues[QueueName("centre")].roster
    assert roster is not None
    assert [shift.people for shift in roster.week[0]] == [4, 1]
    assert [shift.people for shift in roster.week[6]] == [1]
    assert (roster.holidays, roster.days) == ((), {date(2026, 12, 31): ()})

    for wrong in ("mon-fri 08:30-16:30", "mon 08:30-16:30 x0", "mon x2", "mon closed x2"):
        told = faults_of(GOOD + f'[rosters.r]\nweek = ["{wrong}"]\n')
        assert any("rosters.r.week[1]" in fault for fault in told), told
    assert any(
        "there is no table [rosters.r]" in fault for fault in faults_of(GOOD + 'roster = "r"\n')
    )


def test_why_operators_pause_is_in_the_order_of_the_file() -> None:
    reasons = '[pause_reasons.prayer]\nth = "ละหมาด"\nen = "prayer"\n[pause_reasons.break]\n'
    site = parse_site((GOOD + reasons + 'th = "พัก"\nen = "break"\n').encode(), "site.toml")
    assert [each.name for each in site.pause_reasons] == ["prayer", "break"]
    assert site.pause_reasons[0].th == "ละหมาด"
    usual = parse_site(GOOD.encode(), "site.toml").pause_reasons
    assert [each.name for each in usual] == ["break", "lunch", "meeting", "training"]


def test_a_reason_that_the_service_itself_gives_is_no_reason_of_the_site() -> None:
    wrong = GOOD + '[pause_reasons.rona]\nth = "ก"\n'
    with pytest.raises(SiteFileError) as caught:
        parse_site(wrong.encode(), "site.toml")
    assert [fault.field for fault in caught.value.faults] == [
        "pause_reasons.rona",
        "pause_reasons.rona.en",
    ]
