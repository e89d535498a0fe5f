"""The places of the Asterisk nodes. `make run` writes the file, and the service reads it
(config/nodes_file.py)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.core.ids import NodeId

MOST_NODES = 9
"""For one service. With more nodes nobody would read the floor and the metrics any more."""

NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
"""No hyphen: a call's id begins with the node's name, and a hyphen ends the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlace:
    """The place of one Asterisk. `sip`: the address and port at which the edge reaches it; "": no
    edge."""

    name: NodeId
    ari: str
    sip: str
    config: Path
    ledger: Path


def nodes_text(nodes: Sequence[NodePlace]) -> str:
    """The text of the file."""
    tables = (
        f'[[node]]\nname = "{node.name}"\nari = "{node.ari}"\nsip = "{node.sip}"\n'
        f'config = "{node.config}"\nledger = "{node.ledger}"\n'
        for node in nodes
    )
    return "\n".join(tables)
