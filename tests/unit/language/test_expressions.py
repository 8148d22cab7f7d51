"""Conditions as authors write them: what is read, what is refused, where and with which words."""

from __future__ import annotations

import time
import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.duration import parse_duration
from nurture.core.expression import Arith, BoolOp, Call, Compare, ListNode, Literal, Name, Neg, Node, Not
from nurture.core.vocabulary import BUILTIN, EventType, Field, Kind
from nurture.language.expressions import Fault, Scope, condition_at, read_expression
from nurture.language.problems import Problems
from nurture.language.source import read_source

WORDS = BUILTIN.extend(
    fields={
        "pumps": Field(Kind.NUMBER, "How many."),
        "birthday": Field(Kind.TIME, "When born."),
        "vip": Field(Kind.BOOLEAN, "Is one."),
        "size": Field(Kind.TEXT, "How large.", ("small", "large")),
    },
    events={"demo.booked": EventType("Booked.", {"seats": Kind.NUMBER})},
    templates=["webinar_invite", "news"],
    campaigns=["report-download"],
    topics=["greetings"],
    score_topics=["energy"],
)


def tree_of(text: str, wants: Kind = Kind.BOOLEAN) -> Node:
    condition, faults = read_expression(text, WORDS, wants=wants)
    assert faults == ()
    assert condition is not None
    return condition.tree


def faults_of(text: str, scope: Scope = Scope(), wants: Kind = Kind.BOOLEAN) -> tuple[Fault, ...]:  # noqa: B008
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        condition, faults = read_expression(text, WORDS, scope, wants)
    assert (condition is None) == bool(faults)
    return faults


SCORE = Name("lead", "score", Kind.NUMBER)
COUNTRY = Name("lead", "country", Kind.TEXT)
UNTIL = Name("event", "until", Kind.TIME)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("lead.score >= 30", Compare(">=", SCORE, Literal(30))),
        ("score >= 30", Compare(">=", SCORE, Literal(30))),
        ("  lead.score\n  >= 30 ", Compare(">=", SCORE, Literal(30))),
        ("lead.score > -1.5", Compare(">", SCORE, Literal(-1.5))),
        ("-lead.score < 3", Compare("<", Neg(SCORE), Literal(3))),
        (
            "lead.score * 2 + 1 > 4",
            Compare(">", Arith("+", Arith("*", SCORE, Literal(2)), Literal(1)), Literal(4)),
        ),
        (
            "1 < lead.score < 5",
            BoolOp("and", (Compare("<", Literal(1), SCORE), Compare("<", SCORE, Literal(5)))),
        ),
        ("lead.country == 'Côte'", Compare("==", COUNTRY, Literal("Côte"))),
        ('lead.country in ["DE", "AT"]', Compare("in", COUNTRY, ListNode((Literal("DE"), Literal("AT"))))),
        (
            'lead.country not in ("DE", "AT")',
            Compare("not in", COUNTRY, ListNode((Literal("DE"), Literal("AT")))),
        ),
        ('"vip" in lead.tags', Compare("in", Literal("vip"), Name("lead", "tags", Kind.LIST))),
        ('"chief" in lead.position', Compare("in", Literal("chief"), Name("lead", "position", Kind.TEXT))),
        ("lead.vip", Name("lead", "vip", Kind.BOOLEAN)),
        ("not lead.vip or true", BoolOp("or", (Not(Name("lead", "vip", Kind.BOOLEAN)), Literal(True)))),
        ("known(event.until)", Call("known", (UNTIL,))),
        ("known(phone)", Call("known", (Name("lead", "phone", Kind.TEXT),))),
        ('event.from == "new"', Compare("==", Name("event", "from", Kind.TEXT), Literal("new"))),
        ("event.answers.age > 3", Compare(">", Name("event", "answers.age", Kind.NUMBER), Literal(3))),
        (
            'lead.refused_at < ago("6 months")',
            Compare(
                "<",
                Name("lead", "refused_at", Kind.TIME),
                Call("ago", (Literal(parse_duration("6 months")),)),
            ),
        ),
        (
            'lead.created_at > "2026-01-05"',
            Compare(">", Name("lead", "created_at", Kind.TIME), Literal(datetime(2026, 1, 5, tzinfo=UTC))),
        ),
        (
            "now > lead.birthday",
            Compare(">", Name("now", "", Kind.TIME), Name("lead", "birthday", Kind.TIME)),
        ),
        ('got("news")', Call("got", (Literal("news"),))),
        ("clicked()", Call("clicked")),
        ('speaks("de-AT")', Call("speaks", (Literal("de-AT"),))),
        ('consent("greetings")', Call("consent", (Literal("greetings"),))),
        ('in_campaign("report-download")', Call("in_campaign", (Literal("report-download"),))),
        ('score_of("energy") > 3', Compare(">", Call("score_of", (Literal("energy"),)), Literal(3))),
        (
            'count("reply.refused", since=entry.at) >= 2',
            Compare(
                ">=", Call("count", (Literal("reply.refused"),), Name("entry", "at", Kind.TIME)), Literal(2)
            ),
        ),
        (
            'count("page.viewed", last="7 days", path="/prices") >= 3',
            Compare(
                ">=",
                Call(
                    "count",
                    (Literal("page.viewed"),),
                    last=parse_duration("7 days"),
                    where=(("path", Literal("/prices")),),
                ),
                Literal(3),
            ),
        ),
        (
            'happened("lead.stage_changed", from="new")',
            Call("happened", (Literal("lead.stage_changed"),), where=(("from", Literal("new")),)),
        ),
        (
            'happened("page.viewed", where=event.path == "/prices")',
            Call("happened", (Literal("page.viewed"),), where=(("path", Literal("/prices")),)),
        ),
        ('happened("reply")', Call("happened", (Literal("reply"),))),
    ],
)
def test_what_is_read(text, tree):
    assert tree_of(text) == tree


def test_the_text_is_kept_as_it_was_written():
    condition, _ = read_expression("  lead.score  >= 30", WORDS)
    assert condition is not None
    assert str(condition) == condition.text == "lead.score  >= 30"


def test_another_value_than_a_condition_may_be_wanted():
    assert tree_of("event.report", Kind.ANY) == Name("event", "report", Kind.TEXT)
    assert tree_of("lead.birthday", Kind.TIME) == Name("lead", "birthday", Kind.TIME)
    assert [fault.code for fault in faults_of("lead.country", wants=Kind.TIME)] == ["condition-type"]


REFUSED = [
    # text, offset, code, part of message or hint
    ("lead.score = 3", 11, "condition-syntax", "=="),
    ("lead.score := 3", 12, "condition-syntax", "=="),
    ('lead.country == "DE" && lead.vip', 21, "condition-syntax", "write and"),
    ("lead.vip || lead.vip", 9, "condition-syntax", "write or"),
    ("!lead.vip", 0, "condition-syntax", "write not"),
    ("lead.vip AND lead.vip", 9, "condition-syntax", "write and"),
    ("NOT lead.vip", 0, "condition-syntax", "write not"),
    ("lead.country == “DE”", 16, "condition-syntax", "straight"),
    ("lead.score >", 11, "condition-syntax", "ends too early"),
    ("lead.vip and", 9, "condition-syntax", "ends too early"),
    ("lead.vip and not", 13, "condition-syntax", "ends too early"),
    ("lead.score => 3", 11, "condition-syntax", ">="),
    ("lead.score <> 3", 11, "condition-syntax", "!="),
    ("lead.score ≥ 3", 11, "condition-syntax", ">="),
    ("(lead.vip", 0, "condition-syntax", "never closed"),
    ("lead.vip)", 8, "condition-syntax", "closes nothing"),
    ('lead.country == "DE', 16, "condition-syntax", "never closed"),
    ('lead.country contains "x"', 13, "condition-syntax", " in lead"),
    ('lead.country in ["DE" "AT"]', 22, "condition-syntax", '"DE", "AT"'),
    ("lead.score > 1,5", 13, "condition-syntax", "1.5"),
    ("lead.score > 1_000", 13, "condition-syntax", "no number"),
    ("lead.created_at > 3days", 18, "condition-syntax", '"3days"'),
    ("lead.vip # remark", 9, "condition-syntax", "remark"),
    ("{{ lead.vip }}", 0, "condition-syntax", "braces"),
    ("lead.vip if lead.vip else true", 0, "condition-syntax", "then:"),
    ("lead.score % 2 == 0", 0, "condition-syntax", "+ - * /"),
    ("lambda: true", 0, "condition-syntax", "cannot stand"),
    ("[x for x in lead.tags]", 0, "condition-syntax", "cannot stand"),
    ('lead["score"] > 3', 0, "condition-syntax", "after a point"),
    ('lead.country in {"DE"}', 16, "condition-syntax", "["),
    ('f"{lead}" == "x"', 1, "condition-syntax", "before the quote"),
    ("", 0, "condition-syntax", "no condition"),
    ("lead.scor >= 3", 5, "unknown-field", "lead.score?"),
    ("lead.__class__ == 1", 5, "unknown-field", "no __class__"),
    ("scor >= 3", 0, "condition-name", "lead.score?"),
    ("lead.country == DE", 16, "condition-name", '"DE"'),
    ("contact.country == 'DE'", 0, "condition-name", "lead, owner"),
    ("owner.nam == 'x'", 6, "condition-name", "owner.name?"),
    ("event.reprot == 'x'", 6, "condition-name", "event.report?"),
    ("lead.country.code == 'x'", 13, "condition-name", "has no parts"),
    ("now.year > 2026", 0, "condition-name", "no parts"),
    ("lead", 0, "condition-name", "lead.name"),
    ('lead.stage == "mqll"', 14, "condition-name", '"mql"'),
    ('lead.size in ["smal"]', 14, "condition-name", '"small"'),
    ("lead.score == '30'", 14, "condition-type", "write 30 without quotes"),
    ("lead.country == 30", 16, "condition-type", '"30" in quotes'),
    ("lead.phone == None", 14, "condition-type", "not known(lead.phone)"),
    ("lead.phone is not null", 18, "condition-type", "known(lead.phone)"),
    ('lead.phone == ""', 14, "condition-type", "known"),
    ("lead.phone", 0, "condition-type", "known(lead.phone)"),
    ("lead.score", 0, "condition-type", "lead.score >= 1"),
    ('count("reply")', 0, "condition-type", ">= 1"),
    ('lead.country == "DE" or "AT"', 24, "condition-type", 'lead.country in ["DE", "AT"]'),
    ("not lead.name", 4, "condition-type", "known(lead.name)"),
    ('lead.country in "DE"', 16, "condition-type", '["DE"]'),
    ("lead.country in []", 16, "condition-type", "empty"),
    ('lead.tags == ["a"]', 0, "condition-type", "in lead.tags"),
    ('lead.created_at < "3 days"', 18, "condition-type", 'ago("3 days")'),
    ('now - ago("3 days") > now', 0, "condition-type", 'ago("3 days")'),
    ('lead.name > "b"', 0, "condition-type", "=="),
    ('lead.score + "a" > 3', 13, "condition-type", "no number"),
    ("lead.vip == 1", 12, "condition-type", "number"),
    ("lead.score > 99999999999999999999", 13, "condition-syntax", "cannot stand"),
    ('hapened("reply")', 0, "condition-call", "happened?"),
    ('__import__("os")', 0, "condition-call", "no function"),
    ("lead.name.upper() == 'X'", 0, "condition-call", "Only the functions"),
    ("happened(webinar.attended)", 9, "condition-call", 'happened("webinar.attended")'),
    ("webinar.attended", 0, "condition-name", '"webinar.attended"'),
    ('known("phone")', 6, "condition-call", "known(lead.phone)"),
    ("clicked(3)", 8, "condition-call", "quotes"),
    ("got()", 0, "condition-call", "one value"),
    ('got("news", "x")', 12, "condition-call", "one value"),
    ("happened(*lead.tags)", 0, "condition-syntax", "cannot stand"),
    ('count("page.viewed", pth="/") > 1', 21, "condition-call", "path="),
    ('count("demo.booked", seats="3") > 1', 27, "condition-type", "number"),
    ('count("reply", since="3 days") > 1', 21, "condition-type", 'ago("3 days")'),
    ('got("news", since=now)', 12, "condition-call", "no named"),
    ('ago("3 dayz") < now', 4, "grammar", "days"),
    ('speaks("German")', 7, "condition-call", '"de"'),
    ('happened("webinar.atended")', 9, "unknown-event", '"webinar.attended"'),
    ('clicked("newz")', 8, "unknown-template", '"news"'),
    ('in_campaign("x")', 12, "unknown-campaign", "report-download"),
    ('consent("x")', 8, "unknown-name", "greetings"),
    ('"é😀" == lead.nme', 13, "unknown-field", "lead.name?"),
    ("lead.vip and " * 180 + "lead.vip", 0, "condition-too-long", "2,000"),
    ("not " * 400 + "lead.vip", 0, "condition-too-long", "300 parts"),
    ("-" * 1500 + "1 > 2", 0, "condition-too-long", "parts"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "offset", "code", "words"), REFUSED)
def test_what_is_refused_and_why(text, offset, code, words):
    faults = faults_of(text)
    assert [(fault.offset, fault.code) for fault in faults] == [(offset, code)]
    assert words in f"{faults[0].message} {faults[0].hint}"


def test_several_faults_are_told_together():
    faults = faults_of('lead.scor > 3 and lead.contry == "DE" and got("newz")')
    assert [fault.offset for fault in faults] == [5, 23, 46]


def test_a_scope_says_what_entry_and_event_hold():
    scope = Scope(entry=WORDS.data_of("report.downloaded"), event=WORDS.data_of("webinar.attended"))
    assert faults_of("event.minutes > 30", scope) == ()
    assert faults_of('entry.report == "x"', scope) == ()
    assert "entry.report?" in str(faults_of('event.report == "x"', scope)[0].hint)
    assert "no entry here" in faults_of('entry.report == "x"', Scope(entry={}))[0].message


def test_names_that_are_not_declared_are_not_checked():
    condition, faults = read_expression('got("anything") and consent("anything")', BUILTIN)
    assert condition is not None
    assert faults == ()


@pytest.mark.parametrize(
    ("yaml", "path", "place"),
    [
        ("if: lead.scor > 3\n", ("if",), (1, 10)),
        ("if: 'lead.scor > 3'\n", ("if",), (1, 11)),
        ('a:\n  - if: "lead.vip and lead.scor > 3"\n', ("a", 0, "if"), (2, 28)),
        ("if: |\n  lead.vip and\n  lead.scor > 3\n", ("if",), (3, 8)),
        ("if: >\n  lead.vip and\n  lead.scor > 3\n", ("if",), (3, 8)),
        ("if: lead.vip and\n  lead.scor > 3\n", ("if",), (2, 8)),
        ("if: [a]\n", ("if",), (1, 5)),
    ],
)
def test_faults_are_placed_in_the_file(yaml, path, place):
    problems = Problems("a.yaml")
    source = read_source(yaml, "a.yaml", problems)
    assert source is not None
    assert condition_at(source, path, WORDS, problems) is None
    assert [(problem.line, problem.column) for problem in problems] == [place]


def test_a_right_condition_in_a_file_makes_no_problem():
    problems = Problems("a.yaml")
    source = read_source("if: lead.score > 3\n", "a.yaml", problems)
    assert source is not None
    condition = condition_at(source, ("if",), WORDS, problems)
    assert condition is not None
    assert not problems


BITS = st.sampled_from(
    ["lead", ".", "score", "country", " and ", " or ", "not ", "==", ">", "in", "(", ")", "[", "]", ",", '"DE"', "3", "known",
     "count", '"reply"', "since=", "entry.at", "=", "+", "-", " ", "true", "None", "'", '"', "#", "é", "\n", "lambda", "event.from"]
)  # fmt: skip


@given(st.one_of(st.lists(BITS, max_size=14).map("".join), st.text(max_size=40)))
@settings(max_examples=800, deadline=None)
def test_any_text_is_read_or_explained(text):
    for fault in faults_of(text):
        assert 0 <= fault.offset <= max(len(text), 1)
        assert fault.message


@pytest.mark.parametrize(
    "text", ["(" * 1999, "[" * 1999, "a." * 900, "a(" * 900, "1+" * 290 + "1 > 0", "x" * 10**6]
)
def test_hostile_texts_are_refused_at_once(text):
    begin = time.process_time()
    faults_of(text)
    assert time.process_time() - begin < 2
