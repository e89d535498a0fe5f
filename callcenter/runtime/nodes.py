"""Where the Asterisk nodes are: what `make run` writes for the service, which reads it
(config/nodes_file.py)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.core.ids import NodeId

MOST_NODES = 9
"""Of one service; with more the floor and the metrics would not be read any more."""

NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
"""No hyphen: the name is the beginning of each of its calls' ids, and a hyphen ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlace:
    """Where one Asterisk is. `sip`: address and port at which the edge reaches it; "": no edge."""

    name: NodeId
    ari: str
    sip: str
    config: Path
    ledger: Path


def nodes_text(nodes: Sequence[NodePlace]) -> str:
    """The file that says this."""
    tables = (
        f'[[node]]\nname = "{node.name}"\nari = "{node.ari}"\nsip = "{node.sip}"\n'
        f'config = "{node.config}"\nledger = "{node.ledger}"\n'
        for node in nodes
    )
    return "\n".join(tables)
