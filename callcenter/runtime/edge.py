"""What the service and the SIP edge (dialplans/edge) must agree on: the key of its control port,
and the table of phones that the edge reads when it starts.

Pure. The key is made from the password of ARI, so that there is one secret less to keep.
"""

import hashlib
from collections.abc import Mapping

REALM = "callcenter"
"""Phones that register at the edge prove their password for this realm."""

AUTH_TABLE, FIXED_TABLE = "auth", "fixed"
"""Tables: who may register (name -> HA1), and phones that do not register (name -> contact)."""

BANS_TABLE = "bans"
"""A table: banned addresses, and under `networks` a list of networks."""

SERVING_SET, PROBING_SET = 1, 2
"""Numbers of the edge's two sets of nodes. Both have all nodes and are probed. The first chooses a
node for a call, and what the service orders about a node there hides what the probes say of it."""

_COLUMNS = "key_name(string) key_type(int) value_type(int) key_value(string) expires(int)\n"


def edge_key(ari_password: str) -> str:
    """Letters and digits that only the edge and the service know."""
    return hashlib.blake2b(b"edge", key=ari_password.encode()[:64], digest_size=16).hexdigest()


def proof(user: str, secret: str) -> str:
    """HA1, with which a phone's answer to a challenge is checked (RFC 2617). The edge is told only
    this, and needs no more."""
    text = f"{user}:{REALM}:{secret}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def table(rows: Mapping[str, str]) -> str:
    """A text table that Kamailio's db_text can read."""
    lines = (f"{name}:0:0:{_escaped(value)}:0\n" for name, value in sorted(rows.items()))
    return _COLUMNS + "".join(lines)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(":", "\\:")
