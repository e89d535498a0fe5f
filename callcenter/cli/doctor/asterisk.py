"""Asterisk: whether ARI answers, it is new enough, and its modules, recordings and phones are
there.

Also whether it answers SIP, and keeps its own list of calls.
"""

import base64
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Any
from urllib.parse import quote

from callcenter.ari.bans import BANS_FILE
from callcenter.ari.ledger_reader import put_aside
from callcenter.cli.doctor.finding import Finding, fail, ok, warn
from callcenter.cli.sip_place import sip_place
from callcenter.config import Settings
from callcenter.hosting.asterisk_root import MINIMUM_VERSION, parse_version
from callcenter.hosting.direct import DIRECT
from callcenter.hosting.errors import HostingError
from callcenter.hosting.ports import loopback_url
from callcenter.hosting.stack_settings import read_settings
from callcenter.ports.phones import hidden_domain, without_domain
from callcenter.prompts.catalogue import Language, wanted
from callcenter.prompts.errors import PromptError
from callcenter.prompts.pack import Pack

APPLICATION = "callcenter"
ANSWER_SECONDS = 5.0
MODULES = (
    "app_queue.so",
    "app_stasis.so",
    "bridge_simple.so",
    "chan_pjsip.so",
    "res_ari_applications.so",
    "res_ari_asterisk.so",
    "res_ari_bridges.so",
    "res_ari_channels.so",
    "res_ari_events.so",
    "res_musiconhold.so",
    "res_pjsip_registrar.so",
    "res_stasis.so",
)
"""What a call needs. Without app_queue there is no lifeboat."""

PROBE = "doctor-probe"

OURS = "callcenter/"
"""The prefix of a prompt's key. Such recordings are in the folder of prompts."""

NATIVE_BRIDGE = "bridge_native_rtp.so"
COPIES = "res_hep_pjsip.so"
TRANSFERS = "res_pjsip_refer.so"
BANNING = "res_pjsip_acl.so"


class _NoAnswerError(Exception):
    """ARI refused or is away. The text says why."""


def look(settings: Settings) -> Iterator[Finding]:
    """Everything that ARI tells. Nothing is changed; one channel is created and ended at once."""
    try:
        password = settings.ari_password_path.read_text().strip()
    except OSError as error:
        what = f"{settings.ari_password_path}: {error.strerror}"
        yield fail("asterisk", what, "`make run` makes it, or set CALLCENTER_ARI_PASSWORD_FILE")
        return
    ari = _Ari(_url(settings), settings.ari_user, password)
    try:
        yield from _examine(ari)
    except _NoAnswerError as error:
        advice = "see that Asterisk runs (`make run` starts one) and where (CALLCENTER_ARI_URL)"
        yield fail("asterisk", str(error), advice)
        return
    yield from bans_file(settings)
    yield from thai_recordings(settings.prompts_path)
    yield _sip(settings)
    yield _ledger(settings)


def _url(settings: Settings) -> str:
    """The URL in the settings. Without one, that of the Asterisk that `callcenter run` starts."""
    stack = read_settings(os.environ)
    if stack.ari_url is not None:
        return settings.ari_url
    return f"{loopback_url(stack.asterisk_http_address, stack.asterisk_http_port)}/ari"


class _Ari:
    def __init__(self, url: str, user: str, password: str) -> None:
        self.url, self.domain = url, hidden_domain(password)
        credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}"}

    def get(self, path: str) -> Any:
        """The answer, or None for 404. Raises _NoAnswerError for everything else."""
        asked = urllib.request.Request(self.url + path, headers=self._headers)
        try:
            with DIRECT.open(asked, timeout=ANSWER_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            hint = " (wrong user or password)" if error.code in (401, 403) else ""
            raise _NoAnswerError(f"{self.url} answers {error.code}{hint}") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise _NoAnswerError(f"{self.url} does not answer ({reason})") from error

    def has_acl(self, name: str) -> bool:
        """Whether the section exists. ARI cannot show a section of this kind: it answers 500 if it
        exists."""
        try:
            return self.get(f"/asterisk/config/dynamic/res_pjsip/acl/{name}") is not None
        except _NoAnswerError as error:
            if isinstance(error.__cause__, urllib.error.HTTPError) and error.__cause__.code == 500:
                return True
            raise

    def makes_a_channel(self) -> bool:
        """Whether Asterisk makes channels. Creates one that leads nowhere, and ends it at once."""
        query = f"endpoint=Local/s@no-hand-over&app=doctor&channelId={PROBE}"
        path = f"{self.url}/channels/create?{query}"
        made = urllib.request.Request(path, method="POST", headers=self._headers)
        ended = urllib.request.Request(
            f"{self.url}/channels/{PROBE}", method="DELETE", headers=self._headers
        )
        try:
            DIRECT.open(made, timeout=ANSWER_SECONDS).close()
            DIRECT.open(ended, timeout=ANSWER_SECONDS).close()
        except urllib.error.HTTPError as error:
            return not (error.code == 500 and b"Allocation failed" in error.read())
        except OSError as error:
            raise _NoAnswerError(f"{self.url} does not answer ({error})") from error
        return True


def accepts_calls(makes_a_channel: bool) -> Finding:
    """Whether Asterisk takes calls. While it waits to stop or restart, it answers ARI but takes
    none."""
    if makes_a_channel:
        return ok("calls", "Asterisk takes calls")
    return fail(
        "calls",
        "Asterisk refuses every call and rings no phone: it was told to stop or restart gracefully "
        "(or is at its limit of calls)",
        "take it back: `asterisk -rx 'core abort shutdown'`. dialplans/README.md says how to "
        "restart Asterisk",
    )


def _examine(ari: _Ari) -> Iterator[Finding]:
    information = ari.get("/asterisk/info")
    if information is None:
        raise _NoAnswerError(f"{ari.url} is no ARI: it does not know /asterisk/info")
    yield _version(information["system"]["version"])
    modules = ari.get("/asterisk/modules") or ()
    loaded = {module["name"] for module in modules}
    yield _modules(loaded)
    yield from copies(modules)
    yield from strangers(loaded, ari.has_acl("strangers"))
    yield from native_bridge(loaded)
    yield from taken_over(loaded, ari.get("/asterisk/config/dynamic/res_pjsip/identify/takes-over"))
    yield accepts_calls(ari.makes_a_channel())
    yield _application(ari.get(f"/applications/{APPLICATION}"))
    yield from _recordings(ari)
    endpoints = ari.get("/endpoints/PJSIP") or ()
    yield from _phones(endpoints)
    yield from nameable(endpoints, ari.domain)


def _sip(settings: Settings) -> Finding:
    place = sip_place(settings)
    if place.answers():
        return ok("sip", f"answers at {place}")
    advice = (
        "Asterisk's log says why (another program has that port?). Your own Asterisk listens "
        "elsewhere: set CALLCENTER_SIP_ADDRESS and CALLCENTER_SIP_PORT"
    )
    return fail("sip", f"nothing answers SIP at {place}: no call comes in", advice)


def _ledger(settings: Settings) -> Finding:
    path = settings.asterisk_ledger_path
    if os.access(path, os.R_OK) or (not path.exists() and put_aside(path).exists()):
        return ok("ledger", f"Asterisk's own list of calls is {path}")
    if path.exists():
        what, advice = "cannot be read", "give it to the user that runs the service"
    else:
        what = "is not there"
        advice = (
            "it comes with the first call's end; if there was one, see cdr_custom.conf, and "
            "CALLCENTER_ASTERISK_LEDGER"
        )
    return warn("ledger", f"{path} {what}: lifeboat calls are not recorded without it", advice)


def _version(text: str) -> Finding:
    oldest = ".".join(map(str, MINIMUM_VERSION))
    try:
        version = parse_version(f"Asterisk {text}")
    except HostingError:
        return warn("asterisk", f"has the version {text}", f"at least {oldest} is needed")
    if version >= MINIMUM_VERSION:
        return ok("asterisk", f"Asterisk {text} answers")
    return fail("asterisk", f"Asterisk {text} has known holes in ARI", f"upgrade it to {oldest}")


def _modules(loaded: set[str]) -> Finding:
    missing = [name for name in MODULES if name not in loaded]
    if not missing:
        return ok("asterisk", f"all {len(MODULES)} modules that calls need are loaded")
    advice = "load them in modules.conf; dialplans/modules.conf is the example"
    return fail("asterisk", f"modules are missing: {', '.join(missing)}", advice)


def native_bridge(loaded: Set[str]) -> Iterator[Finding]:
    """The service's own bridges do not use this module. The lifeboat's bridges use it if it is
    loaded."""
    if NATIVE_BRIDGE in loaded:
        what = f"{NATIVE_BRIDGE} is loaded: in the lifeboat, callers may hear nothing"
        advice = f"noload => {NATIVE_BRIDGE} in modules.conf; dialplans/modules.conf says why"
        yield fail("asterisk", what, advice)


def taken_over(loaded: Set[str], section: Sequence[Any] | None) -> Iterator[Finding]:
    """`section`: [takes-over] of pjsip.conf, which refuses an INVITE with Replaces."""
    known = {pair["attribute"]: pair["value"] for pair in section or ()}
    if TRANSFERS in loaded and not known.get("match_header", "").startswith("Replaces:"):
        what = (
            f"{TRANSFERS} is loaded: whoever sends INVITE with Replaces takes over another's call"
        )
        advice = "take [takes-over] of pjsip.conf over from what `callcenter asterisk-files` writes"
        yield fail("calls", what, advice)


def copies(modules: Sequence[Any]) -> Iterator[Finding]:
    """Only copies of its SIP tell of calls that Asterisk refuses by itself."""
    if not any(m["name"] == COPIES and m["status"] == "Running" for m in modules):
        what = f"{COPIES} does not run: calls that Asterisk refuses by itself are not counted"
        advice = "load res_hep.so and it, with the hep.conf that `callcenter asterisk-files` writes"
        yield warn("refusals", what, advice)


def strangers(loaded: Set[str], has_section: bool) -> Iterator[Finding]:
    """The section with which Asterisk obeys bans."""
    if has_section and BANNING in loaded:
        return
    missing = (
        "[strangers] is not in force in pjsip.conf"
        if not has_section
        else f"{BANNING} is not loaded"
    )
    what = f"{missing}: nobody is banned who guesses passwords"
    advice = "take [strangers] and the module over from what `callcenter asterisk-files` writes"
    yield warn("bans", what, advice)


def bans_file(settings: Settings) -> Iterator[Finding]:
    """Whether Asterisk reads the bans, if its file can be seen from here."""
    path = settings.asterisk_config_path / "pjsip.conf"
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError):
        return
    if (
        re.search(
            rf"^\[strangers\][^\[]*^#(try)?include {re.escape(BANS_FILE)}$", text, re.MULTILINE
        )
        is None
    ):
        what = f"[strangers] in {path} does not include {BANS_FILE}: nobody is banned"
        yield warn(
            "bans", what, f"write `#tryinclude {BANS_FILE}` into it, before its `permit` lines"
        )


def _application(application: object) -> Finding:
    if application is not None:
        return ok("asterisk", f"the service is connected (application {APPLICATION})")
    what = "the service is not connected: callers get the lifeboat queue"
    return fail("asterisk", what, "start the service; its log says why it cannot connect")


def _recordings(ari: _Ari) -> Iterator[Finding]:
    stack = read_settings(os.environ)
    told = (stack.greeting, stack.privacy_notice, stack.lifeboat_message)
    names = sorted(
        {name for text in told for name in text.split("&") if name and not name.startswith(OURS)}
    )
    missing = [name for name in names if ari.get(f"/sounds/{quote(name, safe='')}") is None]
    if missing:
        advice = (
            "put them into Asterisk's sounds directory, or change CALLCENTER_GREETING and others"
        )
        what = f"missing: {', '.join(missing)}: callers hear a tone and English instead"
        yield fail("recordings", what, advice)
    elif names:
        yield ok("recordings", ", ".join(names))


def thai_recordings(prompts: Path) -> Iterator[Finding]:
    """Whether the Thai prompts are recorded, if their folder can be seen from here. `callcenter
    prompts check` measures each file, which takes longer."""
    if not prompts.parent.exists():
        return
    thai = Pack(prompts / Language.THAI, Language.THAI)
    known = len(wanted(Language.THAI))
    try:
        missing, listed = thai.missing(), thai.manifest().prompts
        unread = [key for key in listed if thai.recording(key) is None]
    except (PromptError, OSError) as error:
        yield warn("recordings", str(error), "install the Thai recordings anew")
        return
    if len(missing) == known:
        advice = "callcenter prompts export-script, record it, callcenter prompts install FOLDER"
        yield warn("recordings", "no Thai recordings installed: a tone and English", advice)
    elif missing or unread:
        shown = ", ".join([*unread, *missing][:5]) + (
            " …" if len(missing) + len(unread) > 5 else ""
        )
        what = f"{len(missing) + len(unread)} of {known} Thai prompts are missing: {shown}"
        yield warn("recordings", what, "callcenter prompts list, then callcenter prompts install")
    else:
        yield ok("recordings", f"all {known} Thai prompts are recorded")


def _phones(endpoints: Sequence[Any]) -> Iterator[Finding]:
    phones = [e for e in endpoints if e["resource"].startswith("op-")]
    away = sorted(without_domain(e["resource"]) for e in phones if e["state"] != "online")
    if not phones:
        yield warn("phones", "no operator has a phone", "callcenter operator add NAME")
    elif away:
        shown = ", ".join(away[:10]) + (" …" if len(away) > 10 else "")
        advice = "switch them on; user and password are those of `operator add`"
        yield warn("phones", f"{len(away)} of {len(phones)} are not reachable: {shown}", advice)
    else:
        yield ok("phones", f"all {len(phones)} are registered")


def nameable(endpoints: Sequence[Any], domain: str) -> Iterator[Finding]:
    """Endpoints that a phone could name in a 302 as the one to call instead."""
    found = sorted(e["resource"] for e in endpoints if not e["resource"].endswith(f"@{domain}"))
    if found:
        what = f"a phone that forwards its calls could have {', '.join(found[:10])} called"
        advice = f"let the names of endpoints end in @{domain}, as callcenter asterisk-files does"
        yield fail("phones", what, advice)
