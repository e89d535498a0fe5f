"""The Asterisk nodes that the service drives: one, from the settings; or those of a TOML file.

    [[node]]
    name = "n1"                           # systemname in its asterisk.conf
    ari = "http://10.0.0.11:8088/ari"
    sip = "10.0.0.11:5060"                # where the SIP edge reaches it
    config = "/var/lib/callcenter/n1/etc" # its settings, as the service finds them
    ledger = "/var/lib/callcenter/n1/log/ledger.csv"

All have the same ARI user and password. `make run` writes the file for the nodes it starts.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callcenter.config.settings import Settings, SettingsError
from callcenter.core.ids import THE_NODE, NodeId
from callcenter.runtime.nodes import MOST_NODES, NAME, NodePlace

_PLACE = re.compile(r"(\d{1,3}\.){3}\d{1,3}:\d{1,5}")
_KEYS = ("name", "ari", "sip", "config", "ledger")


def load_nodes(settings: Settings) -> tuple[NodePlace, ...]:
    """At least one node. Raises SettingsError, which says what is wrong with the file."""
    if settings.nodes_file is None:
        return (
            NodePlace(
                name=THE_NODE,
                ari=settings.ari_url,
                sip="",
                config=settings.asterisk_config_path,
                ledger=settings.asterisk_ledger_path,
            ),
        )
    if not settings.edge:
        raise _wrong("several nodes need a SIP edge before them: set CALLCENTER_EDGE")
    try:
        document = tomllib.loads(settings.nodes_file.read_text())
    except OSError as error:
        raise _wrong(f"{settings.nodes_file} cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(f"{settings.nodes_file} is no TOML: {error}") from error
    if faults := list(_faults(document)):
        raise SettingsError(
            "\n".join(f"CALLCENTER_NODES_FILE: {settings.nodes_file}: {each}" for each in faults)
        )
    return tuple(
        NodePlace(
            name=NodeId(node["name"]),
            ari=node["ari"].rstrip("/"),
            sip=node["sip"],
            config=Path(node["config"]),
            ledger=Path(node["ledger"]),
        )
        for node in document["node"]
    )


def _wrong(what: str) -> SettingsError:
    return SettingsError(f"CALLCENTER_NODES_FILE: {what}")


def _faults(document: Mapping[str, Any]) -> Iterator[str]:
    nodes = document.get("node")
    if document.keys() != {"node"} or not isinstance(nodes, list) or not nodes:
        yield "must have [[node]] for each Asterisk, and nothing else"
        return
    if len(nodes) > MOST_NODES:
        yield f"{len(nodes)} nodes; {MOST_NODES} at most"
    for number, node in enumerate(nodes, 1):
        if not isinstance(node, dict):
            yield f"node {number}: must be a table, [[node]]"
            continue
        yield from (f"node {number}: {each}" for each in _faults_of_one(node))
    for key in ("name", "ari", "sip", "config", "ledger"):
        values = [node.get(key) for node in nodes if isinstance(node, dict)]
        if len({str(value) for value in values}) < len(values):
            yield f"two nodes have the same {key}"


def _faults_of_one(node: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(node.keys() - set(_KEYS)):
        yield f"{key}: there is no such key; there are {', '.join(_KEYS)}"
    for key in _KEYS:
        if not isinstance(node.get(key), str) or not node[key]:
            yield f"{key}: must be a text"
            return
    if NAME.fullmatch(node["name"]) is None:
        yield "name: 1 to 16 small letters and digits, a letter first (n1)"
    url = urlsplit(node["ari"])
    if url.scheme not in ("http", "https") or not url.hostname or url.username:
        yield "ari: must look like http://10.0.0.11:8088/ari, without user or password"
    if _PLACE.fullmatch(node["sip"]) is None:
        yield "sip: must look like 10.0.0.11:5060"
    for key in ("config", "ledger"):
        if not Path(node[key]).is_absolute():
            yield f"{key}: must be a whole path, from / on"
