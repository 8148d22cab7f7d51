"""Reading a Maildir."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nurture.adapters.maildir import MaildirFolder, MaildirMailbox
from nurture.core.errors import OutsideError
from nurture.ports import Fetched, Position


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    for age, name in enumerate(["c", "a", "b"]):
        (tmp_path / "new" / name).write_bytes(f"Subject: {name}\r\n\r\n".encode())
        os.utime(tmp_path / "new" / name, (1000 + age, 1000 + age))
    return tmp_path


async def read(box: MaildirMailbox) -> list[Fetched]:
    return [one async for one in box.poll(None)]


async def test_mails_come_in_the_order_of_delivery_until_they_are_done(maildir: Path) -> None:
    box = MaildirMailbox(MaildirFolder(folder=maildir))
    assert [one.key for one in await read(box)] == ["c", "a", "b"]
    first, *_ = await read(box)
    assert (first.raw, first.position, first.truncated) == (b"Subject: c\r\n\r\n", Position(0, 0), False)
    await box.done(first)
    await box.done(first)
    assert [one.key for one in await read(box)] == ["a", "b"]
    assert (maildir / "cur" / "c:2,S").read_bytes() == first.raw
    await box.close()


async def test_a_huge_mail_is_read_only_at_its_beginning(maildir: Path) -> None:
    with (maildir / "new" / "z").open("wb") as file:
        file.write(b"Subject: z\r\n\r\n")
        file.truncate(50_000_000)
    *_, big = await read(MaildirMailbox(MaildirFolder(folder=maildir)))
    assert (len(big.raw), big.size, big.truncated) == (256_000, 50_000_000, True)


async def test_a_mail_another_program_took_is_no_trouble(maildir: Path) -> None:
    box = MaildirMailbox(MaildirFolder(folder=maildir))
    found = []
    async for one in box.poll(None):
        found.append(one.key)
        (maildir / "new" / "a").unlink(missing_ok=True)
    assert found == ["c", "b"]


async def test_a_maildir_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="can't be read"):
        await read(MaildirMailbox(MaildirFolder(folder=tmp_path / "nowhere")))


async def test_a_key_is_a_name_and_no_path(maildir: Path) -> None:
    stray = Fetched(position=Position(0, 0), key="../../secret", raw=b"", size=0)
    with pytest.raises(ValueError, match="not the name"):
        await MaildirMailbox(MaildirFolder(folder=maildir)).done(stray)
