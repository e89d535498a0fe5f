"""Every series that this service exports, in one list. The registry and the table in
metrics/README.md are made from it.

Names and buckets follow the metric catalogue: base units, `_total` on counters, no ratios (PromQL
makes them). Every service-level threshold is an edge of the wait buckets. Label values come from
the site file and from closed sets only: never a caller, an operator or a case.
"""

from collections.abc import Sequence

from callcenter.ports.metrics import Kind, Series

_WAIT = (1, 2, 5, 10, 12, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800)
_MENU = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
_TALK = (5, 10, 30, 60, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 3600)
_WRAPUP = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
_ERROR = (-600, -300, -120, -60, -30, -15, -5, 0, 5, 15, 30, 60, 120, 300, 600)
_LAG = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


def _counter(name: str, text: str, *labels: str) -> Series:
    return Series(name=name, kind=Kind.COUNTER, labels=labels, help=text)


def _gauge(name: str, text: str, *labels: str) -> Series:
    return Series(name=name, kind=Kind.GAUGE, labels=labels, help=text)


def _histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Series:
    return Series(name=name, kind=Kind.HISTOGRAM, labels=labels, help=text, buckets=buckets)


# --- calls: folded from the facts --------------------------------------------------------------

RECEIVED = _counter("hotline_calls_received", "Calls that reached the service.", "line")
REJECTED = _counter("hotline_calls_rejected", "Calls not let in, by reason.", "line", "reason")
IVR_ENDED = _counter(
    "hotline_calls_ivr_ended",
    "Calls that ended in the greeting or the menu, before a queue.",
    "line",
)
LOOKED_UP = _counter(
    "hotline_calls_looked_up",
    "Calls that ended in the menu after the state of a case or of a callback was told.",
    "line",
)
VOICEMAIL = _counter(
    "hotline_calls_voicemail",
    "Calls that were asked for a message and never stood in line: the queue was closed or full, or "
    "the caller chose that in the menu.",
    "line",
)
VOICEMAILS = _counter(
    "hotline_voicemails",
    "Callers who were asked for a message of a queue's voicemail, by the result: left, hung_up "
    "(while it was recorded; what was said is kept), cut (the same, by us or by Asterisk), empty "
    "(nothing was heard), failed (it could not be recorded), no_message (hung up before the tone).",
    *("queue", "result"),
)
CASE_LOOKUPS = _counter(
    "hotline_case_lookups",
    "Numbers of cases typed in the menu, by what was answered: a state, wrong, away (the database "
    "did not answer in time), too_often (the number that calls has asked too often).",
    *("line", "result"),
)
CALLBACK_LOOKUPS = _counter(
    "hotline_callback_lookups",
    "Callers who asked in the menu about the callback to their number, by what was answered: a "
    "state, cancelled (also by key 9 a moment ago), none (there is none, or the number is "
    "withheld), too_often (the number that calls has asked too often).",
    *("line", "result"),
)
MENU_KEYS = _counter(
    "hotline_menu_keys",
    "Keys that led callers on in the menu, by step; key 0 is a wish for a person.",
    *("line", "step", "key"),
)
MENU = _histogram(
    "hotline_menu_seconds",
    "How long callers were in the menu, by how they left it: chosen, person (0 pressed), nothing "
    "(pressed), served (told the state of a case), left (hung up), cut (by us or by Asterisk).",
    _MENU,
    *("line", "ending"),
)
OFFERED = _counter("hotline_calls_offered", "Calls that stood in a queue.", "line", "queue")
REDIALS = _counter(
    "hotline_redials",
    "Callers who left this queue or were cut off there, called again, and stand at the old place.",
    "queue",
)
CALLBACKS_ASKED = _counter(
    "hotline_callbacks_asked", "Callers in line who wanted to be called back.", "queue"
)
CALLBACK_CHOICES = _counter(
    "hotline_callback_choices",
    "How it came that they are called then: turn and hour were chosen by keys, silent chose "
    "nothing, left hung up before; asked: could not choose, or the console asked.",
    *("queue", "kind"),
)
CALLBACK_TRIES = _counter(
    "hotline_callback_tries",
    "Times a citizen was called, by how it came out; `no_key`: answered, perhaps by a machine; "
    "`carrier`: refused by the carrier, or not answered by it.",
    *("queue", "result"),
)
CALLBACK_RINGING = _histogram(
    "hotline_callback_ringing_seconds",
    "How long operators who were rung before the citizen heard ringing, by how it ended: reached "
    "(joined), missed (the citizen was not reached, or the operator gave up). All of missed is "
    "lost time.",
    _MENU,
    *("queue", "result"),
)
CALLBACKS_ENDED = _counter(
    "hotline_callbacks_ended",
    "Callbacks by what came of them; `answered` ones count in the waits from the first arrival, "
    "`claimed`: the citizen called instead.",
    *("queue", "result"),
)
ENDED = _counter(
    "hotline_calls_ended", "Calls that stood in a queue, by outcome.", "line", "queue", "outcome"
)
WAIT = _histogram(
    "hotline_call_wait_seconds",
    "From arrival to the answer, or to leaving unanswered.",
    _WAIT,
    *("line", "queue", "outcome"),
)
ESTIMATE_ERROR = _histogram(
    "hotline_wait_estimate_error_seconds",
    "Of answered callers who had to wait: the wait expected when they stood in line, minus the "
    "real one; below 0 it was longer than expected. Without a sum, because it can fall.",
    _ERROR,
    "line",
)
WAITS_TOLD = _counter(
    "hotline_waits_told",
    "Callers who were told in how many minutes at most they are answered, by what came: kept "
    "(answered by then), late (answered later), left (not answered).",
    *("line", "result"),
)
NEWS = _counter(
    "hotline_news_callers",
    "Callers of a line and the message of the day (`callcenter news`): began to hear it (heard), "
    "pressed 1 for more (more), left unanswered during it or after it (left).",
    *("line", "result"),
)
TALK = _histogram(
    "hotline_call_talk_seconds", "How long caller and operator were joined.", _TALK, "line", "queue"
)
ACQUAINTED = _counter(
    "hotline_last_operator_calls",
    "Answered callers who had talked with an operator of this queue not long ago, by who answered "
    "now: the same operator, or another one (the same was not free, or did not take it).",
    *("queue", "result"),
)
SURVEYS = _counter(
    "hotline_surveys",
    "Callers who were asked how it was when the operator had ended the talk, by how that came out: "
    "the key of who answered (1 very poor to 5 very good), silent (pressed nothing), left (hung "
    "up), cut (by us or by Asterisk). `queue`: whose operators served them.",
    *("line", "queue", "result"),
)
WRAPUP = _histogram(
    "hotline_call_wrapup_seconds", "An operator's time after a call.", _WRAPUP, "queue"
)
LOST = _counter(
    "hotline_calls_lost",
    "Calls that no person ended, by what did, and talks that went on with another operator: a "
    "caller who waited is `failed`, one who talked is `answered`.",
    *("queue", "stage", "reason"),
)
OFFERS = _counter(
    "hotline_operator_offers", "Times a phone was made to ring, by result.", "queue", "result"
)
DIVERTED = _counter(
    "hotline_calls_diverted",
    "Callers who stand in line elsewhere than in this queue, and why: nobody on duty, closed, too "
    "many, too long an expected wait, the longest wait, the queue taken out of the site.",
    *("queue", "reason"),
)
MESSAGES = _counter(
    "hotline_overflow_messages",
    "Callers who heard a message of the queue's own, because the longest wait was over and no "
    "other queue took them, or a rule of the queue said so at entry: they are in "
    "hotline_calls_ended, too, as `overflow`.",
    "queue",
)
OVERFLOW_RULES = _counter(
    "hotline_overflow_rules",
    "New callers for whom a rule of the queue was followed, why (a long line, a long expected "
    "wait, nobody on duty), and what became of them: another queue, a message, a callback offered.",
    *("queue", "reason", "to"),
)
TRANSFERS = _counter(
    "hotline_call_transfers",
    "Callers whom an operator gave on, by the queue they came from: to a queue, or to an operator.",
    *("queue", "to"),
)
CONSULTS = _counter(
    "hotline_call_consults",
    "Times an operator asked a colleague in a talk, by how it came out; `given`: the caller went "
    "on to the colleague.",
    *("queue", "result"),
)
PARKED = _histogram(
    "hotline_park_seconds",
    "How long parked calls were in their place, by how they left it: picked_up (by an operator), "
    "time (nobody came: in line again), left (hung up), lost (by Asterisk), cut (by us).",
    _MENU,
    *("queue", "result"),
)
PARKED_NOW = _gauge("hotline_calls_parked", "Calls that are parked now.", "queue")
PARKED_OLDEST = _gauge(
    "hotline_parked_oldest_seconds",
    "How long the call that is parked for longest has been in its place; 0: none is.",
    "queue",
)
LISTENED = _counter(
    "hotline_listenings",
    "Talks that a supervisor listened to, by mode: heard both, spoke to the operator, spoke to "
    "both, took over.",
    "mode",
)
HELPS = _counter(
    "hotline_help_requests",
    "Requests of operators for help, by how they ended: answered by a supervisor, withdrawn, or "
    "the operator went home.",
    "result",
)
HELPS_OPEN = _gauge("hotline_help_open", "Operators who ask for help now.")
LEDGER = _counter(
    "hotline_ledger_calls",
    "Calls in Asterisk's own ledger; known=false had no record of ours until then, which is a gap; "
    "known=greeting hung up before the service is asked; known=contradicted: the record says "
    "otherwise, and stays.",
    "known",
)
REPAIRS = _counter(
    "hotline_snapshot_repairs",
    "Legs that a snapshot of Asterisk showed us (adopted) or no longer had (missing).",
    "kind",
)
STEP_FAILURES = _counter(
    "hotline_step_failures", "Faults of ours in deciding; the call went to the lifeboat.", "event"
)

# --- read when Prometheus asks -------------------------------------------------------------------

WAITING = _gauge("hotline_queue_waiting", "Callers nobody has answered yet.", "queue")
RETURNED = _gauge(
    "hotline_queue_returned",
    "Callers who wait again because the phone of their operator was lost in the talk.",
    "queue",
)
CALLBACKS_OPEN = _gauge(
    "hotline_callbacks_open", "Callers who are to be called back and have no leg.", "queue"
)
CALLBACKS_OVERDUE = _gauge(
    "hotline_callbacks_overdue",
    "Of these, who has waited for longer than the queue's longest wait in line, since the request "
    "or the time that was chosen.",
    "queue",
)
CALLBACK_OLDEST = _gauge(
    "hotline_callback_oldest_wait_seconds",
    "How long the first of them has waited to be called, since the request or the chosen time.",
    "queue",
)
CALLBACKS_HELD = _gauge(
    "hotline_callbacks_held",
    "1: nobody is called back at present, and why; `off`: the site lists no numbers.",
    "reason",
)
CALLBACK_REFUSALS = _gauge(
    "hotline_callback_refusals",
    "Calls to citizens in a row that the carrier refused or did not answer, until now.",
)
OLDEST_WAIT = _gauge(
    "hotline_queue_oldest_wait_seconds",
    "How long who waits longest has waited, who is back (`hotline_queue_returned`) since then; "
    "0: nobody waits.",
    "queue",
)
OPEN = _gauge("hotline_queue_open", "1 within the queue's opening hours, 0 outside.", "queue")
ROSTERED = _gauge(
    "hotline_operators_rostered",
    "Operators planned for the queue now, by number or by name; absent: it has no roster.",
    "queue",
)
UNCOVERED = _counter(
    "hotline_queue_uncovered_seconds",
    "How long an open queue had nobody on duty; `planned`: whether the roster had somebody then.",
    "queue",
    "planned",
)
OPERATORS = _gauge("hotline_operators", "Operators of a queue by what they do.", "queue", "state")
IN_PROGRESS = _gauge("hotline_calls_in_progress", "Calls whose outcome is not known yet.")
MISMATCH = _gauge(
    "hotline_call_identity_mismatch",
    "By how many calls the counts disagree with each other and with the engine; 0 is right.",
)
TRUNK_UP = _gauge(
    "hotline_trunk_up",
    "1 while the carrier answers Asterisk; absent where it is not asked, so not known.",
    "trunk",
)
TRUNK_CHANNELS = _gauge(
    "hotline_trunk_channels",
    "Calls on a trunk (kind=in_use), calls the carrier sold (kind=limit; 0: not known).",
    *("trunk", "kind"),
)
LEGS = _gauge(
    "hotline_asterisk_legs",
    "Legs in Asterisk now, of the trunks (kind=callers) and with those of operators (all); and how "
    "many there may be (callers_limit: more are refused; all_limit: RTP ports), absent: not known.",
    "kind",
)
TRUNK_REFUSED = _counter(
    "hotline_trunk_refused",
    "Calls that Asterisk refused before its dial plan, so that they are in no other count: kind="
    "media (nothing that both can speak), extension, session_timer, number, failure (500 to 599), "
    "other.",
    *("status", "kind"),
)
HEP_DATAGRAMS = _counter(
    "hotline_hep_datagrams",
    "Copies of SIP messages from Asterisk: read, dropped (too many in a second), or foreign (from "
    "somebody else).",
    "result",
)
SIP_GUESSES = _counter(
    "hotline_sip_guesses",
    "Passwords sent from addresses at which no phone registered within the hour; a phone that "
    "comes anew sends one or two.",
)
SIP_BANS = _counter(
    "hotline_sip_bans", "Times an address was banned that guessed passwords of phones."
)
SIP_BANNED = _gauge(
    "hotline_sip_banned_addresses",
    "Addresses banned now: for guessing, or by hand (`callcenter ban`).",
    "kind",
)
SIP_ATTACKED = _gauge(
    "hotline_sip_attacked_accounts",
    "Phones' accounts at which many addresses guessed within ten minutes; each may guess thrice.",
)
NODE_CONNECTED = _gauge(
    "hotline_node_connected", "1 while this Asterisk is connected, by node.", "node"
)
NODE_DRAINING = _gauge(
    "hotline_node_draining", "1 while this Asterisk is given no new calls, by node.", "node"
)
NODE_CALLS = _gauge("hotline_node_calls", "Calls on this Asterisk now, by node.", "node")
ARI_CONNECTED = _gauge("hotline_ari_connected", "1 while Asterisk is connected.")
ARI_LAST_EVENT = _gauge(
    "hotline_ari_last_event_timestamp_seconds", "When Asterisk last told anything; 0: never."
)
ARI_CONNECTS = _counter("hotline_ari_connects", "Connections to Asterisk that came up.")
ARI_LOSSES = _counter("hotline_ari_losses", "Connections to Asterisk that were lost.")
ARI_OVERFLOWS = _counter(
    "hotline_ari_overflows", "Connections given up because events came faster than they were used."
)
ARI_EVENTS = _counter("hotline_ari_events", "Events of Asterisk by type.", "type")
ARI_UNUSABLE = _counter(
    "hotline_ari_events_unusable",
    "Events of unknown type, malformed, or (untold) that Asterisk could not make.",
    "kind",
)
ARI_REQUESTS = _counter(
    "hotline_ari_requests", "REST requests to Asterisk by result.", "operation", "result"
)
ARI_SECONDS = _histogram("hotline_ari_request_seconds", "From a REST request to its answer.", ())
ARI_DROPPED = _counter("hotline_ari_commands_dropped", "Commands dropped for want of a connection.")
INBOX = _gauge("hotline_inbox_events", "Events that wait for the engine.")
INBOX_OVERFLOWS = _counter("hotline_inbox_overflows", "Events refused because the inbox was full.")
STEPS = _counter("hotline_engine_steps", "Events the engine has decided on.")
WRITE_ERRORS = _counter(
    "hotline_log_write_errors",
    "Attempts to write the record that failed; what failed is kept and tried again.",
    "place",
)
JOURNAL_FACTS = _counter("hotline_journal_facts", "Facts written to the journal.")
JOURNAL_LOST = _counter(
    "hotline_journal_lost_facts",
    "Facts that neither the journal nor the database has: lost by a full or a damaged disk.",
)
JOURNAL_HELD = _gauge("hotline_journal_held_bytes", "Facts in memory while the disk refuses them.")
JOURNAL_AWAY = _gauge(
    "hotline_journal_away_bytes",
    "Facts in the second place (memory), while its disk refuses them; a reboot takes them.",
)
CLOCK_STEPS = _counter(
    "hotline_clock_steps",
    "Times the wall clock was set while the service ran; stamps of calls do not go back by it.",
)
JOURNAL_TORN = _gauge(
    "hotline_journal_torn_bytes",
    "Damaged bytes found in the journal at start; a file that was emptied counts as one.",
)
RECORD_FACTS = _counter("hotline_record_facts", "Facts stored in the database.")
RECORD_BEHIND = _gauge("hotline_record_behind_facts", "Facts that are not in the database yet.")
RECORD_SECONDS = _gauge(
    "hotline_record_behind_seconds", "How long the first of them has waited; 0: none."
)
DEAD_LETTERS = _counter("hotline_record_dead_letters", "Facts no table could take, set aside.")
CONTRADICTED = _counter(
    "hotline_record_contradicted",
    "Finished calls told once more with another outcome; what was stored first stays.",
)
LOOP_LAG = _histogram(
    "hotline_event_loop_lag_seconds", "How late the event loop woke a task that slept.", _LAG
)

API_FAILURES = _counter("hotline_api_failures", "Requests of people that a fault of ours spoiled.")

COUNTED = (
    *(
        RECEIVED,
        REJECTED,
        IVR_ENDED,
        LOOKED_UP,
        VOICEMAIL,
        CASE_LOOKUPS,
        CALLBACK_LOOKUPS,
        MENU_KEYS,
        MENU,
        OFFERED,
        REDIALS,
        ENDED,
        WAIT,
        ESTIMATE_ERROR,
        TALK,
    ),
    *(CALLBACKS_ASKED, CALLBACK_CHOICES, CALLBACK_TRIES, CALLBACK_RINGING, CALLBACKS_ENDED),
    *(WAITS_TOLD, NEWS, WRAPUP, LOST, OFFERS, TRANSFERS, CONSULTS, PARKED),
    *(DIVERTED, LISTENED, LEDGER, REPAIRS, STEP_FAILURES, LOOP_LAG),
    *(HELPS, SURVEYS, ACQUAINTED, MESSAGES, OVERFLOW_RULES, VOICEMAILS),
)
"""Counted in this process as things happen."""

ASKED = (
    *(WAITING, RETURNED, OLDEST_WAIT, OPEN, ROSTERED, UNCOVERED, OPERATORS),
    *(CALLBACKS_OPEN, CALLBACKS_OVERDUE, CALLBACK_OLDEST, CALLBACKS_HELD, CALLBACK_REFUSALS),
    *(IN_PROGRESS, MISMATCH),
    *(HELPS_OPEN, PARKED_NOW, PARKED_OLDEST),
    *(TRUNK_UP, TRUNK_CHANNELS, LEGS, TRUNK_REFUSED, HEP_DATAGRAMS),
    *(SIP_GUESSES, SIP_BANS, SIP_BANNED, SIP_ATTACKED),
    *(NODE_CONNECTED, NODE_DRAINING, NODE_CALLS),
    *(ARI_CONNECTED, ARI_LAST_EVENT, ARI_CONNECTS, ARI_LOSSES, ARI_OVERFLOWS, ARI_EVENTS),
    *(ARI_UNUSABLE, ARI_REQUESTS, ARI_DROPPED, INBOX, INBOX_OVERFLOWS, STEPS),
    *(WRITE_ERRORS, JOURNAL_FACTS, JOURNAL_LOST, JOURNAL_HELD, JOURNAL_AWAY, JOURNAL_TORN),
    CLOCK_STEPS,
    *(RECORD_FACTS, RECORD_BEHIND, RECORD_SECONDS, DEAD_LETTERS, CONTRADICTED, API_FAILURES),
)
"""Read from the other parts at a scrape."""

SERIES = (*COUNTED, *ASKED, ARI_SECONDS)


def describe(more: Sequence[Series] = ()) -> list[tuple[str, str, tuple[str, ...], str]]:
    """(name as in PromQL, type, labels, help) of every series in the order of the list, then of the
    series that features declare."""
    return [
        (s.name + "_total" if s.kind is Kind.COUNTER else s.name, s.kind.value, s.labels, s.help)
        for s in (*SERIES, *more)
    ]
