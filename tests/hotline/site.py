"""The site file of the stories: three published numbers and an urgent one, with short times."""

from dataclasses import dataclass, field, replace

LINES = {
    "1567": ("damrong", 0, ("1567",)),
    "1111": ("gcc", 0, ("1111",)),
    "045-614545": ("sisaket", 0, ("045614545",)),
    "1669": ("damrong", 9, ("1669",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A queue's limits in the form of the site file, in seconds and callers."""

    waiting_limit: int = 200
    max_wait_seconds: float = 600
    overflow_queue: str = ""
    overflow_message: tuple[str, ...] = ()
    voicemail: tuple[str, ...] = ()
    overflow: tuple[str, ...] = ()  # rules, each as the lines of a table
    neighbours: tuple[str, ...] = ()
    hours: str = ""  # "never" is one of the hours in the file
    tell: str = "nothing"
    tell_first_seconds: float = 20
    tell_every_seconds: float = 60
    ring_seconds: float = 20
    callback_after_seconds: float = 0
    wrapup_seconds: float = 0
    strategy: str = "longest_idle"
    ring_at_once: int = 3
    last_operator_hours: float = 0
    short_abandon_seconds: float = 15  # so that a caller who leaves "at once" has enough time


@dataclass(slots=True)
class SiteFile:
    """The site file. A story's changes are undone before the next one."""

    queues: dict[str, Rules] = field(default_factory=dict)
    withheld_number_hours: float = 0
    aging_seconds: float = 300
    relax_seconds: float = 30
    park_seconds: float = 120
    # more fields of a line, in the form of the file
    said: dict[str, str] = field(default_factory=dict)
    menus: str = ""
    callbacks: str = ""  # the lines of the table

    def __post_init__(self) -> None:
        self.put_back()

    def put_back(self) -> None:
        """Give every queue its usual rules."""
        self.withheld_number_hours, self.aging_seconds, self.relax_seconds = 0, 300, 30
        self.said, self.menus, self.callbacks, self.park_seconds = {}, "", "", 120
        self.queues = {name: Rules() for name in ("damrong", "gcc", "sisaket")}

    def change(self, queue: str, **changes: float | str | tuple[str, ...]) -> None:
        """Set other limits for one queue."""
        self.queues[queue] = replace(self.queues[queue], **changes)  # type: ignore[arg-type]

    def text(self) -> str:
        """The contents of the file."""
        parts = ["[pauses]\ndeclined_seconds = 1\nbusy_seconds = 1\nunreachable_seconds = 1\n"]
        for name, (queue, priority, dids) in LINES.items():
            listed = ", ".join(f'"{did}"' for did in dids)
            parts.append(
                f'[lines.{name}]\ntitle = "{name}"\ndids = [{listed}]\n'
                f'queue = "{queue}"\npriority = {priority}\n{self.said.get(name, "")}\n'
            )
        for name, rules in self.queues.items():
            hours = f'hours = "{rules.hours}"\n' if rules.hours else ""
            several = rules.strategy == "ring_several"
            at_once = f"ring_at_once = {rules.ring_at_once}\n" if several else ""
            onward = f'overflow_queue = "{rules.overflow_queue}"\n' if rules.overflow_queue else ""
            parts.append(
                f'[queues.{name}]\ntitle = "{name}"\n{onward}'
                f"neighbours = {list(rules.neighbours)}\n{hours}"
                f"overflow_message = {list(rules.overflow_message)}\n"
                f"voicemail = {list(rules.voicemail)}\n"
                f'tell = "{rules.tell}"\n'
                f"tell_first_seconds = {rules.tell_first_seconds:g}\n"
                f"tell_every_seconds = {rules.tell_every_seconds:g}\n"
                f'strategy = "{rules.strategy}"\n{at_once}'
                f"last_operator_hours = {rules.last_operator_hours:g}\n"
                f"waiting_limit = {rules.waiting_limit}\n"
                f"max_wait_seconds = {rules.max_wait_seconds:g}\n"
                f"ring_seconds = {rules.ring_seconds:g}\n"
                f"callback_after_seconds = {rules.callback_after_seconds:g}\n"
                f"wrapup_seconds = {rules.wrapup_seconds:g}\n"
                f"short_abandon_seconds = {rules.short_abandon_seconds:g}\n"
                + "".join(f"[[queues.{name}.overflow]]\n{rule}\n" for rule in rules.overflow)
            )
        calls = (
            f"[calls]\nwithheld_number_hours = {self.withheld_number_hours:g}\n"
            f"aging_seconds = {self.aging_seconds:g}\n"
            f"relax_seconds = {self.relax_seconds:g}\n"
        )
        parts.append('[pause_reasons.prayer]\nth = "ละหมาด"\nen = "prayer time"\n')
        parts.append('[pause_reasons.lunch]\nth = "พักกลางวัน"\nen = "lunch"\n')
        never = '[hours.never]\nweek = ["mon-sun closed"]\n'
        parts.append(f"[park]\npark_seconds = {self.park_seconds:g}\n")
        parts.append(f"[callbacks]\n{self.callbacks}\n")
        return "\n".join([*parts, self.menus, never, "[trunks.trunk]\nchannels = 30\n", calls])
