"""The second half of the README's page: how large the parts must be, and what breaks first.

Called by page.py. Every figure is the day's load (findings.py) times a measured cost (sizing.py).
"""

from tests.bench.national import findings as n
from tests.bench.national.sizing import (
    BLOCKING,
    HEADROOM,
    channels,
    database_gigabytes_a_year,
    rooms,
    size,
)
from tests.bench.national.told import Told, number, table

SCRAPE_SECONDS = 10  # metrics/prometheus.yml


def sizes(told: Told) -> str:
    """What the ordinary hours and the rush take."""
    plan, by = told.plan, told.course.seconds
    both = [
        n.load(plan, by, told.parts.is_ordinary),
        n.load(plan, by, lambda at: not told.parts.is_ordinary(at)),
    ]
    a, b = (size(load, told.costs, told.node_cores) for load in both)
    one, other = both

    def line(what: str, *values: str) -> list[str]:
        return [what, *values]

    def each(what: str, show: str, name: str) -> list[str]:
        return line(what, *(show.format(getattr(s, name)) for s in (a, b)))

    rows = [
        line("calls a second, worst minute", *(f"{x.calls_a_second:.1f}" for x in both)),
        line("waiting / talking, most", *(f"{x.waiting:,} / {x.talking:,}" for x in both)),
        each("Asterisk: cores", "{:,}", "asterisk_cores"),
        line(
            f"Asterisk: nodes of {told.node_cores} cores, and one to spare",
            *(f"{s.asterisk_nodes} + 1" for s in (a, b)),
        ),
        line(
            "Asterisk: memory of the calls, beyond the idle process (channels)",
            *(
                f"{s.asterisk_megabytes:,.0f} MB ({channels(x):,})"
                for s, x in ((a, one), (b, other))
            ),
        ),
        each("service: of the one core it can use", "{:.2g}", "service_cores"),
        each("… the engine's own part, without headroom", "{:.2g}", "engine_share"),
        each(
            "service: memory of the callers, beyond the idle process",
            "{:.1f} MB",
            "service_megabytes",
        ),
        each("PostgreSQL: cores", "{:.2g}", "database_cores"),
        each("network, each direction (G.711)", "{:,} Mbit/s", "network_megabits"),
        each(f"trunk channels, Erlang B at {100 * BLOCKING:g} %", "{:,}", "trunk_channels"),
    ]
    course = told.course
    journal = course.journal_bytes / 1e6
    kept = database_gigabytes_a_year(course.rows, told.costs)
    return (
        table(["with half of everything kept free", "ordinary hours", "the rush"], rows)
        + f"\n\nDisk: {kept:.0f} GB of PostgreSQL a year if every day were this one"
        f" ({course.rows / len(course.stories):.1f} rows a call stay, {course.rows:,} a day, of"
        f" {told.costs.database_bytes_a_row:.0f} bytes each with indexes); the journal is"
        f" {journal:.0f} MB a day ({course.journal_bytes / len(course.stories):.0f} bytes a call),"
        " kept only until it is stored. Metrics of"
        f" {told.plan.provinces + 2} lines: {told.scrape.series:,} series,"
        f" {told.scrape.kilobytes:,.0f} kB a scrape, made in"
        f" {told.scrape.milliseconds:.0f} ms, which is"
        f" {told.scrape.milliseconds / 10 / SCRAPE_SECONDS:.1f} % of the service's core when it is"
        f" asked every {SCRAPE_SECONDS} s: a line that overflows into another queue is counted in"
        " both, and that is more series than one page of metrics was meant to have (5,000)."
    )


def breaks(told: Told) -> str:
    """The limits of one installation, the nearest first, and what lies beyond."""
    load = n.load(told.plan, told.course.seconds, lambda _: True)
    rows = [
        [
            room.part,
            f"{number(room.asked)} {room.unit}",
            number(room.borne),
            f"{number(room.times)} ×" if room.times >= 1 else f"**{number(room.times)} ×**",
        ]
        for room in rooms(load, told.costs, told.node_cores)
    ]
    return (
        "What breaks first, were it all one service with one Asterisk (no headroom taken off; below"
        " 1 × it does not fit):\n\n"
        + table(["part", "asked at the worst", "borne", "room"], rows)
        + "\n\n"
        + NOT_BUILT
    )


NOT_BUILT = """\
What takes it from there, and what of that is not built. **One service drives one Asterisk today**:
the nodes above are so many installations, each with its own lines (the provinces by region, 1567
and 1111 on nodes of their own), and a caller cannot overflow from one node's line to another's;
that is the next thing to build, and until then the model's overflow to 1567 holds within one node
only. In front of the nodes a Kamailio with its *dispatcher* spreads the trunks by dialled number
and keeps calls away from a node that does not answer OPTIONS: that configuration is not written.
PostgreSQL is asked for little; its tables are not partitioned by month, which a year's rows want
for being deleted, not for speed. One Prometheus scrapes several services as they are; a federation
over regions is configuration of Prometheus, and not written either. An Asterisk with more channels
than the table says was not measured."""


def cost_table(told: Told) -> str:
    """The figures the sizes are made of."""
    rows = (
        [f"`{name}`", f"{number(getattr(told.costs, name))} {figure.unit}", figure.source]
        for name, figure in told.figures.items()
    )
    return (
        table(["cost", "measured", "how"], rows)
        + f"\n\nCores, network and the service are planned to be used by {HEADROOM:.0%} at most."
        " Measure again on the machine you plan for and give what you found:"
        " `--cost asterisk_wait_ms_a_second=1.2`."
    )
