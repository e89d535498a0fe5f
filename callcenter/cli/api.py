"""The service's API as the command line uses it: one blocking request at a time.

A user who can read DATA_DIR/secrets/cli-token (made by `serve`, mode 0600) is the administrator of
this host. Everybody else gives --user and a password.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from callcenter.cli.errors import CommandError
from callcenter.config import Settings
from callcenter.hosting.direct import DIRECT

ANSWER_SECONDS = 15.0  # longer than the service's own limits for database and engine together


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The address of the service, and our token."""

    url: str
    token: str

    def get(self, path: str, **query: object) -> Any:
        """The answer to a GET. Filters that are None are left out."""
        return self.ask("GET", _with(path, query))

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """One request; gives the answer's JSON, or None. Raises CommandError if it is refused or
        fails."""
        return request(self.url, method, path, body, self._who)

    def fetch(self, path: str, **query: object) -> bytes:
        """A file from the service. Raises CommandError."""
        return answered(self.url, "GET", _with(path, query), None, self._who)

    def send(self, method: str, path: str, data: bytes, **query: object) -> Any:
        """Send a file; gives the answer's JSON. Raises CommandError."""
        headers = {**self._who, "Content-Type": "application/octet-stream"}
        return json.loads(answered(self.url, method, _with(path, query), data, headers))

    @property
    def _who(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _with(path: str, query: Mapping[str, object]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def at(*parts: str) -> str:
    """The address of a resource. Typed text is quoted, so that it stays one part of the path."""
    return "/api/v1/" + "/".join(quote(part, safe="") for part in parts)


def own_api(settings: Settings, url: str | None) -> Api:
    """The API with the token of this host. Raises CommandError if it cannot be read."""
    path = settings.cli_token_path
    try:
        token = path.read_text().strip()
    except FileNotFoundError as error:
        raise CommandError(
            f"there is no {path}: the service makes it when it first starts. Start it (`make run`),"
            " set CALLCENTER_DATA_DIR to where it runs, or log in with --user NAME"
        ) from error
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read ({error.strerror}): be the user that runs the service, or log "
            "in with --user NAME"
        ) from error
    return Api(url=url or settings.web_url, token=token)


class RefusedError(CommandError):
    """The service refused a request. `code` says why."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code


def api_of(
    settings: Settings, url: str | None, name: str, password: str, ask_code: Callable[[], str]
) -> Api:
    """The API with a session of one's own. Raises CommandError if name, password or code is wrong.

    `ask_code` is called if the account has a second factor.
    """
    address, body = url or settings.web_url, {"name": name, "password": password}
    try:
        entered = request(address, "POST", "/api/v1/sessions", body, {})
    except RefusedError as error:
        if error.code != "second_factor_needed":
            raise
        entered = request(address, "POST", "/api/v1/sessions", {**body, "code": ask_code()}, {})
    return Api(url=address, token=entered["token"])


def request(
    url: str,
    method: str,
    path: str,
    body: Mapping[str, object] | None,
    headers: Mapping[str, str],
) -> Any:
    """One HTTP request; gives the answer's JSON, or None. Raises CommandError."""
    data = None if body is None else json.dumps(body).encode()
    sent = dict(headers) if data is None else {**headers, "Content-Type": "application/json"}
    text = answered(url, method, path, data, sent)
    return json.loads(text) if text else None


def answered(
    url: str, method: str, path: str, data: bytes | None, headers: Mapping[str, str]
) -> bytes:
    """One HTTP request; gives the answer's body. Raises CommandError."""
    asked = urllib.request.Request(url + path, data=data, method=method, headers=dict(headers))
    try:
        with DIRECT.open(asked, timeout=ANSWER_SECONDS) as answer:
            found: bytes = answer.read()
            return found
    except urllib.error.HTTPError as error:
        raise _refusal(error) from error
    except (OSError, ValueError) as error:
        raise CommandError(_nobody_there(url, error)) from error


def _refusal(error: urllib.error.HTTPError) -> CommandError:
    with error:
        text = error.read()
    try:
        problem = json.loads(text)
        faults = "".join(f"\n  {fault}" for fault in problem.get("faults", []))
        said = f"{problem['title']} ({problem['code']}). {problem['detail']}{faults}"
        return RefusedError(problem["code"], said)
    except (ValueError, KeyError, TypeError, AttributeError):
        said = f"{error.url} answered {error.code}, which is not this service's way: see --url"
        return CommandError(said)


def _nobody_there(url: str, error: OSError | ValueError) -> str:
    reason = getattr(error, "reason", None) or error
    return (
        f"the service does not answer at {url} ({reason}). Is it running? `callcenter doctor` says "
        "what is wrong; `make run` starts it; --url or CALLCENTER_WEB_PORT says where it is"
    )
