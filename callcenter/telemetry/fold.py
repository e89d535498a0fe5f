"""Folds facts into counters. No other code counts calls.

It keeps what it needs to know of open calls (their line) and of operators (since when they wrap
up), and forgets it with them. Facts of a segment's snapshot never come here.
"""

from collections.abc import Callable, Sequence
from typing import Any

from prometheus_client import CollectorRegistry

from callcenter.core import facts as f
from callcenter.core.commands import Exit
from callcenter.core.facts import Fact, OperatorState
from callcenter.core.ids import CallId, OfferId, OperatorId, QueueName
from callcenter.core.outcome import BackResult, OfferResult, Outcome
from callcenter.core.site import Site
from callcenter.ports.metrics import Series
from callcenter.telemetry import combinations as sets
from callcenter.telemetry import series as s
from callcenter.telemetry.families import CounterFamily, Family, HistogramFamily


class FactFold:
    """The counters and histograms of calls, offers and the machinery."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(series: Series) -> CounterFamily:
            return CounterFamily(series, registry)

        self.received, self.rejected = counter(s.RECEIVED), counter(s.REJECTED)
        self.ivr_ended, self.offered = counter(s.IVR_ENDED), counter(s.OFFERED)
        self.callback_lookups = counter(s.CALLBACK_LOOKUPS)
        self.looked_up, self.case_lookups = counter(s.LOOKED_UP), counter(s.CASE_LOOKUPS)
        self.voicemail, self.voicemails = counter(s.VOICEMAIL), counter(s.VOICEMAILS)
        self.redials = counter(s.REDIALS)
        self.callbacks_asked = counter(s.CALLBACKS_ASKED)
        self.callback_choices = counter(s.CALLBACK_CHOICES)
        self.callback_tries = counter(s.CALLBACK_TRIES)
        self.callback_ringing = HistogramFamily(s.CALLBACK_RINGING, registry)
        self.callbacks_ended = counter(s.CALLBACKS_ENDED)
        self.ended, self.offers = counter(s.ENDED), counter(s.OFFERS)
        self.lost, self.diverted = counter(s.LOST), counter(s.DIVERTED)
        self.transfers, self.consults = counter(s.TRANSFERS), counter(s.CONSULTS)
        self.parked = HistogramFamily(s.PARKED, registry)
        self.listened = counter(s.LISTENED)
        self.helps = counter(s.HELPS)
        self.surveys = counter(s.SURVEYS)
        self.messages = counter(s.MESSAGES)
        self.overflow_rules = counter(s.OVERFLOW_RULES)
        self.acquainted = counter(s.ACQUAINTED)
        self.ledger, self.repairs = counter(s.LEDGER), counter(s.REPAIRS)
        self.step_failures = counter(s.STEP_FAILURES)
        self.menu_keys = counter(s.MENU_KEYS)
        self.menu = HistogramFamily(s.MENU, registry)
        self.wait = HistogramFamily(s.WAIT, registry)
        self.estimate_error = HistogramFamily(s.ESTIMATE_ERROR, registry)
        self.waits_told = counter(s.WAITS_TOLD)
        self.news = counter(s.NEWS)
        self._heard_news: set[CallId] = set()
        self.talk = HistogramFamily(s.TALK, registry)
        self.wrapup = HistogramFamily(s.WRAPUP, registry)
        self._expected: dict[CallId, float] = {}  # the announced wait of callers who stand in line
        # the previous operator of callers who stand in line
        self._last_operator: dict[CallId, str] = {}
        self._line_of: dict[CallId, str] = {}
        self._before_us: CallId | None = (
            None  # the call that the next row of Asterisk's ledger is about
        )
        # the offers of operators who are rung before the citizen, and since when they hear ringing
        self._rung_first: dict[CallId, OfferId] = {}
        self._rings_since: dict[CallId, float] = {}
        self._queue_of: dict[OperatorId, QueueName] = {}
        self._wrapping: dict[OperatorId, tuple[float, QueueName]] = {}

    @property
    def families(self) -> Sequence[Family]:
        """All counters and histograms, to be printed."""
        return [
            *(self.received, self.rejected, self.ivr_ended, self.looked_up, self.case_lookups),
            self.callback_lookups,
            *(self.voicemail, self.voicemails),
            *(self.menu_keys, self.menu),
            *(self.offered, self.redials, self.callbacks_asked, self.callback_tries),
            *(self.callback_choices, self.callback_ringing),
            *(self.callbacks_ended, self.ended, self.wait),
            *(
                self.estimate_error,
                self.waits_told,
                self.news,
                self.talk,
                self.wrapup,
                self.lost,
                self.offers,
                self.diverted,
                self.transfers,
                self.consults,
                self.parked,
                self.listened,
                self.helps,
                self.surveys,
                self.messages,
                self.overflow_rules,
                self.acquainted,
                self.ledger,
                self.repairs,
                self.step_failures,
            ),
        ]

    def prepare(self, site: Site) -> None:
        """Make every combination of labels that this site can have."""
        self.received.prepare(sets.lines(site))
        self.rejected.prepare(sets.rejections(site))
        self.ivr_ended.prepare(sets.lines(site))
        self.looked_up.prepare(sets.lines(site))
        self.voicemail.prepare(sets.lines(site))
        self.voicemails.prepare(sets.voicemails(site))
        self.case_lookups.prepare(sets.case_lookups(site))
        self.callback_lookups.prepare(sets.callback_lookups(site))
        self.menu_keys.prepare(sets.menu_keys(site))
        self.menu.prepare(sets.menu_endings(site))
        self.offered.prepare(sets.standings(site))
        self.redials.prepare(sets.queues(site))
        self.callbacks_asked.prepare(sets.queues(site))
        self.callback_choices.prepare(sets.callback_choices(site))
        self.callback_tries.prepare(sets.callback_tries(site))
        self.callback_ringing.prepare(sets.callback_ringing(site))
        self.callbacks_ended.prepare(sets.callback_results(site))
        self.ended.prepare(sets.outcomes(site))
        self.wait.prepare(sets.usual_outcomes(site))
        self.estimate_error.prepare((name,) for name in site.lines)
        self.waits_told.prepare(sets.told(site))
        self.news.prepare(sets.news(site))
        self.talk.prepare(sets.usual_standings(site))
        self.diverted.prepare(sets.diversions(site))
        self.wrapup.prepare(sets.queues(site))
        self.lost.prepare(sets.losses(site))
        self.offers.prepare(sets.offers(site))
        self.transfers.prepare(sets.transfers(site))
        self.consults.prepare(sets.consults(site))
        self.parked.prepare(sets.parked(site))
        self.acquainted.prepare(sets.acquainted(site))
        self.surveys.prepare(sets.surveys(site))
        self.messages.prepare(sets.queues(site))
        self.overflow_rules.prepare(sets.overflow_rules(site))
        self.helps.prepare([(how,) for how in f.HelpAnswer])
        self.listened.prepare([(mode,) for mode in f.ListenMode])
        self.ledger.prepare([("true",), ("false",), (sets.GREETING,), (sets.CONTRADICTED,)])
        self.repairs.prepare([("adopted",), ("missing",)])
        self.step_failures.prepare(sets.steps())

    def add(self, fact: Fact) -> None:
        """Count one fact."""
        rule = _RULES.get(type(fact))
        if rule is not None:
            rule(self, fact)

    # --- one rule for each fact -----------------------------------------------------------------

    def _received(self, fact: f.CallReceived) -> None:
        self._line_of[fact.call] = fact.line
        self.received.count(fact.line)

    def _queued(self, fact: f.CallQueued) -> None:
        self.offered.count(self._line_of.get(fact.call, sets.UNKNOWN), fact.queue)
        if fact.why:
            self.diverted.count(fact.instead_of, fact.why)
        if fact.redial_of:
            self.redials.count(fact.instead_of or fact.queue)
        if fact.last_operator:
            self._last_operator[fact.call] = fact.last_operator
        if fact.expected_seconds is not None:
            self._expected[fact.call] = fact.expected_seconds

    def _news_heard(self, fact: f.NewsHeard) -> None:
        line = self._line_of.get(fact.call, sets.UNKNOWN)
        self.news.count(line, "more" if fact.more else "heard")
        self._heard_news.add(fact.call)

    def _callback_asked(self, fact: f.CallbackAsked) -> None:
        self.callbacks_asked.count(fact.queue)
        self.callback_choices.count(fact.queue, fact.how)

    def _callback_reached(self, fact: f.CallbackReached) -> None:
        self.callback_tries.count(fact.queue, BackResult.REACHED)
        self._rang_for(fact, sets.REACHED)

    def _callback_missed(self, fact: f.CallbackMissed) -> None:
        self.callback_tries.count(fact.queue, fact.result)
        self._rang_for(fact, sets.MISSED)

    def _callback_tried(self, fact: f.CallbackTried) -> None:
        if self._rung_first.pop(fact.call, None) == fact.offer:
            self._rings_since[fact.call] = fact.at

    def _rang_for(self, fact: f.CallbackReached | f.CallbackMissed, result: str) -> None:
        since = self._rings_since.pop(fact.call, None)
        if since is not None:
            self.callback_ringing.child(fact.queue, result).observe(fact.at - since)

    def _menu_left(self, fact: f.MenuLeft) -> None:
        self.menu.child(fact.line, fact.ending).observe(fact.seconds)
        for pressed in fact.path:
            step, _, key = pressed.rpartition("=")
            self.menu_keys.count(fact.line, step, key)

    def _case_looked_up(self, fact: f.CaseLookedUp) -> None:
        self.case_lookups.count(fact.line, fact.word)

    def _callback_looked_up(self, fact: f.CallbackLookedUp) -> None:
        self.callback_lookups.count(fact.line, fact.word)

    def _moved(self, fact: f.CallMoved) -> None:
        self.diverted.count(fact.left, fact.why)

    def _overflowed(self, fact: f.CallOverflowed) -> None:
        self.overflow_rules.count(fact.queue, fact.why, fact.to)

    def _scored(self, fact: f.CallScored) -> None:
        self._line_of.pop(fact.call, None)
        self._last_operator.pop(fact.call, None)
        self._rung_first.pop(fact.call, None)
        if fact.reason == Exit.MESSAGE:
            self.messages.count(fact.queue)
        expected = self._expected.pop(fact.call, None)
        if expected is not None and fact.outcome is Outcome.ANSWERED:
            error = expected - fact.queue_wait_seconds
            self.estimate_error.child(fact.line).observe(error)
        if fact.call in self._heard_news:
            self._heard_news.discard(fact.call)
            if fact.outcome in (Outcome.ABANDONED, Outcome.ABANDONED_SHORT):
                self.news.count(fact.line, "left")
        if fact.told_error_seconds is not None:
            result = "kept" if fact.told_error_seconds >= 0 else "late"
            answered = fact.outcome is Outcome.ANSWERED
            self.waits_told.count(fact.line, result if answered else "left")
        if fact.outcome is Outcome.REJECTED:
            self.rejected.count(fact.line, fact.reason)
        elif fact.outcome is Outcome.IVR_ENDED:
            self.ivr_ended.count(fact.line)
            self._before_us = fact.call
        elif fact.outcome is Outcome.LOOKED_UP:
            self.looked_up.count(fact.line)
        elif fact.outcome is Outcome.VOICEMAIL:
            self.voicemail.count(fact.line)
        else:
            self.ended.count(fact.line, fact.queue, fact.outcome)
            if fact.called_back:
                is_none = fact.outcome is Outcome.CALLBACK
                result = fact.reason if is_none else fact.outcome
                self.callbacks_ended.count(fact.queue, result)
            self.wait.child(fact.line, fact.queue, fact.outcome).observe(fact.wait_seconds)
            if fact.reason in sets.LOSSES:
                self.lost.count(fact.queue, sets.WAITING, fact.reason)

    def _voicemail_ended(self, fact: f.VoicemailEnded) -> None:
        self.voicemails.count(fact.queue, fact.ending)

    def _talk_ended(self, fact: f.TalkEnded) -> None:
        self.talk.child(fact.line, fact.queue).observe(fact.talk_seconds)
        self._queue_of[fact.operator] = fact.queue
        if fact.reason:
            self.lost.count(fact.queue, sets.TALKING, fact.reason)

    def _offer_made(self, fact: f.OfferMade) -> None:
        self._queue_of[fact.operator] = fact.queue
        if fact.operator_first:
            self._rung_first[fact.call] = fact.offer

    def _offer_ended(self, fact: f.OfferEnded) -> None:
        self.offers.count(fact.queue, fact.result)
        if fact.result is OfferResult.ANSWERED and fact.call in self._last_operator:
            same = self._last_operator.pop(fact.call) == fact.operator
            self.acquainted.count(fact.queue, "same" if same else "other")

    def _transferred(self, fact: f.CallTransferred) -> None:
        to = sets.TO_OPERATOR if fact.to_operator else sets.TO_QUEUE
        self.transfers.count(fact.from_queue, to)

    def _consult_ended(self, fact: f.ConsultEnded) -> None:
        self.consults.count(fact.queue, fact.result)

    def _set_aside_ended(self, fact: f.SetAsideEnded) -> None:
        self.parked.child(fact.queue, fact.how).observe(fact.seconds)

    def _survey_ended(self, fact: f.SurveyEnded) -> None:
        result = str(fact.score) if fact.score else fact.ending
        self.surveys.count(fact.line, fact.queue, result)

    def _help_ended(self, fact: f.HelpEnded) -> None:
        self.helps.count(fact.how)

    def _listened(self, fact: f.Listened) -> None:
        self.listened.count(fact.mode)

    def _operator_changed(self, fact: f.OperatorChanged) -> None:
        if fact.state is OperatorState.WRAPUP:
            if fact.operator not in self._wrapping and fact.operator in self._queue_of:
                self._wrapping[fact.operator] = fact.at, self._queue_of[fact.operator]
        elif fact.operator in self._wrapping:
            since, queue = self._wrapping.pop(fact.operator)
            self.wrapup.child(queue).observe(max(0.0, fact.at - since))
        if fact.state is OperatorState.OFFLINE:
            self._queue_of.pop(fact.operator, None)

    def _ledger_checked(self, fact: f.LedgerChecked) -> None:
        known = "true" if fact.known else "false"
        known = sets.CONTRADICTED if fact.contradicts else known
        before_us = fact.call == self._before_us and not fact.known  # a known caller was in a menu
        self.ledger.count(sets.GREETING if before_us else known)

    def _connected(self, fact: f.AsteriskConnected) -> None:
        self.repairs.count("adopted", by=fact.adopted)
        self.repairs.count("missing", by=fact.missing)

    def _step_failed(self, fact: f.StepFailed) -> None:
        self.step_failures.count(fact.event)


_RULES: dict[type[Fact], Callable[[FactFold, Any], None]] = {
    f.CallReceived: FactFold._received,
    f.CallQueued: FactFold._queued,
    f.CallbackAsked: FactFold._callback_asked,
    f.CallbackReached: FactFold._callback_reached,
    f.CallbackMissed: FactFold._callback_missed,
    f.CallbackTried: FactFold._callback_tried,
    f.MenuLeft: FactFold._menu_left,
    f.CaseLookedUp: FactFold._case_looked_up,
    f.CallbackLookedUp: FactFold._callback_looked_up,
    f.VoicemailEnded: FactFold._voicemail_ended,
    f.NewsHeard: FactFold._news_heard,
    f.CallMoved: FactFold._moved,
    f.CallOverflowed: FactFold._overflowed,
    f.CallScored: FactFold._scored,
    f.TalkEnded: FactFold._talk_ended,
    f.OfferMade: FactFold._offer_made,
    f.OfferEnded: FactFold._offer_ended,
    f.CallTransferred: FactFold._transferred,
    f.ConsultEnded: FactFold._consult_ended,
    f.SetAsideEnded: FactFold._set_aside_ended,
    f.OperatorChanged: FactFold._operator_changed,
    f.Listened: FactFold._listened,
    f.HelpEnded: FactFold._help_ended,
    f.SurveyEnded: FactFold._survey_ended,
    f.LedgerChecked: FactFold._ledger_checked,
    f.AsteriskConnected: FactFold._connected,
    f.StepFailed: FactFold._step_failed,
}
"""The other facts change only what is read at a scrape, or a later fact counts them."""
