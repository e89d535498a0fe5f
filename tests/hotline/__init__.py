"""A whole hotline of one's own, with everything that can break in it, for the acceptance stories.

    async with Hotline() as hotline:
        somchai = await hotline.operator("somchai", habit=answers(0.2))
        somsri = await hotline.caller().dials("1567", at=hotline.sip)
        ...
        await hotline.service.kills()

A real Asterisk, a real PostgreSQL and the service as a process of its own, with a TCP proxy between
the service and ARI that can cut the wire. What is found out is read from outside alone: the API,
/metrics, the rows of PostgreSQL and Asterisk's own ledger; nothing of the service is imported.
"""

from tests.hotline.hotline import Hotline
from tests.hotline.shared import Shared

__all__ = ["Hotline", "Shared"]
