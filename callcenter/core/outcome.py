"""The closed set of outcomes; every call that reaches us ends in exactly one of them.

The outcome is decided by our own state machine, never by a hang-up cause: Asterisk leaves cause 0
behind a dial that timed out (asterisk issues 963, 1660).
"""

from enum import StrEnum


class Outcome(StrEnum):
    """How a call came out. The first six were offered to a queue; the last two never were."""

    ANSWERED = "answered"  # bridged to an operator
    ABANDONED_SHORT = "abandoned_short"  # left the line before short_abandon_seconds: a misdial
    ABANDONED = "abandoned"  # left the line later, also while an operator's phone rang
    OVERFLOW = "overflow"  # we moved the call out: it waited longer than the queue allows
    CALLBACK = "callback"  # chose to be called back
    FAILED = "failed"  # our side lost the call
    REJECTED = "rejected"  # not let in
    IVR_ENDED = "ivr_ended"  # hung up or was served before a queue was reached


class Rejection(StrEnum):
    """Why a call was not let in. Each is a metric series of every line: none that never comes."""

    QUEUE_FULL = "queue_full"
    CLOSED = "closed"  # outside the queue's hours
    UNKNOWN_NUMBER = "unknown_number"
    RESTART = "restart"  # Asterisk was to be restarted


class Diversion(StrEnum):
    """Why a call stands in line elsewhere than in the queue of its line, or where it stood."""

    CLOSED = "closed"  # outside its hours
    NO_STAFF = "no_staff"  # nobody is on duty there
    LENGTH = "length"  # too many wait there
    EXPECTED = "expected"  # the wait would be too long there
    MAX_WAIT = "max_wait"  # waited there as long as the queue allows
    QUEUE_GONE = "queue_gone"  # the site file has the queue no more


class OfferResult(StrEnum):
    """How one offer to one operator came out."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"  # rang for ring_seconds
    DECLINED = "declined"  # refused at the phone
    BUSY = "busy"  # the phone was in use
    UNREACHABLE = "unreachable"  # the phone is not there
    CALLER_LEFT = "caller_left"  # not the operator's doing
    WITHDRAWN = "withdrawn"  # taken back by us: logged out, or the leg was lost in a restart


class BackResult(StrEnum):
    """How one try to call a citizen back came out."""

    REACHED = "reached"  # a key was pressed
    NO_KEY = "no_key"  # answered, by a machine or somebody who pressed none
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"  # taken back by us
    LOST = "lost"  # the leg was gone when we looked

    @property
    def is_ours(self) -> bool:
        """Whether it came to nothing by our doing: that costs the citizen none of the tries."""
        return self in (BackResult.WITHDRAWN, BackResult.LOST)


class ConsultResult(StrEnum):
    """How it came out that an operator asked a colleague during a talk."""

    GIVEN = "given"  # the caller goes on to the colleague
    CANCELLED = "cancelled"  # the operator let the colleague go
    LEFT = "left"  # the colleague was there, and hung up
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"  # logged out, or the leg was lost in a restart
    CALLER_LEFT = "caller_left"
    BROKEN_OFF = "broken_off"  # the operator was gone before the colleague was there


class LegEnd(StrEnum):
    """What Asterisk says of an operator's leg that ended; the engine decides what it means."""

    ENDED = "ended"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    LOST = "lost"  # it was gone when we looked
    DIED = "died"  # it was up, and its far end did not hang up: Asterisk did, or we


class EndedBy(StrEnum):
    """Who ended a conversation."""

    CALLER = "caller"
    OPERATOR = "operator"
    LOST = "lost"  # no person did: a `Loss` says what


class Loss(StrEnum):
    """What ended a call that no person ended: the reason of the outcome `failed`, and of a
    conversation ended by `lost`."""

    ASTERISK_LOST = "asterisk_lost"  # it was restarted, or killed
    RTP_TIMEOUT = "rtp_timeout"  # no sound for longer than Asterisk was told to wait (cause 44)
    SIP_FAILED = "sip_failed"  # a request within the call was not answered (408), or refused (481)
    PHONE_LOST = "phone_lost"  # the operator's phone is not there any more
    RESTART = "restart"  # Asterisk was to be restarted, and the time given for that was over
    CUT_OFF = "cut_off"  # ended in Asterisk: its console, its shutdown, its longest call


def outcome_of_leaving(wait_seconds: float, short_abandon_seconds: float) -> Outcome:
    """A caller who left the line by hanging up (domain rule: below the limit it was a misdial)."""
    return Outcome.ABANDONED_SHORT if wait_seconds < short_abandon_seconds else Outcome.ABANDONED
