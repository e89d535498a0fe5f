"""A conversation: who should be in one bridge, who is there, and who hears whom.

It is a value. Each change gives another conversation: somebody joins, is put on hold, is taken
back, or leaves. It is a fault if somebody hears a party who should not be heard. core/invariants.py
checks this after each step.
"""

from enum import StrEnum
from functools import lru_cache

from callcenter.core.message import message


class Party(StrEnum):
    """The roles in a conversation."""

    CALLER = "caller"
    OPERATOR = "operator"
    CONSULTED = "consulted"  # a second operator, consulted by the first one
    # a supervisor who listens; `hear_supervisor` says which of the others hear them
    SUPERVISOR = "supervisor"
    RECORDER = "recorder"  # a machine that listens in the same way


SPEAK = frozenset({Party.CALLER, Party.OPERATOR, Party.CONSULTED})
NOBODY: frozenset[Party] = frozenset()


@message
class Conversation:
    """`parties` should be together, and `here` of them are in the bridge. Parties in `held` hear
    music, and nobody hears them. `hear_supervisor`: who hears the listening supervisor."""

    parties: frozenset[Party]
    here: frozenset[Party] = NOBODY
    held: frozenset[Party] = NOBODY
    hear_supervisor: frozenset[Party] = NOBODY

    @property
    def is_whole(self) -> bool:
        """Whether all parties are in the bridge."""
        return self.here == self.parties

    def lacks_only(self, party: Party) -> bool:
        """Whether all are in the bridge once this party joins."""
        return self.here | {party} == self.parties

    def joined(self, party: Party) -> "Conversation":
        """This party entered the bridge."""
        return _joined(self, party)

    def left(self, party: Party) -> "Conversation":
        """This party does not take part any more."""
        gone = frozenset({party})
        return self._with(parties=self.parties - gone, here=self.here - gone, held=self.held - gone)

    def holding(self, party: Party) -> "Conversation":
        """This party hears music until it is taken back."""
        return self._with(held=self.held | {party})

    def awaiting(self, party: Party) -> "Conversation":
        """This party should be with the others, and is not in the bridge (yet)."""
        return self._with(
            parties=self.parties | {party}, here=self.here - {party}, held=self.held - {party}
        )

    def taking_back(self, party: Party) -> "Conversation":
        """This party is not on hold any more."""
        return self._with(held=self.held - {party})

    def overheard(self, hear_supervisor: frozenset[Party]) -> "Conversation":
        """A supervisor listens, and these parties hear the supervisor."""
        with_them = self.joined(Party.SUPERVISOR)
        return with_them._with(hear_supervisor=hear_supervisor)

    def alone_again(self) -> "Conversation":
        """The supervisor stopped listening."""
        return self.left(Party.SUPERVISOR)._with(hear_supervisor=NOBODY)

    def recorded(self, *, silent: bool) -> "Conversation":
        """The talk is recorded. With `silent` the recorder hears nobody for a while."""
        recorder = frozenset({Party.RECORDER})
        held = self.held | recorder if silent else self.held - recorder
        return self._with(parties=self.parties | recorder, here=self.here | recorder, held=held)

    def unrecorded(self) -> "Conversation":
        """The talk is not recorded any more."""
        return self.left(Party.RECORDER)

    def heard_by(self, party: Party) -> frozenset[Party]:
        """The parties that this party hears."""
        if party not in self.here or party in self.held:
            return NOBODY
        heard = (self.here & SPEAK) - self.held - {party}
        if party in self.hear_supervisor and Party.SUPERVISOR in self.here:
            heard |= {Party.SUPERVISOR}
        return heard

    def _with(
        self,
        *,
        parties: frozenset[Party] | None = None,
        here: frozenset[Party] | None = None,
        held: frozenset[Party] | None = None,
        hear_supervisor: frozenset[Party] | None = None,
    ) -> "Conversation":
        return Conversation(
            parties=self.parties if parties is None else parties,
            here=self.here if here is None else here,
            held=self.held if held is None else held,
            hear_supervisor=self.hear_supervisor if hear_supervisor is None else hear_supervisor,
        )


@lru_cache(maxsize=256)
def _joined(talk: Conversation, party: Party) -> Conversation:
    """Cached: every call uses the same few conversations."""
    return Conversation(parties=talk.parties | {party}, here=talk.here | {party}, held=talk.held)


TWO = frozenset({Party.CALLER, Party.OPERATOR})
BEGUN = Conversation(parties=TWO)
"""The operator answered. Neither party is in the bridge yet."""
BEGUN_ON_LINE = Conversation(parties=TWO, here=frozenset({Party.OPERATOR}))
"""The operator's open line is in the bridge and waits there for the caller."""
TALK = Conversation(parties=TWO, here=TWO)
"""Caller and operator hear each other."""
