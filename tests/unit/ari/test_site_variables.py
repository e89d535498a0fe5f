"""What Asterisk is told of the site file, as global variables."""

from dataclasses import replace

from callcenter.ari.site_variables import site_variables
from callcenter.config import as_did
from callcenter.core.dialled import spellings
from callcenter.core.ids import LineName
from tests.site import site


def test_the_language_of_a_line_is_told_for_every_way_to_send_its_number() -> None:
    now = site()
    line = replace(now.lines[LineName("045-614545")], language="en")
    told = site_variables(replace(now, line_of_did={**now.line_of_did, "045614545": line}))
    assert {name: text for name, text in told.items() if name.startswith("LANGUAGE_")} == {
        "LANGUAGE_045614545": "en",
        "LANGUAGE_+6645614545": "en",
        "LANGUAGE_6645614545": "en",
        "LANGUAGE_006645614545": "en",
    }
    assert not any(name.startswith("LANGUAGE_") for name in site_variables(now))


def test_every_spelling_is_of_the_same_number() -> None:
    for number in ("1567", "1111", "045614545", "0812345678", "1800123456", "+4930123456", "999"):
        assert spellings(number)[0] == number
        assert {as_did(spelling) for spelling in spellings(number)} == {as_did(number)}
    assert len(spellings("1567")) == 4
