"""One window is an operator's phone, and the service says which."""

from dataclasses import dataclass, field

from callcenter.core.ids import OperatorId
from callcenter.web.operators.windows import KEPT_SECONDS, Windows

SOMCHAI = OperatorId("somchai")


@dataclass(eq=False)
class Socket:
    """Remembers how it was ended: whether the phone went to another window."""

    ended: list[bool] = field(default_factory=list)

    def end(self, *, phone_goes: bool) -> None:
        self.ended.append(phone_goes)


class Clock:
    """Moved by the test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_the_first_window_is_the_phone_and_another_one_has_to_say_take() -> None:
    windows, first, second = Windows(Clock()), Socket(), Socket()
    assert windows.claim(SOMCHAI, "first", take=False)
    assert windows.enter(SOMCHAI, "first", first)
    assert not windows.claim(SOMCHAI, "second", take=False)
    assert not windows.enter(SOMCHAI, "second", second)
    assert windows.phone_of(SOMCHAI) == "first"
    assert windows.claim(SOMCHAI, "second", take=True)
    assert first.ended == [True]
    assert windows.enter(SOMCHAI, "second", second)
    assert not windows.leave(SOMCHAI, first, on_purpose=True)
    assert windows.phone_of(SOMCHAI) == "second"


def test_another_connection_of_the_same_window_loses_nothing() -> None:
    windows, old, new = Windows(Clock()), Socket(), Socket()
    assert windows.enter(SOMCHAI, "first", old)
    assert windows.enter(SOMCHAI, "first", new)
    assert old.ended == [False]
    assert not windows.leave(SOMCHAI, old, on_purpose=False)
    assert windows.connected == 1


def test_a_window_that_goes_away_is_none_at_once_and_one_that_broke_off_after_a_while() -> None:
    clock = Clock()
    windows, socket, told = Windows(clock), Socket(), list[str | None]()
    windows.listeners.append(lambda: told.append(windows.phone_of(SOMCHAI)))
    assert windows.enter(SOMCHAI, "first", socket)
    assert windows.leave(SOMCHAI, socket, on_purpose=False)
    assert not windows.claim(SOMCHAI, "second", take=False)
    clock.seconds += KEPT_SECONDS
    assert windows.phone_of(SOMCHAI) is None
    assert windows.enter(SOMCHAI, "second", socket)
    assert windows.leave(SOMCHAI, socket, on_purpose=True)
    assert windows.phone_of(SOMCHAI) is None
    assert told[-1] is None


def test_a_log_in_that_ends_takes_the_phone_along() -> None:
    windows, socket = Windows(Clock()), Socket()
    assert windows.enter(SOMCHAI, "first", socket)
    assert windows.all() == [SOMCHAI]
    windows.free(SOMCHAI)
    assert (socket.ended, windows.all()) == ([True], [])
