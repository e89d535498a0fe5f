"""The operators' phones behind a SIP edge (dialplans/edge), where phones register at the edge.

Implements `ports.phones.Phones` with two text tables that the edge reads when it starts, and with
orders to the running edge over its control port. Asterisk gets only the phones' names
(phone_files.py). The edge's tables are read once, and again after each failure. After that the edge
is told only what changes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import structlog

from callcenter.ari.phone_files import PhoneFiles, replace_file, require_harmless
from callcenter.ports.phones import Phone, PhonesError
from callcenter.runtime.edge import (
    AUTH_TABLE,
    FIXED_TABLE,
    PROBING_SET,
    SERVING_SET,
    proof,
    table,
)
from callcenter.runtime.pulse import pulse

ORDER_SECONDS = 2.0
LOOK_SECONDS, SOON_SECONDS = 5.0, 1.0
BACK_SECONDS = 6.0
"""Time for three OPTIONS of a node to a phone (one every two seconds). The first may be on its
way."""
_TAKES_CALLS, _DRAINED, _SILENT = ("A", "T"), "D", "I"
_ANSWERED = 3
"""The state of a Kamailio dialog once its 200 was seen; 1 and 2 come before."""
_NOT_THERE = (400, 404, 500)
"""Kamailio's answers if it is told to delete something that it does not have."""


log = structlog.get_logger(__name__)


class EdgeAway(Exception):
    """The edge takes no orders. Phones that it knows still register, and still ring."""


class EdgeRpc:
    """The edge's control port: JSON-RPC with a key."""

    def __init__(self, url: str, key: str) -> None:
        self.complaint = ""  # why it did not answer at the last look
        self._freed_until: dict[str, float] = {}
        """By node ("" if there is only one): its calls that began before this moment must end."""
        # flags of the nodes, by their SIP address and port
        self._states: dict[str, str] = {}
        self._health: dict[str, str] = {}  # the same where no order hides what the pings say
        self._away_at = -inf  # the last time it took no order, on the loop's clock
        self._url, self._key = url, key

    async def order(self, method: str, *parameters: str | int) -> Any:
        """The edge's answer to an order; None if it has no such thing. Raises EdgeAway."""
        said = {"jsonrpc": "2.0", "method": method, "params": list(parameters), "id": 1}
        try:
            async with (
                asyncio.timeout(ORDER_SECONDS),
                aiohttp.ClientSession(headers={"X-Edge-Key": self._key}) as session,
                session.post(self._url, json=said) as answer,
            ):
                if answer.status in _NOT_THERE:
                    return None
                if answer.status != 200:
                    raise EdgeAway(f"status {answer.status}")
                return msgspec.json.decode(await answer.read()).get("result")
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError) as error:
            self._away_at = asyncio.get_running_loop().time()
            raise EdgeAway(type(error).__name__) from error

    async def reaches_phones(self) -> bool:
        """Whether the edge answers, and the nodes have had time to ask for the phones since it was
        away."""
        try:
            await self.order("core.version")
        except EdgeAway:
            return False
        return asyncio.get_running_loop().time() - self._away_at > BACK_SECONDS

    async def free(self, boot: str, node: str = "") -> None:
        """End the calls that a node had before it was restarted. The phones and the trunk do not
        know that it was, and an operator in a call is not rung. `node` is its SIP address and port,
        "" if there is only one."""
        try:
            self._freed_until[node] = datetime.fromisoformat(boot).timestamp()
        except ValueError:
            log.error("asterisk's start makes no sense")
            return
        await self.look()  # the edge may not have reached the restarted node yet
        await self._free()

    async def free_all(self, node: str) -> bool:
        """End all calls of a dead node. Gives whether none is left."""
        self._freed_until[node] = inf
        await self._free()
        return node not in self._freed_until

    def keeps(self, node: str) -> None:
        """The node is back, so its calls are valid."""
        if self._freed_until.get(node) == inf:
            del self._freed_until[node]

    async def _free(self) -> None:
        """End the calls once. `watch` repeats it until none is left."""
        for node, until in list(self._freed_until.items()):
            try:
                calls = [call for call in await self._calls_of(node) if call["init_ts"] < until]
                for call in calls:
                    await self._end(call)
                if not calls:
                    self._freed_until.pop(node, None)
            except EdgeAway as error:
                log.warning("calls of before are not ended at the edge yet", reason=str(error))
            except (ValueError, KeyError, TypeError) as error:
                self._freed_until.pop(node, None)
                log.error("the edge's calls make no sense", reason=type(error).__name__)

    async def _end(self, call: Any) -> None:
        """End one call. A ringing call has no dialog yet that a BYE could end."""
        if call["state"] < _ANSWERED:
            await self.order("tm.cancel", call["call-id"], call["caller"]["cseq"])
        else:
            await self.order("dlg.end_dlg", call["h_entry"], call["h_id"])

    async def _calls_of(self, node: str) -> Any:
        if not node:
            return await self.order("dlg.list") or ()
        return await self.order("dlg.profile_list", "node", f"sip:{node}") or ()

    async def look(self) -> None:
        """Check that the edge takes orders, and has a node for the trunk's calls."""
        try:
            said = await self.order("dispatcher.list")
            self._states = _states(said, SERVING_SET)
            self._health = {**self._states, **_states(said, PROBING_SET)}
            flags = list(self._states.values())
        except EdgeAway as error:
            self._states, self._health = {}, {}
            self.complaint = f"The SIP edge takes no orders ({error}): look into its log."
            return
        except (KeyError, TypeError) as error:
            self.complaint = "The SIP edge's list of nodes makes no sense: is it another Kamailio?"
            log.error("the edge's nodes make no sense", reason=type(error).__name__)
            return
        self._complain(flags)

    def hears_nothing_of(self, node: str) -> bool:
        """Whether a node (its SIP address and port) did not answer, as of the last look. False
        while that is unknown."""
        return self._health.get(node, "").startswith(_SILENT)

    async def gives_calls(self, node: str, yes: bool) -> None:
        """Set whether a node gets the trunk's new calls. The edge is told only if it differs: a
        restarted edge has forgotten it. Its pings do not change it."""
        flags = self._states.get(node)
        if flags is None or flags.startswith(_DRAINED) is not yes:
            return
        try:
            await self.order(
                "dispatcher.set_state", "ap" if yes else "dx", SERVING_SET, f"sip:{node}"
            )
        except EdgeAway as error:
            log.warning("the edge was not told of a node to drain", reason=str(error))
            return
        log.warning("a node gets new calls" if yes else "a node gets no new calls", sip=node)
        await self.look()

    async def is_left_by_all(self, node: str) -> bool:
        """Whether a drained node has no call at the edge, also none that the service has not heard
        of yet. False while that is unknown, and before the edge has drained it."""
        if not self._states.get(node, "").startswith(_DRAINED):
            return False
        try:
            return not await self._calls_of(node)
        except EdgeAway:
            return False

    def _complain(self, flags: list[str]) -> None:
        if any(each.startswith(_TAKES_CALLS) for each in flags):
            self.complaint = ""
        elif any(each.startswith(_DRAINED) for each in flags):
            self.complaint = "The SIP edge has no node for the trunk's calls: one is drained."
        else:
            self.complaint = "The SIP edge reaches no node yet: the trunk's calls get 503."

    async def watch(self) -> None:
        """Look every few seconds, more often while something is wrong. Runs for ever."""
        while True:
            await self.look()
            if self._freed_until:
                await self._free()
            if self._freed_until:
                await pulse(0.0)
            else:
                await pulse(SOON_SECONDS if self.complaint else LOOK_SECONDS)


def _states(said: Any, group: int) -> dict[str, str]:
    """The flags of each node of one set in Kamailio's answer to `dispatcher.list`, by the node's
    SIP address and port. The first letter is A (active), T (tried again), I (inactive) or D
    (disabled); then comes how it is asked."""
    if said is None:  # the edge has no nodes
        return {}
    sets = (each["SET"] for each in said["RECORDS"])
    found = (node["DEST"] for each in sets if each["ID"] == group for node in each["TARGETS"])
    return {str(one["URI"]).removeprefix("sip:"): str(one["FLAGS"]) for one in found}


class EdgePhones:
    """Tells the phones to the edge, and then to Asterisk."""

    def __init__(self, rpc: EdgeRpc, tables: Path, nodes: Sequence[PhoneFiles]) -> None:
        # whether the edge or Asterisk does not know all that was to be published
        self.behind = False
        self._rpc = rpc
        self._tables = tables
        self._nodes = nodes
        self._told: dict[str, dict[str, str]] = {}  # the rows that the edge has, by table

    async def publish(self, phones: Sequence[Phone], *, anew: bool = False) -> None:
        """Make exactly these phones known. Raises PhonesError if the edge or a node could not be
        told."""
        self.behind = True
        for phone in phones:
            require_harmless(phone)
        wanted = {
            AUTH_TABLE: {p.sip_user: proof(p.sip_user, p.secret) for p in phones if not p.contact},
            FIXED_TABLE: {p.sip_user: p.contact for p in phones if p.contact},
        }
        # write the files first: the edge may be starting, and reads them
        for name, rows in wanted.items():
            await self._write(name, table(rows))
        if anew:
            self._told.clear()
        try:
            for name, rows in wanted.items():
                await self._tell(name, rows)
        except EdgeAway as error:
            self._told.clear()
            raise PhonesError(f"the SIP edge was not told about the phones ({error})") from error
        await self._tell_nodes(phones, anew)

    async def _tell_nodes(self, phones: Sequence[Phone], anew: bool) -> None:
        """A node that is away is told later: the others are enough to ring a phone."""
        failed: list[PhonesError] = []
        for node in self._nodes:
            try:
                await node.publish(phones, anew=anew)
            except PhonesError as error:
                failed.append(error)
        if failed and len(failed) == len(self._nodes):
            raise failed[0]
        self.behind = bool(failed)

    async def _tell(self, name: str, rows: Mapping[str, str]) -> None:
        had = self._told.get(name)
        if had is None:
            had = rows_of(await self._rpc.order("htable.dump", name))
        for user in sorted(had.keys() - rows.keys()):
            await self._rpc.order("htable.delete", name, user)
        for user in sorted(rows):
            if had.get(user) != rows[user]:
                await self._rpc.order("htable.sets", name, user, rows[user])
        if name == AUTH_TABLE:  # users who were removed, or have another password now
            for user in sorted(user for user, value in had.items() if rows.get(user) != value):
                await self._rpc.order("ul.rm", "location", user)
        self._told[name] = dict(rows)

    async def _write(self, name: str, text: str) -> None:
        try:
            await asyncio.to_thread(replace_file, self._tables / name, text)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise PhonesError(
                f"{self._tables / name} cannot be written ({reason}): set "
                "CALLCENTER_EDGE_TABLES to the folder of the SIP edge's tables"
            ) from error


def rows_of(dumped: Any) -> dict[str, str]:
    """Names and values from `htable.dump`, which lists slots with their entries."""
    found: dict[str, str] = {}
    for slot in dumped or ():
        for entry in slot.get("slot", ()):
            found[str(entry["name"])] = str(entry["value"])
    return found
