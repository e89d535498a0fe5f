"""The pauses that the service itself makes. People may pause with any other word."""

from enum import StrEnum


class ServicePause(StrEnum):
    """Why the service paused an operator: the `reason` of the state."""

    RONA = "rona"  # the phone rang, and nobody answered
    DECLINED = "declined"  # the operator refused the call at the phone
    BUSY = "busy"  # the phone was in use
    UNREACHABLE = "unreachable"  # the phone was away when a call was offered
    LINE = "line"  # the open line is not up
    BRIDGE_FAILED = "bridge_failed"  # Asterisk could not join the operator with a caller
    OTHER_CALL = "other_call"  # the phone is in a call that is not ours
    LINE_HELD = "line_held"  # the phone has the open line on hold
    PHONE_LOST = "phone_lost"  # the phone went away in a talk

    @property
    def passes(self) -> bool:
        """Whether it ends with its cause. If the cause is still there, it is made again."""
        return self in (ServicePause.LINE, ServicePause.LINE_HELD, ServicePause.OTHER_CALL)
