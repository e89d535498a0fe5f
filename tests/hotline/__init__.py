"""A complete hotline for the acceptance stories, with everything that can break in it.

    async with Hotline() as hotline:
        somchai = await hotline.operator("somchai", habit=answers(0.2))
        somsri = await hotline.caller().dials("1567", at=hotline.sip)
        ...
        await hotline.service.kills()

A real Asterisk, a real PostgreSQL and the service as a process of its own. A TCP proxy between the
service and ARI can cut the connection. Everything is checked from outside: by the API, /metrics,
the rows of PostgreSQL and Asterisk's own ledger. Nothing of the service is imported.
"""

from tests.hotline.hotline import Hotline
from tests.hotline.shared import Shared

__all__ = ["Hotline", "Shared"]
