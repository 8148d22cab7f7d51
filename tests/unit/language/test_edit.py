"""Two versions of a campaign: which steps are gone, renamed, new or changed, and who stands nowhere."""

from __future__ import annotations

import pytest
from campaign_bench import HEAD, load
from campaign_sample import SAMPLE

from nurture.core.graph import Graph
from nurture.language.edit import (
    Changed,
    Edit,
    Move,
    Stranded,
    Widening,
    compare,
    moves,
    place_after,
    strands,
)


def graph_of(text: str) -> Graph:
    loaded = load(text)
    assert loaded.graph is not None, "\n".join(map(str, loaded.problems))
    return loaded.graph


OLD = (
    HEAD
    + "steps:\n  - email: a\n  - { id: wait, wait_for: reply, for: 3 days }\n  - { email: b, if: lead.score > 5 }\n"
)


def edited(*changes: tuple[str, str]) -> Graph:
    text = OLD
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return graph_of(text)


def test_the_same_text_is_no_edit() -> None:
    assert compare(graph_of(SAMPLE), graph_of(SAMPLE)) == Edit()
    assert compare(graph_of(SAMPLE), graph_of(SAMPLE)).is_empty


def test_a_comment_or_a_line_more_is_no_edit() -> None:
    assert compare(graph_of(OLD), graph_of("# a remark\n\n" + OLD)).is_empty


@pytest.mark.parametrize(
    ("changes", "edit"),
    [
        ([("3 days", "5 days")], Edit(changed=(Changed("wait", "wait", ("verb",)),))),
        ([("id: wait", "id: answer")], Edit(vanished=("wait",), added=("answer",), changed=(Changed("a", "a", ("verb", "next")),))),
        (
            [("id: wait", "id: answer"), ("title: Test", "title: Test\nmoved: { wait: answer }")],
            Edit(moved=(("wait", "answer"),), changed=(Changed("a", "a", ("verb", "next")),)),
        ),
        ([("  - email: a\n", "  - email: a\n    at: day 2\n")], Edit(changed=(Changed("a", "a", ("timing",)),))),
        ([("  - email: a\n", "  - email: a\n    window: any\n")], Edit(changed=(Changed("a", "a", ("window",)),))),
        (
            [(", if: lead.score > 5", "")],
            Edit(changed=(Changed("b", "b", ("condition",)),), widens=(Widening("it goes to all, before only where lead.score > 5", "b"),)),
        ),
        ([("title: Test", "title: Other\nabout: x\npriority: 3")], Edit()),
        ([("title: Test", "title: Test\nstages: [new, nurturing, mql, sql]")], Edit(widens=(Widening("it is for the stages sql too"),))),
        ([("title: Test", "title: Test\nstages: [new]")], Edit()),
        ([("title: Test", "title: Test\nsend: { topic: later }")], Edit(widens=(Widening("it writes to the refused who allowed later"),))),
    ],
)  # fmt: skip
def test_what_an_edit_changes(changes: list[tuple[str, str]], edit: Edit) -> None:
    assert compare(graph_of(OLD), edited(*changes)) == edit


def test_less_consent_and_service_mail_widen() -> None:
    strict = graph_of(OLD.replace("title: Test", "title: Test\nsend: { consent: confirmed }"))
    loose = edited(("  - email: a\n", "  - email: a\n    service: asked for it\n"))
    assert [(one.step, one.because) for one in compare(strict, loose).widens] == [
        (None, "consent not_withdrawn is enough, before it was confirmed"),
        ("a", "it is service mail now and asks for no consent"),
    ]
    assert compare(loose, strict).widens == ()


def test_leads_whose_step_is_gone_are_stranded_until_moved_says_where() -> None:
    old, new = graph_of(OLD), edited(("id: wait", "id: answer"))
    told = edited(("id: wait", "id: answer"), ("title: Test", "title: Test\nmoved: { wait: answer }"))
    standing = {"a": 3, "wait": 7, "b": 0}
    assert strands(old, new, standing) == (Stranded("wait", 7, 5),)
    assert strands(old, told, standing) == ()
    assert moves(old, told, standing) == (Move("wait", "answer", 7),)
    assert strands(old, new, {"wait": 0}) == ()


@pytest.mark.parametrize(
    ("moved", "step", "place"),
    [
        ("", "a", "a"),
        ("", "gone", None),
        ("", None, None),
        ("moved: { gone: a }", "gone", "a"),
        ("moved: { first: gone, gone: a }", "first", "a"),
        ("moved: { a: b }", "a", "a"),
        ("moved: { gone: a }", "other", None),
    ],
)
def test_where_a_lead_goes_on(moved: str, step: str | None, place: str | None) -> None:
    new = edited(("title: Test", f"title: Test\n{moved}"))
    assert place_after(graph_of(OLD), new, step) == place


def test_a_step_without_a_name_is_the_same_only_when_it_does_the_same() -> None:
    before = graph_of(HEAD + "steps: [ { tag: x }, { email: a } ]\n")
    same = graph_of(HEAD + "steps: [ { tag: x }, { email: a, at: day 3 } ]\n")
    other = graph_of(HEAD + "steps: [ { tag: y }, { email: a } ]\n")
    assert place_after(before, same, "#steps.0") == "#steps.0"
    assert place_after(before, other, "#steps.0") is None
