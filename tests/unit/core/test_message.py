"""A message is a frozen dataclass in everything but the time it takes to make one."""

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from callcenter.core.events import CallerLeft, TimePassed
from callcenter.core.facts import CallEnded
from callcenter.core.ids import CallId
from callcenter.core.outcome import Loss

MALEE = CallId("malee")


def test_a_message_cannot_be_changed() -> None:
    ended = CallEnded(at=1.0, call=MALEE)
    with pytest.raises(FrozenInstanceError):
        ended.at = 2.0  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        ended.other = 2.0  # type: ignore[attr-defined]


def test_messages_that_say_the_same_are_equal() -> None:
    one, other = CallEnded(at=1.0, call=MALEE), CallEnded(at=1.0, call=MALEE)
    assert (one == other, hash(one) == hash(other)) == (True, True)
    assert one != CallEnded(at=2.0, call=MALEE)
    assert repr(one) == "CallEnded(at=1.0, call='malee')"


def test_every_field_must_be_named_and_given() -> None:
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'call'"):
        CallEnded(at=1.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        CallEnded(1.0, MALEE)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected"):
        CallEnded(at=1.0, call=MALEE, more=1)  # type: ignore[call-arg]


def test_what_is_left_out_has_its_default() -> None:
    assert CallerLeft(call=MALEE).loss is None
    assert CallerLeft(call=MALEE, loss=Loss.CUT_OFF).loss is Loss.CUT_OFF
    assert TimePassed() == TimePassed()


def test_messages_can_be_copied_replaced_and_looked_into() -> None:
    ended = CallEnded(at=1.0, call=MALEE)
    assert copy.deepcopy(ended) == pickle.loads(pickle.dumps(ended)) == ended
    assert replace(ended, at=2.0) == CallEnded(at=2.0, call=MALEE)
    assert [field.name for field in fields(ended)] == ["at", "call"]
    assert not hasattr(ended, "__dict__")
