"""The reasons that the rules give a pause are those that people are told of and may not give."""

from callcenter.core.change import LINE_HELD, OTHER_CALL
from callcenter.core.open_line import LINE
from callcenter.core.operator import PHONE_LOST, RONA
from callcenter.core.outcome import OfferResult
from callcenter.ports.pauses import ServicePause


def test_every_pause_of_the_engine_is_listed() -> None:
    results = OfferResult.DECLINED, OfferResult.BUSY, OfferResult.UNREACHABLE
    given = {OTHER_CALL, LINE, LINE_HELD, PHONE_LOST, RONA, "bridge_failed", *results}
    assert given == set(ServicePause)
