"""People who make real calls: callers and operators, each with an ear that measures what it hears.

    somsri = await Caller(number="0812345678").dials("1567", at=("127.0.0.1", 15400))
    somchai = await OperatorPhone("somchai", secret).registers(at=("127.0.0.1", 15400))
    await until(lambda: somsri.hears(somchai.voice), within=5)

Used by the acceptance stories and the demo. A person is one UDP socket for SIP and one for RTP, and
does exactly what the story says at exactly that moment. (A hang-up is one packet, sent before the
next line of the test runs. A softphone does not offer that.) `softphone.py` has an independent SIP
stack for the same roles, so that the hotline does not work only with our own. Nothing here knows
the service.
"""

from tests.people.caller import Caller
from tests.people.phone import OperatorPhone
from tests.people.until import until

__all__ = ["Caller", "OperatorPhone", "until"]
