"""The requests by which prompts are played and stopped."""

import pytest

from callcenter.ari.playback import MOST_PROMPTS, play, stop
from callcenter.ari.rest import Operation, Response, Verdict, verdict
from callcenter.core.speech import MOST, estimate, opens, place
from callcenter.prompts.catalogue import Language
from tests.legs import caller_leg

LEG = caller_leg("1.1")


def test_prompts_are_asked_for_by_their_paths() -> None:
    request = play(LEG, "p/1", "/srv/lib/prompts", ["place", "number_5"], "th")
    assert (request.method, request.path) == ("POST", "/channels/1.1/play/p%2F1")
    assert request.body == {
        "media": ["sound:/srv/lib/prompts/place", "sound:/srv/lib/prompts/number_5"],
        "lang": "th",
    }
    assert (stop("p/1").method, stop("p/1").path) == ("DELETE", "/playbacks/p%2F1")


@pytest.mark.parametrize("keys", [[], ["x"] * (MOST_PROMPTS + 1)])
def test_nothing_and_too_much_are_refused(keys: list[str]) -> None:
    with pytest.raises(ValueError):
        play(LEG, "p", "/srv", keys, "th")


@pytest.mark.parametrize("language", Language)
def test_whatever_is_said_fits_into_one_playback(language: Language) -> None:
    for said in (
        place(language, MOST - 1),
        estimate(language, MOST - 2, MOST - 1),
        opens(language, 4, 23, 59),
    ):
        assert len(said) <= MOST_PROMPTS


def test_a_caller_who_left_and_a_prompt_that_is_over_are_gone() -> None:
    for operation, status in (
        (Operation.PLAY, 404),
        (Operation.PLAY, 409),
        (Operation.STOP_PLAYING, 404),
    ):
        assert verdict(operation, Response(status=status)) is Verdict.GONE
    assert verdict(Operation.PLAY, Response(status=201)) is Verdict.DONE
