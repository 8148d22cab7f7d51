"""What can be spoken of: closed vocabularies, lead fields, events with their data, and a project's own ones.

The names are fixed by interfaces.md. `BUILTIN` knows what nurture brings; `Vocabulary.extend` adds what a
project declares in config.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from nurture.core.words import Word


class LeadStage(Word):
    """Where a lead stands on the way to a customer."""

    NEW = "new", "Known, and nothing has been done yet."
    NURTURING = "nurturing", "Being supported until the time is right."
    MQL = "mql", "Marketing Qualified: ready for sales to look at."
    SQL = "sql", "Sales Qualified: budget, authority, need and timing are there."
    CUSTOMER = "customer", "Has bought; a customer record exists."
    REFUSED = "refused", "Has said no; kept, and left alone but for what they allow."
    POSTPONED = "postponed", "Has said later; resumed on a date."
    JUNK = "junk", "Not a lead: a robot, a joker, a competitor, own staff."


class Temperature(Word):
    """How warm a lead is, by score."""

    COLD = "cold", "Below the threshold for warm."
    WARM = "warm", "Shows interest."
    HOT = "hot", "Shows so much interest that a person should act."


class EnrolmentState(Word):
    """How a lead's run through a campaign stands."""

    ACTIVE = "active", "The lead is on its way."
    HELD = "held", "The run rests until a person, a pause or a task lets it go on."
    COMPLETED = "completed", "The lead came to an end of the campaign."
    GOAL = "goal", "The campaign's goal was reached."
    STOPPED = "stopped", "The run was ended before."


class MessageState(Word):
    """How an email to one person stands (architecture.md, Sending at most once)."""

    QUEUED = "queued", "Waits for its time."
    CLAIMED = "claimed", "A sender has it in hand."
    HANDING_OVER = "handing_over", "Is being given to the mail server at this moment."
    SENT = "sent", "The mail server took it."
    DEFERRED = "deferred", "The mail server said: later."
    FAILED = "failed", "The mail server refused it for good."
    IN_DOUBT = "in_doubt", "Nobody knows whether the mail server took it; it is not sent again by itself."
    WITHDRAWN = "withdrawn", "Taken back before it was handed over."
    HELD = "held", "Held back by a pause or a person."


class RefusalReason(Word):
    """Why a person refused."""

    BUDGET = "budget", "There is no money for it, or it is too dear."
    TIMING = "timing", "It is the wrong time: too busy, too early, plans changed or stopped."
    NEED = "need", "They do not want or need it, or it does not fit."
    COMPETITOR = "competitor", "They have a solution or a supplier already, or chose somebody else."
    TRUST = "trust", "They do not trust us or the offer: data protection, bad experience, unsolicited mail."
    AUTHORITY = "authority", "It is not theirs to decide, or somebody above decided against it."
    OTHER = "other", "Anything else, or not said."


class Intent(Word):
    """What a reply wants."""

    INTERESTED = "interested", "Wants to know more, to talk, or simply says yes."
    LATER = "later", "Not now, but asks or allows to be approached again."
    REFUSED = "refused", "No."
    QUESTION = "question", "Asks something that must be answered before anything else happens."
    UNSUBSCRIBE = "unsubscribe", "Wants no more mail, or wants the data deleted."
    WRONG_PERSON = "wrong_person", "Is not, or no longer, the one to write to."
    OTHER = "other", "Clear, but none of these: thanks, an acknowledgement, another matter."
    UNCLEAR = "unclear", "Not understood well enough to act on: a person must read it."


class ReplyKind(Word):
    """What kind of mail came in."""

    REPLY = "reply", "A person answered."
    AUTO_REPLY = "auto_reply", "A machine answered for a person: absence notes, ticket receipts, challenges."
    BOUNCE = "bounce", "A mail system gave up delivering a mail."
    DELAY = "delay", "A mail system has not delivered a mail yet and goes on trying."
    COMPLAINT = "complaint", "A mailbox provider says that a person called the mail spam."
    UNSUBSCRIBE = "unsubscribe", "A mail to the List-Unsubscribe address."
    RECEIPT = "receipt", "A mail was delivered or displayed."
    OTHER = "other", "Automatic mail that is nothing of these: lists, newsletters, notices, calendar answers."


class Consent(Word):
    """What a person allowed."""

    UNKNOWN = "unknown", "Nothing is on record."
    GIVEN = "given", "Agreed, with proof kept."
    CONFIRMED = "confirmed", "Agreed, and confirmed from their own mailbox."
    WITHDRAWN = "withdrawn", "Took it back."


class Kind(Word):
    """What kind of value a name holds."""

    TEXT = "text", "A text."
    NUMBER = "number", "A number."
    BOOLEAN = "boolean", "true or false."
    TIME = "time", "A date or a point in time."
    LIST = "list", "A list of texts."
    ANY = "any", "A value of any kind."


Kinds = Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a lead. `choices` are all values it can have; empty: any."""

    kind: Kind
    sentence: str
    choices: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event: what it means and which data it carries. Every event has `at` and `type` besides."""

    sentence: str
    data: Kinds = field(default_factory=dict)
    own: bool = False


EVERY_EVENT: Final[Kinds] = MappingProxyType({"at": Kind.TIME, "type": Kind.TEXT})
OWNER: Final[Kinds] = MappingProxyType(
    dict.fromkeys(("name", "first_name", "email", "phone", "title"), Kind.TEXT)
)
CAMPAIGN: Final[Kinds] = MappingProxyType(dict.fromkeys(("name", "title"), Kind.TEXT))
HOLIDAY_ENTRY: Final[Kinds] = MappingProxyType(
    {"holiday": Kind.TEXT, "date": Kind.TIME, "country": Kind.TEXT}
)
"""What `entry` holds for a campaign that is entered on a holiday."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything that has a name in a project. Names of things that are None are not checked.

    `topics` are consent topics, `score_topics` topics of scoring rules.
    """

    fields: Mapping[str, Field]
    events: Mapping[str, EventType]
    forms: frozenset[str] = frozenset()
    surveys: frozenset[str] = frozenset()
    webhooks: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset({"owner", "manager"})
    topics: frozenset[str] | None = None
    score_topics: frozenset[str] | None = None
    templates: frozenset[str] | None = None
    campaigns: frozenset[str] | None = None

    def knows_event(self, name: str) -> bool:
        """Is it an event, or a family (`reply`) of events?"""
        return bool(self.stands_for(name))

    def stands_for(self, name: str) -> tuple[str, ...]:
        """The events a name means: itself; `reply` stands for every `reply.*`."""
        if name in self.events:
            return (name,)
        if name == "reply":
            return tuple(event for event in self.events if event.startswith("reply."))
        return ()

    @property
    def event_names(self) -> tuple[str, ...]:
        """All names an event may be spoken of by, families included."""
        return (*self.events, "reply")

    def data_of(self, *names: str) -> Kinds:
        """What `event` may hold when it is one of these (none named: any event), `at` and `type` included.

        A key that two events use for different kinds of values is `Kind.ANY`.
        """
        merged = dict(EVERY_EVENT)
        for name in names or tuple(self.events):
            for event in self.stands_for(name):
                for key, kind in self.events[event].data.items():
                    merged[key] = kind if merged.get(key, kind) is kind else Kind.ANY
        return merged

    def extend(
        self,
        *,
        fields: Mapping[str, Field] | None = None,
        events: Mapping[str, EventType] | None = None,
        forms: Iterable[str] = (),
        surveys: Iterable[str] = (),
        webhooks: Iterable[str] = (),
        channels: Iterable[str] = (),
        topics: Iterable[str] | None = None,
        score_topics: Iterable[str] | None = None,
        templates: Iterable[str] | None = None,
        campaigns: Iterable[str] | None = None,
    ) -> Vocabulary:
        """A vocabulary with more words. An event that exists already gets the further data keys."""
        all_events = dict(self.events)
        for name, event in (events or {}).items():
            known = all_events.get(name)
            all_events[name] = replace(known, data={**event.data, **known.data}) if known else event
        return Vocabulary(
            fields={**self.fields, **(fields or {})},
            events=all_events,
            forms=self.forms | frozenset(forms),
            surveys=self.surveys | frozenset(surveys),
            webhooks=self.webhooks | frozenset(webhooks),
            channels=self.channels | frozenset(channels),
            topics=_more(self.topics, topics),
            score_topics=_more(self.score_topics, score_topics),
            templates=_more(self.templates, templates),
            campaigns=_more(self.campaigns, campaigns),
        )


def _more(known: frozenset[str] | None, names: Iterable[str] | None) -> frozenset[str] | None:
    if names is None:
        return known
    return (known or frozenset()) | frozenset(names)


def _kinds(
    text: str = "", *, number: str = "", boolean: str = "", time: str = "", anything: str = ""
) -> Kinds:
    """`_kinds("source by", time="until")`: data keys by the kind of their values."""
    by_kind = {
        Kind.TEXT: text,
        Kind.NUMBER: number,
        Kind.BOOLEAN: boolean,
        Kind.TIME: time,
        Kind.ANY: anything,
    }
    return {key: kind for kind, keys in by_kind.items() for key in keys.split()}


def _words(vocabulary: type[Word]) -> tuple[str, ...]:
    return tuple(member.value for member in vocabulary)


LEAD_FIELDS: Final[Mapping[str, Field]] = MappingProxyType({
    "email": Field(Kind.TEXT, "The address mail goes to."),
    "name": Field(Kind.TEXT, "The whole name."),
    "first_name": Field(Kind.TEXT, "The given name."),
    "last_name": Field(Kind.TEXT, "The family name."),
    "phone": Field(Kind.TEXT, "The telephone number."),
    "company": Field(Kind.TEXT, "The company they work for."),
    "company_size": Field(Kind.NUMBER, "How many people work there."),
    "position": Field(Kind.TEXT, "What they do there."),
    "country": Field(Kind.TEXT, "ISO 3166 code of two letters."),
    "region": Field(Kind.TEXT, "A part of the country."),
    "city": Field(Kind.TEXT, "The town."),
    "language": Field(Kind.TEXT, "BCP 47 tag: de, de-AT."),
    "timezone": Field(Kind.TEXT, "IANA name: Europe/Berlin."),
    "interest": Field(Kind.TEXT, "What they want to know about."),
    "website": Field(Kind.TEXT, "Their site."),
    "source": Field(Kind.TEXT, "Where they came from first."),
    "owner": Field(Kind.TEXT, "The address of the responsible colleague."),
    "stage": Field(Kind.TEXT, "Where they stand.", _words(LeadStage)),
    "temperature": Field(Kind.TEXT, "How warm they are.", _words(Temperature)),
    "score": Field(Kind.NUMBER, "Their points now."),
    "consent": Field(Kind.TEXT, "What they allowed.", _words(Consent)),
    "created_at": Field(Kind.TIME, "When we first heard of them."),
    "postponed_until": Field(Kind.TIME, "When the postponed are resumed."),
    "refused_at": Field(Kind.TIME, "When they refused."),
    "refusal_reason": Field(Kind.TEXT, "Why they refused."),
    "tags": Field(Kind.LIST, "Words colleagues and campaigns put on them."),
})  # fmt: skip

_LEAD = _kinds("source from to reason by", time="until")
_EMAIL = _kinds("campaign step template link status", boolean="hard")
_REPLY = _kinds("text reason language campaign template", number="confidence", time="until")
_SCORE = _kinds("from to", number="score")
_CONSENT = _kinds("topic wording proof")
_FORM = _kinds("form survey reason", time="until wished_at", anything="answers")
_WEBINAR = _kinds("webinar", number="minutes", time="starts_at")
_WORK = _kinds("task kind result note")
_DEAL = _kinds("currency reason", number="amount margin")

EVENTS: Final[Mapping[str, EventType]] = MappingProxyType({
    "lead.created": EventType("A person became known.", _LEAD),
    "lead.verified": EventType("Their address was confirmed.", _LEAD),
    "lead.merged": EventType("Two records of one person became one.", _LEAD),
    "lead.assigned": EventType("A colleague became responsible.", _LEAD),
    "lead.stage_changed": EventType("The stage changed.", _LEAD),
    "lead.qualified": EventType("Sales took them as qualified.", _LEAD),
    "lead.rejected": EventType("Sales gave them back.", _LEAD),
    "lead.refused": EventType("They said no.", _LEAD),
    "lead.postponed": EventType("They said later.", _LEAD),
    "lead.resumed": EventType("The time of the postponed has come, or they came back.", _LEAD),
    "lead.converted": EventType("They became a customer.", _LEAD),
    "email.sent": EventType("An email was handed over.", _EMAIL),
    "email.delivered": EventType("Their mail server reported delivery.", _EMAIL),
    "email.opened": EventType("An email was opened.", _EMAIL),
    "email.clicked": EventType("A link in an email was clicked.", _EMAIL),
    "email.bounced": EventType("An email came back.", _EMAIL),
    "email.complained": EventType("An email was called spam.", _EMAIL),
    "reply.interested": EventType("They answered: tell me more.", _REPLY),
    "reply.later": EventType("They answered: later.", _REPLY),
    "reply.refused": EventType("They answered: no.", _REPLY),
    "reply.question": EventType("They asked something.", _REPLY),
    "reply.wrong_person": EventType("They are not the right person.", _REPLY),
    "reply.other": EventType("They answered something else.", _REPLY),
    "reply.unclear": EventType("They answered; a person must read it.", _REPLY),
    "auto_reply": EventType("A machine answered for them.", _REPLY),
    "unsubscribed": EventType("They want no more mail.", _REPLY),
    "score.warm": EventType("They became warm.", _SCORE),
    "score.hot": EventType("They became hot.", _SCORE),
    "score.cold": EventType("They became cold.", _SCORE),
    "score.cooled": EventType("They are no longer hot.", _SCORE),
    "score.mql": EventType("They have the points of a qualified lead.", _SCORE),
    "consent.given": EventType("They agreed to a topic.", _CONSENT),
    "consent.withdrawn": EventType("They took an agreement back.", _CONSENT),
    "form.submitted": EventType("They sent a form.", _FORM),
    "survey.answered": EventType("They answered a questionnaire.", _FORM),
    "callback.requested": EventType("They want to be called.", _FORM),
    "page.viewed": EventType("They looked at a page.", _kinds("path url")),
    "report.downloaded": EventType("They downloaded a report.", _kinds("report")),
    "webinar.registered": EventType("They signed up for a webinar.", _WEBINAR),
    "webinar.attended": EventType("They took part in a webinar.", _WEBINAR),
    "webinar.missed": EventType("They signed up and did not come.", _WEBINAR),
    "call.made": EventType("A colleague called.", _WORK),
    "call.answered": EventType("A call was answered.", _WORK),
    "meeting.held": EventType("A meeting took place.", _WORK),
    "offer.sent": EventType("An offer went out.", _WORK),
    "task.done": EventType("A colleague finished a task.", _WORK),
    "task.overdue": EventType("A task was not done in time.", _WORK),
    "deal.won": EventType("A sale was made.", _DEAL),
    "deal.lost": EventType("A sale was lost.", _DEAL),
})  # fmt: skip

BUILTIN: Final = Vocabulary(fields=LEAD_FIELDS, events=EVENTS)
