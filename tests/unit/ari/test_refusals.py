"""Which final answers to INVITEs are refused calls, and which are not."""

import pytest

from callcenter.ari.refusals import CALLS_KEPT, COMBINATIONS, TRY_AGAIN_SECONDS, Refusals

LATER = 10 * TRY_AGAIN_SECONDS


def told(refusals: Refusals, now: float = LATER) -> dict[tuple[str, str], int]:
    return {labels: count for labels, count in refusals.counted(now).items() if count}


@pytest.mark.parametrize(
    ("status", "labels"),
    [
        (488, ("4xx", "media")),
        (606, ("6xx", "media")),
        (420, ("4xx", "extension")),
        (422, ("4xx", "session_timer")),
        (404, ("4xx", "number")),
        (480, ("4xx", "other")),
        (503, ("5xx", "failure")),
        (699, ("6xx", "other")),
    ],
)
def test_a_refusal_is_counted_once_however_often_it_is_sent(
    status: int, labels: tuple[str, str]
) -> None:
    refusals = Refusals()
    for now in (0.0, 0.5, 1.5):
        refusals.invited(b"call", 1, b"z9hG4bK1", now)
        refusals.refused(b"call", 1, status, now)
    assert told(refusals, 1.5) == {}, "the caller may try again"
    assert told(refusals) == {labels: 1}


@pytest.mark.parametrize("status", [401, 407, 487])
def test_a_challenge_and_the_end_of_a_cancelled_call_are_none(status: int) -> None:
    refusals = Refusals()
    refusals.invited(b"call", 1, b"z9hG4bK1", 0)
    refusals.refused(b"call", 1, status, 0)
    assert told(refusals) == {}


def test_an_answer_to_an_invite_that_did_not_begin_a_call_is_none() -> None:
    refusals = Refusals()
    refusals.refused(b"call", 1, 488, 0)
    refusals.invited(b"call", 1, b"z9hG4bK1", 1)
    refusals.refused(b"call", 2, 488, 1)
    assert told(refusals) == {}


@pytest.mark.parametrize("status", [480, 482])
def test_a_copy_that_came_by_another_way_is_none(status: int) -> None:
    refusals = Refusals()
    refusals.invited(b"call", 1, b"z9hG4bK1", 0)
    refusals.invited(b"call", 1, b"z9hG4bK2", 0)
    refusals.refused(b"call", 1, status, 0)
    assert told(refusals) == {}


def test_a_call_that_was_refused_on_both_ways_is_one() -> None:
    refusals = Refusals()
    for branch in (b"z9hG4bK1", b"z9hG4bK2"):
        refusals.invited(b"call", 1, branch, 0)
        refusals.refused(b"call", 1, 488, 0)
    assert told(refusals) == {("4xx", "media"): 1}


def test_who_tries_again_in_another_way_was_not_refused() -> None:
    refusals = Refusals()
    refusals.invited(b"call", 1, b"z9hG4bK1", 0)
    refusals.refused(b"call", 1, 422, 0)
    refusals.invited(b"call", 2, b"z9hG4bK2", 0.1)
    assert told(refusals) == {}
    refusals.refused(b"call", 2, 488, 0.1)
    assert told(refusals) == {("4xx", "media"): 1}, "unless that is refused, too"


def test_a_flood_is_counted_in_bounded_memory() -> None:
    refusals, many = Refusals(), 3 * CALLS_KEPT
    for number in range(many):
        refusals.invited(b"%d" % number, 1, b"z9hG4bK1", 0)
        refusals.refused(b"%d" % number, 1, 488, 0)
    assert len(refusals._calls) <= CALLS_KEPT
    assert len(refusals._waiting) <= CALLS_KEPT
    assert told(refusals) == {("4xx", "media"): many}


def test_no_label_comes_from_a_stranger() -> None:
    refusals = Refusals()
    for status in range(400, 700):
        refusals.invited(b"%d" % status, 1, b"z9hG4bK1", 0)
        refusals.refused(b"%d" % status, 1, status, 0)
    assert set(refusals.counted(LATER)) == set(COMBINATIONS)
    assert len(COMBINATIONS) < 12
