"""The SQL that merges the recorder's batches into the tables. Text only.

A stored outcome is never changed, and neither is the row of a call that has ended. Facts that come
later, from another or older data folder or from Asterisk's ledger, only fill gaps in a row that is
still open. There is one exception: if a row is known from the ledger alone, what the service itself
saw of that call replaces it, and the audit has both. No stamp of a call is earlier than the one
before it, even if the wall clock was set back.
"""

from typing import Final, NamedTuple

INCOMING: Final = """
create temporary table if not exists incoming_calls (
    call_id text, seen double precision, line text, did text, caller text, caller_class text,
    caller_e164 text, queue text, priority integer, arrived double precision,
    queued double precision, answered double precision, talk_ended double precision,
    ended double precision, outcome text, reason text, wait_seconds double precision,
    queue_wait_seconds double precision, talk_seconds double precision, place integer,
    offers integer, operator text, ended_by text, end_reason text, talks integer,
    transfers integer, transfer_kind text, consults integer, consult_seconds double precision,
    parks integer, park_seconds double precision,
    expected_wait_seconds double precision, wait_at_most_seconds double precision,
    news text, news_more boolean,
    told_place integer, told_minutes integer, told_error_seconds double precision,
    language text, kind text, topic text, province text, menu_path text,
    menu_seconds double precision, case_lookup text, callback_lookup text, overflow text,
    redial_of text, first_arrived double precision,
    callback_asked double precision, callback_tries integer, callback_result text,
    voicemail text, survey text, survey_score integer, node text, via text,
    known_from_ledger boolean
) on commit delete rows;
create temporary table if not exists incoming_offers (
    offer_id text, call_id text, seen double precision, operator text, queue text, number integer,
    made double precision, answered double precision, ended double precision, result text,
    ring_seconds double precision
) on commit delete rows;
create temporary table if not exists incoming_states (
    operator text, state text, reason text, call_id text, began double precision,
    began_engine_seconds double precision, ended double precision, seconds double precision
) on commit delete rows;
"""


RECORDING_LOCK: Final = 0x63616C6D
ONE_AT_A_TIME: Final = f"select pg_advisory_xact_lock({RECORDING_LOCK});"
"""Only one transaction at a time inserts calls and offers, or moves them to another month."""


def _counted(change: str) -> str:
    """The statement, changed to give the number of rows that it touched. A statement that gives
    rows is prepared and planned once for each connection. (Planning took longer than running a
    small batch.)"""
    return f"with done as ({change} returning 1) select count(*) from done"


def _stamp(told: str, *not_before: str) -> str:
    """A stamp of the incoming row if there is one, but not before any of the others."""
    stamps = ", ".join((f"to_timestamp({told})", *not_before))
    return f"case when {told} is not null then greatest({stamps}) end"


def _first(column: str, told: str) -> str:
    """Columns of the outcome are set once, together with the outcome."""
    return f"{column} = case when calls.outcome is null then {told} else calls.{column} end"


def _talk(column: str, told: str) -> str:
    """Columns of a conversation are set only for an answered call."""
    answered = "coalesce(calls.outcome, i.outcome, 'answered') = 'answered'"
    kept = f"calls.{column}"
    return f"{column} = case when {answered} then coalesce({told}, {kept}) else {kept} end"


_EARLIER: Final = "calls.xmin <> pg_current_xact_id()::xid"  # not written by this batch

_QUEUED: Final = _stamp("i.queued", "calls.arrived_at")
_ANSWERED: Final = _stamp("i.answered", "calls.arrived_at", "calls.queued_at", _QUEUED)
_TALK_ENDED: Final = _stamp("i.talk_ended", "calls.arrived_at", "calls.answered_at", _ANSWERED)
_ENDED: Final = _stamp(
    "i.ended",
    *("calls.arrived_at", "calls.queued_at", "calls.answered_at", "calls.talk_ended_at"),
    *(_QUEUED, _ANSWERED, _TALK_ENDED),
)

_DESCRIPTION: Final = """
    line = coalesce(i.line, calls.line),
    did = coalesce(i.did, calls.did),
    caller = coalesce(i.caller, calls.caller),
    caller_class = coalesce(i.caller_class, calls.caller_class),
    caller_e164 = coalesce(i.caller_e164, calls.caller_e164),
    queue = coalesce(i.queue, calls.queue),
    priority = coalesce(i.priority, calls.priority),
    offers = coalesce(i.offers, calls.offers),
    expected_wait_seconds = coalesce(i.expected_wait_seconds, calls.expected_wait_seconds),
    wait_at_most_seconds = coalesce(i.wait_at_most_seconds, calls.wait_at_most_seconds),
    overflow = coalesce(i.overflow, calls.overflow),
    redial_of = coalesce(i.redial_of, calls.redial_of),
    first_arrived_at = coalesce(to_timestamp(i.first_arrived), calls.first_arrived_at),
    news = coalesce(i.news, calls.news),
    news_more = coalesce(i.news_more, calls.news_more),
    told_place = coalesce(i.told_place, calls.told_place),
    told_minutes = coalesce(i.told_minutes, calls.told_minutes),
    callback_asked_at = coalesce(to_timestamp(i.callback_asked), calls.callback_asked_at),
    callback_tries = coalesce(i.callback_tries, calls.callback_tries),
    callback_result = coalesce(i.callback_result, calls.callback_result),
    voicemail = coalesce(i.voicemail, calls.voicemail),
    survey = coalesce(i.survey, calls.survey),
    survey_score = coalesce(i.survey_score, calls.survey_score),
    node = coalesce(i.node, calls.node)
"""

_MENU: Final = ", ".join(
    f"{column} = coalesce(i.{column}, calls.{column})"
    for column in (
        *("language", "kind", "topic", "province", "menu_path", "menu_seconds"),
        *("case_lookup", "callback_lookup"),
    )
)

_CHANGE_CALLS: Final = f"""
with done as (
    update calls set {_DESCRIPTION},
        {_first("outcome", "i.outcome")},
        {_first("reason", "coalesce(i.reason, calls.reason)")},
        {_first("wait_seconds", "i.wait_seconds")},
        {_first("queue_wait_seconds", "i.queue_wait_seconds")},
        {_first("place", "i.place")},
        {_first("told_error_seconds", "i.told_error_seconds")},
        {_first("answered_at", _ANSWERED)},
        {_first("via", "coalesce(i.via, calls.via)")},
        {_talk("operator", "i.operator")},
        {_talk("ended_by", "i.ended_by")},
        end_reason = nullif(coalesce(i.end_reason, calls.end_reason), ''),
        talks = coalesce(i.talks, calls.talks),
        transfers = coalesce(i.transfers, calls.transfers),
        transfer_kind = coalesce(i.transfer_kind, calls.transfer_kind),
        consults = coalesce(i.consults, calls.consults),
        consult_seconds = coalesce(i.consult_seconds, calls.consult_seconds),
        parks = coalesce(i.parks, calls.parks),
        park_seconds = coalesce(i.park_seconds, calls.park_seconds),
        {_MENU},
        {_talk("talk_seconds", "i.talk_seconds")},
        {_talk("talk_ended_at", _TALK_ENDED)},
        queued_at = coalesce({_QUEUED}, calls.queued_at),
        ended_at = {_ENDED}
    from incoming_calls i
    where calls.call_id = i.call_id and i.arrived is {{arrived}}
        and i.known_from_ledger is null and calls.ended_at is null
    returning i.outcome <> calls.outcome as contradicted
)
select count(*), count(*) filter (where contradicted) from done
"""

_OF_A_NEW_CALL: Final = {
    "call_id": "call_id",
    "line": "coalesce(line, 'unknown')",
    "did": "coalesce(did, '')",
    "caller": "coalesce(caller, '')",
    "caller_class": "coalesce(caller_class, 'withheld')",
    "caller_e164": "caller_e164",
    "queue": "queue",
    "priority": "priority",
    "arrived_at": "to_timestamp(first)",
    "queued_at": "to_timestamp(case when queued is not null then greatest(first, queued) end)",
    "answered_at": """to_timestamp(
        case when answered is not null then greatest(first, queued, answered) end
    )""",
    "talk_ended_at": """to_timestamp(
        case when talk_ended is not null then greatest(first, queued, answered, talk_ended) end
    )""",
    "ended_at": """to_timestamp(
        case when ended is not null then greatest(first, queued, answered, talk_ended, ended) end
    )""",
    "outcome": "outcome",
    "reason": "coalesce(reason, '')",
    "wait_seconds": "wait_seconds",
    "queue_wait_seconds": "queue_wait_seconds",
    "talk_seconds": "talk_seconds",
    "place": "place",
    "offers": "coalesce(offers, 0)",
    "operator": "operator",
    "ended_by": "ended_by",
    "end_reason": "nullif(end_reason, '')",
    "talks": "coalesce(talks, 0)",
    "transfers": "coalesce(transfers, 0)",
    "transfer_kind": "transfer_kind",
    "consults": "coalesce(consults, 0)",
    "consult_seconds": "coalesce(consult_seconds, 0)",
    "parks": "coalesce(parks, 0)",
    "park_seconds": "coalesce(park_seconds, 0)",
    "expected_wait_seconds": "expected_wait_seconds",
    "wait_at_most_seconds": "wait_at_most_seconds",
    "news": "news",
    "news_more": "news_more",
    "told_place": "told_place",
    "told_minutes": "told_minutes",
    "told_error_seconds": "told_error_seconds",
    "language": "language",
    "kind": "kind",
    "topic": "topic",
    "province": "province",
    "menu_path": "menu_path",
    "menu_seconds": "menu_seconds",
    "overflow": "overflow",
    "case_lookup": "case_lookup",
    "callback_lookup": "callback_lookup",
    "redial_of": "redial_of",
    "first_arrived_at": "to_timestamp(first_arrived)",
    "callback_asked_at": "to_timestamp(callback_asked)",
    "callback_tries": "callback_tries",
    "callback_result": "callback_result",
    "voicemail": "voicemail",
    "survey": "survey",
    "survey_score": "survey_score",
    "node": "node",
    "via": "coalesce(via, 'service')",
    "known_from_ledger": "coalesce(known_from_ledger, false)",
}
"""For each column the value that is written into it."""

_NEW_CALLS: Final = f"""
insert into calls ({", ".join(_OF_A_NEW_CALL)})
select {", ".join(_OF_A_NEW_CALL.values())}
from (select *, coalesce(arrived, seen) as first from incoming_calls) as told
where arrived is {{arrived}}
    and not exists (select from calls where calls.call_id = told.call_id)
on conflict (call_id, arrived_at) do nothing
"""
"""A call is in one month only, but two witnesses may name two moments of its arrival. So every
month is searched. ONE_AT_A_TIME makes that safe."""

FILL_CALLS: Final = f"""
update calls set
    queue = coalesce(calls.queue, i.queue),
    priority = coalesce(calls.priority, i.priority),
    queued_at = coalesce(calls.queued_at, {_QUEUED}),
    {_first("outcome", "i.outcome")},
    {_first("reason", "coalesce(i.reason, '')")},
    {_first("wait_seconds", "i.wait_seconds")},
    {_first("queue_wait_seconds", "i.queue_wait_seconds")},
    {_first("place", "i.place")},
    {_first("answered_at", _ANSWERED)},
    {_first("via", "coalesce(i.via, calls.via)")},
    talk_ended_at = case
        when calls.outcome is null then {_TALK_ENDED}
        when calls.outcome = 'answered' and calls.talk_ended_at is null then {_ENDED}
        else calls.talk_ended_at
    end,
    talk_seconds = case
        when calls.outcome is null then i.talk_seconds
        when calls.outcome = 'answered' and calls.talk_seconds is null
            then greatest(0, i.ended - extract(epoch from calls.answered_at))
        else calls.talk_seconds
    end,
    operator = coalesce(calls.operator, i.operator),
    ended_by = case when calls.outcome is null then i.ended_by else coalesce(calls.ended_by, 'lost')
        end,
    ended_at = {_ENDED},
    known_from_ledger = true
from incoming_calls i
where calls.call_id = i.call_id and i.known_from_ledger and calls.ended_at is null
"""
"""A call whose end is not known, because its data folder is gone: the end is taken from Asterisk's
ledger. Only gaps are filled."""

PICKED_UP: Final = """
update incoming_calls i set
    outcome = 'answered', operator = o.operator, ended_by = 'lost', place = 0,
    answered = o.picked_up, talk_ended = greatest(i.ended, o.picked_up),
    ended = greatest(i.ended, o.picked_up),
    wait_seconds = greatest(0, o.picked_up - i.arrived),
    queue_wait_seconds = least(
        greatest(0, o.picked_up - i.arrived), greatest(0, o.picked_up - i.queued)
    ),
    talk_seconds = greatest(0, i.ended - o.picked_up)
from (
    select call_id, operator, extract(epoch from answered_at)::double precision as picked_up
    from offers where answered_at is not null and ended_at is null
) as o
where i.call_id = o.call_id and i.known_from_ledger and i.queue is not null
    and i.outcome in ('abandoned', 'abandoned_short')
"""
"""An operator had picked up, and the journal with the rest is lost. Asterisk's ledger has no talk,
but there was one."""

CLOSE_OFFERS: Final = """
update offers set
    ended_at = coalesce(offers.answered_at, offers.made_at),
    result = case when offers.answered_at is not null and calls.outcome = 'answered'
        then 'answered' else 'withdrawn' end
from incoming_calls i join calls using (call_id)
where offers.call_id = i.call_id and offers.ended_at is null
    and i.ended is not null and calls.ended_at is not null
"""
"""End the offers of a lost journal whose call has ended: nobody else would end them."""

CORRECT_CALLS: Final = f"""
with old as (
    select calls.call_id, calls.outcome, calls.reason
    from calls join incoming_calls i using (call_id)
    where calls.known_from_ledger and i.known_from_ledger is null and {_EARLIER}
),
done as (
    update calls set {_DESCRIPTION},
        arrived_at = coalesce(to_timestamp(i.arrived), calls.arrived_at),
        outcome = coalesce(i.outcome, calls.outcome),
        reason = case when i.outcome is null then calls.reason else coalesce(i.reason, '') end,
        wait_seconds = coalesce(i.wait_seconds, calls.wait_seconds),
        queue_wait_seconds = coalesce(i.queue_wait_seconds, calls.queue_wait_seconds),
        place = coalesce(i.place, calls.place),
        operator = case when i.outcome <> 'answered' then null
            else coalesce(i.operator, calls.operator) end,
        ended_by = case when i.outcome <> 'answered' then null
            else coalesce(i.ended_by, calls.ended_by) end,
        queued_at = greatest(
            to_timestamp(coalesce(i.queued, extract(epoch from calls.queued_at))),
            case when coalesce(i.queued, extract(epoch from calls.queued_at)) is not null
                then to_timestamp(i.arrived) end
        ),
        answered_at = case when i.outcome is null then calls.answered_at
            else {_stamp("i.answered", "to_timestamp(i.arrived)", "to_timestamp(i.queued)")} end,
        talk_seconds = case when i.outcome <> 'answered' then null
            else coalesce(i.talk_seconds, calls.talk_seconds) end,
        talk_ended_at = case when i.outcome <> 'answered' then null
            else greatest(
                to_timestamp(coalesce(i.talk_ended, extract(epoch from calls.talk_ended_at))),
                case when coalesce(i.talk_ended, extract(epoch from calls.talk_ended_at))
                    is not null then to_timestamp(i.answered) end
            ) end,
        ended_at = greatest(
            to_timestamp(coalesce(i.ended, extract(epoch from calls.ended_at))),
            to_timestamp(i.arrived), to_timestamp(i.queued), to_timestamp(i.answered),
            to_timestamp(i.talk_ended)
        ),
        via = coalesce(i.via, 'service'),
        known_from_ledger = i.ended is null
    from incoming_calls i join old using (call_id)
    where calls.call_id = i.call_id
    returning calls.call_id, calls.outcome, calls.reason,
        old.outcome as outcome_before, old.reason as reason_before
),
told as (
    insert into audit (at, who, action, about, address, details)
    select now(), 'recorder', 'call.correct', call_id, '', jsonb_build_object(
        'outcome', outcome, 'outcome_before', outcome_before,
        'reason', reason, 'reason_before', reason_before,
        'why', 'what the service saw replaces what Asterisk''s ledger told'
    ) from done
)
select count(*) from done
"""

CONTRADICTED_CALLS: Final = f"""
select count(*) from incoming_calls i join calls using (call_id)
where calls.ended_at is not null and i.outcome <> calls.outcome and {_EARLIER}
"""
"""Calls that came again with another outcome after they had ended."""

_CHANGE_OFFERS: Final = """
update offers set
    answered_at = coalesce(greatest(to_timestamp(i.answered),
        case when i.answered is not null then offers.made_at end), offers.answered_at),
    ended_at = greatest(to_timestamp(i.ended), case when i.ended is not null then
        greatest(offers.made_at, offers.answered_at, to_timestamp(i.answered)) end),
    result = i.result,
    ring_seconds = i.ring_seconds
from incoming_offers i
where offers.offer_id = i.offer_id and i.made is {made} and offers.ended_at is null
"""

_NEW_OFFERS: Final = """
insert into offers
    (offer_id, call_id, operator, queue, number, made_at, answered_at, ended_at, result,
     ring_seconds)
select
    offer_id, call_id, coalesce(operator, ''), coalesce(queue, ''), coalesce(number, 0),
    to_timestamp(first),
    to_timestamp(case when answered is not null then greatest(first, answered) end),
    to_timestamp(case when ended is not null then greatest(first, answered, ended) end),
    result, ring_seconds
from (select *, coalesce(made, seen) as first from incoming_offers) as told
where made is {made} and not exists (select from offers where offers.offer_id = told.offer_id)
on conflict (offer_id, made_at) do nothing
"""

CLOSE_STATES: Final = """
update operator_states set
    ended_at = greatest(began_at, to_timestamp(c.ended)),
    seconds = coalesce(c.seconds, greatest(0, c.ended - extract(epoch from began_at)))
from unnest($1::text[], $2::double precision[], $3::double precision[])
    as c(operator, ended, seconds)
where operator_states.operator = c.operator and operator_states.ended_at is null
"""

NEW_STATES: Final = """
insert into operator_states
    (journal, operator, state, reason, call_id, began_at, ended_at, began_engine_seconds, seconds)
select $1, operator, state, reason, call_id, to_timestamp(began),
    case when ended is not null then to_timestamp(greatest(began, ended)) end,
    began_engine_seconds, seconds
from incoming_states
"""

GAPS: Final = """
insert into cover_gaps (queue, planned, began_at, ended_at)
values ($1, $2, to_timestamp($3), to_timestamp(greatest($3, $4)))
"""

BURY: Final = """
insert into dead_letters (journal, seq, kind, payload, error, written_at)
values ($1, $2, $3, $4, $5, to_timestamp($6)) on conflict (journal, seq) do nothing
"""


class Both(NamedTuple):
    """The statements for rows that begin in this batch, and for rows that began before it.

    Rows that begin are new, except for a call that is in two journals. Rows that began before
    exist, except for one whose beginning was lost. So the second statement of each pair is seldom
    needed.
    """

    insert_begun: str
    change_begun: str
    change_known: str
    insert_known: str


def _both(change: str, insert: str, beginning: str) -> Both:
    begun, known = {beginning: "not null"}, {beginning: "null"}
    return Both(
        insert_begun=_counted(insert.format(**begun)),
        change_begun=change.format(**begun),
        change_known=change.format(**known),
        insert_known=_counted(insert.format(**known)),
    )


CALLS: Final = _both(_CHANGE_CALLS, _NEW_CALLS, "arrived")
OFFERS: Final = _both(_counted(_CHANGE_OFFERS), _NEW_OFFERS, "made")

RANG_OUT: Final = """
insert into audit (at, who, action, about, address, details)
values (to_timestamp($3), 'service', 'callback.rung', $1, '',
    jsonb_build_object('try', $2::integer))
"""
"""Each attempt to call a citizen back, with the call that asked for it."""

OVERHEARD: Final = """
insert into audit (at, who, action, about, address, details)
values (to_timestamp($6), $1, 'call.listened', $3, '', jsonb_build_object(
    'operator', $2::text, 'mode', $4::text,
    'from', to_timestamp($5::double precision), 'until', to_timestamp($6::double precision)
))
"""
"""Which supervisor listened to which call, from when to when."""
