"""Missing ids are written in good names, and every other byte stays."""

from __future__ import annotations

import pytest
from campaign_bench import HEAD, load
from campaign_sample import SAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.language.fix import fix_ids


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  - wait_for: webinar.attended\n    for: 1 day\n", "  - id: webinar-attended\n    wait_for: webinar.attended\n    for: 1 day\n"),
        ("  - wait_for: reply.interested\n    for: 1 day\n", "  - id: answer\n    wait_for: reply.interested\n    for: 1 day\n"),
        ("  -   wait_for: [webinar.attended, webinar.missed]\n      for: 1 day\n", "  -   id: webinar\n      wait_for: [webinar.attended, webinar.missed]\n      for: 1 day\n"),
        ("  - { email: [a, b] }   # turns\n", "  - { id: rotation, email: [a, b] }   # turns\n"),
        ("  - {email: digest/*}\n", "  - {id: digest, email: digest/*}\n"),
        ("  - { tag: vip,\n      after: 1 day }\n", "  - { id: tag-vip, tag: vip,\n      after: 1 day }\n"),
        ("  - after: 1 day   # pause\n    stage: mql\n", "  - id: stage-mql\n    after: 1 day   # pause\n    stage: mql\n"),
        ("  - email: a\n  - email: a\n", "  - email: a\n  - id: a-2\n    email: a\n"),
        ("  - ? wait_for\n    : reply\n    for: 1 day\n", "  - id: answer\n    ? wait_for\n    : reply\n    for: 1 day\n"),
        ("  - task: Call\n    kind: call\n    results: { yes: { tag: x } }\n", "  - id: call\n    task: Call\n    kind: call\n    results: { yes: { tag: x } }\n"),
        ("  - wait_for: reply\n    for: 1 day\n    else:\n    - tag: x\n      at: day 3\n", "  - id: answer\n    wait_for: reply\n    for: 1 day\n    else:\n    - id: tag-x\n      tag: x\n      at: day 3\n"),
        ("  - repeat: { every: 1 day, steps: [ { email: [a, b] } ] }\n", "  - id: rounds\n    repeat: { every: 1 day, steps: [ { id: rotation, email: [a, b] } ] }\n"),
    ],
)  # fmt: skip
def test_a_missing_id_is_written(before: str, after: str) -> None:
    assert fix_ids(f"{HEAD}steps:\n{before}") == f"{HEAD}steps:\n{after}"


def test_names_are_not_given_twice() -> None:
    steps = "".join("  - wait_for: reply\n    for: 1 day\n" for _ in range(3))
    fixed = fix_ids(f"{HEAD}steps:\n{steps}paths: {{ answer-2: {{ tag: x }} }}\nmoved: {{ answer: a }}\n")
    assert [line.split("id: ")[1] for line in fixed.splitlines() if "id: " in line] == [
        "answer-3",
        "answer-4",
        "answer-5",
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_and_the_byte_order_mark_stay(newline: str) -> None:
    text = f"\ufeff{HEAD}steps:\n  - wait_for: reply\n    for: 1 day\n".replace("\n", newline)
    assert fix_ids(text) == text.replace("  - wait_for", f"  - id: answer{newline}    wait_for")


@pytest.mark.parametrize(
    "text",
    [
        SAMPLE,
        "",
        "[",
        "no campaign",
        "\ttabs: 1\n",
        f"{HEAD}steps:\n  - goto: nowhere\n  - email: a\n",
        f"{HEAD}on: {{ reply: {{ tag: x, after: 1 day }} }}\nsteps: [ {{ email: a }} ]\n",
    ],
)
def test_what_needs_no_id_or_cannot_be_read_stays(text: str) -> None:
    assert fix_ids(text) == text


def test_a_step_that_stands_twice_by_an_alias_is_left_to_its_author() -> None:
    text = f"{HEAD}steps:\n  - &w {{ wait_for: reply, for: 1 day }}\n  - *w\n  - {{ email: [a, b] }}\n"
    assert fix_ids(text) == text.replace("{ email", "{ id: rotation, email")


STEPS = st.sampled_from(
    [
        "- wait_for: reply\n  for: 1 day\n",
        "- {wait_for: score.hot, for: 1 day}\n",
        "-   email: [a, b]   # comment\n\n",
        "- email: a\n",
        "- { email:   b }\n",
        "-\n  after: 1 day\n  tag: 'x'\n",
        "- repeat:\n    every: 1 week\n    steps:\n    - { email: [b, c] }\n    - tag: y\n      at: day 3\n",
        "- id: answer\n  email: c\n",
        "- task: |\n    several\n    lines\n  results:\n    yes: []\n",
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(STEPS, min_size=1, max_size=6),
    st.sampled_from(["", "  ", "     "]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_afterwards_no_id_is_missing_and_nothing_else_has_changed(
    steps: list[str], indent: str, newline: str
) -> None:
    body = "".join(indent + line for step in steps for line in step.splitlines(keepends=True))
    text = f"{HEAD}steps:\n{body}".replace("\n", newline)
    fixed = fix_ids(text)
    assert fix_ids(fixed) == fixed
    codes = {problem.code.value for problem in load(fixed).problems}
    assert not codes & {"missing-id", "duplicate-id"} or "id: answer" in "".join(steps)
    rest = iter(fixed)
    assert all(character in rest for character in text)
