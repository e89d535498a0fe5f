"""The rules of a queue for new callers in a site file."""

import pytest

from callcenter.config import SiteFileError
from callcenter.config.site_drawing import site_drawing
from callcenter.config.site_file import parse_site
from callcenter.core.ids import QueueName
from callcenter.core.outcome import Diversion
from callcenter.core.overflow_rule import OverflowRule, OverflowTo

CENTRE, GCC = QueueName("centre"), QueueName("gcc")
LIMITS = "waiting_limit = 50\nmax_wait_seconds = 600\nring_seconds = 20\nwrapup_seconds = 0\n"


def text(*rules: str, other: str = "", callbacks: str = 'prefixes = ["08"]') -> bytes:
    """Two hotlines; the rules are of the queue `centre`, `other` belongs to `gcc`."""
    lines = "".join(
        f'[lines.{name}]\ntitle = "{name}"\ndids = ["{name}"]\nqueue = "{queue}"\n'
        for name, queue in (("1567", "centre"), ("1111", "gcc"))
    )
    tables = "".join(f"[[queues.centre.overflow]]\n{rule}\n" for rule in rules)
    centre = f'[queues.centre]\ntitle = "Centre"\n{LIMITS}{tables}'
    back = f"[callbacks]\n{callbacks}\n"
    return f'{lines}{centre}[queues.gcc]\ntitle = "GCC"\n{LIMITS}{other}\n{back}'.encode()


def test_rules_are_read_in_their_order_and_drawn() -> None:
    site = parse_site(
        text(
            'when = "length"\nover = 40\nto = "callback"',
            'when = "expected"\nover = 300\nto = "line"\nline = "1111"',
            'when = "no_staff"\nto = "message"\nmessage = ["own_sorry"]',
        ),
        "site.toml",
    )
    assert site.queues[CENTRE].overflow_rules == (
        OverflowRule(when=Diversion.LENGTH, to=OverflowTo.CALLBACK, over=40.0),
        OverflowRule(when=Diversion.EXPECTED, to=OverflowTo.QUEUE, over=300.0, queue=GCC),
        OverflowRule(when=Diversion.NO_STAFF, to=OverflowTo.MESSAGE, message=("own_sorry",)),
    )
    drawn = site_drawing(site)
    assert '"rule 1. more than 40 in line: a callback is offered" .-> queue-centre' in drawn
    assert '"rule 2. more than 300 s expected" .-> queue-gcc' in drawn
    assert '"rule 3. nobody on duty: own_sorry" .-> out' in drawn
    assert site.queues[GCC].overflow_rules == ()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('when = "often"\nto = "callback"', '"length" or "expected" or "no_staff"'),
        ('when = "length"\nto = "callback"', 'needs "over": how many callers'),
        ('when = "expected"\nto = "callback"', 'needs "over": how many seconds'),
        ('when = "length"\nover = 2.5\nto = "callback"', "accepted: a whole number"),
        ('when = "length"\nover = 51\nto = "callback"', "at most waiting_limit, which is 50"),
        ('when = "expected"\nover = 601\nto = "callback"', "at most max_wait_seconds"),
        ('when = "no_staff"\nover = 3\nto = "callback"', '"over" is not for when = "no_staff"'),
        ('when = "no_staff"\nto = "queue"', 'to = "queue" needs "queue"'),
        ('when = "no_staff"\nto = "message"', 'to = "message" needs "message"'),
        ('when = "no_staff"\nto = "line"', 'to = "line" needs "line"'),
        ('when = "no_staff"\nto = "line"\nline = "1669"', "lines of this file: 1567, 1111"),
        ('when = "no_staff"\nto = "queue"\nqueue = "gc"', "queues of this file: centre, gcc"),
        (
            'when = "no_staff"\nto = "queue"\nqueue = "centre"',
            "does not send its callers to itself",
        ),
        ('when = "no_staff"\nto = "line"\nline = "1567"', "does not send its callers to itself"),
        ('when = "no_staff"\nto = "callback"\nqueue = "gcc"', '"queue" is for to = "queue" only'),
        ('when = "no_staff"\nto = "callback"\nwhere = "gcc"', "there is no such key"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line_and_a_sentence(rule: str, said: str) -> None:
    with pytest.raises(SiteFileError) as caught:
        parse_site(text(rule), "site.toml")
    assert said in str(caught.value)
    assert "queues.centre.overflow[1]" in str(caught.value)


def test_where_nobody_is_called_no_callback_can_be_offered() -> None:
    with pytest.raises(SiteFileError, match="nobody could be called back"):
        parse_site(text('when = "no_staff"\nto = "callback"', callbacks=""), "site.toml")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("choose_hour = true", "nobody is called back, at no hour"),
        ('prefixes = ["08"]\nchoose_hour = "yes"', "accepted: true or false"),
    ],
)
def test_an_hour_can_be_chosen_only_where_somebody_is_called(setting: str, said: str) -> None:
    with pytest.raises(SiteFileError, match=said):
        parse_site(text(callbacks=setting), "site.toml")
    read = parse_site(text(callbacks='prefixes = ["08"]\nchoose_hour = true'), "site.toml")
    assert read.callbacks.choose_hour


@pytest.mark.parametrize(
    ("setting", "queue", "said"),
    [
        ('first = "operator"', "", "nobody is called back: list the numbers"),
        ('prefixes = ["08"]\nfirst = "both"', "", 'accepted: "citizen" or "operator"'),
        ('prefixes = ["08"]', 'callback_first = "nobody"', 'or "citizen" or "operator"'),
        ("", 'callback_first = "operator"', "nobody could be called back"),
    ],
)
def test_whom_a_callback_rings_first_is_refused_where_it_makes_no_sense(
    setting: str, queue: str, said: str
) -> None:
    with pytest.raises(SiteFileError) as caught:
        parse_site(text(callbacks=setting, other=queue), "site.toml")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("first", "own", "both"),
    [
        ("", "", (False, False)),
        ('first = "operator"', "", (True, True)),
        ('first = "operator"', 'callback_first = "citizen"', (True, False)),
        ("", 'callback_first = "operator"', (False, True)),
        ("", 'callback_first = "as_callbacks"', (False, False)),
    ],
)
def test_whom_a_callback_rings_first(first: str, own: str, both: tuple[bool, bool]) -> None:
    read = parse_site(text(callbacks=f'prefixes = ["08"]\n{first}', other=own), "site.toml")
    assert tuple(rules.operator_first for rules in read.queues.values()) == both


def test_what_a_message_leaves_nobody_for_is_refused() -> None:
    message = 'to = "message"\nmessage = ["own_sorry"]'
    first, later = f'when = "length"\nover = 10\n{message}', 'when = "length"\nover = 20'
    with pytest.raises(SiteFileError, match="rule 1 sends all of these away"):
        parse_site(text(first, f'{later}\nto = "callback"'), "site.toml")
    assert parse_site(text(f'{later}\nto = "callback"', first), "site.toml")


def test_two_queues_may_send_callers_to_each_other_and_no_longer_circle() -> None:
    to_gcc = 'when = "length"\nover = 10\nto = "queue"\nqueue = "gcc"'
    assert parse_site(text(to_gcc, other='overflow_queue = "centre"'), "site.toml")
    third = f'[queues.night]\ntitle = "N"\n{LIMITS}overflow_queue = "centre"\n'
    with pytest.raises(SiteFileError, match="callers would go round"):
        parse_site(text(to_gcc, other=f'overflow_queue = "night"\n{third}'), "site.toml")


def test_where_nobody_is_on_duty_queues_stand_in_for_each_other_in_a_ring() -> None:
    """As neighbours do: callers go only to where somebody is."""
    to_gcc = 'when = "no_staff"\nto = "queue"\nqueue = "gcc"'
    third = f'[queues.night]\ntitle = "N"\n{LIMITS}overflow_queue = "centre"\n'
    assert parse_site(text(to_gcc, other=f'overflow_queue = "night"\n{third}'), "site.toml")


def test_not_more_than_ten_rules() -> None:
    rule = 'when = "no_staff"\nto = "callback"'
    with pytest.raises(SiteFileError, match="1 to 10 tables"):
        parse_site(text(*[rule] * 11), "site.toml")
