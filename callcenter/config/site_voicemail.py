"""Checks of a site file: callers can leave a message wherever the file says so, and it is heard."""

from collections.abc import Iterator, Mapping

from callcenter.config.site_faults import Faults
from callcenter.config.site_values import Value
from callcenter.config.toml_lines import Path
from callcenter.core.ids import QueueName
from callcenter.core.menu import Choice, Menu, MenuStep
from callcenter.core.overflow_rule import OverflowRule, OverflowTo

Tables = Mapping[str, Mapping[str, Value]]
_NONE = "takes no messages"
_GIVE = 'give it voicemail = ["voicemail"], which callers hear before the tone'


def check_voicemail(
    faults: Faults,
    lines: Tables,
    queues: Tables,
    rules: Mapping[str, tuple[OverflowRule, ...]],
    menus: Mapping[str, Menu | None],
) -> None:
    """Add every fault."""
    for name, queue in queues.items():
        if queue["voicemail"] and queue["overflow_message"]:
            found = "callers are asked for a message after the longest wait; leave one of both out"
            faults.say(("queues", name, "overflow_message"), name, found)
        for number, rule in enumerate(rules[name]):
            if rule.to is OverflowTo.VOICEMAIL and not queue["voicemail"]:
                path: Path = ("queues", name, "overflow", number, "to")
                faults.say(path, str(rule.to), f'queue "{name}" {_NONE}; {_GIVE}')
    for line, fields in lines.items():
        menu = menus.get(str(fields["menu"]))
        for path, choice in _keys(str(fields["menu"]), menu):
            queue_name = choice.queue or QueueName(str(fields["queue"]))
            if queue_name in queues and not queues[queue_name]["voicemail"]:
                whose = f'queue "{queue_name}" of line "{line}"'
                faults.say(path, "true", f"{whose} {_NONE}; {_GIVE}")
    for name, menu in menus.items():
        for path, choice in _keys(name, menu):
            if choice.step is not None:
                faults.say(path, "true", "leads to a step and to a message; leave one out")


def _keys(name: str, menu: Menu | None) -> Iterator[tuple[Path, Choice]]:
    for step_name, step in menu.steps.items() if menu else ():
        if isinstance(step, MenuStep):
            for key, choice in step.choices.items():
                if choice.voicemail:
                    yield ("menus", name, "steps", step_name, "keys", key, "voicemail"), choice
