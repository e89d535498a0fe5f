"""Turns a site file (TOML) into a checked `Site`, or gives every fault in it with its line.

With one fault the whole file is refused, and a running service keeps its present site.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from callcenter.config.site_areas import read_areas
from callcenter.config.site_checks import check_across, check_callbacks, check_ways
from callcenter.config.site_faults import Fault, Faults, SiteFileError
from callcenter.config.site_fields import (
    CALL_FIELDS,
    CALLBACK_FIELDS,
    HOURS_MOST,
    LINE_FIELDS,
    LINES_MOST,
    MENUS_MOST,
    PARK_FIELDS,
    PAUSE_FIELDS,
    QUEUE_FIELDS,
    QUEUES_MOST,
    REASON_FIELDS,
    REASONS_MOST,
    RECORDING_FIELDS,
    TRUNK_FIELDS,
    TRUNKS_MOST,
    VOICEMAIL_FIELDS,
)
from callcenter.config.site_hours import read_hours, read_roster
from callcenter.config.site_menus import read_menu
from callcenter.config.site_overflow import read_overflow
from callcenter.config.site_values import Value, needs_of, read_fields
from callcenter.config.site_voicemail import check_voicemail
from callcenter.config.toml_lines import lines_of_keys
from callcenter.core.area_code import Areas
from callcenter.core.hours import Hours, Roster
from callcenter.core.ids import LineName, QueueName
from callcenter.core.line import Needs
from callcenter.core.menu import Menu
from callcenter.core.site import (
    USUAL_REASONS,
    CallbackRules,
    Line,
    ParkRules,
    PauseReason,
    Pauses,
    QueueRules,
    RecordingRules,
    Site,
    Telling,
    Trunk,
    VoicemailRules,
)
from callcenter.core.strategy import Strategy
from callcenter.ports.pauses import ServicePause

SIZE_MOST_BYTES = 1_000_000  # a site of 20 lines is 10 kB; a larger file is not a site file
_SECTIONS = (
    *("lines", "queues", "menus", "hours", "rosters", "areas"),
    *("trunks", "pauses", "pause_reasons", "calls", "callbacks", "recordings", "park"),
    "voicemail",
)
_NAME = re.compile(r"[0-9a-z][0-9a-z_-]{0,31}")
USUAL_AT_ONCE = 3  # phones that ring at once with the strategy `ring_several`
UNKNOWN = "unknown"  # the line of calls to a number that is not in the site file
TRUNK = "trunk"  # the only endpoint of dialplans/pjsip.conf where calls come in


def load_site(path: Path) -> Site:
    """The site that the file describes. Raises SiteFileError with all its faults, or with the
    reason why it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        fault = Fault(0, "", "", f"cannot be read ({error.strerror}): {_advice(path)}")
        raise SiteFileError(str(path), (fault,)) from error
    return parse_site(raw, str(path))


def parse_site(raw: bytes, name: str) -> Site:
    """The same from the bytes of a file. `name` is its name in messages."""
    document, faults = _parse(raw, name)
    faults.unknown_keys((), document, _SECTIONS)
    queues = _tables(faults, document, "queues", QUEUES_MOST)
    lines = _tables(faults, document, "lines", LINES_MOST)
    read_queues = {
        n: read_fields(faults, ("queues", n), _but(t, "overflow"), QUEUE_FIELDS)
        for n, t in queues.items()
    }
    read_lines = {n: read_fields(faults, ("lines", n), t, LINE_FIELDS) for n, t in lines.items()}
    trunks = _trunks(faults, document)
    pauses = read_fields(faults, ("pauses",), _table(faults, document, "pauses"), PAUSE_FIELDS)
    calls = read_fields(faults, ("calls",), _table(faults, document, "calls"), CALL_FIELDS)
    back = _table(faults, document, "callbacks")
    callbacks = read_fields(faults, ("callbacks",), back, CALLBACK_FIELDS)
    recordings = read_fields(
        faults, ("recordings",), _table(faults, document, "recordings"), RECORDING_FIELDS
    )
    message = read_fields(
        faults, ("voicemail",), _table(faults, document, "voicemail"), VOICEMAIL_FIELDS
    )
    park = read_fields(faults, ("park",), _table(faults, document, "park"), PARK_FIELDS)
    hours = {n: read_hours(faults, ("hours", n), t) for n, t in _named(faults, document, "hours")}
    rosters = {
        n: read_roster(faults, ("rosters", n), t) for n, t in _named(faults, document, "rosters")
    }
    reasons = _pause_reasons(faults, document)
    named = frozenset(map(QueueName, queues))
    menus = {
        n: read_menu(faults, ("menus", n), t, named)
        for n, t in _named(faults, document, "menus", MENUS_MOST)
    }
    areas = {
        n: read_areas(faults, ("areas", n), t, named) for n, t in _named(faults, document, "areas")
    }
    tables: dict[str, Mapping[str, object]] = {
        "hours": hours,
        "rosters": rosters,
        "menus": menus,
        "areas": areas,
    }
    check_across(faults, read_lines, read_queues, tables)
    check_callbacks(faults, callbacks, read_queues, hours)
    overflow = {
        n: read_overflow(
            faults, n, t.get("overflow"), read_lines, read_queues, bool(callbacks["prefixes"])
        )
        for n, t in queues.items()
    }
    check_ways(faults, read_queues, overflow)
    check_voicemail(faults, read_lines, read_queues, overflow, menus)
    faults.raise_if_any()
    site = _build(read_lines, read_queues, pauses, calls, hours, rosters, menus)
    of_lines = {n: areas.get(str(f["areas"]), {}) for n, f in read_lines.items()}
    site = _with_areas_and_needs(site, of_lines, {n: needs_of(t) for n, t in lines.items()})
    back_rules = _callback_rules(callbacks, hours)
    kept = RecordingRules(
        keep_days=int(_number(recordings["keep_days"])),
        pause_seconds=_number(recordings["pause_seconds"]),
    )
    with_rules = {
        n: replace(
            q,
            overflow_rules=overflow[n],
            operator_first=_operator_first(read_queues[n], callbacks),
        )
        for n, q in site.queues.items()
    }
    site = replace(site, queues=with_rules)
    messages = VoicemailRules(
        longest_seconds=_number(message["longest_seconds"]),
        silence_seconds=_number(message["silence_seconds"]),
    )
    places = ParkRules(seconds=_number(park["park_seconds"]), places=int(_number(park["places"])))
    site = replace(site, trunks=trunks, pause_reasons=reasons, recordings=kept, park=places)
    site = replace(site, voicemail=messages)
    return replace(site, callbacks=back_rules)


def _but(table: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The table without what is read apart."""
    return {name: value for name, value in table.items() if name != key}


def _advice(path: Path) -> str:
    return f"set CALLCENTER_SITE_FILE, or copy the example dialplans/site.toml to {path}"


def _parse(raw: bytes, name: str) -> tuple[Mapping[str, object], Faults]:
    if len(raw) > SIZE_MOST_BYTES:
        found = f"is {len(raw)} bytes long; a site file has at most {SIZE_MOST_BYTES}"
        raise SiteFileError(name, (Fault(0, "", "", found),))
    try:
        text = raw.decode("utf-8-sig")  # editors on Windows put a mark before the text
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"is not UTF-8 (byte 0x{raw[error.start]:02x}): save it as UTF-8 in your editor"
        raise SiteFileError(name, (Fault(line, "", "", found),)) from error
    try:
        document: Mapping[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SiteFileError(name, (_syntax_fault(str(error), text),)) from error
    return document, Faults(name, lines_of_keys(text))


def _syntax_fault(message: str, text: str) -> Fault:
    where = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", message)
    what = message[: where.start()] if where else message
    line = int(where[1]) if where and where[1] else text.count("\n") + 1
    return Fault(line, "", "", f"is not TOML: {what[:1].lower()}{what[1:]}")


def _table(faults: Faults, document: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = document.get(name, {})
    if isinstance(table, dict):
        return table
    faults.add((name,), table, f"a table [{name}]")
    return {}


def _tables(
    faults: Faults, document: Mapping[str, object], section: str, most: int
) -> dict[str, Mapping[str, object]]:
    """The named tables of a section, such as [lines.1567]."""
    tables = _table(faults, document, section)
    one = section.removesuffix("s").replace("_", " ")
    if not tables and (section not in document or document[section] == {}):
        faults.add((section,), None, f"at least one table [{section}.NAME]: a site has a {one}")
    if len(tables) > most:
        faults.add((section,), f"{len(tables)} tables", f"at most {most}")
    kept: dict[str, Mapping[str, object]] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            faults.add((section, name), table, f"a table [{section}.{name}]")
        elif not _NAME.fullmatch(name) or name == UNKNOWN:
            accepted = f"a name of a {one}: 1 to 32 of a-z 0-9 _ -, the first a letter or digit"
            faults.add((section, name), name, accepted)
        else:
            kept[name] = table
    return kept


def _trunks(faults: Faults, document: Mapping[str, object]) -> Mapping[str, Trunk]:
    """The trunks. A file that names none has the one of dialplans/pjsip.conf, with an unknown
    size."""
    if "trunks" not in document:
        return {TRUNK: Trunk(name=TRUNK, channels=0)}
    tables = _tables(faults, document, "trunks", TRUNKS_MOST)
    read = {n: read_fields(faults, ("trunks", n), t, TRUNK_FIELDS) for n, t in tables.items()}
    return {n: Trunk(name=n, channels=int(_number(f["channels"] or 0))) for n, f in read.items()}


def _named(
    faults: Faults, document: Mapping[str, object], section: str, most: int = HOURS_MOST
) -> Iterable[tuple[str, Mapping[str, object]]]:
    """The tables of an optional section."""
    return _tables(faults, document, section, most).items() if section in document else ()


def _pause_reasons(faults: Faults, document: Mapping[str, object]) -> tuple[PauseReason, ...]:
    """The reasons for pauses, in the order of the file. They are optional."""
    if "pause_reasons" not in document:
        return USUAL_REASONS
    tables = _tables(faults, document, "pause_reasons", REASONS_MOST)
    for name in tables:
        if name in tuple(ServicePause):
            faults.add(("pause_reasons", name), name, "a word that the service itself does not use")
    read = {
        n: read_fields(faults, ("pause_reasons", n), t, REASON_FIELDS) for n, t in tables.items()
    }
    return tuple(PauseReason(name=n, th=str(f["th"]), en=str(f["en"])) for n, f in read.items())


def _build(
    lines: Mapping[str, Mapping[str, Value]],
    queues: Mapping[str, Mapping[str, Value]],
    pauses: Mapping[str, Value],
    calls: Mapping[str, Value],
    hours: Mapping[str, Hours],
    rosters: Mapping[str, Roster],
    menus: Mapping[str, Menu | None],
) -> Site:
    built = {LineName(n): _line(LineName(n), f, menus) for n, f in lines.items()}
    return Site(
        lines=built,
        queues={QueueName(n): _queue(QueueName(n), f, hours, rosters) for n, f in queues.items()},
        pauses=Pauses(**{name: _number(value) for name, value in pauses.items()}),
        line_of_did={did: line for line in built.values() for did in line.dids},
        bridge_seconds=_number(calls["bridge_seconds"]),
        leave_seconds=_number(calls["leave_seconds"]),
        withheld_number_hours=_number(calls["withheld_number_hours"]),
        listening_is_shown=calls["listening_is_shown"] != "no",
        operators_raise=calls["operators_raise"] != "no",
        aging_seconds=_number(calls["aging_seconds"]),
        relax_seconds=_number(calls["relax_seconds"]),
    )


def _with_areas_and_needs(
    site: Site, areas: Mapping[str, Areas], needs: Mapping[str, Needs]
) -> Site:
    lines = {
        name: replace(line, areas=areas[name], needs=needs[name])
        for name, line in site.lines.items()
    }
    by_did = {did: line for line in lines.values() for did in line.dids}
    return replace(site, lines=lines, line_of_did=by_did)


def _operator_first(queue: Mapping[str, Value], callbacks: Mapping[str, Value]) -> bool:
    """Whom a callback of this queue rings first."""
    own = queue["callback_first"]
    return (callbacks["first"] if own == "as_callbacks" else own) == "operator"


def _callback_rules(fields: Mapping[str, Value], hours: Mapping[str, Hours]) -> CallbackRules:
    prefixes = fields["prefixes"]
    assert isinstance(prefixes, tuple)
    return CallbackRules(
        prefixes=prefixes,
        hours=hours.get(str(fields["hours"])),
        at_once=int(_number(fields["at_once"])),
        per_hour=int(_number(fields["per_hour"])),
        rings_of_a_number=int(_number(fields["rings_of_a_number"])),
        waiting_limit=int(_number(fields["waiting_limit"])),
        tries=int(_number(fields["tries"])),
        pause_seconds=_number(fields["pause_seconds"]),
        ring_seconds=_number(fields["ring_seconds"]),
        key_seconds=_number(fields["key_seconds"]),
        expires_seconds=_number(fields["expires_hours"]) * 3600.0,
        choose_hour=fields["choose_hour"] is True,
    )


def _line(name: LineName, fields: Mapping[str, Value], menus: Mapping[str, Menu | None]) -> Line:
    dids, notice, greeting = fields["dids"], fields["notice"], fields["greeting"]
    assert isinstance(dids, tuple) and isinstance(notice, tuple) and isinstance(greeting, tuple)
    return Line(
        name=name,
        title=str(fields["title"]),
        dids=dids,
        queue=QueueName(str(fields["queue"])),
        priority=int(_number(fields["priority"])),
        language=str(fields["language"]),
        notice=notice,
        greeting=greeting,
        menu=menus.get(str(fields["menu"])),
        record=fields["record"] is True,
        survey=fields["survey"] is True,
    )


def _queue(
    name: QueueName,
    fields: Mapping[str, Value],
    hours: Mapping[str, Hours],
    rosters: Mapping[str, Roster],
) -> QueueRules:
    overflow, message = fields["overflow_queue"], fields["overflow_message"]
    voicemail = fields["voicemail"]
    assert isinstance(message, tuple) and isinstance(voicemail, tuple)
    strategy = Strategy(str(fields["strategy"]))
    several = strategy is Strategy.RING_SEVERAL
    return QueueRules(
        name=name,
        title=str(fields["title"]),
        waiting_limit=int(_number(fields["waiting_limit"])),
        max_wait_seconds=_number(fields["max_wait_seconds"]),
        overflow_queue=None if overflow is None else QueueName(str(overflow)),
        ring_seconds=_number(fields["ring_seconds"]),
        wrapup_seconds=_number(fields["wrapup_seconds"]),
        short_abandon_seconds=_number(fields["short_abandon_seconds"]),
        hours=hours.get(str(fields["hours"])),
        roster=rosters.get(str(fields["roster"])),
        neighbours=_names(fields["neighbours"]),
        overflow_at_waiting=int(_number(fields["overflow_at_waiting"])),
        overflow_message=message,
        voicemail=voicemail,
        record=fields["record"] is True,
        redial_seconds=_number(fields["redial_seconds"]),
        last_operator_seconds=_number(fields["last_operator_hours"]) * 3600.0,
        telling=_telling(fields),
        overflow_at_expected_seconds=_number(fields["overflow_at_expected_seconds"]),
        callback_after_seconds=_number(fields["callback_after_seconds"]),
        callback_above_seconds=_number(fields["callback_above_seconds"]),
        strategy=strategy,
        ring_at_once=(int(_number(fields["ring_at_once"])) or USUAL_AT_ONCE) if several else 1,
    )


def _telling(fields: Mapping[str, Value]) -> Telling | None:
    told = fields["tell"]
    if told == "nothing":
        return None
    return Telling(
        place=told in ("place", "both"),
        wait=told in ("wait", "both"),
        first_seconds=_number(fields["tell_first_seconds"]),
        every_seconds=_number(fields["tell_every_seconds"]),
    )


def _names(value: Value) -> tuple[QueueName, ...]:
    assert isinstance(value, tuple)
    return tuple(map(QueueName, value))


def _number(value: Value) -> float:
    assert isinstance(value, (int, float))
    return float(value)
