"""The formulas give the published figures."""

import pytest

from tests.bench.erlang_formulas import wait_of_impatient, wait_of_patient

PATIENT = (  # servers, erlangs, service seconds, mean wait in seconds
    (1, 0.8, 180, 720),
    (2, 1, 180, 60),
    (5, 4, 180, 99.74025974),
    (10, 8, 240, 49.1016181),
    (20, 18, 180, 49.56921043),
    (200, 190, 240, 8.766332558),
    (1000, 970, 300, 2.428233362),
)
IMPATIENT = (  # servers, calls a second, service seconds, patience seconds, mean wait of all
    (1, 1 / 180, 180, 180, 66.21829941),
    (2, 1 / 90, 180, 60, 19.86019593),
    (5, 5 / 180, 180, 120, 23.08443618),
    (20, 24 / 180, 180, 90, 18.12890462),
    (100, 105 / 300, 300, 60, 4.967339061),
    (200, 220 / 240, 240, 120, 11.59501898),
)


@pytest.mark.parametrize(("servers", "load", "service", "wait"), PATIENT)
def test_erlang_c(servers: int, load: float, service: float, wait: float) -> None:
    assert wait_of_patient(servers, load, service) == pytest.approx(wait, rel=1e-8)


@pytest.mark.parametrize(("servers", "rate", "service", "patience", "wait"), IMPATIENT)
def test_erlang_a(servers: int, rate: float, service: float, patience: float, wait: float) -> None:
    found = wait_of_impatient(servers, rate * service, service, patience)
    assert found == pytest.approx(wait, rel=1e-8)


def test_with_endless_patience_it_is_erlang_c() -> None:
    endless = wait_of_impatient(5, 4, 180, 1e9)
    assert endless == pytest.approx(wait_of_patient(5, 4, 180), rel=1e-4)
