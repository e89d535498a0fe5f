"""Phones over TCP and TLS, on the real Asterisk; the trunk stays where it is."""

import os
import socket
import ssl
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.hosting.errors import HostingError
from tests.integration.plain_ari import PlainAri
from tests.integration.stream_phone import StreamPhone
from tests.parts import PrivateAsterisk, obtain_faketime
from tests.people.sip_message import speech_offer
from tests.people.until import until

SIP_PORT, TCP_PORT, TLS_PORT, HTTP_PORT, RTP_PORT = 15490, 15491, 15492, 18198, 24_900


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of its own signing, and its key."""
    return made(tmp_path_factory.mktemp("certificate"))


def made(folder: Path, day: str = "") -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=phones.test", "-addext", "subjectAltName=DNS:phones.test"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "30"]
    environment = dict(os.environ)
    if day:
        environment |= {
            "LD_PRELOAD": str(obtain_faketime(threads=False)),
            "FAKETIME": f"@{day} 00:00:00",
        }
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return certificate, key


@pytest.fixture(scope="module")
def asterisk(
    tmp_path_factory: pytest.TempPathFactory, certificate: tuple[Path, Path]
) -> Iterator[PrivateAsterisk]:
    own = PrivateAsterisk(
        tmp_path_factory.mktemp("asterisk"),
        sip_port=SIP_PORT,
        http_port=HTTP_PORT,
        rtp_port_first=RTP_PORT,
        rtp_port_last=RTP_PORT + 90,
        sip_tcp_port=TCP_PORT,
        sip_tls_port=TLS_PORT,
        sip_tls_certificate=str(certificate[0]),
        sip_tls_key=str(certificate[1]),
    )
    own.write_operators({"somchai": ""})
    with own:
        yield own


async def phone_over(protocol: str, certificate: Path) -> StreamPhone:
    if protocol == "tcp":
        return await StreamPhone.at(("127.0.0.1", TCP_PORT))
    return await StreamPhone.at(
        ("127.0.0.1", TLS_PORT), ssl.create_default_context(cafile=str(certificate))
    )


@pytest.mark.parametrize("protocol", ["tcp", "tls"])
async def test_a_phone_registers_and_takes_a_call(
    asterisk: PrivateAsterisk, certificate: tuple[Path, Path], protocol: str
) -> None:
    async with PlainAri(asterisk) as ari, await phone_over(protocol, certificate[0]) as phone:
        await ari.serve()
        assert await phone.registers("op-somchai", "secret-wrong") == 401
        assert await phone.registers("op-somchai", "secret-somchai") == 200
        status, channel = await ari.request(
            "POST", "/channels", endpoint=asterisk.endpoint("somchai"), app="callcenter"
        )
        assert status == 200, channel
        await phone.picks_up()

        async def is_up() -> bool:
            _, now = await ari.request("GET", f"/channels/{channel['id']}")
            return bool(now.get("state") == "Up")

        await until(is_up, within=10)
        await ari.request("DELETE", f"/channels/{channel['id']}")
        await phone.is_let_go()
        await until(lambda: asterisk.channels() == 0, within=10)


@pytest.mark.parametrize("protocol", ["tcp", "tls"])
async def test_who_comes_so_from_the_trunks_address_is_not_the_trunk(
    asterisk: PrivateAsterisk, certificate: tuple[Path, Path], protocol: str
) -> None:
    """127.0.0.1 is one; a page in a browser on its host can open connections to any port."""
    async with PlainAri(asterisk) as ari, await phone_over(protocol, certificate[0]) as stranger:
        await ari.serve()
        before = len(asterisk.ledger.read_text().splitlines()) if asterisk.ledger.exists() else 0
        answer = await stranger.asks(
            "INVITE", "0812345678", "1567", body=speech_offer("127.0.0.1", 40_000)
        )
        assert answer.status in (401, 403, 603)
        await until(lambda: asterisk.channels() == 0, within=10)
        rows = asterisk.ledger.read_text().splitlines()[before:]
        assert all("greeting//" in row for row in rows), "nobody was served"


@pytest.mark.parametrize(
    ("version", "is_spoken"),
    [
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
def test_tls_is_spoken_as_it_is_today(
    asterisk: PrivateAsterisk, version: ssl.TLSVersion, is_spoken: bool
) -> None:
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    anybody.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the old version
        anybody.minimum_version = anybody.maximum_version = version
    with socket.create_connection(("127.0.0.1", TLS_PORT), timeout=10) as plain:
        try:
            with anybody.wrap_socket(plain) as spoken:
                assert is_spoken, spoken.version()
        except (ssl.SSLError, ConnectionError) as error:
            assert not is_spoken, error


async def test_neither_is_there_unless_it_was_asked_for(tmp_path: Path) -> None:
    own = PrivateAsterisk(
        tmp_path, sip_port=15_493, http_port=18_199, rtp_port_first=24_800, rtp_port_last=24_890
    )
    with own:
        said = own.console("pjsip show transports")
    assert "transport-udp" in said
    assert "transport-tcp" not in said
    assert "transport-tls" not in said


def test_a_certificate_that_phones_would_refuse_is_refused_by_a_sentence(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    other, empty = tmp_path / "other", tmp_path / "empty.pem"
    empty.write_text("no certificate\n")
    for name in ("other", "old", "young"):
        (tmp_path / name).mkdir()
    good, key = certificate
    wrong = [
        ("", "", "CALLCENTER_SIP_TLS_CERTIFICATE"),
        (str(good), "", "CALLCENTER_SIP_TLS_KEY"),
        (str(tmp_path / "absent.pem"), str(key), "absent.pem cannot be read"),
        (str(empty), str(key), "no certificate with its key"),
        (str(good), str(made(other)[1]), "no certificate with its key"),
        (*map(str, made(tmp_path / "old", "2020-01-01")), "certificate has expired"),
        (*map(str, made(tmp_path / "young", "2099-01-01")), "not yet valid"),
    ]
    for shown, secret, reason in wrong:
        own = PrivateAsterisk(
            tmp_path / "asterisk",
            sip_port=15_494,
            http_port=18_197,
            rtp_port_first=24_800,
            sip_tls_port=15_495,
            sip_tls_certificate=shown,
            sip_tls_key=secret,
        )
        with pytest.raises(HostingError, match=reason):
            own.start()
        assert own.ended()


@pytest.mark.parametrize("setting", ["sip_tcp_port", "sip_tls_port"])
def test_the_trunks_own_port_number_is_refused(tmp_path: Path, setting: str) -> None:
    with pytest.raises(HostingError, match="that is how the trunk is known"):
        PrivateAsterisk(
            tmp_path, sip_port=15_494, http_port=18_197, rtp_port_first=24_800, **{setting: 15_494}
        )
