"""Somchai asks for help in a talk; Malee, at the floor, whispers, and writes to everybody."""

from pathlib import Path

from tests.acceptance.console.test_console import browser
from tests.acceptance.console.test_listening import Talk, other_browser, phone_is_there, talk
from tests.browser import TABLET

__all__ = ["browser", "other_browser", "talk"]


async def test_help_is_asked_for_and_given(talk: Talk, tmp_path: Path) -> None:
    somchai, malee, api = talk.somchai, talk.malee, talk.hotline.api
    await malee.page.keyboard.press("1")  # whichever page she looks at
    await somchai.page.keyboard.press("x")
    await somchai.sees("The supervisors see that you ask for help.")
    await malee.sees("Somchai Jaidee asks for help")
    assert await malee.page.evaluate("rung") == 2  # once; it is a sound of two tones
    assert "Help is asked for" in await malee.page.title()
    assert await malee.barriers() == [] == await somchai.barriers()
    await malee.pictures(tmp_path, "help-floor")
    await somchai.pictures(tmp_path, "help-desk")

    await somchai.page.reload()
    await somchai.sees("Withdraw the request")
    await talk.hotline.service.kills()
    await talk.hotline.service.starts()
    await malee.sees("Somchai Jaidee asks for help")
    await somchai.sees("This browser · ready")
    await phone_is_there(talk.hotline, talk.supervisor)
    await somchai.clicks("Withdraw the request")
    await malee.sees_no_more("Somchai Jaidee asks for help")

    await somchai.clicks("Ask for help")
    await malee.sees("Somchai Jaidee asks for help")
    await malee.page.get_by_role("alert").get_by_role("button", name="Whisper").click()
    await talk.heard(caller=[somchai], operator=True, supervisor=True)
    await malee.sees_no_more("Somchai Jaidee asks for help")
    await somchai.sees("Ask for help")
    assert await api.metric("hotline_help_requests_total", result="answered") >= 1
    await malee.clicks("Stop listening")


async def test_a_message_is_shown_until_it_is_read(talk: Talk, tmp_path: Path) -> None:
    somchai, malee = talk.somchai, talk.malee
    await somchai.page.keyboard.press("x")
    await malee.clicks("Write a message")
    await malee.types("Message", "บอกผู้โทรว่าจะโทรกลับภายในห้านาที")
    await malee.clicks("Send")
    await malee.sees("Sent to one person.")
    await malee.sees("Not read yet: Somchai Jaidee")
    assert await malee.barriers() == []
    await malee.pictures(tmp_path, "message-floor")
    await malee.page.keyboard.press("Escape")
    await malee.sees_no_more("Somchai Jaidee asks for help")
    await somchai.sees("บอกผู้โทรว่าจะโทรกลับภายในห้านาที")
    assert await somchai.barriers() == []
    await somchai.pictures(tmp_path, "message-desk", [TABLET])
    await somchai.page.reload()
    await somchai.sees("บอกผู้โทรว่าจะโทรกลับภายในห้านาที")
    await somchai.page.get_by_role("button", name="Read", exact=True).click()
    await somchai.sees_no_more("บอกผู้โทรว่าจะโทรกลับภายในห้านาที")
    await malee.clicks("Message to the floor")
    await malee.types("Message", "ระบบจะหยุดห้านาทีตอนเที่ยงคืน")
    await malee.page.get_by_role("dialog").locator("select").select_option("all")
    await malee.clicks("Send")
    await somchai.sees("ระบบจะหยุดห้านาทีตอนเที่ยงคืน")
