"""What conditions and texts may ask about a person, answered from the snapshot and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from nurture.core.duration import Duration, subtract
from nurture.core.enrolment import Enrolment
from nurture.core.event import NOTHING, Event
from nurture.core.graph import Graph
from nurture.core.person import Mail, Person
from nurture.core.scoring import score_at, topic_at, whole

_SNAPSHOT_FIELDS = ("stage", "temperature", "consent", "postponed_until")


class Facts:
    """One question time: a person, perhaps in a run, perhaps because of an event, at `now` (UTC).

    Implements `core.conditions.Context` and `Functions`. None means unknown.
    """

    __slots__ = ("_event", "enrolment", "graph", "now", "person")

    def __init__(
        self,
        person: Person,
        now: datetime,
        enrolment: Enrolment | None = None,
        graph: Graph | None = None,
        event: Event | None = None,
    ) -> None:
        self.person = person
        self.now = now
        self.enrolment = enrolment
        self.graph = graph
        self._event = event

    # -- names ------------------------------------------------------------------------------------------------

    def value(self, root: str, path: str) -> Any:
        """The value of `root.path`; None where it is missing."""
        if root == "lead":
            return self._lead(path)
        if root == "now":
            return self.now
        return _dig(self._root(root), path)

    def _lead(self, path: str) -> Any:
        person = self.person
        if path == "score":
            return self._score()
        if path == "tags":
            return sorted(person.tags)
        if path in _SNAPSHOT_FIELDS:
            return getattr(person, path)
        return _dig(person.fields, path)

    def _score(self) -> int:
        """The points there are at this time."""
        state = self.person.score
        return (
            self.person.score_now
            if state is None
            else whole(score_at(state, self.now, self.person.half_life))
        )

    def _root(self, root: str) -> Mapping[str, Any]:
        if root == "owner":
            return self.person.owner
        if root == "event":
            return self.event
        if root == "entry":
            return self.entry
        if root == "company":
            return self.person.company
        if root == "campaign" and self.graph is not None:
            return {"name": self.graph.name, "title": self.graph.title}
        return NOTHING

    @property
    def event(self) -> Mapping[str, Any]:
        """The event at hand, else the one the run acted on last."""
        if self._event is not None:
            return self._event.plain()
        return self.enrolment.last_event if self.enrolment else NOTHING

    @property
    def entry(self) -> Mapping[str, Any]:
        """The event the run began with; `at` is the time of entry."""
        if self.enrolment is None:
            return self._event.plain() if self._event else NOTHING
        return {**self.enrolment.entry, "at": self.enrolment.entered_at}

    def values(self) -> dict[str, Any]:
        """The plain data a text sees."""
        person = self.person
        lead = {
            **person.fields,
            "stage": person.stage,
            "temperature": person.temperature,
            "score": self._score(),
            "consent": person.consent,
            "tags": sorted(person.tags),
            "postponed_until": person.postponed_until,
        }
        return {
            "lead": lead,
            "owner": person.owner,
            "entry": self.entry,
            "event": self.event,
            "company": person.company,
            "campaign": {"name": self.graph.name, "title": self.graph.title} if self.graph else {},
            "now": self.now,
        }

    # -- functions --------------------------------------------------------------------------------------------

    def happened(
        self, event: str, since: datetime | None = None, where: Mapping[str, Any] | None = None
    ) -> bool:
        """Whether the event happened (learned since `since`, with these data)."""
        return self.count(event, since=since, where=where) > 0

    def count(
        self,
        event: str,
        since: datetime | None = None,
        last: Duration | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> int:
        """How often the event happened."""
        if last is not None:
            begin = self.ago(last)
            since = begin if since is None else max(since, begin)
        return sum(1 for _ in matching(self.person.events, event, since, where))

    def got(self, template: str) -> bool:
        """Whether this person had the email, in any campaign."""
        return any(mail.template == template for mail in self.person.mails)

    def opened(self, template: str | None = None) -> bool:
        """Whether an email (this one) was opened."""
        return any(mail.opened for mail in self._mails(template))

    def clicked(self, template: str | None = None) -> bool:
        """Whether a link in an email (this one) was clicked."""
        return any(mail.clicked for mail in self._mails(template))

    def replied(self, template: str | None = None) -> bool:
        """Whether an email (this one) was answered."""
        return any(mail.replied for mail in self._mails(template))

    def _mails(self, template: str | None) -> Iterable[Mail]:
        return (mail for mail in self.person.mails if template is None or mail.template == template)

    def tagged(self, tag: str) -> bool:
        """Whether the lead carries the tag."""
        return tag in self.person.tags

    def in_campaign(self, name: str) -> bool:
        """Whether the lead is in the campaign now."""
        return name in self.person.in_campaigns

    def speaks(self, language: str) -> bool | None:
        """Whether the lead's language is this one (`de` stands for `de-AT`)."""
        tag = self._lead("language")
        if not tag:
            return None
        return str(tag).lower().split("-")[0] == language.lower().split("-")[0]

    def allows(self, topic: str) -> bool:
        """Whether the lead gave consent for the topic."""
        return bool(self.person.topics.get(topic, False))

    consent = allows

    def ago(self, duration: Duration) -> datetime:
        """The time that long before now, by the lead's calendar."""
        return subtract(duration, self.now, self.person.place)

    def score_of(self, topic: str) -> int:
        """The points there are for a topic at this time."""
        state = self.person.score
        return 0 if state is None else whole(topic_at(state, topic, self.now, self.person.half_life))


def matching(
    events: Iterable[Event], name: str, since: datetime | None, where: Mapping[str, Any] | None = None
) -> Iterable[Event]:
    """The events that `name` stands for, learned at or after `since`, whose data hold the values of `where`."""
    for event in events:
        if not event.stands_for(name) or (since is not None and event.learned_at < since):
            continue
        if where and any(event.data.get(key) != wanted for key, wanted in where.items()):
            continue
        yield event


def _dig(values: Mapping[str, Any], path: str) -> Any:
    if path in values:
        return values[path]
    head, _, rest = path.partition(".")
    inner = values.get(head)
    return _dig(inner, rest) if rest and isinstance(inner, Mapping) else None
