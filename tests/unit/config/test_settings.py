"""Settings come from the environment; a wrong one is named together with what is accepted."""

import pytest

from callcenter.config import SettingsError, load_settings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("CALLCENTER_"):
            monkeypatch.delenv(name)


def test_without_any_variable_everything_is_on_this_host() -> None:
    settings = load_settings()
    assert (settings.web_address, settings.web_port) == ("127.0.0.1", 8080)
    assert settings.web_url == "http://127.0.0.1:8080"
    assert settings.ari_url == "http://127.0.0.1:8088/ari"
    assert str(settings.ari_password_path) == "var/secrets/ari-password"
    assert settings.database_url is None


def test_variables_are_read_and_a_password_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLCENTER_WEB_ADDRESS", "::")
    monkeypatch.setenv("CALLCENTER_WEB_PORT", "18380")
    monkeypatch.setenv("CALLCENTER_ARI_URL", "http://pbx:8088/ari/")
    monkeypatch.setenv("CALLCENTER_DATABASE_URL", "postgresql://u:very-secret@db/calls")
    settings = load_settings()
    assert settings.web_url == "http://[::1]:18380"
    assert settings.ari_url == "http://pbx:8088/ari"
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql+asyncpg://u:very-secret@db/calls"
    assert "very-secret" not in repr(settings)


def test_all_wrong_ones_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLCENTER_WEB_PROT", "80")
    monkeypatch.setenv("CALLCENTER_WEB_PORT", "70000")
    monkeypatch.setenv("CALLCENTER_LOG_FORMAT", "pigeon")
    monkeypatch.setenv("CALLCENTER_DATABASE_URL", "mysql://u:very-secret@db/calls")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    told = str(refused.value).split("\n")
    assert told[0].startswith("CALLCENTER_WEB_PROT: there is no such setting; did you mean")
    assert {line.split(":")[0] for line in told} == {
        "CALLCENTER_WEB_PROT",
        "CALLCENTER_WEB_PORT",
        "CALLCENTER_LOG_FORMAT",
        "CALLCENTER_DATABASE_URL",
    }
    assert "'pigeon'" in str(refused.value)
    assert "very-secret" not in str(refused.value)


@pytest.mark.parametrize("password", ["pa/ss", "p#x", "a?b", "p[w", "a:b", "%40"])
def test_a_password_is_nothing_but_a_password(
    password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLCENTER_DATABASE_URL", f"postgresql://u:{password}@h:5432/calls")
    url = load_settings().database_url
    assert url is not None
    assert url.get_secret_value() == f"postgresql+asyncpg://u:{password}@h:5432/calls"


@pytest.mark.parametrize("place", ["h:port/calls", "u:p@h:99999/calls", "u:p@h:5432x/calls"])
def test_a_port_is_a_number(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLCENTER_DATABASE_URL", f"postgresql://{place}")
    with pytest.raises(SettingsError, match=r"CALLCENTER_DATABASE_URL: .*port"):
        load_settings()


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://h:port/", "http://u:p@h/ari", "h"])
def test_an_asterisk_address_is_an_http_url(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLCENTER_ARI_URL", url)
    with pytest.raises(SettingsError, match="CALLCENTER_ARI_URL"):
        load_settings()


def test_variables_of_the_project_s_other_programs_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CALLCENTER_CACHE", "/x")
    assert load_settings()
