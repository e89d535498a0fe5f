"""What callers hear first, and the menu, in the site file: read, drawn, and refused with a line."""

import re
from pathlib import Path

import pytest

from callcenter.config import SiteFileError, parse_site
from callcenter.config.site_drawing import site_drawing
from callcenter.core.ids import LineName, QueueName
from callcenter.core.menu import CallbackStep, CaseStep, MenuStep, StepName, longest_seconds
from callcenter.core.site import Line, Site

SHIPPED = Path(__file__).parents[3] / "dialplans" / "site.toml"
QUEUE = """\
[queues.{name}]
title = "{name}"
waiting_limit = 50
max_wait_seconds = 600
ring_seconds = 20
wrapup_seconds = 0
"""
MENU = """\
[menus.main.steps.language]
prompts = ["own_languages"]
keys.1 = { step = "topic", language = "th" }
keys.2 = { queue = "english", language = "en" }

[menus.main.steps.topic]
prompts = ["menu_choose", "own_topics"]
seconds = 7
plays = 1
barge_in = false
keys.1 = { kind = "complaint", topic = "flood" }
keys."*" = { province = "sisaket", queue = "english" }
keys.9 = { topic = "danger", priority = 9, needs = { rescue = 2 } }
"""
GOOD = f"""\
[lines.1567]
title = "1567"
dids = ["1567"]
queue = "centre"
notice = ["recording_notice"]
greeting = ["greeting", "own_flood"]
menu = "main"

{QUEUE.format(name="centre")}
{QUEUE.format(name="english")}
{MENU}"""


def read(text: str) -> Site:
    return parse_site(text.encode(), "site.toml")


def the_line(site: Site) -> Line:
    return site.lines[LineName("1567")]


def faults_of(text: str) -> list[str]:
    with pytest.raises(SiteFileError) as refused:
        read(text)
    return str(refused.value).split("\n")


def test_prompts_and_menu_of_a_line_are_read() -> None:
    line = the_line(read(GOOD))
    assert line.notice == ("recording_notice",)
    assert line.greeting == ("greeting", "own_flood")
    assert line.menu is not None and line.menu.first == "language", "the first in the file"
    language, topic = line.menu.steps.values()
    assert isinstance(language, MenuStep) and isinstance(topic, MenuStep)
    assert (language.seconds, language.plays, language.barge_in) == (5, 2, True)
    assert (topic.seconds, topic.plays, topic.barge_in) == (7, 1, False)
    assert topic.prompts == ("menu_choose", "own_topics")
    assert language.choices["1"].step == StepName("topic")
    assert language.choices["2"].queue == QueueName("english")
    assert (topic.choices["9"].priority, topic.choices["1"].priority) == (9, 0)
    assert (topic.choices["9"].needs, topic.choices["1"].needs) == ((("rescue", 2),), ())
    assert topic.choices["1"].says == {"kind": "complaint", "topic": "flood"}
    assert topic.choices["*"].says == {"province": "sisaket"}
    assert longest_seconds(line.menu, lambda key: 2.0) == 2 * (2 + 5) + (4 + 7)


def test_without_these_words_a_line_is_as_it_was() -> None:
    plain = re.sub(r"(?m)^(notice|greeting|menu) = .*\n", "", GOOD.split("[menus")[0])
    line = the_line(read(plain))
    assert (line.notice, line.greeting, line.menu) == ((), (), None)


def test_the_example_in_the_shipped_file_is_right() -> None:
    shipped = SHIPPED.read_text()
    example = re.findall(r"(?m)^# ((?:\[menus\.main|prompts =|keys\.|asks =).*)$", shipped)
    assert len(example) == 15
    line = the_line(read(shipped.replace('"damrongdham"\n', '"damrongdham"\nmenu = "main"\n', 1)
                         + "\n" + "\n".join(example)))  # fmt: skip
    assert line.menu is not None
    assert list(line.menu.steps) == ["language", "topic", "case", "callback"]
    assert line.menu.steps[StepName("callback")] == CallbackStep(seconds=5.0)
    assert line.menu.steps[StepName("case")] == CaseStep(seconds=5.0, tries=3)


def test_the_drawing_has_the_menu() -> None:
    drawing = site_drawing(read(GOOD))
    for way in (
        'line-1567(["1567"]) --> step-1567-language',
        'step-1567-language -- "1: language=th" --> step-1567-topic',
        'step-1567-language -- "2: language=en" --> queue-english',
        'step-1567-topic -- "1: kind=complaint, topic=flood" --> queue-centre',
        'step-1567-topic -- "9: topic=danger, priority=9" --> queue-centre',
        'step-1567-topic -. "0, or nothing pressed after 1 plays" .-> queue-centre',
        'queue-english["english<br>',
    ):
        assert way in drawing, way


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        (
            'greeting = ["greeting", "own_flood"]',
            'greeting = ["greating"]',
            'there is no prompt "greating"; did you mean greeting?',
        ),
        ('greeting = ["greeting", "own_flood"]', 'greeting = "greeting"', "accepted: a list of 0"),
        ('menu = "main"', 'menu = "mian"', "there is no table [menus.mian]"),
        ('step = "topic"', 'step = "topics"', "step language, key 1: there is no step topics"),
        ('queue = "english", lang', 'queue = "engl", lang', "key 2: there is no queue engl"),
        (
            'kind = "complaint"',
            'step = "language"',
            "callers would go round for ever (language -> topic -> language)",
        ),
        ('{ step = "topic", ', "{ ", "no key leads to step topic"),
        ("keys.1 = { kind", "keys.0 = { kind", "0 always leads to a person"),
        ("keys.1 = { kind", "keys.10 = { kind", "one of 1 to 9, * and #"),
        ('topic = "flood"', 'topic = "น้ำท่วม"', "accepted: a word of 1 to 32"),
        ('language = "en"', 'language = "fr"', 'accepted: "th" or "en"'),
        ('language = "en"', 'languag = "en"', "there is no such key; did you mean language?"),
        ("seconds = 7", "seconds = 60", "from 1 to 15"),
        ("plays = 1", "plays = 0", "from 1 to 5"),
        ("barge_in = false", 'barge_in = "no"', "accepted: true or false"),
        ('prompts = ["own_languages"]', "prompts = []", "accepted: a list of 1 to 40"),
        ('prompts = ["own_languages"]', "", "is missing"),
        ("seconds = 7", 'asks = "case"', "topic.keys"),
        ("seconds = 7", 'asks = "cases"', 'accepted: "keys" or "case"'),
        (
            'keys.1 = { step = "topic", language = "th" }\nkeys.2 = { queue = "english", '
            'language = "en" }',
            "",
            "step language has no keys",
        ),
        (
            'prompts = ["own_languages"]',
            f"prompts = {['own_languages'] * 10}".replace("'", '"'),
            "a caller could be in the menu for",
        ),
    ],
)
def test_a_menu_that_cannot_be_used_is_refused_with_a_sentence(
    was: str, becomes: str, told: str
) -> None:
    assert GOOD.count(was) == 1
    faults = faults_of(GOOD.replace(was, becomes))
    assert any(told in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("tries = 9", "from 1 to 5"),
        ("seconds = 1", "from 2 to 15"),
        ("plays = 2", "there is no such key"),
        ('prompts = ["case_numbre"]', "did you mean case_number?"),
        ("tries = 5\nseconds = 15", "a caller could be in the menu for"),
    ],
)
def test_a_case_step_that_cannot_be_used_is_refused_with_a_sentence(line: str, told: str) -> None:
    asking = 'keys.8 = { step = "case" }\n[menus.main.steps.case]\nasks = "case"\n'
    assert the_line(read(GOOD + asking)).menu
    faults = faults_of(GOOD + asking + line)
    assert any(told in fault for fault in faults), faults


def test_the_drawing_says_what_becomes_of_who_asks_for_a_case() -> None:
    asking = 'keys.8 = { step = "case" }\n[menus.main.steps.case]\nasks = "case"\n'
    drawing = site_drawing(read(GOOD + asking))
    for way in (
        'step-1567-topic -- "8" --> step-1567-case',
        'step-1567-case -- "the state is told: 0" --> queue-centre',
        'step-1567-case -. "no case after 3 numbers, *" .-> queue-centre',
        'step-1567-case -- "the state is told" --> step-1567-case-goodbye((goodbye))',
    ):
        assert way in drawing, way


def test_a_fault_names_the_line_of_its_step() -> None:
    [fault] = faults_of(GOOD.replace('step = "topic"', 'step = "topics"'))[:1]
    step = GOOD.split("\n").index("[menus.main.steps.language]") + 1
    assert fault.startswith(f"site.toml:{step}: menus.main.steps.language: ")


@pytest.mark.parametrize("table", ["[menus.main]", "[menus.main]\nsteps = 5", "[menus]\nmain = 1"])
def test_a_menu_of_another_shape_is_refused(table: str) -> None:
    assert faults_of(GOOD.replace(MENU, table))


def test_a_step_that_tells_callbacks_has_no_keys_and_is_not_the_first() -> None:
    alone = '[menus.calls.steps.state]\nasks = "callback"\n'
    [fault] = faults_of(GOOD + alone)
    assert "cannot be the first" in fault
    [fault] = faults_of(
        GOOD
        + '[menus.calls.steps.a]\nprompts = ["greeting"]\nkeys.1 = { step = "state" }\n'
        + alone
        + 'keys.1 = { topic = "flood" }\n'
    )
    assert "keys" in fault
