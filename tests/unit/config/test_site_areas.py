"""The tables of area codes in a site file."""

import pytest

from callcenter.config import SiteFileError
from callcenter.config.site_drawing import site_drawing
from callcenter.config.site_file import parse_site
from tests.unit.config.test_site_file import GOOD


def with_areas(table: str) -> bytes:
    text = GOOD.replace("[lines.1567]\n", '[lines.1567]\nareas = "provinces"\n', 1)
    assert text != GOOD
    return f"{text}\n[areas.provinces]\n{table}\n".encode()


def test_a_line_has_queues_by_area_code() -> None:
    site = parse_site(with_areas('"0456" = "centre"\n"๐๒" = "centre"'), "site.toml")
    line = site.line_of_did["1567"]
    assert line.areas == {"0456": "centre", "02": "centre"}
    assert line.own_queue("045614545") == "centre"
    assert site.lines[line.name] is line
    assert '"from 0456, 02"' in site_drawing(site)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('"081" = "centre"', "the beginning of a Thai fixed-line number"),
        ('"+6645" = "centre"', "the beginning of a Thai fixed-line number"),
        ('"0456145450" = "centre"', "the beginning of a Thai fixed-line number"),
        ('"045" = "centr"', "did you mean centre?"),
        ('"045" = 7', "there is no such queue"),
        ('"045" = "centre"\n"๐๔๕" = "centre"', "has a queue already"),
        ("", "1 to 500"),
    ],
)
def test_a_wrong_table_is_refused_with_a_sentence(table: str, said: str) -> None:
    with pytest.raises(SiteFileError) as caught:
        parse_site(with_areas(table), "site.toml")
    assert said in str(caught.value)


def test_a_table_that_is_not_there_is_named() -> None:
    text = with_areas('"045" = "centre"').replace(b"[areas.provinces]", b"[areas.others]")
    with pytest.raises(SiteFileError, match="others"):
        parse_site(text, "site.toml")
