"""Reads the tables [menus.NAME] of a site file: the questions, and where each key leads."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from callcenter.config.site_faults import Faults
from callcenter.config.site_fields import (
    CALLBACK_STEP_FIELDS,
    CASE_STEP_FIELDS,
    CHOICE_FIELDS,
    STEP_FIELDS,
    STEPS_MOST,
)
from callcenter.config.site_values import Value, needs_of, read_fields
from callcenter.config.toml_lines import Path
from callcenter.core.ids import QueueName
from callcenter.core.menu import (
    KEYS,
    CallbackStep,
    CaseStep,
    Choice,
    Menu,
    MenuStep,
    Step,
    StepName,
    longest_seconds,
    wrong_with,
)
from callcenter.prompts.catalogue import longest_seconds as prompt_seconds

LONGEST_SECONDS = 600.0
"""No caller is kept from the queue for longer, whatever they press or do not press."""

WORDS = ("language", "kind", "topic", "province")
CASE, CALLBACK = "case", "callback"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


def read_menu(
    faults: Faults, path: Path, table: Mapping[str, object], queues: frozenset[QueueName]
) -> Menu | None:
    """The menu. Wrong values, dead ends and circles become faults."""
    faults.unknown_keys(path, table, ("first", "steps"))
    steps = dict(_read_steps(faults, (*path, "steps"), table.get("steps")))
    if not steps:
        return None
    first = table.get("first", next(iter(steps)))
    if not isinstance(first, str):
        faults.add((*path, "first"), first, "the name of a step")
        return None
    menu = Menu(first=StepName(first), steps=steps)
    wrong = list(wrong_with(menu, queues))
    for sentence in wrong:
        faults.say(_place(path, sentence, steps), str(path[-1]), sentence)
    if not wrong and (seconds := longest_seconds(menu, prompt_seconds)) > LONGEST_SECONDS:
        found = f"a caller could be in the menu for {seconds:.0f} s; accepted: {LONGEST_SECONDS:g}"
        faults.say(path, f"{seconds:.0f}", f"{found}, with the longest recordings there may be")
    return menu


def _place(path: Path, sentence: str, steps: Mapping[StepName, Step]) -> Path:
    """The table of the step that a sentence is about."""
    named = re.search(r"step ([a-z0-9_-]+)", sentence)
    known = named is not None and named[1] in steps
    return (*path, "steps", named[1]) if named and known else path


def _read_steps(faults: Faults, path: Path, tables: object) -> Iterator[tuple[StepName, Step]]:
    if not isinstance(tables, dict) or not 1 <= len(tables) <= STEPS_MOST:
        faults.add(path, tables, f"1 to {STEPS_MOST} tables [{'.'.join(map(str, path))}.NAME]")
        return
    for name, table in tables.items():
        here = (*path, name)
        if not _NAME.fullmatch(name) or not isinstance(table, dict):
            faults.add(here, name, "a table with a name of a-z 0-9 _ -, the first a letter")
            continue
        if table.get("asks") == CASE:
            fields = read_fields(faults, here, table, CASE_STEP_FIELDS)
            yield StepName(name), _case_step(fields)
            continue
        if table.get("asks") == CALLBACK:
            fields = read_fields(faults, here, table, CALLBACK_STEP_FIELDS)
            yield StepName(name), _callback_step(fields)
            continue
        plain = {key: value for key, value in table.items() if key != "keys"}
        fields = read_fields(faults, here, plain, STEP_FIELDS)
        choices = dict(_read_choices(faults, (*here, "keys"), table.get("keys", {})))
        yield StepName(name), _step(fields, choices)


def _read_choices(faults: Faults, path: Path, tables: object) -> Iterator[tuple[str, Choice]]:
    if not isinstance(tables, dict):
        faults.add(path, tables, "a table of keys")
        return
    for key, table in tables.items():
        if key not in KEYS:
            accepted = "one of 1 to 9, * and #; 0 always leads to a person"
            faults.add((*path, key), key, accepted)
        elif not isinstance(table, dict):
            faults.add((*path, key), table, 'a table such as { step = "topic", language = "th" }')
        else:
            read = read_fields(faults, (*path, key), table, CHOICE_FIELDS)
            yield key, replace(_choice(read), needs=needs_of(table))


def _step(fields: Mapping[str, Value], choices: Mapping[str, Choice]) -> MenuStep:
    prompts = fields["prompts"]
    return MenuStep(
        prompts=prompts if isinstance(prompts, tuple) else (),
        choices=choices,
        seconds=float(fields["seconds"]) if isinstance(fields["seconds"], int | float) else 5.0,
        plays=int(fields["plays"]) if isinstance(fields["plays"], int | float) else 2,
        barge_in=fields["barge_in"] is not False,
    )


def _case_step(fields: Mapping[str, Value]) -> CaseStep:
    prompts, usual = fields["prompts"], CaseStep()
    seconds, tries = fields["seconds"], fields["tries"]
    return CaseStep(
        prompts=prompts if isinstance(prompts, tuple) and prompts else usual.prompts,
        seconds=float(seconds) if isinstance(seconds, int | float) else usual.seconds,
        tries=int(tries) if isinstance(tries, int | float) else usual.tries,
    )


def _callback_step(fields: Mapping[str, Value]) -> CallbackStep:
    seconds, usual = fields["seconds"], CallbackStep()
    return CallbackStep(
        seconds=float(seconds) if isinstance(seconds, int | float) else usual.seconds
    )


def _choice(fields: Mapping[str, Value]) -> Choice:
    step, queue, priority = fields["step"], fields["queue"], fields["priority"]
    return Choice(
        step=StepName(step) if isinstance(step, str) else None,
        queue=QueueName(queue) if isinstance(queue, str) else None,
        priority=int(priority) if isinstance(priority, int | float) else 0,
        voicemail=fields["voicemail"] is True,
        says={word: str(fields[word]) for word in WORDS if fields[word] is not None},
    )
