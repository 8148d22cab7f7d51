"""A run is read back as it was written: every field, on both databases, new and changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.enrolment import Enrolment, Hold, Round
from nurture.store.engine import Store
from nurture.store.queries.outcomes import before_of
from nurture.store.rows import enrolment_of, enrolment_values
from tests.conftest import NOW
from tests.store.seeds import T, add_lead, load, save

ALPHABET = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
"""What both databases keep in a text; `core.address.storable` takes the rest out at the border."""

MARKS = st.sampled_from(["$t", "$d", "$$t", "$$d", "$"])
"""The words the stored JSON marks times and dates with are fine names for anybody's data."""

texts = st.text(ALPHABET, max_size=12)
names = texts.filter(bool)
EARLY, LATE = (datetime(year, 1, 2, tzinfo=UTC).replace(tzinfo=None) for year in (1970, 2999))
moments = st.datetimes(EARLY, LATE, timezones=st.just(UTC))
elsewhere = st.datetimes(EARLY, LATE, timezones=st.sampled_from([ZoneInfo("Asia/Tokyo"), ZoneInfo("UTC")]))
maybe = st.none() | moments
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.dates()
    | moments
    | elsewhere,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | MARKS, inner, max_size=3),
    max_leaves=6,
)
data = st.dictionaries(texts | MARKS, plain, max_size=3)

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "run": names,
    "campaign": names,
    "version": texts,
    "entered_at": moments,
    "entered_version": texts,
    "each": texts,
    "step": st.none() | names,
    "arrived_at": maybe,
    "due_at": maybe,
    "waiting": st.booleans(),
    "entry": data,
    "last_event": data,
    "rounds": st.dictionaries(names, st.builds(Round, st.integers(1, 999), moments), max_size=3),
    "own_stages": st.frozensets(names, max_size=3),
    "not_before": maybe,
    "absence": st.timedeltas(timedelta(0), timedelta(days=9999)),
    "trail": st.lists(names, max_size=4).map(tuple),
    "reacted": st.dictionaries(names | MARKS, moments, max_size=3),
    "hold": st.none() | st.builds(Hold, names, maybe, maybe),
    "state": st.sampled_from(["active", "held", "completed", "goal", "stopped"]),
    "ended_at": maybe,
    "why": st.none() | texts,
}
enrolments = st.builds(Enrolment, **FIELDS)


def through(dialect: Dialect, values: dict[str, Any]) -> Any:
    """The row as this dialect's column types write and read it."""
    row = {}
    for name, value in values.items():
        kind = T["enrolment"].c[name].type
        there, back = kind.bind_processor(dialect), kind.result_processor(dialect, None)
        written = there(value) if there is not None else value
        row[name] = back(written) if back is not None else written
    return SimpleNamespace(**row, id=None)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=lambda found: found.name)
@given(run=enrolments)
@example(run=Enrolment("c/1", "c", "v", NOW, entry={"$t": "2026-03-02"}))
@example(run=Enrolment("c/1", "c", "v", NOW, entry={"$d": 5, "on": date(2026, 3, 2)}))
@example(run=Enrolment("c/1", "c", "v", NOW, last_event={"in": {"$$t": {"$t": NOW}}}))
def test_a_run_survives_its_row(dialect: Dialect, run: Enrolment) -> None:
    assert enrolment_of(through(dialect, enrolment_values(1, run))) == run


def test_every_field_is_tried() -> None:
    """A field added to the run is added here: left at its default it would prove nothing."""
    assert set(FIELDS) == set(Enrolment.__dataclass_fields__) - {"id"}


pairs = st.lists(st.tuples(enrolments, enrolments), max_size=20, unique_by=lambda pair: pair[0].run)


@given(pairs=pairs)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
async def test_runs_come_back_from_the_database(
    store: Store, pairs: Sequence[tuple[Enrolment, Enrolment]]
) -> None:
    """New in one write, then each changed into another in a second one: only what changed is written there."""
    async with store.write() as conn:
        lead = await add_lead(conn, email="")
        case = (await load(conn, lead))[lead]
        before = before_of({lead: case})
        case.runs.update({run.run: run for run, _ in pairs})
        await save(conn, case, before)
    async with store.write() as conn:
        case = (await load(conn, lead))[lead]
        assert [replace(run, id=None) for run in case.runs.values()] == [run for run, _ in pairs]
        before = before_of({lead: case})
        after = {run.run: replace(changed, run=run.run, id=case.runs[run.run].id) for run, changed in pairs}
        case.runs.update(after)
        await save(conn, case, before)
    async with store.read() as conn:
        assert (await load(conn, lead))[lead].runs == after
