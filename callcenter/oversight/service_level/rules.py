"""Every published service level formula, named and versioned, and the counting of calls for them.

Pure. It never rounds and never guesses.

Calls that were never offered to a queue (rejected, ivr_ended) are in no formula: nobody published
one that counts them. The terms of others in our outcomes:

    abandoned           abandoned_short + abandoned (the caller hung up in the line)
    app_queue abandoned the same + overflow (timeout) + failed; a key press (callback) is neither
    Genesys abandoned   abandoned + failed ("includes system disconnects")
    Genesys flow-out    overflow + callback (left the queue by our flow's hand)
"""

from collections.abc import Iterable, Sequence

from callcenter.core.outcome import Outcome
from callcenter.oversight.service_level.model import (
    Clock,
    Count,
    Formula,
    ScoredCall,
    ServiceLevel,
    Within,
    count,
)

OFFERED = frozenset(
    {
        Outcome.ANSWERED,
        Outcome.ABANDONED_SHORT,
        Outcome.ABANDONED,
        Outcome.OVERFLOW,
        Outcome.CALLBACK,
        Outcome.FAILED,
    }
)
HUNG_UP = frozenset({Outcome.ABANDONED_SHORT, Outcome.ABANDONED})
ELIGIBLE = OFFERED - {Outcome.ABANDONED_SHORT}
"""The denominator of the hotline's own figures. Short abandons are shown, but not counted."""

_NOT_ANSWERED_BY_APP_QUEUE = HUNG_UP | {Outcome.OVERFLOW, Outcome.FAILED}
_FLOWED_OUT = frozenset({Outcome.OVERFLOW, Outcome.CALLBACK})
_ANSWERED_IN_TIME = count(Outcome.ANSWERED, within=Within.THRESHOLD)

_GENESYS_ABANDONED = {
    "": HUNG_UP | {Outcome.FAILED},
    "_no_short_abandons": frozenset({Outcome.ABANDONED, Outcome.FAILED}),
    "_no_abandons": frozenset[Outcome](),
}
_GENESYS_FLOWED_OUT = {"": frozenset[Outcome](), "_flow_outs": _FLOWED_OUT}
_GENESYS_WORDS = {
    "_flow_outs": ("รวมไหลออก", "with flow-outs"),
    "_no_short_abandons": ("ไม่รวมวางเร็ว", "without short abandons"),
    "_no_abandons": ("ไม่รวมสายวาง", "without abandons"),
}


def _genesys() -> Iterable[Formula]:
    """The six settings of the three switches that do not contradict each other."""
    for flow, flowed_out in _GENESYS_FLOWED_OUT.items():
        for left_out, abandoned in _GENESYS_ABANDONED.items():
            words = [_GENESYS_WORDS[switch] for switch in (flow, left_out) if switch]
            yield Formula(
                name=f"genesys{flow}{left_out}",
                version=1,
                title_th=", ".join(["Genesys Cloud", *(thai for thai, _ in words)]),
                title_en=", ".join(["Genesys Cloud", *(english for _, english in words)]),
                met=(_ANSWERED_IN_TIME,),
                counted=(count(Outcome.ANSWERED, abandoned, flowed_out),),
                threshold_seconds=20,
                clock=Clock.QUEUE,
                source="help.mypurecloud.com, Configure the service level calculation: (answered - "
                "answered late) / (answered + abandoned + switches). Its switches change past "
                "figures silently; here each setting is a formula of its own.",
            )


FORMULAS: tuple[Formula, ...] = (
    Formula(
        name="hotline",
        version=1,
        title_th="สายด่วน (นิยามของศูนย์นี้)",
        title_en="This hotline's own",
        met=(_ANSWERED_IN_TIME,),
        counted=(count(ELIGIBLE),),
        threshold_seconds=20,
        clock=Clock.ARRIVAL,
        source="Ours: answered in time over all that were offered less short abandons; who was "
        "moved out, asked to be called back or was lost by us was not answered in time.",
    ),
    Formula(
        name="app_queue_sl",
        version=1,
        title_th="Asterisk app_queue SL",
        title_en="Asterisk app_queue SL",
        met=(_ANSWERED_IN_TIME,),
        counted=(count(Outcome.ANSWERED),),
        threshold_seconds=60,
        clock=Clock.QUEUE,
        source="Asterisk queues.conf.sample (ServicelevelPerf; threshold as in the sample). "
        "Whoever gave up is not in it. Asterisk counts whole seconds and only when the call ends.",
    ),
    Formula(
        name="app_queue_sl2",
        version=1,
        title_th="Asterisk app_queue SL2",
        title_en="Asterisk app_queue SL2",
        met=(count(Outcome.ANSWERED, _NOT_ANSWERED_BY_APP_QUEUE, within=Within.THRESHOLD),),
        counted=(count(Outcome.ANSWERED, _NOT_ANSWERED_BY_APP_QUEUE),),
        threshold_seconds=60,
        clock=Clock.QUEUE,
        source="Asterisk queues.conf.sample (ServicelevelPerf2) and app_queue.c record_abandoned: "
        "its abandons hold timeouts and failures; a caller who leaves by a key vanishes.",
    ),
    Formula(
        name="copc",
        version=1,
        title_th="COPC",
        title_en="COPC",
        met=(_ANSWERED_IN_TIME,),
        counted=(count(OFFERED),),
        threshold_seconds=20,
        clock=Clock.QUEUE,
        source="COPC CX Standard as quoted: answered in time over all offered, no exclusions.",
    ),
    Formula(
        name="icmi",
        version=1,
        title_th="ICMI",
        title_en="ICMI",
        met=(count(Outcome.ANSWERED, HUNG_UP, within=Within.THRESHOLD),),
        counted=(count(Outcome.ANSWERED, HUNG_UP),),
        threshold_seconds=20,
        clock=Clock.QUEUE,
        source="ICMI as quoted: (answered + abandoned in time) / (answered + abandoned). Calls "
        "that neither were answered nor hung up are not in it.",
    ),
    *_genesys(),
    Formula(
        name="cisco_icm_ignore",
        version=1,
        title_th="Cisco ICM (ไม่นับสายวางก่อนเกณฑ์)",
        title_en="Cisco ICM, abandons in time ignored",
        met=(_ANSWERED_IN_TIME,),
        counted=(count(OFFERED - HUNG_UP), count(HUNG_UP, within=Within.BEYOND)),
        threshold_seconds=20,
        clock=Clock.QUEUE,
        source="Cisco ICM service level type 'ignore abandoned calls'; its 'negative impact' is "
        "copc above, its 'positive impact' is icmi when nothing overflows or fails.",
    ),
    Formula(
        name="nhs_111",
        version=1,
        title_th="NHS 111 (อังกฤษ)",
        title_en="NHS 111 (England)",
        met=(_ANSWERED_IN_TIME,),
        counted=(count(Outcome.ANSWERED),),
        threshold_seconds=60,
        clock=Clock.QUEUE,
        source="england.nhs.uk, NHS 111 statistics: of calls answered, those answered within 60 "
        "seconds (target 95 %). From the end of the introductory message is our reading.",
    ),
    Formula(
        name="hong_kong_1823",
        version=1,
        title_th="1823 (ฮ่องกง)",
        title_en="1823 (Hong Kong)",
        met=(_ANSWERED_IN_TIME,),
        counted=(count(OFFERED),),
        threshold_seconds=12,
        clock=Clock.QUEUE,
        source="1823.gov.hk, Service Performance: calls answered within 12 seconds (target 80 %). "
        "The denominator is not published; all offered is our reading, the stricter one.",
    ),
    Formula(
        name="amazon_connect",
        version=1,
        title_th="Amazon Connect",
        title_en="Amazon Connect",
        met=(count(Outcome.ANSWERED, HUNG_UP, Outcome.CALLBACK, within=Within.THRESHOLD),),
        counted=(count(OFFERED),),
        threshold_seconds=20,
        clock=Clock.QUEUE,
        source="Amazon Connect, SERVICE_LEVEL: contacts removed from the queue in time (answered, "
        "abandoned or queued for callback) over contacts queued. A quick hang-up raises it.",
    ),
)

FORMULA_BY_NAME = {formula.name: formula for formula in FORMULAS}


def service_level(
    formula: Formula,
    calls: Iterable[ScoredCall],
    *,
    threshold_seconds: int | None = None,
    clock: Clock | None = None,
) -> ServiceLevel:
    """One formula over these calls. Threshold and clock are as published, unless given."""
    threshold = formula.threshold_seconds if threshold_seconds is None else threshold_seconds
    hands = formula.clock if clock is None else clock
    met = counted = 0
    for call in calls:
        wait = call.wait_seconds if hands is Clock.ARRIVAL else call.queue_wait_seconds
        met += _matches(formula.met, call.outcome, wait, threshold)
        counted += _matches(formula.counted, call.outcome, wait, threshold)
    return ServiceLevel(
        formula=formula, threshold_seconds=threshold, clock=hands, met=met, counted=counted
    )


def service_levels(
    calls: Sequence[ScoredCall],
    *,
    threshold_seconds: int | None = None,
    clock: Clock | None = None,
) -> tuple[ServiceLevel, ...]:
    """Every formula over the same calls, in the order of FORMULAS."""
    return tuple(
        service_level(formula, calls, threshold_seconds=threshold_seconds, clock=clock)
        for formula in FORMULAS
    )


def _matches(
    counts: tuple[Count, ...], outcome: Outcome, wait_seconds: float, threshold_seconds: int
) -> int:
    return sum(
        outcome in part.outcomes and _in(part.within, wait_seconds, threshold_seconds)
        for part in counts
    )


def _in(within: Within, wait_seconds: float, threshold_seconds: int) -> bool:
    match within:
        case Within.ANY:
            return True
        case Within.THRESHOLD:
            return wait_seconds <= threshold_seconds
        case Within.BEYOND:
            return wait_seconds > threshold_seconds
