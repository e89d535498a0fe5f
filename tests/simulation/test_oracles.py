"""The oracles against exact values computed elsewhere (rationals, 40-digit arithmetic)."""

from fractions import Fraction

import pytest

from tests.simulation.oracles import (
    agents_needed,
    answered_within_c,
    erlang_a,
    erlang_b,
    erlang_c,
    finite_queue,
    quantile_c,
    wait_c,
    wait_one_server,
    waiting_c,
    waits_by_priority,
)


@pytest.mark.parametrize(
    ("agents", "load", "exact"),
    [
        (1, 1, Fraction(1, 2)),
        (2, 1, Fraction(1, 5)),
        (5, 3, Fraction(81, 736)),
        (10, 5, Fraction(390625, 21247437)),
        (10, 8, Fraction(4194304, 34475319)),
    ],
)
def test_erlang_b_in_fractions(agents: int, load: int, exact: Fraction) -> None:
    assert erlang_b(agents, Fraction(load)) == exact


@pytest.mark.parametrize(
    ("agents", "load", "exact"),
    [
        (20, 15, 0.0455932155898),
        (50, 40, 0.0186906711096),
        (100, 90, 0.0269573804644),
        (200, 180, 0.0103249952050),
        (1000, 950, 0.00364929368894),
    ],
)
def test_erlang_b(agents: int, load: float, exact: float) -> None:
    assert erlang_b(agents, float(load)) == pytest.approx(exact, rel=1e-11)


# agents, load, talk: P(wait), mean wait, P(wait <= 20 s), waiting, median, 99 %
ERLANG_C = [
    (1, 0.8, 180, 4 / 5, 720, 0.217581702, 3.2, 423.003, 3943.82),
    (2, 1, 180, 1 / 3, 60, 0.7017202277, 1 / 3, 0, 631.180),
    (5, 4, 180, 0.554112554113, 99.74025974, 0.5041583006, 2.216450216, 18.4968, 722.661),
    (10, 8, 240, 0.409180150796, 49.1016181, 0.6536364802, 1.636720603, 0, 445.388),
    (14, 10, 180, 0.174131933595, 7.835937012, 0.8883500192, 0.435329834, 0, 128.575),
    (20, 18, 180, 0.550769004816, 49.56921043, 0.5589786575, 4.956921043, 8.7037, 360.786),
    (50, 45, 300, 0.363864467207, 21.83186803, 0.7392797164, 3.274780205, 0, 215.652),
    (100, 95, 300, 0.506456853913, 30.38741123, 0.6371078067, 9.622680224, 0.7699, 235.491),
    (200, 190, 240, 0.365263856563, 8.766332558, 0.8412569823, 6.940013275, 0, 86.353),
    (1000, 970, 300, 0.24282333618, 2.428233362, 0.967137435, 7.85128787, 0, 31.897),
]


@pytest.mark.parametrize("row", ERLANG_C, ids=lambda row: f"{row[0]}-{row[1]}")
def test_erlang_c(row: tuple[float, ...]) -> None:
    agents, load, talk = int(row[0]), float(row[1]), float(row[2])
    assert erlang_c(agents, load) == pytest.approx(row[3], rel=1e-9)
    assert wait_c(agents, load, talk) == pytest.approx(row[4], rel=1e-9)
    assert answered_within_c(agents, load, talk, 20.0) == pytest.approx(row[5], rel=1e-9)
    assert waiting_c(agents, load) == pytest.approx(row[6], rel=1e-8)
    assert quantile_c(agents, load, talk, 0.5) == pytest.approx(row[7], rel=1e-4)
    assert quantile_c(agents, load, talk, 0.99) == pytest.approx(row[8], rel=1e-4)


def test_erlang_c_in_fractions() -> None:
    assert erlang_c(5, Fraction(4)) == Fraction(128, 231)
    assert erlang_c(10, Fraction(8)) == Fraction(4194304, 10250507)
    assert erlang_c(14, Fraction(10)) == Fraction(976562500, 5608175823)


@pytest.mark.parametrize(
    ("per_hour", "talk", "agents", "share", "share_with_one_less"),
    [
        (100, 180, 8, 0.88014831, 0.74044101),
        (200, 180, 14, 0.88835002, 0.79559479),
        (600, 240, 46, 0.83878981, 0.77539269),
        (60, 300, 8, 0.86305377, 0.71631261),
        (1800, 300, 159, 0.80180280, 0.75978873),
    ],
)
def test_how_many_agents_answer_80_percent_within_20_seconds(
    per_hour: int, talk: int, agents: int, share: float, share_with_one_less: float
) -> None:
    load = per_hour * talk / 3600
    assert agents_needed(load, talk, 0.8, 20.0) == agents
    assert answered_within_c(agents, load, talk, 20.0) == pytest.approx(share, rel=1e-7)
    assert answered_within_c(agents - 1, load, talk, 20.0) == pytest.approx(
        share_with_one_less, rel=1e-7
    )


# agents, arrivals, per seconds, talk, patience: P(wait), P(abandon), mean wait, waiting, served<=20
ERLANG_A = [
    (1, 1, 180, 180, 180, 0.632120558829, 0.367879441171, 66.21829941, 0.36787944, 0.406490720),
    (2, 1, 90, 180, 60, 0.5034951019, 0.3310032654, 19.86019593, 0.22066884, 0.558409646),
    (5, 5, 180, 180, 120, 0.5170735952, 0.1923703015, 23.08443618, 0.64123434, 0.579987601),
    (10, 10, 240, 240, 120, 0.4655746412, 0.1460092534, 17.52111041, 0.73004627, 0.644159264),
    (20, 20, 180, 180, 60, 0.4057500402, 0.1122585179, 6.735511071, 0.74839012, 0.786214690),
    (20, 24, 180, 180, 90, 0.7143425011, 0.2014322735, 18.12890462, 2.4171873, 0.509296027),
    (50, 50, 300, 300, 180, 0.4579654890, 0.06344685132, 11.42043324, 1.9034055, 0.731105282),
    (100, 95, 300, 300, 300, 0.3173568112, 0.02016568137, 6.049704412, 1.9157397, 0.863768300),
    (100, 105, 300, 300, 60, 0.4555385312, 0.08278898434, 4.967339061, 1.7385687, 0.857349851),
    (200, 220, 240, 240, 120, 0.8199432823, 0.09662515816, 11.59501898, 10.628767, 0.708709105),
]


@pytest.mark.parametrize("row", ERLANG_A, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_erlang_a(row: tuple[float, ...]) -> None:
    agents, arrivals, per, talk, patience = row[:5]
    found = erlang_a(int(agents), arrivals / per, talk, patience)
    assert found.waits == pytest.approx(row[5], rel=1e-9)
    assert found.abandons == pytest.approx(row[6], rel=1e-9)
    assert found.wait == pytest.approx(row[7], rel=1e-9)
    assert found.waiting == pytest.approx(row[8], rel=1e-7)
    assert found.answered_within == pytest.approx(row[9], rel=1e-8)


def test_without_end_of_patience_erlang_a_is_erlang_c() -> None:
    found = erlang_a(10, 8 / 240, 240.0, 1e9)
    assert found.waits == pytest.approx(erlang_c(10, 8.0), rel=1e-5)
    assert found.wait == pytest.approx(wait_c(10, 8.0, 240.0), rel=1e-5)


@pytest.mark.parametrize(
    ("agents", "talk", "rates", "waits", "all_alike"),
    [
        (
            1,
            Fraction(1),
            [Fraction(3, 10), Fraction(4, 10)],
            [Fraction(1), Fraction(10, 3)],
            Fraction(7, 3),
        ),
        (
            2,
            Fraction(1),
            [Fraction(1, 2), Fraction(1)],
            [Fraction(3, 7), Fraction(12, 7)],
            Fraction(9, 7),
        ),
        (
            5,
            Fraction(180),
            [Fraction(1, 180), Fraction(3, 180)],
            [Fraction(1920, 77), Fraction(9600, 77)],
            None,
        ),
    ],
)
def test_priorities(
    agents: int,
    talk: Fraction,
    rates: list[Fraction],
    waits: list[Fraction],
    all_alike: Fraction | None,
) -> None:
    assert waits_by_priority(agents, talk, rates) == waits
    alike = wait_c(agents, sum(rates, start=Fraction(0)) * talk, talk)
    if all_alike is not None:
        assert alike == all_alike
    weighted = sum((r * w for r, w in zip(rates, waits, strict=True)), start=Fraction(0))
    assert weighted == sum(rates, start=Fraction(0)) * alike, (
        "priority moves waiting, it makes none"
    )


def test_priorities_of_ten_agents() -> None:
    rates = [2 / 240, 3 / 240, 3 / 240]
    found = waits_by_priority(10, 240.0, rates)
    assert found == pytest.approx([12.2754045, 24.5508090, 98.2032362], rel=1e-8)


@pytest.mark.parametrize(
    ("agents", "load", "places", "blocked", "waiting"),
    [
        (1, 1, 3, 0.25, 0.75),
        (2, 2, 4, 2 / 9, 2 / 3),
        (10, 9, 15, 0.0612587618, 1.0668697485),
        (20, 22, 40, 0.0992459576, 12.5398060515),
    ],
)
def test_finite_queues(
    agents: int, load: float, places: int, blocked: float, waiting: float
) -> None:
    assert finite_queue(agents, float(load), places) == pytest.approx((blocked, waiting), rel=1e-8)


@pytest.mark.parametrize(
    ("load", "constant", "erlang2"), [(0.5, 0.5, 0.75), (0.8, 2, 3), (0.9, 4.5, 6.75)]
)
def test_one_server(load: float, constant: float, erlang2: float) -> None:
    assert wait_one_server(load, 1.0, 0.0) == pytest.approx(constant)
    assert wait_one_server(load, 1.0, 0.5) == pytest.approx(erlang2)
