"""Sets global variables in Asterisk with what the dial plan needs from the site file.

Run by asterisk.py while it has a connection. The names that phones show for a line are for the time
when the service is away (extensions.conf, [lifeboat-offered]). An Asterisk that is started while
the service is away shows the dialled number until it is told. The language of a line is set if it
is not Thai. For lines with a greeting or a notice in the site file a variable says that the service
plays these. Another one says whether withheld numbers are wanted at all: if not, [arrival] throws
them away.
"""

from collections.abc import Awaitable, Callable, Mapping

from callcenter.ari import rest
from callcenter.core.dialled import spellings
from callcenter.core.routing import shown_by_number
from callcenter.core.site import Site
from callcenter.runtime.pulse import pulse

SHOWN = "SHOWN_"
WITHHELD_KEPT = "WITHHELD_KEPT"
LANGUAGE = "LANGUAGE_"
TRUNKS_LANGUAGE = "th"  # as in pjsip.conf
GREETS, NOTIFIES = "GREETS_", "NOTIFIES_"
LOOK_SECONDS = 5.0

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


def site_variables(site: Site) -> dict[str, str]:
    """The values by name. An empty value means no."""
    shown = {f"{SHOWN}{number}": text for number, text in shown_by_number(site).items()}
    languages = {
        f"{LANGUAGE}{spelling}": line.language
        for number, line in site.line_of_did.items()
        if line.language != TRUNKS_LANGUAGE
        for spelling in spellings(number)
    }
    plays = {
        f"{name}{spelling}": "1"
        for number, line in site.line_of_did.items()
        for name, prompts in ((GREETS, line.greeting), (NOTIFIES, line.notice))
        if prompts
        for spelling in spellings(number)
    }
    return {**shown, **languages, **plays, WITHHELD_KEPT: "1" if site.withheld_number_hours else ""}


async def tell(ask: Ask, variables: Callable[[], Mapping[str, str]]) -> None:
    """Set what is not set yet: everything at first, then what a new site file changed. Runs until
    cancelled."""
    told: dict[str, str] = {}
    while True:
        wanted = variables()
        for name in told.keys() | wanted.keys():
            text = wanted.get(name, "")
            if told.get(name) != text:
                answer = await ask(rest.set_global(name, text))
                if answer.status == 204:
                    told[name] = text
        await pulse(LOOK_SECONDS)
