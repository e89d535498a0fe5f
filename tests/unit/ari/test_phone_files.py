"""The operators' phones in Asterisk's files: nothing can be smuggled in, nothing half written."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ari import rest
from callcenter.ari.phone_files import LIFEBOAT_FILE, PHONES_FILE, PhoneFiles, phones_text
from callcenter.core.ids import OperatorId
from callcenter.ports.phones import Phone, PhonesError, sip_user

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


DOMAIN = "k3f7w2xa"


def phone(
    name: str = "somchai",
    secret: str = "s3cret-s3cret",
    contact: str | None = None,
    *,
    logged_in: bool = True,
) -> Phone:
    operator = OperatorId(name)
    return Phone(
        operator=operator,
        sip_user=sip_user(operator),
        secret=secret,
        contact=contact,
        logged_in=logged_in,
    )


class Reloads:
    """Answers each request with `status`, and remembers it."""

    def __init__(self, status: int = 204) -> None:
        self.paths: list[str] = []
        self.status = status

    async def __call__(self, request: rest.Request) -> rest.Response:
        self.paths.append(request.path)
        return rest.Response(status=self.status)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_phones_are_written_and_read_by_asterisk(tmp_path: Path) -> None:
    reloads = Reloads()
    files = PhoneFiles(tmp_path, reloads, DOMAIN)
    await files.publish(
        [phone("som"), phone("malee", contact="sip:m@192.0.2.7:5060", logged_in=False)]
    )
    text = (tmp_path / PHONES_FILE).read_text()
    assert "[asterisk]\ntype = domain_alias\ndomain = k3f7w2xa\n" in text
    assert "[op-som@k3f7w2xa](operator-phone)\nauth = op-som\naors = op-som\n" in text
    assert "password = s3cret-s3cret" in text
    assert "contact = sip:m@192.0.2.7:5060\nqualify_frequency = 0" in text
    assert (tmp_path / LIFEBOAT_FILE).read_text().splitlines()[1:] == [
        "member => PJSIP/op-som@k3f7w2xa"
    ]
    assert (tmp_path / PHONES_FILE).stat().st_mode & 0o777 == 0o600
    assert "[asked-op-malee@k3f7w2xa](asked-phone)\naors = asked-op-malee\n" in text
    assert "[asked-op-malee](asked-phone-aor)\ncontact = sip:m@192.0.2.7:5060\n" in text
    assert reloads.paths == [
        "/asterisk/config/dynamic/res_pjsip/aor/op-malee",
        "/asterisk/modules/res_pjsip.so",
        "/asterisk/modules/app_queue.so",
    ]
    assert files_in(tmp_path) == sorted([PHONES_FILE, LIFEBOAT_FILE])


async def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    reloads = Reloads()
    files = PhoneFiles(tmp_path, reloads, DOMAIN)
    await files.publish([phone()])
    reloads.paths.clear()
    await files.publish([phone()])
    assert reloads.paths == []
    await files.publish([phone(logged_in=False)])
    assert reloads.paths == ["/asterisk/modules/app_queue.so"]


@pytest.mark.parametrize("status", [202, 404, 409, 500])
async def test_a_reload_that_asterisk_refuses_is_told(tmp_path: Path, status: int) -> None:
    with pytest.raises(PhonesError, match="module reload"):
        await PhoneFiles(tmp_path, Reloads(status), DOMAIN).publish([phone()])


@pytest.mark.parametrize("status", [rest.NO_ANSWER, 409, 500])
async def test_what_asterisk_did_not_read_it_is_told_again(tmp_path: Path, status: int) -> None:
    reloads = Reloads()
    files = PhoneFiles(tmp_path, reloads, DOMAIN)
    await files.publish([])
    reloads.status = status
    with pytest.raises(PhonesError):
        await files.publish([phone()])
    assert files.behind
    assert "op-somchai" in (tmp_path / PHONES_FILE).read_text(), "for Asterisk's next start"
    assert "op-somchai" in (tmp_path / LIFEBOAT_FILE).read_text()
    reloads.paths.clear()
    reloads.status = 204
    await files.publish([phone()])
    assert reloads.paths == ["/asterisk/modules/res_pjsip.so", "/asterisk/modules/app_queue.so"]
    assert not files.behind


async def test_what_an_earlier_process_wrote_may_not_have_been_read(tmp_path: Path) -> None:
    await PhoneFiles(tmp_path, Reloads(), DOMAIN).publish([phone()])
    reloads = Reloads()
    await PhoneFiles(tmp_path, reloads, DOMAIN).publish([phone()])
    assert len(reloads.paths) == 2


async def test_asked_to_tell_anew_it_has_all_read_again(tmp_path: Path) -> None:
    reloads = Reloads()
    files = PhoneFiles(tmp_path, reloads, DOMAIN)
    await files.publish([phone()])
    await files.publish([phone()], anew=True)
    assert len(reloads.paths) == 4


async def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PhonesError, match="CALLCENTER_ASTERISK_CONFIG_DIR"):
        await PhoneFiles(tmp_path / "nowhere", Reloads(), DOMAIN).publish([phone()])


@pytest.mark.parametrize(
    "bad",
    [
        phone("som\n[trunk]"),
        phone("som]"),
        phone(""),
        phone(33 * "m"),
        phone(secret=""),
        phone(secret="a\nb"),
        phone(secret="a;b"),
        phone(contact="sip:x@h\ncontext=from-trunk"),
        phone(contact="sip:x@h;transport=tcp"),
        phone(contact="tel:191"),
        phone(contact=""),
    ],
)
async def test_a_value_that_could_begin_another_line_is_refused(tmp_path: Path, bad: Phone) -> None:
    reloads = Reloads()
    files = PhoneFiles(tmp_path, reloads, DOMAIN)
    with pytest.raises(PhonesError):
        await files.publish([phone("malee"), bad])
    assert files.behind, "the others are told when it is gone"
    assert files_in(tmp_path) == []
    assert reloads.paths == []


@given(st.text(), st.text(), st.none() | st.text())
async def test_whatever_is_accepted_makes_the_lines_it_should(
    tmp_path_factory: pytest.TempPathFactory, name: str, secret: str, contact: str | None
) -> None:
    one = phone(name, secret, contact)
    try:
        await PhoneFiles(tmp_path_factory.mktemp("etc"), Reloads(), DOMAIN).publish([one])
    except PhonesError:
        return
    lines = phones_text([one], DOMAIN).splitlines()
    assert len(lines) == (20 if one.contact else 18)


def test_the_phone_in_a_browser_is_another_kind_of_endpoint() -> None:
    operator = OperatorId("som")
    browser = Phone(
        operator=operator,
        sip_user=sip_user(operator),
        secret="s3cret-s3cret",
        contact=None,
        logged_in=True,
        browser=True,
    )
    assert f"[op-som@{DOMAIN}](operator-browser-phone)\n" in phones_text([browser], DOMAIN)
    assert f"[op-som@{DOMAIN}](operator-phone)\n" in phones_text([phone("som")], DOMAIN)


async def test_who_registered_with_another_password_is_forgotten(tmp_path: Path) -> None:
    asked: list[rest.Request] = []

    async def ask(request: rest.Request) -> rest.Response:
        asked.append(request)
        contacts = '[{"attribute":"contact","value":"sip:som@192.0.2.7"}]'
        return rest.Response(status=204 if request.method == "PUT" else 200, body=contacts)

    files = PhoneFiles(tmp_path, ask, DOMAIN)
    await files.publish([phone("som", "one-secret-123")])
    await files.publish([phone("som", "one-secret-123"), phone("malee")])
    assert not any(each.operation is rest.Operation.FORGET_CONTACT for each in asked)
    await files.publish([phone("som", "another-secret"), phone("malee")])
    forgotten = [each for each in asked if each.operation is rest.Operation.FORGET_CONTACT]
    assert [each.method for each in forgotten] == ["DELETE"]


def test_behind_an_edge_a_phone_is_its_name_there(tmp_path: Path) -> None:
    """No password and no contact of a phone is in Asterisk's files: nobody registers there."""
    both = [phone("som"), phone("malee", contact="sip:m@192.0.2.7:5060")]
    text = phones_text(both, DOMAIN, "127.0.1.1:5060")
    assert "[op-som@k3f7w2xa](edge-phone)\naors = op-som\n" in text
    assert "[op-malee](edge-phone-aor)\ncontact = sip:op-malee@127.0.1.1:5060\n" in text
    assert "s3cret" not in text and "192.0.2.7" not in text
