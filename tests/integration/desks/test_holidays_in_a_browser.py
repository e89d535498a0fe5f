"""At the administration page the next year's holidays are missing until they are confirmed."""

from pathlib import Path

from callcenter.desks.shared.thai import BANGKOK
from callcenter.ports.people import Role
from tests.browser import Browser
from tests.integration.desks.office import Office
from tests.integration.desks.test_prang_ku_in_a_browser import PHONE, browser
from tests.integration.house import PASSWORD

__all__ = ["browser"]
SIZE = {"width": 360, "height": 740}


async def test_holidays_are_missing_at_the_administration_page_until_they_are_confirmed(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    """The page asks by the real clock; the service's is set to December of that year."""
    await office.house.person("boss", Role.ADMINISTRATOR)
    year = office.house.hands.wall().astimezone(BANGKOK).year
    office.at(f"{year}-12-10T09:00")
    screen = await browser.screen(size=SIZE, language="en")
    sent = {"name": "boss", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens("/#/admin/people")
    await screen.sees(f"The holidays of {year}, {year + 1} are only computed")
    await screen.clicks_link("Look at the holidays")
    await screen.sees("Only computed, not confirmed")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "holidays", (PHONE,), whole=True)
    await screen.page.get_by_role("button", name=f"Confirm these days {year}", exact=True).click()
    await screen.sees(f"{year}: Confirmed.")
    calendar = tmp_path / "holidays.ics"
    event = f"UID:1\nDTSTART;VALUE=DATE:{year + 1}0101\nSUMMARY:วันขึ้นปีใหม่\n"
    calendar.write_text(
        f"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n{event}END:VEVENT\nEND:VCALENDAR\n"
    )
    own = screen.page.get_by_label("Other days from a calendar file (.ics)").nth(1)
    await own.set_input_files(calendar)
    await screen.clicks("Confirm these 1 days in place of the present ones")
    await screen.sees(f"{year + 1}: Confirmed.")
    told = (await office.get("boss", f"holidays/{year + 1}")).body
    assert (told["confirmed"], len(told["days"])) == (True, 1)
    await screen.opens("/#/admin/people")
    await screen.sees("Add a person")
    assert await screen.page.get_by_text("only computed").count() == 0
    assert screen.complaints == []
