"""Bad templates and strange people: one email is held or passed, a person is told, everybody else gets theirs."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.office import COURSE, LETTERS, letter, open_office

ENDLESS = (
    "---\nsubject: Lesson\n---\n"
    "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}x{% endfor %}{% endfor %}{% endfor %}\n"
)
ONLY_FOR_SOME = "---\nsubject: Lesson\n---\nDear {{ lead.name }}, {{ lead.company }} is great.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(ENDLESS, "lesson", id="a loop without end"),
        pytest.param(ONLY_FOR_SOME, "“company” is missing", id="a field nobody filled in"),
        pytest.param("---\nsubject: '{{ lead.company }}'\n---\nHello.\n", "missing", id="no subject"),
    ],
)
async def test_a_letter_that_cannot_be_written_is_held_and_told_and_goes_when_mended(
    tmp_path: Path, text: str, said: str
) -> None:
    async with open_office(tmp_path, files={"templates/lesson.md": text}) as office:
        await office.downloads("ada")
        await office.downloads("bob")
        await office.look()
        began = time.process_time()
        await office.wait(timedelta(days=2))
        assert time.process_time() - began < 20
        assert sorted(office.ledger()) == [("ada", "Hello"), ("bob", "Hello")]
        assert await office.states() == {"sent": 2, "held": 2}
        told = await office.tasks()
        assert len(told) == 2
        assert all("lesson" in one and said in one for one in told), told
        await office.downloads("eve")
        await office.look()
        assert ("eve", "Hello") in office.ledger()
        office.write("templates/lesson.md", LETTERS["lesson"])
        await office.works.reload()
        await office.look()
        assert sorted(office.ledger()) == [
            ("ada", "Hello"), ("ada", "Lesson"), ("bob", "Hello"), ("bob", "Lesson"), ("eve", "Hello"),
        ]  # fmt: skip


async def test_a_template_that_is_gone_holds_its_letters_until_it_is_back(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.downloads("ada")
        await office.look()
        (tmp_path / "templates" / "lesson.md").unlink()
        await office.works.reload()
        (problem,) = office.app.complained
        assert str(problem).startswith("campaigns/course.yaml:7:12: error: There is no template lesson.")
        await office.wait(timedelta(days=2))
        assert await office.states() == {"sent": 1, "held": 1}
        (told,) = await office.tasks()
        assert "lesson" in told
        office.write("templates/lesson.md", LETTERS["lesson"])
        await office.works.reload()
        await office.look()
        assert office.ledger() == [("ada", "Hello"), ("ada", "Lesson")]


@pytest.mark.parametrize(
    ("fields", "greeting"),
    [
        ({"language": "de"}, "Guten Tag"),
        ({"language": "de-AT"}, "Guten Tag"),
        ({"country": "AT"}, "Guten Tag"),
        ({"language": "ja"}, "Dear"),
        ({"language": "x-nonsense"}, "Dear"),
        ({}, "Dear"),
    ],
)
async def test_a_language_nobody_wrote_gets_the_campaigns_own(
    tmp_path: Path, fields: dict[str, str], greeting: str
) -> None:
    german = "---\nsubject: Hallo\n---\nGuten Tag {{ lead.name }}.\n"
    async with open_office(tmp_path, files={"templates/hello.de.md": german}) as office:
        await office.downloads("ada", **fields)
        await office.look()
        (mail,) = office.relay.accepted
        plain = letter(mail.raw).get_body(("plain",))
        assert plain is not None
        assert plain.get_content().startswith(greeting)


async def test_somebody_without_an_address_becomes_a_task_and_goes_on(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.downloads("nobody", email=None, phone="+49 30 5550")
        await office.downloads("ada")
        await office.look()
        await office.wait(timedelta(days=3))
        assert office.ledger() == [("ada", "Hello"), ("ada", "Lesson")]
        assert len(await office.tasks()) == 1
        (run, _) = await office.rows("enrolment")
        assert run["step"] == "answer"


NAMES = {
    "a header": "Ada\r\nBcc: victim@example.org\r\nX-Evil: yes",
    "a second header": "Ada\nSubject: buy now",
    "an end of the head": "Ada\r\n\r\nMy own body",
    "an encoded header": "=?utf-8?q?Ada=0d=0aBcc=3a_victim=40example=2eorg?=",
    "other line ends": "Ada\x0bBcc: a@b.example\x85Bcc: c@d.example\u2028Bcc: e@f.example",
    "an address": "Ada <victim@example.org>, eve@example.org",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "a template": "{{ owner.email }}{% for a in range(9) %}x{% endfor %}",
    "Markdown": "[click](javascript:alert(1)) ![x](http://evil.example/x.png)",
    "backwards": "\u202egro.live@ada",
    "long": "A" * 5000,
    "a lone half": "Ada\ud800",
    "a NUL": "Ada\0Bcc: x",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_a_name_is_never_more_than_a_name(tmp_path: Path, name: str) -> None:
    files = {
        "templates/hello.md": "---\nsubject: 'For {{ lead.name }}'\n---\nDear {{ lead.name }},\n\nhello.\n"
    }
    async with open_office(tmp_path, files=files) as office:
        await office.downloads("ada", name=name)
        await office.look()
        (mail,) = office.relay.accepted
        assert mail.recipients == ("ada@example.org",)
        read, plain_one = letter(mail.raw), letter(mail.raw.replace(b"\r\n", b"\n"))
        assert set(read) == set(plain_one) >= {"From", "To", "Subject", "Message-ID", "Date"}
        assert not {"bcc", "x-evil", "cc"} & {header.lower() for header in read}
        assert [len(read.get_all(header) or ()) for header in ("Subject", "To", "From")] == [1, 1, 1]
        assert [to.addr_spec for to in read["To"].addresses] == ["ada@example.org"]
        assert str(read["Subject"]).startswith("For ")
        html = read.get_body(("html",))
        assert html is not None
        shown = html.get_content().lower()
        assert "<script" not in shown
        assert "<img src=x" not in shown
        assert 'href="javascript' not in shown
        assert 'http://evil.example/x.png"' not in shown
        plain = read.get_body(("plain",))
        assert plain is not None
        said = plain.get_content().replace("\r\n", "\n")
        assert "\n\nhello.\n" in said
        assert "hello@us.example" not in said.split("hello.")[0]


async def test_a_template_gone_from_the_campaign_as_well_is_no_trouble(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.downloads("ada")
        await office.look()
        office.write("campaigns/course.yaml", COURSE.replace("    email: lesson\n", "    email: hello\n"))
        (tmp_path / "templates" / "lesson.md").unlink()
        await office.works.reload()
        assert not office.app.complained
        await office.wait(timedelta(days=2))
        assert office.ledger() == [("ada", "Hello"), ("ada", "Hello")]
