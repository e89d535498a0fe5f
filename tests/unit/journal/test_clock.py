"""Engine time goes on: over a restart unchanged, over a reboot from where the journal stops."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from callcenter.runtime.clock import Clock, TimeMark, read_boot, resumed_clock

MARK = TimeMark(boot="boot-a", shift_seconds=500.0, at=1_500.0, wall=1_700_000_000.0)


def test_a_restart_on_the_same_boot_keeps_the_shift() -> None:
    clock = resumed_clock(MARK, boot="boot-a", monotonic=lambda: 1_002.0, wall=lambda: 0.0)

    assert clock.now() == 1_502.0


def test_a_step_of_the_wall_clock_changes_nothing_on_the_same_boot() -> None:
    day_later = MARK.wall + 86_400
    clock = resumed_clock(MARK, boot="boot-a", monotonic=lambda: 1_002.0, wall=lambda: day_later)

    assert clock.now() == 1_502.0


def test_a_reboot_counts_the_time_the_machine_was_off() -> None:
    clock = resumed_clock(MARK, boot="boot-b", monotonic=lambda: 7.0, wall=lambda: MARK.wall + 60.0)

    assert clock.now() == 1_560.0


def test_a_wall_clock_set_back_in_a_reboot_does_not_turn_time_back() -> None:
    clock = resumed_clock(MARK, boot="boot-b", monotonic=lambda: 7.0, wall=lambda: 12.0)

    assert clock.now() == MARK.at


def test_an_unknown_boot_is_never_the_same_boot() -> None:
    mark = TimeMark(boot="", shift_seconds=0.0, at=100.0, wall=1_000.0)
    clock = resumed_clock(mark, boot="", monotonic=lambda: 5_000.0, wall=lambda: 1_001.0)

    assert clock.now() == 101.0


def test_a_monotonic_clock_that_is_behind_the_mark_counts_as_a_reboot() -> None:
    clock = resumed_clock(MARK, boot="boot-a", monotonic=lambda: 3.0, wall=lambda: MARK.wall + 1)

    assert clock.now() == MARK.at + 1


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.floats(0, 1e5),
            st.floats(0, 2e9),
        ),
        min_size=2,
        max_size=20,
    )
)
def test_time_never_goes_back_over_any_chain_of_restarts(
    starts: list[tuple[bool, float, float]],
) -> None:
    mark, boot, monotonic, seen = None, 0, 0.0, []
    for reboots, seconds, wall in starts:
        boot += reboots
        monotonic = seconds if reboots else monotonic + seconds
        clock = resumed_clock(
            mark,
            boot=f"boot-{boot}",
            monotonic=lambda now=monotonic: now,  # type: ignore[misc]
            wall=lambda now=wall: now,  # type: ignore[misc]
        )
        mark = clock.mark()
        seen.append(clock.now())

    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(seen))


def test_this_boot_is_told_the_same_way_twice() -> None:
    assert read_boot() == read_boot()


def test_a_bare_clock_is_the_monotonic_clock() -> None:
    assert Clock(monotonic=lambda: 4.0).now() == 4.0
