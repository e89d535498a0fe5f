"""The closed set of outcomes. Every call that reaches us ends with exactly one of them.

Our own state machine decides the outcome, never a hang-up cause: Asterisk gives cause 0 after a
dial that timed out (asterisk issues 963, 1660).
"""

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of a call. The first six were offered to a queue; the others never were."""

    ANSWERED = "answered"  # bridged to an operator
    ABANDONED_SHORT = "abandoned_short"  # left the line before short_abandon_seconds: a misdial
    ABANDONED = "abandoned"  # left the line later, also while an operator's phone rang
    OVERFLOW = "overflow"  # we moved the call out: it waited longer than the queue allows
    CALLBACK = "callback"  # chose to be called back
    FAILED = "failed"  # our side lost the call
    REJECTED = "rejected"  # not let in
    IVR_ENDED = "ivr_ended"  # hung up before a queue was reached
    LOOKED_UP = "looked_up"  # the same, and was told the state of a case before
    VOICEMAIL = "voicemail"  # was asked for a message, and never stood in line


class Rejection(StrEnum):
    """Why a call was not let in. Each is a metric series of every line, so there are none that
    never occur."""

    QUEUE_FULL = "queue_full"
    CLOSED = "closed"  # outside the queue's hours
    UNKNOWN_NUMBER = "unknown_number"
    RESTART = "restart"  # Asterisk was to be restarted


class VoicemailEnding(StrEnum):
    """The result of asking a caller for a message."""

    LEFT = "left"  # a message was left: the caller pressed #, was silent, or used all the time
    HUNG_UP = "hung_up"  # hung up while it was recorded; what was said until then is kept
    CUT = "cut"  # the same, but the call was cut off, or Asterisk was restarted
    EMPTY = "empty"  # nothing was heard
    FAILED = "failed"  # it could not be recorded
    NO_MESSAGE = "no_message"  # hung up before the tone

    @property
    def may_have_sound(self) -> bool:
        """Whether something may have been recorded."""
        return self in (VoicemailEnding.LEFT, VoicemailEnding.HUNG_UP, VoicemailEnding.CUT)


class Diversion(StrEnum):
    """Why a call stands in another queue than that of its line, or than before."""

    CLOSED = "closed"  # that queue is outside its hours
    NO_STAFF = "no_staff"  # nobody is on duty in that queue
    LENGTH = "length"  # too many callers wait in that queue
    EXPECTED = "expected"  # the wait in that queue would be too long
    MAX_WAIT = "max_wait"  # the caller waited there as long as the queue allows
    QUEUE_GONE = "queue_gone"  # the site file does not have that queue any more


class OfferResult(StrEnum):
    """The result of one offer to one operator."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"  # rang for ring_seconds
    DECLINED = "declined"  # refused at the phone
    BUSY = "busy"  # the phone was in use
    UNREACHABLE = "unreachable"  # the phone is not registered or does not answer
    CALLER_LEFT = "caller_left"  # the caller left, or the citizen who was called was not reached
    # withdrawn by us: the operator logged out, or the leg was lost in a restart
    WITHDRAWN = "withdrawn"
    ELSEWHERE = "elsewhere"  # several phones rang, and another one was answered first


class BackResult(StrEnum):
    """The result of one attempt to call a citizen back."""

    REACHED = "reached"  # a key was pressed
    NO_KEY = "no_key"  # answered, but by a machine or by somebody who pressed no key
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"  # the number does not exist
    CARRIER = "carrier"  # the carrier refused or did not answer: the line was not reached
    WITHDRAWN = "withdrawn"  # withdrawn by us
    LOST = "lost"  # the leg was gone when we looked

    @property
    def costs_a_try(self) -> bool:
        """Whether the citizen's line was reached. An attempt that the carrier or we ended does not
        count."""
        return self not in (BackResult.CARRIER, BackResult.WITHDRAWN, BackResult.LOST)


class ConsultResult(StrEnum):
    """The result of consulting a colleague during a talk."""

    GIVEN = "given"  # the caller goes on to the colleague
    CANCELLED = "cancelled"  # the operator let the colleague go
    LEFT = "left"  # the colleague was there and hung up
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"  # the operator logged out, or the leg was lost in a restart
    CALLER_LEFT = "caller_left"
    BROKEN_OFF = "broken_off"  # the operator was gone before the colleague came


class LegEnd(StrEnum):
    """How an operator's leg ended, according to Asterisk. The engine decides what that means."""

    ENDED = "ended"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"  # the carrier refused: the citizen's line was not reached
    LOST = "lost"  # it was gone when we looked
    DIED = "died"  # it was up, and its far end did not hang up: Asterisk or we did


class EndedBy(StrEnum):
    """Who ended a conversation."""

    CALLER = "caller"
    OPERATOR = "operator"
    LOST = "lost"  # no person; a `Loss` says what happened


class Loss(StrEnum):
    """Why a call ended although no person ended it: the reason for the outcome `failed`, and for a
    conversation ended by `lost`."""

    ASTERISK_LOST = "asterisk_lost"  # Asterisk was restarted, or killed
    RTP_TIMEOUT = "rtp_timeout"  # no sound for longer than Asterisk's limit (cause 44)
    SIP_FAILED = "sip_failed"  # a request within the call was not answered (408), or refused (481)
    PHONE_LOST = "phone_lost"  # the operator's phone is gone
    RESTART = "restart"  # Asterisk had to be restarted, and the limit for talks was over
    # ended by Asterisk: at its console, at its shutdown, or as its longest call
    CUT_OFF = "cut_off"


def outcome_of_leaving(wait_seconds: float, short_abandon_seconds: float) -> Outcome:
    """The outcome of a caller who hung up in line (domain rule: below the limit it was a
    misdial)."""
    return Outcome.ABANDONED_SHORT if wait_seconds < short_abandon_seconds else Outcome.ABANDONED
