"""People who make real calls: callers and operators, each with an ear that measures what it hears.

    somsri = await Caller(number="0812345678").dials("1567", at=("127.0.0.1", 15400))
    somchai = await OperatorPhone("somchai", secret).registers(at=("127.0.0.1", 15400))
    await until(lambda: somsri.hears(somchai.voice), within=5)

Used by the acceptance stories and the demo. A person is one UDP socket for SIP and one for RTP and
does exactly what the story says at exactly the instant it says (a hang-up is one packet, sent
before the next line runs), which a softphone does not offer. `softphone.py` puts an independent
SIP stack in the same places, so that what works here does not only work with ourselves.
Nothing here knows the service.
"""

from tests.people.caller import Caller
from tests.people.phone import OperatorPhone
from tests.people.until import until

__all__ = ["Caller", "OperatorPhone", "until"]
