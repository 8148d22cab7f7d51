"""Conditions are asked: three-valued logic, odd data, and what they say they need."""

from __future__ import annotations

import itertools
import pickle
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.conditions import Condition
from nurture.core.duration import Duration, parse_duration
from nurture.core.expression import (
    Arith,
    BoolOp,
    Call,
    Compare,
    ListNode,
    Literal,
    Name,
    Neg,
    Node,
    Not,
    walk,
)
from nurture.core.vocabulary import Kind

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Case:
    """A person with these values; `calls` keeps what functions were asked."""

    def __init__(self, answers: dict[str, Any] | None = None, **values: Any) -> None:
        self.values = {name.replace("__", "."): value for name, value in values.items()}
        self.answers = answers or {}
        self.calls: list[tuple[Any, ...]] = []

    def value(self, root: str, path: str) -> Any:
        return NOW if root == "now" else self.values.get(f"{root}.{path}")

    def __getattr__(self, name: str) -> Any:
        def answer(*args: Any, **kwargs: Any) -> Any:
            self.calls.append((name, args, kwargs))
            return self.answers.get(name)

        return answer

    def ago(self, span: Duration) -> datetime:
        return NOW - timedelta(days=span.days)


def text(path: str) -> Name:
    return Name("lead", path, Kind.TEXT)


def number(path: str) -> Name:
    return Name("lead", path, Kind.NUMBER)


def ask(tree: Node, case: Case | None = None, **values: Any) -> Any:
    return Condition("…", tree).value(case or Case(**values))  # type: ignore[arg-type]


TRUE, FALSE = Literal(True), Literal(False)
UNKNOWN = Compare("==", text("nothing"), Literal("x"))
VALUES: dict[bool | None, Node] = {True: TRUE, False: FALSE, None: UNKNOWN}


@pytest.mark.parametrize(("one", "other"), list(itertools.product(VALUES, VALUES)))
def test_and_or_not_follow_sql(one, other):
    both = ask(BoolOp("and", (VALUES[one], VALUES[other])))
    either = ask(BoolOp("or", (VALUES[one], VALUES[other])))
    assert both is (False if False in (one, other) else None if None in (one, other) else True)
    assert either is (True if True in (one, other) else None if None in (one, other) else False)
    assert ask(Not(VALUES[one])) is (None if one is None else not one)


@pytest.mark.parametrize(
    ("op", "less", "equal", "more"),
    [
        ("==", False, True, False),
        ("!=", True, False, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_comparisons(op, less, equal, more):
    asked = [ask(Compare(op, number("score"), Literal(30)), lead__score=score) for score in (29, 30, 31)]
    assert asked == [less, equal, more]


@pytest.mark.parametrize(
    ("tree", "values", "answer"),
    [
        (
            Compare("in", text("country"), ListNode((Literal("DE"), Literal("AT")))),
            {"lead__country": "AT"},
            True,
        ),
        (Compare("in", text("country"), ListNode((Literal("DE"),))), {"lead__country": "FR"}, False),
        (Compare("not in", text("country"), ListNode((Literal("DE"),))), {"lead__country": "FR"}, True),
        (Compare("not in", text("country"), ListNode((Literal("DE"),))), {}, None),
        (Compare("in", Literal("vip"), Name("lead", "tags", Kind.LIST)), {"lead__tags": ["vip"]}, True),
        (Compare("in", Literal("vip"), Name("lead", "tags", Kind.LIST)), {"lead__tags": frozenset()}, False),
        (Compare("in", Literal("director"), text("position")), {"lead__position": "Managing Director"}, True),
        (Compare("not in", Literal("director"), text("position")), {"lead__position": "Clerk"}, True),
        (Compare("in", text("country"), ListNode((Literal(3),))), {"lead__country": ["x"]}, None),
        (Compare("in", Literal("x"), Name("event", "any")), {"event__any": 5}, None),
    ],
)
def test_membership(tree, values, answer):
    assert ask(tree, **values) is answer


@pytest.mark.parametrize(
    ("op", "left", "right", "answer"),
    [
        ("+", 2, 3, 5),
        ("-", 2, 3, -1),
        ("*", 2, 3, 6),
        ("/", 3, 2, 1.5),
        ("/", 3, 0, None),
        ("*", 1e300, 1e300, float("inf")),
    ],
)
def test_arithmetic(op, left, right, answer):
    assert ask(Arith(op, number("score"), Literal(right)), lead__score=left) == answer


def test_a_sign_is_turned():
    assert ask(Neg(number("score")), lead__score=3) == -3
    assert ask(Neg(number("score"))) is None


ODD = [
    (Kind.NUMBER, "5", 5.0),
    (Kind.NUMBER, "five", None),
    (Kind.NUMBER, ["5"], None),
    (Kind.TEXT, 550, "550"),
    (Kind.TEXT, "", None),
    (Kind.TEXT, {"a": 1}, None),
    (Kind.TEXT, True, "true"),
    (Kind.BOOLEAN, "true", True),
    (Kind.BOOLEAN, "False", False),
    (Kind.BOOLEAN, "perhaps", None),
    (Kind.BOOLEAN, 1, None),
    (Kind.TIME, "2026-12-20", datetime(2026, 12, 20, tzinfo=UTC)),
    (Kind.TIME, date(2026, 12, 20), datetime(2026, 12, 20, tzinfo=UTC)),
    (Kind.TIME, datetime.fromisoformat("2026-12-20T09:00"), datetime(2026, 12, 20, 9, tzinfo=UTC)),
    (Kind.TIME, "2026-12-20T10:00:00+01:00", datetime(2026, 12, 20, 9, tzinfo=UTC)),
    (Kind.TIME, "tomorrow", None),
    (Kind.TIME, 5, None),
    (Kind.LIST, "vip", ["vip"]),
    (Kind.LIST, 5, None),
    (Kind.ANY, "", None),
    (Kind.ANY, 5, 5),
]


@pytest.mark.parametrize(("kind", "value", "made"), ODD)
def test_odd_data_is_made_fit_or_unknown(kind, value, made):
    assert ask(Name("event", "x", kind), event__x=value) == made


@given(
    st.sampled_from(list(Kind)),
    st.sampled_from(list(Kind)),
    st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"]),
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()), st.datetimes()
    ),
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()), st.datetimes()
    ),
)
def test_no_data_makes_a_comparison_fail(kind, other_kind, op, value, other):
    answer = ask(
        Compare(op, Name("event", "a", kind), Name("event", "b", other_kind)), event__a=value, event__b=other
    )
    assert answer in (True, False, None)


def test_known_asks_only_whether_there_is_a_value():
    known = Call("known", (text("phone"),))
    assert ask(known, lead__phone="1") is True
    assert ask(known, lead__phone="") is False
    assert ask(known) is False


def test_functions_get_their_arguments():
    case = Case(
        {"count": 3, "clicked": True, "happened": True, "opened": False}, entry__report="Pumps", entry__at=NOW
    )
    since = Call("ago", (Literal(parse_duration("3 days")),))
    assert ask(Call("count", (Literal("page.viewed"),), last=parse_duration("7 days")), case) == 3
    assert (
        ask(Call("happened", (Literal("x.y"),), since, where=(("report", Name("entry", "report")),)), case)
        is True
    )
    assert ask(Call("happened", (Literal("x.y"),), Name("entry", "at", Kind.TIME)), case) is True
    assert ask(Call("clicked", (Literal("invite"),)), case) is True
    assert ask(Call("opened"), case) is False
    assert case.calls == [
        ("count", ("page.viewed",), {"since": None, "last": parse_duration("7 days"), "where": None}),
        ("happened", ("x.y",), {"since": NOW - timedelta(days=3), "where": {"report": "Pumps"}}),
        ("happened", ("x.y",), {"since": NOW, "where": None}),
        ("clicked", ("invite",), {}),
        ("opened", (), {}),
    ]


def test_an_event_counted_since_an_unknown_time_is_unknown():
    assert ask(Call("count", (Literal("x.y"),), Name("entry", "at", Kind.TIME)), Case({"count": 3})) is None
    where = (("report", Name("entry", "report", Kind.TEXT)),)
    assert ask(Call("happened", (Literal("x.y"),), where=where), Case({"happened": True})) is None


def test_only_true_holds():
    condition = Condition("…", Compare(">=", number("score"), Literal(30)))
    assert [condition.holds(Case(lead__score=score)) for score in (30, 29, None)] == [True, False, False]  # type: ignore[arg-type]
    assert condition(Case(lead__score=30)) is True  # type: ignore[arg-type]


def test_it_says_what_was_missing_and_what_it_saw():
    tree = BoolOp(
        "and",
        (
            Compare("==", text("country"), Literal("DE")),
            Call("known", (text("phone"),)),
            Compare("<", number("score"), number("size")),
        ),
    )
    condition, case = Condition("…", tree), Case(lead__score=3)
    assert condition.missing(case) == ("lead.country", "lead.size")  # type: ignore[arg-type]
    assert condition.values(case) == {"lead.country": None, "lead.score": 3, "lead.size": None}  # type: ignore[arg-type]


def spans(**reaches: str | None) -> dict[str, Any]:
    return {
        name.replace("__", "."): parse_duration(span) if span else "ever" for name, span in reaches.items()
    }


AGO = Call("ago", (Literal(parse_duration("2 weeks")),))


@pytest.mark.parametrize(
    ("calls", "reach"),
    [
        ([Call("count", (Literal("a.b"),), last=parse_duration("7 days"))], parse_duration("7 days")),
        (
            [
                Call("count", (Literal("a.b"),), last=parse_duration(span))
                for span in ("7 days", "1 month", "3 hours")
            ],
            parse_duration("1 month"),
        ),
        ([Call("happened", (Literal("a.b"),), AGO)], parse_duration("2 weeks")),
        ([Call("happened", (Literal("a.b"),), Name("entry", "at", Kind.TIME))], "entry"),
        ([Call("happened", (Literal("a.b"),))], "ever"),
        ([Call("happened", (Literal("a.b"),), Name("lead", "created_at", Kind.TIME))], "ever"),
        (
            [
                Call("happened", (Literal("a.b"),), Name("entry", "at", Kind.TIME)),
                Call("happened", (Literal("a.b"),), AGO),
            ],
            "ever",
        ),
    ],
)
def test_needs_say_how_far_back_events_are_counted(calls, reach):
    tree: Node = BoolOp("and", tuple(calls)) if len(calls) > 1 else calls[0]
    assert Condition("…", tree).needs.events == {"a.b": reach}


def test_needs_name_fields_templates_and_functions():
    tree = BoolOp(
        "or",
        (
            Compare("==", text("country"), Name("owner", "email")),
            Call("clicked", (Literal("invite"),)),
            Call("opened"),
            Call("speaks", (Literal("de"),)),
            Call("tagged", (Literal("vip"),)),
            Call("known", (Name("event", "until"),)),
        ),
    )
    needs = Condition("…", tree).needs
    assert needs.fields == {"country", "language", "tags"}
    assert needs.templates == {"invite", "*"}
    assert needs.functions == {"clicked", "opened", "speaks", "tagged", "known"}
    assert needs.roots == {"lead", "owner", "event"}


def test_equal_trees_make_equal_conditions_and_survive_pickling():
    one = Condition("lead.score >= 30", Compare(">=", number("score"), Literal(30)))
    other = Condition("score  >= 30", Compare(">=", number("score"), Literal(30)))
    assert one == other
    assert hash(one) == hash(other)
    assert one.holds(Case(lead__score=31))  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != "lead.score >= 30"


def test_walking_names_every_part_in_order():
    tree = Not(
        BoolOp(
            "and",
            (
                Compare("<", Neg(number("a")), Arith("+", number("b"), Literal(1))),
                Call("known", (text("c"),)),
            ),
        )
    )
    assert [str(node) for node in walk(tree) if isinstance(node, Name)] == ["lead.a", "lead.b", "lead.c"]
