"""What each construct of the language becomes in the graph."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from campaign_bench import HEAD, load

from nurture.core import graph as g
from nurture.core.duration import parse_duration
from nurture.core.graph import Graph
from nurture.core.point import parse_point
from nurture.core.recurrence import parse_every
from nurture.core.window import parse_window


def graph_of(text: str) -> Graph:
    loaded = load(text)
    assert loaded.graph is not None, "\n".join(map(str, loaded.problems))
    return loaded.graph


def steps(text: str) -> Graph:
    return graph_of(f"{HEAD}steps:\n{text}")


def ways_of(graph: Graph) -> dict[str, Any]:
    """id → next, for a look at how blocks were flattened."""
    return {name: node.next for name, node in graph.nodes.items()}


def test_the_branches_of_an_if_go_on_after_it() -> None:
    graph = steps(
        "- if: known(lead.phone)\n  then: [ { tag: a }, { tag: b } ]\n  else: { tag: c }\n- email: a\n"
    )
    branch = graph.nodes["#steps.0"].verb
    assert isinstance(branch, g.Branch)
    assert [target for _, target in branch.cases] == ["#steps.0.then.0"]
    assert branch.otherwise == "#steps.0.else"
    assert ways_of(graph) == {
        "#steps.0": "a",
        "#steps.0.then.0": "#steps.0.then.1",
        "#steps.0.then.1": "a",
        "#steps.0.else": "a",
        "a": None,
    }


@pytest.mark.parametrize("empty", ["then: []\n  else: { tag: c }", "else: { tag: c }"])
def test_an_empty_branch_goes_on_at_once(empty: str) -> None:
    branch = steps(f"- if: known(lead.phone)\n  {empty}\n- email: a\n").nodes["#steps.0"].verb
    assert isinstance(branch, g.Branch)
    assert branch.cases[0][1] == "a"


def test_choose_is_a_branch_of_many_cases() -> None:
    graph = steps(
        "- choose:\n    - { if: known(lead.phone), then: { tag: a } }\n    - if: lead.score > 5\n      then: { tag: b }\n"
        "    - else: { tag: c }\n- email: a\n"
    )
    branch = graph.nodes["#steps.0"].verb
    assert isinstance(branch, g.Branch)
    assert [(str(condition), target) for condition, target in branch.cases] == [
        ("known(lead.phone)", "#steps.0.choose.0.then"),
        ("lead.score > 5", "#steps.0.choose.1.then"),
    ]
    assert branch.otherwise == "#steps.0.choose.2.else"
    assert graph.nodes["#steps.0.choose.1.then"].next == "a"


def test_the_events_of_a_wait_lead_where_they_say() -> None:
    graph = steps(
        "- id: w\n  wait_for:\n    webinar.attended: [ { goto: yes } ]\n    webinar.missed: []\n"
        '  where: event.webinar == "x"\n  until: day 3\n  since: entry\n- email: a\npaths: { yes: { stop: done } }\n'
    )
    wait = graph.nodes["w"].verb
    assert isinstance(wait, g.WaitFor)
    assert [(awaited.event, awaited.target, str(awaited.where)) for awaited in wait.events] == [
        ("webinar.attended", "#steps.0.wait_for.webinar.attended.0", 'event.webinar == "x"'),
        ("webinar.missed", "a", 'event.webinar == "x"'),
    ]
    assert (wait.until, wait.otherwise, wait.since) == (parse_point("day 3"), "a", "entry")
    assert graph.listens == {"webinar.attended", "webinar.missed"}


def test_a_list_of_events_goes_on_with_any() -> None:
    wait = steps("- { id: w, wait_for: [reply, score.hot], for: 1 day }\n").nodes["w"].verb
    assert isinstance(wait, g.WaitFor)
    assert wait.events == (g.Awaited("reply", None), g.Awaited("score.hot", None))


def test_the_arms_of_a_split_rejoin_and_have_paths_of_their_own() -> None:
    graph = steps(
        "- split: { a: 70, b: 30 }\n  paths: { a: [ { email: a } ] }\n- email: b\npaths: { a-path: { goto: b } }\non: { reply: { goto: a-path } }\n"
    )
    assert graph.nodes["#steps.0"].verb == g.Split((("a", 70, "a"), ("b", 30, "b")))
    assert (graph.nodes["a"].next, graph.nodes["a"].path) == ("b", "steps")
    assert set(graph.paths) == {"a-path"}


def test_rounds_inside_rounds() -> None:
    graph = steps(
        "- id: year\n  repeat:\n    every: 1 year\n    until: lead.score > 50\n    steps:\n      - id: month\n"
        "        repeat: { every: first tuesday 10:00, times: 12, steps: [ { email: a } ] }\n      - email: b\n- email: c\n"
    )
    outer, inner = graph.nodes["year"], graph.nodes["month"]
    assert isinstance(outer.verb, g.Repeat)
    assert (outer.verb.body, outer.next, outer.rounds, str(outer.verb.until)) == (
        "month",
        "c",
        (),
        "lead.score > 50",
    )
    assert inner.verb == g.Repeat(parse_every("first tuesday 10:00"), "a", 12)
    assert (inner.next, inner.rounds) == ("b", ("year",))
    assert (graph.nodes["a"].next, graph.nodes["a"].rounds) == ("#again.month", ("year", "month"))
    assert graph.nodes["b"].next == "#again.year"
    assert graph.nodes["#again.month"].verb == g.Again("month")
    assert "c" in ways_of(graph)


def test_the_results_of_a_task() -> None:
    graph = steps(
        "- id: call\n  task: Call\n  kind: call\n  due: 4 business hours\n  results: { yes: { goto: end }, no: [] }\n"
        "  for: 3 days\n  else: { tag: late }\n- email: a\npaths: { end: { stop: done } }\n"
    )
    task = graph.nodes["call"].verb
    assert isinstance(task, g.MakeTask)
    assert task.results == (("yes", "#steps.0.results.yes"), ("no", "a"))
    assert (task.patience, task.otherwise, task.kind) == (parse_duration("3 days"), "#steps.0.else", "call")
    assert graph.nodes["#steps.0.else"].next == "a"


def test_an_email_with_all_its_keys() -> None:
    graph = steps(
        "- email: a\n  id: first\n  latest: 3 days after entry.at\n  else: { tag: late }\n  from: owner\n  thread: first\n"
        "  occasion: 2027-01\n  in_doubt: hold\n  window: any\n  if: known(lead.phone)\n  at: day 3\n  missed: send\n- email: b\n"
    )
    node = graph.nodes["first"]
    email = node.verb
    assert isinstance(email, g.Email)
    assert (email.templates, email.latest) == (("a",), parse_point("3 days after entry.at"))
    assert (email.otherwise, email.has_otherwise, email.sender) == ("#steps.0.else", True, "owner")
    assert (email.thread, email.in_doubt, email.occasion and email.occasion.source) == (
        "first",
        "hold",
        "2027-01",
    )
    assert (node.window, node.timing.send_missed, str(node.condition)) == (
        parse_window("any"),
        True,
        "known(lead.phone)",
    )


def test_a_star_rotates_between_all_that_match() -> None:
    email = steps("- { id: x, email: [a, digest/*], pick: newest, when_empty: wait }\n").nodes["x"].verb
    assert email == g.Email(("a", "digest/one", "digest/two"), rotates=True, pick="newest", when_empty="wait")


@pytest.mark.parametrize(
    ("step", "verb"),
    [
        ("goto: end", g.Goto("#paths.end")),
        ("stop: { campaign: farewell }", g.StopCampaign("farewell")),
        ("start: farewell", g.Start("farewell")),
        ("stage: mql", g.ToStage("mql")),
        ("score: -10", g.AddScore(-10)),
        ("tag: [a, b]", g.Tag(("a", "b"))),
        ("untag: a", g.Tag(("a",), remove=True)),
        ("postpone: 6 weeks", g.Postpone(duration=parse_duration("6 weeks"))),
        ("webhook: crm", g.Webhook("crm")),
    ],
)
def test_verbs_without_texts(step: str, verb: g.Verb) -> None:
    graph = steps(
        f"- {step}\n- email: a\n  if: true\npaths: {{ end: {{ stop: done }} }}\non: {{ reply: {{ goto: end }} }}\n"
    )
    assert graph.nodes["#steps.0"].verb == verb


@pytest.mark.parametrize(
    ("step", "attribute", "text"),
    [
        ("stop: enough", "reason", "enough"),
        ("refuse: budget", "reason", "budget"),
        ("reopen: came back", "reason", "came back"),
        ('postpone: "{{ event.at }}"', "until", "{{ event.at }}"),
        ("{ postpone: 2027-03-01, reason: timing }", "reason", "timing"),
        ('task: "007"', "text", "007"),
        ("{ notify: jo@example.org, text: Hello }", "text", "Hello"),
    ],
)
def test_verbs_with_texts(step: str, attribute: str, text: str) -> None:
    assert getattr(steps(f"- {step}\n").nodes["#steps.0"].verb, attribute).source == text


def test_a_postponement_to_a_date_has_the_date() -> None:
    verb = steps("- postpone: 2027-03-01\n").nodes["#steps.0"].verb
    assert isinstance(verb, g.Postpone)
    assert verb.until is not None
    assert verb.until({}) == date(2027, 3, 1)


def test_fields_are_set_by_name_and_may_be_emptied() -> None:
    verb = steps("- set: { sector: pumps, lead.phone: }\n").nodes["#steps.0"].verb
    assert isinstance(verb, g.SetFields)
    assert [(name, text({})) for name, text in verb.values] == [("sector", "pumps"), ("phone", None)]


@pytest.mark.parametrize(
    ("written", "first", "once"),
    [
        ("{ tag: x }", "#on.score.hot", None),
        ("[ { tag: x }, { tag: y } ]", "#on.score.hot.0", None),
        ("{ once: 7 days, then: { tag: x } }", "#on.score.hot.then", "7 days"),
        ("{ once: 7 days, steps: [ { tag: x } ] }", "#on.score.hot.steps.0", "7 days"),
        ("[]", None, None),
        ("{ if: known(lead.phone), then: { tag: x } }", "#on.score.hot", None),
    ],
)
def test_the_forms_of_a_reaction(written: str, first: str | None, once: str | None) -> None:
    graph = graph_of(HEAD + f"on: {{ score.hot: {written} }}\nsteps: [ {{ email: a }} ]\n")
    assert graph.reactions == (g.Reaction("score.hot", first, once and parse_duration(once)),)
    assert all(node.path == "on.score.hot" for name, node in graph.nodes.items() if name != "a")
    assert all(node.next is None for name, node in graph.nodes.items() if name in ("#on.score.hot", "a"))


def test_goto_finds_paths_steps_and_emails_outside_blocks() -> None:
    graph = steps(
        "- if: lead.score > 1\n  then: [ { goto: b } ]\n- { id: x, email: a, if: lead.score > 2 }\n- email: b\n"
        "- if: lead.score > 3\n  then: [ { goto: p } ]\npaths: { p: [ { email: c } ] }\n"
    )
    assert [node.verb.target for node in graph.nodes.values() if isinstance(node.verb, g.Goto)] == ["b", "c"]


@pytest.mark.parametrize(
    ("enter", "expected"),
    [
        ("{ on: [reply, score.hot], if: lead.score > 5 }", {"on": ("reply", "score.hot"), "again": "never"}),
        ("{ when: lead.score > 5, existing: true, at_most: 20 per day }", {"existing": True, "on": ()}),
        (
            "{ holiday: { only: [Christmas, new year] } }",
            {"occasion": g.Occasion(("Christmas", "new year")), "again": "always"},
        ),
        (
            "{ yearly: { field: lead.trial_ends } }",
            {"occasion": g.Occasion(yearly="lead.trial_ends"), "again": "always"},
        ),
        (
            "{ every: first tuesday 09:30, if: lead.score > 5 }",
            {"occasion": g.Occasion(every=parse_every("first tuesday 09:30"))},
        ),
        ("{ manual: true }", {"manual": True, "on": ()}),
        ("{ on: reply, manual: true, again: always }", {"manual": True, "on": ("reply",), "again": "always"}),
    ],
)
def test_the_ways_in(enter: str, expected: dict[str, Any]) -> None:
    made = graph_of(f"title: T\nenter: {enter}\nsteps: [ {{ email: a }} ]\n").enter
    assert {key: getattr(made, key) for key in expected} == expected


def test_the_rest_of_a_campaign() -> None:
    graph = graph_of(
        HEAD
        + "about: |\n  Two\n  lines\nlanguage: de\nstatus: paused\nruns: 2027-04-01 ..\nstages: new, customer\n"
        'goal: happened("deal.won")\ngroup: welcome\npriority: 5\nwas: old-name\nmoved: { gone: a }\nsteps: { email: a }\n'
        "send: { limit: [2 per week, 1 per day], topic: later, thread: first, in_doubt: hold }\n"
    )
    assert (graph.about, graph.language, graph.status) == ("Two lines", "de", "paused")
    assert graph.runs == (date(2027, 4, 1), None)
    assert graph.stages == {"new", "customer"}
    assert (str(graph.goal), graph.group, graph.priority, graph.was) == (
        'happened("deal.won")',
        "welcome",
        5,
        "old-name",
    )
    assert (graph.moved, graph.start) == ({"gone": "a"}, "a")
    assert [str(limit) for limit in graph.send.limits] == ["2 per week", "1 per day"]
    assert (graph.send.topic, graph.send.thread, graph.send.in_doubt) == ("later", "first", "hold")
    assert graph.listens == {"deal.won"}
