from __future__ import annotations

import pytest

from nurture.core.vocabulary import (
    BUILTIN,
    Consent,
    EnrolmentState,
    EventType,
    Field,
    Intent,
    Kind,
    LeadStage,
    MessageState,
    RefusalReason,
    ReplyKind,
    Temperature,
)

VOCABULARIES = {
    LeadStage: "new nurturing mql sql customer refused postponed junk",
    Temperature: "cold warm hot",
    EnrolmentState: "active held completed goal stopped",
    MessageState: "queued claimed handing_over sent deferred failed in_doubt withdrawn held",
    RefusalReason: "budget timing need competitor trust authority other",
    Intent: "interested later refused question unsubscribe wrong_person other unclear",
    ReplyKind: "reply auto_reply bounce delay complaint unsubscribe receipt other",
    Consent: "unknown given confirmed withdrawn",
}


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_closed_vocabularies_hold_the_words_people_s_scripts_use(vocabulary):
    assert [word.value for word in vocabulary] == VOCABULARIES[vocabulary].split()
    assert all(word.sentence.endswith(".") for word in vocabulary)
    assert all(word == word.value for word in vocabulary)


def test_lead_fields_are_those_of_the_interface():
    names = (
        "email name first_name last_name phone company company_size position country region city language timezone "
        "interest website source owner stage temperature score consent created_at postponed_until refused_at "
        "refusal_reason tags"
    )
    assert set(BUILTIN.fields) == set(names.split())
    assert {name for name, field in BUILTIN.fields.items() if field.kind is Kind.NUMBER} == {
        "score",
        "company_size",
    }
    assert BUILTIN.fields["stage"].choices == tuple(LeadStage)


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("webinar.attended", ("webinar.attended",)),
        ("auto_reply", ("auto_reply",)),
        ("lead.refused", ("lead.refused",)),
        ("webinar", ()),
        ("reply.sometimes", ()),
    ],
)
def test_what_an_event_s_name_stands_for(name, events):
    assert BUILTIN.stands_for(name) == events
    assert BUILTIN.knows_event(name) is bool(events)


def test_reply_stands_for_every_reply_and_for_no_auto_reply():
    assert set(BUILTIN.stands_for("reply")) == {f"reply.{intent}" for intent in Intent} - {
        "reply.unsubscribe"
    }
    assert "reply" in BUILTIN.event_names


def test_data_of_events():
    assert BUILTIN.data_of("webinar.attended")["minutes"] is Kind.NUMBER
    assert BUILTIN.data_of("reply")["until"] is Kind.TIME
    assert set(BUILTIN.data_of("report.downloaded")) == {"at", "type", "report"}
    assert {"report", "minutes", "amount"} <= set(BUILTIN.data_of())


def test_a_key_two_events_use_differently_may_be_anything():
    events = {"a.b": EventType("A.", {"size": Kind.NUMBER}), "c.d": EventType("C.", {"size": Kind.TEXT})}
    vocabulary = BUILTIN.extend(events=events)
    assert vocabulary.data_of("a.b")["size"] is Kind.NUMBER
    assert vocabulary.data_of("a.b", "c.d")["size"] is Kind.ANY


def test_extending_adds_and_leaves_the_old_one_alone():
    more = BUILTIN.extend(
        fields={"pumps": Field(Kind.NUMBER, "How many.", own=True)},
        events={
            "demo.booked": EventType("Booked."),
            "deal.won": EventType("Won.", {"amount": Kind.TEXT, "pump": Kind.TEXT}),
        },
        channels=["workshop"],
        topics=["greetings"],
    )
    assert "pumps" in more.fields
    assert "pumps" not in BUILTIN.fields
    assert more.knows_event("demo.booked")
    assert more.data_of("deal.won")["amount"] is Kind.NUMBER, "what is built in keeps its kind"
    assert more.data_of("deal.won")["pump"] is Kind.TEXT
    assert more.channels == {"owner", "manager", "workshop"}
    assert more.topics == {"greetings"}
    assert more.templates is None
    assert more.extend(topics=["later"]).topics == {"greetings", "later"}
