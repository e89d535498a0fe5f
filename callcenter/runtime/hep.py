"""The key of the copies of SIP messages that Asterisk sends us (hep.conf).

It is made from the password of ARI, here and in hep.conf, so that there is one secret less to keep.
"""

import hashlib


def hep_key(ari_password: str) -> str:
    """Letters and digits that only Asterisk and the service know."""
    return hashlib.blake2b(b"hep", key=ari_password.encode()[:64], digest_size=16).hexdigest()
