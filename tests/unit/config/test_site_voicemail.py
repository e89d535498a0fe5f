"""Which callers are asked for a message, in a site file: read, and refused with a line."""

import pytest

from callcenter.config import SiteFileError, parse_site
from callcenter.core.ids import LineName, QueueName
from callcenter.core.menu import MenuStep, StepName
from callcenter.core.site import Site

CENTRE = QueueName("centre")
LIMITS = "waiting_limit = 50\nmax_wait_seconds = 600\nring_seconds = 20\nwrapup_seconds = 0\n"
ASKED = 'voicemail = ["voicemail"]\n'
BY_RULE = '[[queues.centre.overflow]]\nwhen = "no_staff"\nto = "voicemail"\n'
GIVE = 'takes no messages; give it voicemail = ["voicemail"], which callers hear before the tone'


def text(*, centre: str = "", other: str = "", key: str = "", tables: str = "") -> str:
    """Two queues and a line, whose menu is there if its key 1 means something. `tables`: what
    comes after the table of the queue `centre`."""
    line = '[lines.1567]\ntitle = "1567"\ndids = ["1567"]\nqueue = "centre"\n'
    menu = ""
    if key:
        line += 'menu = "main"\n'
        menu = (
            f'[menus.main.steps.choose]\nprompts = ["own_choose"]\nkeys.1 = {{ {key} }}\n'
            'keys.2 = { step = "more" }\n'
            '[menus.main.steps.more]\nprompts = ["own_more"]\nkeys.1 = { kind = "complaint" }\n'
        )
    return (
        f'{line}{menu}[queues.centre]\ntitle = "Centre"\n{LIMITS}{centre}{tables}'
        f'[queues.gcc]\ntitle = "GCC"\n{LIMITS}{other}'
    )


def read(site_file: str) -> Site:
    return parse_site(site_file.encode(), "site.toml")


def refused(site_file: str) -> str:
    with pytest.raises(SiteFileError) as caught:
        read(site_file)
    return str(caught.value)


def line_of(word: str, site_file: str) -> int:
    """The number of the line in which the word is."""
    [number] = [n for n, one in enumerate(site_file.split("\n"), 1) if word in one]
    return number


def test_callers_can_be_asked_after_the_wait_by_a_rule_and_by_a_key() -> None:
    site = read(text(centre=ASKED, key="voicemail = true", tables=BY_RULE))
    assert site.queues[CENTRE].voicemail == ("voicemail",)
    assert site.queues[QueueName("gcc")].voicemail == ()
    menu = site.lines[LineName("1567")].menu
    assert menu is not None
    step = menu.steps[StepName("choose")]
    assert isinstance(step, MenuStep) and step.choices["1"].voicemail


def test_after_the_longest_wait_there_is_one_thing_to_hear() -> None:
    wrong = text(centre=ASKED, other='voicemail = ["voicemail"]\noverflow_message = ["own_sorry"]')
    told = refused(wrong)
    assert "callers are asked for a message after the longest wait; leave one of both out" in told
    assert f"site.toml:{line_of('overflow_message', wrong)}: " in told and "queues.gcc" in told
    assert read(text(centre=ASKED, other='overflow_message = ["own_sorry"]'))


def test_a_rule_needs_a_queue_that_takes_messages() -> None:
    wrong = text(other=ASKED, tables=BY_RULE)
    told = refused(wrong)
    assert f'queue "centre" {GIVE}' in told
    assert (
        f"site.toml:{line_of('to = ', wrong)}: " in told and "queues.centre.overflow[1].to" in told
    )
    assert read(text(centre=ASKED, tables=BY_RULE))


@pytest.mark.parametrize(
    ("key", "queue"),
    [("voicemail = true", "centre"), ('voicemail = true, queue = "gcc"', "gcc")],
)
def test_a_key_needs_a_queue_that_takes_messages(key: str, queue: str) -> None:
    """That of the line, or the one that the key names."""
    both = {"centre": ("centre", "other"), "gcc": ("other", "centre")}
    takes, other = both[queue]
    wrong = text(key=key, **{other: ASKED})
    told = refused(wrong)
    assert f'queue "{queue}" of line "1567" {GIVE}' in told
    assert f"site.toml:{line_of('voicemail = true', wrong)}: " in told
    assert "menus.main.steps.choose.keys.1.voicemail" in told
    assert read(text(key=key, **{takes: ASKED}))


def test_a_key_does_not_lead_to_a_step_and_to_a_message() -> None:
    wrong = text(centre=ASKED, key='voicemail = true, step = "more"')
    told = refused(wrong)
    assert "leads to a step and to a message; leave one out" in told
    assert f"site.toml:{line_of('voicemail = true', wrong)}: " in told


@pytest.mark.parametrize(
    ("was", "said"),
    [
        ("voicemail = true", "accepted"),
        ('voicemail = ["voicemal"]', 'there is no prompt "voicemal"; did you mean voicemail?'),
        (f"voicemail = {['voicemail'] * 6}", "accepted: a list of 0 to 5"),
    ],
)
def test_what_is_said_before_the_tone_is_a_list_of_prompts(was: str, said: str) -> None:
    told = refused(text(centre=f"{was}\n"))
    assert said in told and "queues.centre" in told


@pytest.mark.parametrize(
    "setting", ["longest_seconds = 0", "silence_seconds = 0", "silence_second = 5"]
)
def test_limits_of_messages_that_make_no_sense(setting: str) -> None:
    told = refused(text(centre=ASKED) + f"\n[voicemail]\n{setting}\n")
    assert f"voicemail.{setting.split(' ')[0]}" in told
