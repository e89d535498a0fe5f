"""What can go wrong between us and Asterisk, in words for the person on duty."""


class AriError(Exception):
    """Something is wrong with the connection to Asterisk."""


class ConnectionLost(AriError):
    """The connection to Asterisk is down or silent. The service reconnects by itself."""


class AsteriskTooOld(AriError):
    """This Asterisk has known security holes in ARI. Install 22.10.1 or later."""


class Replaced(AriError):
    """Another instance of the service has taken over this application on this Asterisk.

    Only one instance may act. End one of the two. This one has stopped acting. It serves again when
    the other has given no sign of life for some seconds.
    """
