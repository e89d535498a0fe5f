"""The pauses that the service itself gives an operator; people may pause with any other word."""

from enum import StrEnum


class ServicePause(StrEnum):
    """Why the service paused an operator: the `reason` of the state."""

    RONA = "rona"  # the phone rang, and nobody answered
    DECLINED = "declined"  # refused at the phone
    BUSY = "busy"  # the phone was in use
    UNREACHABLE = "unreachable"  # the phone was not there when a call was offered
    LINE = "line"  # the open line is not up
    BRIDGE_FAILED = "bridge_failed"  # Asterisk could not join the operator with a caller
    OTHER_CALL = "other_call"  # the phone is in a call that is not ours
    PHONE_LOST = "phone_lost"  # the phone went away in a talk

    @property
    def passes(self) -> bool:
        """Whether it ends when its cause does, and is given anew where the cause is still there."""
        return self in (ServicePause.LINE, ServicePause.OTHER_CALL)
