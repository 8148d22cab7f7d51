"""Edits while leads are in flight: taken up, refused, kept, retired; and what a plan says of them before."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from nurture.adapters.clock import VirtualClock
from nurture.core.event import ENTER
from nurture.services.plan import Plan, Planner
from nurture.services.record import find_or_add_lead, record
from nurture.store.engine import open_store
from nurture.store.migrate import upgrade
from nurture.store.queries import runs
from nurture.wiring import App, open_app, read_project
from tests.conftest import NOW
from tests.unit.services.small_project import CAMPAIGN, CONFIG, FILES, write

RENAMED = CAMPAIGN.replace("  - id: news\n", "  - id: letter\n")
MOVED = RENAMED + "moved: { news: letter }\n"
SLOWER = CAMPAIGN.replace("after: 3 days", "after: 8 days").replace("- day 4 10:00", "- day 9 10:00")
BROKEN = CAMPAIGN.replace("title:", "titel:")


Open = Callable[..., Awaitable[App]]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once: migrating takes longer than any of these tests."""
    path = tmp_path_factory.mktemp("database") / "nurture.db"

    async def make() -> None:
        store = open_store(f"sqlite:///{path}")
        await upgrade(store, NOW)
        await store.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def opened(database: Path) -> AsyncIterator[Open]:
    """Opens the small project in a folder, with one lead before the second email; all is closed at the end."""
    apps: list[App] = []

    async def one(folder: Path, *, manual: bool = False) -> App:
        shutil.copy(database, folder / "nurture.db")
        apps.append(await started(folder, manual=manual))
        return apps[-1]

    yield one
    for app in apps:
        await app.close()


async def started(folder: Path, *, manual: bool) -> App:
    changes = {"config.yaml": CONFIG + "campaigns: { apply: manual }\n"} if manual else {}
    write(folder, changes)
    app = await open_app(folder, {}, clock=VirtualClock(NOW))
    if manual:
        await app.applier.approve(app.project, NOW)
        await app.follow()
    async with app.store.write() as conn:
        lead_id, _ = await find_or_add_lead(
            conn, {"email": "ada@example.org", "name": "Ada", "country": "GB"}, now=NOW, secret=app.secret
        )
        await record(conn, lead_id, "report.downloaded", {"report": "Pumps"}, now=NOW, secret=app.secret)
    await app.advancer.advance(NOW)
    return app


def edit(folder: Path, text: str | None) -> None:
    path = folder / "campaigns" / "report.yaml"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")


async def standing(app: App) -> tuple[str | None, str, datetime | None]:
    """The lead's step, the beginning of its version, and when it goes on."""
    async with app.store.read() as conn:
        (run,) = await runs.of_lead(conn, 1)
    return run["step"], run["version"], run["due_at"]


@pytest.mark.parametrize(
    ("text", "step", "days"),
    [(SLOWER, "news", 8), (MOVED, "letter", 3), (CAMPAIGN + "\n# a remark\n", "news", 3)],
)
async def test_a_valid_edit_is_taken_up_and_times_are_new(
    opened: Open, tmp_path: Path, text: str, step: str, days: int
) -> None:
    app = await opened(tmp_path)
    edit(tmp_path, text)
    applied = await app.take_up()
    assert (applied.taken_up, applied.refused, applied.moved) == (("report",), (), 1)
    assert await standing(app) == (
        step,
        app.project.graphs["report"].version,
        NOW + timedelta(days=days),
    )


async def test_an_edit_that_strands_a_lead_is_refused_and_the_last_version_runs_on(
    opened: Open, tmp_path: Path
) -> None:
    app = await opened(tmp_path)
    before = await standing(app)
    edit(tmp_path, RENAMED)
    (problem,) = (await app.take_up()).refused
    assert (problem.file, problem.code) == ("campaigns/report.yaml", "missing-step")
    assert "1 lead stands in the step news" in problem.message
    assert await standing(app) == before
    assert "news" in app.catalog.campaigns["report"].nodes

    edit(tmp_path, MOVED)
    assert (await app.take_up()).taken_up == ("report",)
    assert (await standing(app))[0] == "letter"


async def test_a_broken_file_keeps_the_last_good_version_also_after_a_start(
    opened: Open, tmp_path: Path
) -> None:
    app = await opened(tmp_path)
    before = await standing(app)
    edit(tmp_path, BROKEN)
    assert (await app.take_up()).kept == ("report",)
    await app.close()
    again = await open_app(tmp_path, {}, clock=VirtualClock(NOW + timedelta(days=3)))
    assert await standing(again) == before
    await again.advancer.advance(NOW + timedelta(days=3))
    async with again.store.read() as conn:
        assert (await runs.of_lead(conn, 1))[0]["state"] == "completed"
    await again.close()


async def test_a_broken_config_changes_nothing_that_runs(opened: Open, tmp_path: Path) -> None:
    app = await opened(tmp_path)
    (tmp_path / "config.yaml").write_text("compny: {}\n", encoding="utf-8")
    applied = await app.take_up()
    assert applied.kept == ("report",)
    assert app.settings.company.name == "Pumpwerk"
    assert app.catalog.campaigns["report"].nodes


async def test_changed_settings_hold_at_once(opened: Open, tmp_path: Path) -> None:
    app = await opened(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG.replace("Anna Becker", "Anna Neumann"), encoding="utf-8")
    await app.take_up()
    assert app.catalog.owner_of("anna@pumpwerk.example")["name"] == "Anna Neumann"
    assert app.desk.settings is app.settings


async def test_a_broken_template_keeps_its_last_good_text(opened: Open, tmp_path: Path) -> None:
    app = await opened(tmp_path)
    (tmp_path / "templates" / "update.md").write_text("no front matter", encoding="utf-8")
    await app.take_up()
    kept = app.desk.templates.pick("update", "en")
    assert kept is not None
    assert "News for" in kept.source
    (tmp_path / "templates" / "update.md").unlink()
    await app.take_up()
    assert app.desk.templates.pick("update", "en") is None


async def test_what_is_wrong_with_the_files_is_logged_once(opened: Open, tmp_path: Path) -> None:
    app = await opened(tmp_path)
    edit(tmp_path, BROKEN)
    with capture_logs() as said:
        await app.take_up()
        await app.take_up()
        edit(tmp_path, CAMPAIGN)
        await app.take_up()
    places = [(one["event"], one.get("place")) for one in said if one["event"].startswith("project.")]
    assert places[0] == ("project.problem", "campaigns/report.yaml:1:1")
    assert len(places) == 2 * sum(event == "project.problem" for event, _ in places), (
        "each is told and mended once"
    )


@pytest.mark.parametrize("gone", [None, "\ud800"], ids=["deleted", "unreadable"])
async def test_who_enters_when_a_file_is_gone(opened: Open, tmp_path: Path, gone: str | None) -> None:
    app = await opened(tmp_path)
    path = tmp_path / "campaigns" / "report.yaml"
    path.unlink() if gone is None else path.write_bytes(b"\xff\xfe")
    applied = await app.take_up()
    assert applied.retired == (("report",) if gone is None else ())
    assert ("report" in app.catalog.campaigns) is (gone is not None), (
        "a file that cannot be read is not a deleted one"
    )
    now = NOW + timedelta(days=3)
    await app.advancer.advance(now)
    async with app.store.read() as conn:
        assert (await runs.of_lead(conn, 1))[0]["state"] == "completed", "those inside finish"


async def test_a_former_name_keeps_its_leads(opened: Open, tmp_path: Path) -> None:
    app = await opened(tmp_path)
    edit(tmp_path, None)
    (tmp_path / "campaigns" / "reports.yaml").write_text("was: report\n" + CAMPAIGN, encoding="utf-8")
    assert (await app.take_up()).taken_up == ("reports",)
    async with app.store.read() as conn:
        (run,) = await runs.of_lead(conn, 1)
    assert (run["campaign"], run["step"]) == ("reports", "news")


async def test_with_manual_nothing_runs_that_was_not_applied(opened: Open, tmp_path: Path) -> None:
    app = await opened(tmp_path, manual=True)
    before = await standing(app)
    edit(tmp_path, SLOWER)
    assert (await app.take_up()).taken_up == ()
    assert await standing(app) == before

    other = await open_app(tmp_path, {}, clock=VirtualClock(NOW), take_up=False)
    assert (await other.applier.approve(other.project, NOW)).taken_up == ("report",)
    await other.close()
    assert await standing(app) == before, "the leads are the daemon's"

    clock = app.clock
    assert isinstance(clock, VirtualClock)
    clock.advance_to(NOW + timedelta(seconds=5))
    await app.follow()
    assert (await standing(app))[2] == NOW + timedelta(days=8)


@pytest.mark.parametrize("manual", [True, False])
async def test_settings_hold_for_versions_applied_before(opened: Open, tmp_path: Path, manual: bool) -> None:
    app = await opened(tmp_path, manual=manual)
    old = app.catalog.campaigns["report"]
    if manual:
        edit(tmp_path, SLOWER)
    else:
        edit(tmp_path, RENAMED)  # refused: the last version runs on
    apply = "campaigns: { apply: manual }\n" if manual else ""
    write(
        tmp_path,
        {"config.yaml": CONFIG + apply + "send: { limit: 7 per week }\n", "campaigns/report.yaml": None},
    )
    await app.take_up()
    new = app.catalog.campaigns["report"]
    assert (new.version, [str(limit) for limit in new.send.overall]) == (old.version, ["7 per week"])
    write(tmp_path, {"config.yaml": CONFIG + apply + "send: { limit: x }\n", "campaigns/report.yaml": None})
    await app.take_up()
    assert app.catalog.campaigns["report"] == new


async def test_with_manual_a_new_campaign_and_a_removed_one_wait_for_apply(
    opened: Open, tmp_path: Path
) -> None:
    app = await opened(tmp_path, manual=True)
    edit(tmp_path, None)
    (tmp_path / "campaigns" / "other.yaml").write_text(CAMPAIGN, encoding="utf-8")
    await app.take_up()
    assert list(app.catalog.campaigns) == ["report"]
    applied = await app.applier.approve(app.project, NOW)
    assert (applied.taken_up, applied.retired) == (("other",), ("report",))


async def test_approving_what_strands_is_refused(opened: Open, tmp_path: Path) -> None:
    app = await opened(tmp_path, manual=True)
    edit(tmp_path, RENAMED)
    applied = await app.applier.approve(read_project(tmp_path, {}), NOW)
    assert (applied.taken_up, len(applied.refused)) == ((), 1)


async def test_what_a_crash_left_behind_is_brought_along_at_the_next_start(
    opened: Open, tmp_path: Path
) -> None:
    app = await opened(tmp_path)
    edit(tmp_path, SLOWER)
    project = read_project(tmp_path, {})
    await app.applier.approve(project, NOW)  # the version is current, and nobody was moved
    await app.close()
    again = await open_app(tmp_path, {}, clock=VirtualClock(NOW))
    assert again.applied.moved == 1
    assert (await standing(again))[2] == NOW + timedelta(days=8)
    await again.close()


async def test_entering_by_hand_reaches_the_run(opened: Open, tmp_path: Path) -> None:
    app = await opened(tmp_path)
    async with app.store.write() as conn:
        second, _ = await find_or_add_lead(conn, {"email": "eve@example.org"}, now=NOW, secret=app.secret)
        await record(conn, second, ENTER, {"campaign": "report"}, now=NOW, secret=app.secret)
    await app.advancer.advance(NOW)
    async with app.store.read() as conn:
        assert [run["campaign"] for run in await runs.of_lead(conn, second)] == ["report"]


# -- plans --------------------------------------------------------------------------------------------------------


async def planned(app: App, folder: Path, text: str | None, more: Mapping[str, str] | None = None) -> Plan:
    edit(folder, text)
    for path, written in (more or {}).items():
        (folder / path).write_text(written, encoding="utf-8")
    return await Planner(app.store, app.applier, app.secret).plan(read_project(folder, {}), NOW)


@pytest.mark.parametrize(
    ("text", "change", "moves", "refused", "emails"),
    [
        (CAMPAIGN, "unchanged", [], 0, {"update": 1}),
        (SLOWER, "edited", [], 0, {"update": 1}),
        (MOVED, "edited", [("news", "letter", 1)], 0, {"update": 1}),
        (RENAMED, "edited", [], 1, {"update": 1}),
        (CAMPAIGN.replace("after: 3 days", "after: 40 days"), "edited", [], 0, {}),
        (BROKEN, "broken", [], 1, {"update": 1}),
        (None, "removed", [], 0, {"update": 1}),
    ],
)
async def test_a_plan_says_what_will_be(
    opened: Open,
    tmp_path: Path,
    text: str | None,
    change: str,
    moves: list[tuple[str, str, int]],
    refused: int,
    emails: dict[str, int],
) -> None:
    app = await opened(tmp_path)
    before = await standing(app)
    plan = await planned(app, tmp_path, text)
    (one,) = plan.campaigns
    assert (one.name, one.change) == ("report", change)
    assert [(move.origin, move.target, move.leads) for move in one.moves] == moves
    assert len(plan.refused) == refused
    assert dict(one.emails.before) == {"update": 1}
    assert dict(one.emails.after) == emails
    assert await standing(app) == before, "a plan changes nothing"


async def test_a_plan_counts_who_may_be_mailed_besides_and_new_campaigns(
    opened: Open, tmp_path: Path
) -> None:
    app = await opened(tmp_path)
    wider = CAMPAIGN + "stages: [new, nurturing, mql, sql]\n"
    plan = await planned(app, tmp_path, wider, {"campaigns/second.yaml": CAMPAIGN})
    report, second = plan.campaigns
    assert [one.because for one in report.widens] == ["it is for the stages sql too"]
    assert second.change == "new"
    shape = plan.as_json()
    assert set(shape["campaigns"][0]) >= {"name", "change", "moves", "refused", "emails_next_30_days"}


async def test_a_plan_is_named_by_the_state_it_was_made_from(opened: Open, tmp_path: Path) -> None:
    app = await opened(tmp_path)
    first = (await planned(app, tmp_path, SLOWER)).key
    assert (await planned(app, tmp_path, SLOWER)).key == first
    assert (await planned(app, tmp_path, MOVED)).key != first
    assert FILES["campaigns/report.yaml"] == CAMPAIGN
