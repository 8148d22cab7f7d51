"""A campaign file as a whole: the sample's graph, what is never a crash, and what stays out of a graph."""

from __future__ import annotations

import json
import time as clock
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from campaign_bench import HEAD, KNOWN, VOCABULARY, load, plain_text, with_send
from campaign_sample import SAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core import graph as g
from nurture.core.duration import parse_duration
from nurture.core.graph import Graph, Node, Timing
from nurture.core.limit import parse_limit
from nurture.core.point import parse_point
from nurture.core.recurrence import parse_every
from nurture.core.window import parse_window
from nurture.language.expressions import read_expression
from nurture.language.load import load_campaign, name_of, version_of


def sample() -> Graph:
    loaded = load(SAMPLE, "campaigns/report-download.yaml")
    assert not loaded.problems
    assert loaded.graph is not None
    return loaded.graph


def after(text: str) -> Timing:
    return Timing(after=parse_duration(text))


def at(text: str) -> Timing:
    return Timing(at=parse_point(text))


def test_the_sample_becomes_this_graph() -> None:
    graph = sample()
    again, _ = read_expression('count("reply.refused", since=entry.at) >= 2', VOCABULARY)

    def node(
        name: str, line: int, column: int, verb: g.Verb, then: str | None = None, **more: object
    ) -> Node:
        return Node(name, verb, then, line=line, column=column, **more)  # type: ignore[arg-type]

    def mail(*names: str, otherwise: str | None, service: str | None = None) -> g.Email:
        return g.Email(names, rotates=len(names) > 1, otherwise=otherwise, service=service)

    warm = {"path": "keep-warm"}
    expected = [
        node("#on.reply.interested", 18, 21, g.Goto("#paths.qualified.0"), path="on.reply.interested"),
        node("#on.score.hot", 19, 14, g.Goto("#paths.qualified.0"), path="on.score.hot"),
        node(
            "#on.reply.refused.0",
            21,
            7,
            g.Branch(((again, "#on.reply.refused.0.then.0"),), "#on.reply.refused.0.else.0"),
            path="on.reply.refused",
        ),
        node("#on.reply.refused.0.then.0", 22, 15, g.Goto("#paths.refused.0"), path="on.reply.refused"),
        node("#on.reply.refused.0.else.0", 23, 15, g.Goto("rounds"), path="on.reply.refused"),
        node(
            "report_link",
            26,
            5,
            mail("report_link", otherwise="webinar_invite", service="asked for the report"),
            "webinar_invite",
            timing=Timing(within=parse_duration("5 minutes")),
        ),
        node(
            "webinar_invite",
            29,
            5,
            mail("webinar_invite", otherwise="webinar"),
            "webinar",
            timing=at("day 3 09:30"),
        ),
        node(
            "webinar",
            31,
            5,
            g.WaitFor(
                (g.Awaited("webinar.attended", "follow_up"),),
                until=parse_point("day 7 09:30"),
                otherwise="#steps.2.else.0",
            ),
            "follow_up",
        ),
        node("#steps.2.else.0", 34, 13, g.Goto("rounds"), "follow_up"),
        node("follow_up", 35, 5, mail("follow_up", otherwise="answer"), "answer", timing=at("day 7 09:30")),
        node(
            "answer",
            37,
            5,
            g.WaitFor(
                (g.Awaited("reply.interested", None),),
                patience=parse_duration("5 days"),
                otherwise="#steps.4.else.0",
            ),
        ),
        node("#steps.4.else.0", 40, 13, g.Goto("rounds")),
        node(
            "rounds",
            44,
            7,
            g.Repeat(parse_every("3 weeks"), "offer", times=8),
            timing=after("1 week"),
            **warm,
        ),
        node(
            "offer",
            50,
            13,
            mail("next_webinar", "article", "podcast", otherwise="#again.rounds"),
            "#again.rounds",
            rounds=("rounds",),
            **warm,
        ),
        node("#again.rounds", 47, 9, g.Again("rounds"), "rounds", rounds=("rounds",), **warm),
        node("#paths.qualified.0", 53, 7, g.ToStage("mql"), "#paths.qualified.1", path="qualified"),
        node(
            "#paths.qualified.1",
            54,
            7,
            g.MakeTask(
                plain_text("Call {{ lead.name }} about {{ entry.report }}"), parse_duration("5 minutes")
            ),  # type: ignore[arg-type]
            path="qualified",
        ),
        node("#paths.refused.0", 57, 7, g.Refuse(plain_text("{{ event.reason }}")), path="refused"),  # type: ignore[arg-type]
    ]
    assert list(graph.nodes) == [wanted.id for wanted in expected]
    for wanted in expected:
        assert graph.nodes[wanted.id] == wanted


def test_the_sample_outside_its_steps() -> None:
    graph = sample()
    each = graph.enter.each
    assert (graph.name, graph.title, graph.status) == ("report-download", "Report download", "live")
    assert graph.version == version_of(SAMPLE)
    assert (graph.start, graph.enter.on, graph.enter.stage) == (
        "report_link",
        ("report.downloaded",),
        "nurturing",
    )
    assert each is not None
    assert str(each) == "event.report"
    assert graph.enter.again == parse_duration("180 days")
    assert graph.send == g.Send(
        sender="owner",
        window=parse_window("mon-fri 08:00-18:00"),
        limits=parse_limit("2 per week"),
        gap=parse_duration("1 day"),
    )
    assert [reaction.event for reaction in graph.reactions] == [
        "reply.interested",
        "score.hot",
        "reply.refused",
    ]
    assert graph.paths == {
        "keep-warm": "rounds",
        "qualified": "#paths.qualified.0",
        "refused": "#paths.refused.0",
    }
    assert graph.listens == {"reply.refused"}
    assert graph.stages == {"new", "nurturing", "mql"}
    assert len(graph.tests) == 1
    assert [node.id for node in graph.resting()] == [
        "report_link", "webinar_invite", "webinar", "follow_up", "answer", "rounds", "offer",
    ]  # fmt: skip


def test_what_the_campaign_does_not_say_the_settings_say() -> None:
    known = with_send(window="mon-fri 09:00-17:00", overall="3 per week", consent="given", sender="owner")
    graph = load(HEAD + "send: { consent: confirmed }\nsteps: [ { email: a } ]\n", known=known).graph
    assert graph is not None
    assert graph.send.window == parse_window("mon-fri 09:00-17:00")
    assert graph.send.overall == parse_limit("3 per week")
    assert (graph.send.consent, graph.send.sender) == ("confirmed", "owner")


@pytest.mark.parametrize(
    ("file", "name"),
    [("campaigns/report-download.yaml", "report-download"), ("a.b.yaml", "a.b"), ("x", "x"), ("", "")],
)
def test_a_campaign_is_called_as_its_file(file: str, name: str) -> None:
    assert name_of(file) == name


def test_warnings_alone_stop_nothing() -> None:
    loaded = load(HEAD + "steps: [ { email: a } ]\npaths: { unused: { tag: x } }\n")
    assert [problem.severity for problem in loaded.problems] == ["warning"]
    assert loaded.graph is not None


def test_without_knowing_the_project_nothing_of_it_is_checked() -> None:
    text = (
        HEAD
        + "steps: [ { email: nowhere }, { start: nothing }, { webhook: none }, { notify: nobody, text: x } ]\n"
    )
    assert load_campaign(text, "x.yaml", VOCABULARY, plain_text).ok


def test_a_live_campaign_needs_a_postal_address() -> None:
    known = replace(KNOWN, postal_address=False)
    live = load(HEAD + "status: live\nsteps:\n  - email: a\n", known=known)
    draft = load(HEAD + "steps:\n  - email: a\n", known=known)
    assert [(p.line, p.code.value) for p in live.problems] == [(5, "postal-address")]
    assert draft.ok


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"\x00",
        b"[",
        b"a: &a [*a]",
        b"- " * 40_000,
        b"{{",
        b"title: !!python/object:x y",
        b"\xef\xbb\xbf",
    ],
)
def test_what_cannot_be_read_is_a_problem_and_no_crash(content: bytes) -> None:
    loaded = load(content)
    assert loaded.graph is None
    assert loaded.problems


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    assert load("\ufeff".encode() + SAMPLE.encode()).ok


def test_a_long_campaign_loads_in_little_time() -> None:
    steps = "".join(
        f"  - {{ id: s{n}, email: a, after: 1 day, if: lead.score > {n} }}\n" for n in range(1500)
    )
    begin = clock.process_time()
    assert load(HEAD + "steps:\n" + steps).ok
    assert clock.process_time() - begin < 10


LINES = SAMPLE.splitlines(keepends=True)
PIECES = [
    "- ",
    "  ",
    ": ",
    "\n",
    "{",
    "}",
    "[",
    "]",
    '"',
    "#",
    "null",
    "steps",
    "id: x",
    "email",
    "goto: ",
    "[]",
    "{}",
    "1",
    "*a",
    "&a ",
    "\t",
    "é",
    "«",
    "if: ",
    "else:",
]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_slip_of_the_pen_is_a_crash(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        number = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "twice", "cut", "insert", "indent", "swap"])):
            case "drop":
                lines[number] = ""
            case "twice":
                lines[number] *= 2
            case "cut":
                lines[number] = lines[number][: data.draw(st.integers(0, len(lines[number])))]
            case "insert":
                column = data.draw(st.integers(0, len(lines[number])))
                piece = data.draw(st.sampled_from(PIECES))
                lines[number] = lines[number][:column] + piece + lines[number][column:]
            case "indent":
                lines[number] = "  " + lines[number]
            case "swap":
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[number], lines[other] = lines[other], lines[number]
    loaded = load("".join(lines))
    assert loaded.ok == all(problem.severity == "warning" for problem in loaded.problems)


VALUES = st.recursive(
    st.sampled_from(["x", "3 days", "reply", "a", "true", "day 3", "{{ lead.name }}", "", "10", None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["if", "then", "else", "email", "steps", "every", "a", "goto", "repeat"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["enter", "on", "send", "paths", "moved", "tests", "stages", "goal", "runs", "group"]
        ),
        VALUES,
        max_size=3,
    ),
    st.lists(VALUES, max_size=3),
)
def test_no_value_in_any_place_is_a_crash(keys: dict[str, object], steps: list[object]) -> None:
    text = json.dumps({"title": "T", "enter": {"on": "reply"}, **keys, "steps": [{"email": "a"}, *steps]})
    loaded = load(text)
    assert loaded.ok or loaded.problems


def test_times_are_of_the_kinds_the_core_wants() -> None:
    graph = load(
        'title: T\nenter: { holiday: { only: [christmas], ahead: 2 business days, at: "09:00" } }\n'
        "steps:\n  - { email: a, after: 1 week at 09:30, latest: 3 days after entry.at }\n"
    ).graph
    assert graph is not None
    assert graph.enter.occasion == g.Occasion(
        holidays=("christmas",), ahead=parse_duration("2 business days"), clock=time(9)
    )
    assert graph.enter.again == "always"
    assert graph.nodes["a"].timing == Timing(after=parse_duration("1 week"), after_at=time(9, 30))
    once = load("title: T\nenter: { once: 2026-12-01 10:00 }\nsteps: [ { email: a } ]\n").graph
    assert once is not None
    assert once.enter.occasion == g.Occasion(once=datetime.fromisoformat("2026-12-01T10:00"))
    assert parse_limit("2 per week")[0].span == timedelta(days=7)
