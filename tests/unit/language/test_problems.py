from __future__ import annotations

import pytest

from nurture.language.problems import Code, Place, Problem, Problems, did_you_mean


def a_problem(line: int = 1, column: int = 1, **kwargs: object) -> Problem:
    values: dict[str, object] = {"code": Code.TAB, "severity": "error", "message": "A tab."}
    return Problem("a.yaml", line, column, **(values | kwargs))  # type: ignore[arg-type]


def test_problems_come_in_order_of_place_and_each_once():
    problems = Problems("a.yaml")
    problems.error(Place(3, 1), Code.TAB, "third")
    problems.warning(Place(1, 9), Code.TAB, "second")
    problems.error(Place(1, 2), Code.TAB, "first")
    problems.error(Place(1, 2), Code.TAB, "first")
    assert [problem.message for problem in problems] == ["first", "second", "third"]
    assert len(problems) == 3


def test_an_error_goes_before_a_warning_at_the_same_place():
    assert sorted([a_problem(severity="warning"), a_problem()])[0].severity == "error"


@pytest.mark.parametrize(("severity", "errors"), [("error", True), ("warning", False)])
def test_warnings_alone_are_no_errors(severity, errors):
    problems = Problems("a.yaml")
    problems.add(a_problem(severity=severity))
    assert problems.errors is errors
    assert bool(problems)


def test_json_has_the_keys_scripts_read():
    assert a_problem(2, 7, hint="replace it").as_json() == {
        "file": "a.yaml",
        "line": 2,
        "column": 7,
        "code": "tab",
        "severity": "error",
        "message": "A tab.",
        "hint": "replace it",
    }


def test_text_is_what_compilers_print():
    assert str(a_problem(2, 7, hint="replace it")) == "a.yaml:2:7: error: A tab. (replace it)"


def test_a_flood_is_counted_not_kept():
    problems = Problems("a.yaml")
    for line in range(Problems.LIMIT + 20):
        problems.add(a_problem(line + 1, severity="warning"))
    shown = list(problems)
    assert len(shown) == len(problems) == Problems.LIMIT + 1
    assert shown[-1].code is Code.TOO_MANY_PROBLEMS
    assert "20 more" in shown[-1].message
    assert problems.errors


def test_every_code_has_a_sentence_and_a_word_of_its_own():
    assert all(code.sentence.endswith(".") for code in Code)
    assert len({code.value for code in Code}) == len(list(Code))


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("titel", ["title", "steps"], "title"),
        ("wait-for", ["wait_for", "webhook"], "wait_for"),
        ("Title", ["title"], "title"),
        ("webinar.atended", ["webinar.attended", "webinar.missed"], "webinar.attended"),
        ("zzz", ["title", "steps"], None),
        ("", ["title"], None),
        ("x" * 10_000, ["x"], None),
        ("title", [], None),
    ],
)
def test_did_you_mean(word, known, meant):
    assert did_you_mean(word, known) == meant
