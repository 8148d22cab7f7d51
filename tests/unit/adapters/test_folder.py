"""The project folder as its authors leave it, good and bad."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nurture.adapters.folder import ProjectFolder, write_mail
from nurture.core.errors import OutsideError
from nurture.ports import SourceText, Unreadable


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "campaigns").mkdir(parents=True)
    (root / "templates" / "digest").mkdir(parents=True)
    return root


def paths(found: list[SourceText | Unreadable]) -> list[str]:
    return [one.path for one in found]


def test_texts_come_with_path_and_hash_in_the_order_of_their_names(project: Path) -> None:
    (project / "config.yaml").write_text("company: {}\n")
    (project / "campaigns" / "b.yaml").write_text("title: B\n")
    (project / "campaigns" / "a.yaml").write_bytes(b"\xef\xbb\xbftitle: A\r\n")
    (project / "campaigns" / ".a.yaml.swp").write_text("x")
    (project / "campaigns" / ".hidden.yaml").write_text("x")
    (project / "campaigns" / "notes.txt").write_text("x")
    (project / "templates" / "digest" / "one.de.md").write_text("Grüße", encoding="utf-8")
    (project / "templates" / "_layout.html").write_text("<p>")
    folder = ProjectFolder(project)
    one = folder.campaigns()[0]
    assert isinstance(one, SourceText)
    assert (one.text, len(one.hash)) == ("title: A\n", 64)
    assert paths(folder.campaigns()) == ["campaigns/a.yaml", "campaigns/b.yaml"]
    assert paths(folder.templates()) == ["templates/_layout.html", "templates/digest/one.de.md"]
    assert isinstance(folder.config(), SourceText)


def test_the_hash_changes_with_the_bytes(project: Path) -> None:
    file = project / "campaigns" / "a.yaml"
    hashes = set()
    for octets in (b"title: A\n", b"title: B\n", b"title: A\r\n"):
        file.write_bytes(octets)
        one = ProjectFolder(project).campaigns()[0]
        assert isinstance(one, SourceText)
        hashes.add(one.hash)
    assert len(hashes) == 3


def test_an_empty_project_has_nothing(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path / "nowhere")
    assert (folder.config(), folder.campaigns(), folder.templates()) == (None, [], [])


@pytest.mark.parametrize(
    ("octets", "why", "place"),
    [
        (b"title: A\nabout: Gr\xfc\xdfe\n", "is not UTF-8 text (the byte 0xfc here)", (2, 10)),
        ("title: Ä".encode() + b"\r\rabout: \xff", "the byte 0xff here", (3, 8)),
        (b"\xef\xbb\xbftitle: \xe4", "the byte 0xe4 here", (1, 8)),
        (b"title: cut off \xc3", "the byte 0xc3 here", (1, 16)),
        ("title: Grüße\n".encode("utf-16"), "is saved as UTF-16", (1, 1)),
        (b"x" * 1_000_001, "bigger than 1 MB", (1, 1)),
    ],
)
def test_a_bad_file_is_named_and_the_others_are_read(
    project: Path, octets: bytes, why: str, place: tuple[int, int]
) -> None:
    (project / "campaigns" / "bad.yaml").write_bytes(octets)
    (project / "campaigns" / "good.yaml").write_text("title: Good\n")
    bad, good = ProjectFolder(project).campaigns()
    assert isinstance(bad, Unreadable)
    assert why in bad.why
    assert (bad.line, bad.column) == place
    assert isinstance(good, SourceText)


def test_a_folder_where_a_file_belongs(project: Path) -> None:
    (project / "config.yaml").mkdir()
    found = ProjectFolder(project).config()
    assert isinstance(found, Unreadable)


def test_links_lead_to_the_project_or_nowhere(project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("password: x\n")
    (project / "campaigns" / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    (project / "campaigns" / "gone.yaml").symlink_to(project / "missing.yaml")
    (project / "real.yaml").write_text("title: Real\n")
    (project / "campaigns" / "in.yaml").symlink_to(project / "real.yaml")
    kinds = {one.path: type(one) for one in ProjectFolder(project).campaigns()}
    assert kinds == {
        "campaigns/out.yaml": Unreadable,
        "campaigns/gone.yaml": Unreadable,
        "campaigns/in.yaml": SourceText,
    }


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "/etc/passwd", "a\0b", "..\\secret", ".."])
def test_no_path_leads_out_of_the_project(project: Path, path: str) -> None:
    assert isinstance(ProjectFolder(project).read(path), Unreadable)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("report_link", "report_link.eml"),
        ("../../etc/passwd", "etc-passwd.eml"),
        ("a b/c", "a-b-c.eml"),
        ("", "mail.eml"),
        ("ada@example.org", "ada@example.org.eml"),
        ("x" * 300, "x" * 100 + ".eml"),
    ],
)
def test_mails_are_written_where_they_belong(tmp_path: Path, name: str, file: str) -> None:
    assert write_mail(tmp_path / "out", name, b"one") == tmp_path / "out" / file
    second = write_mail(tmp_path / "out", name, b"two")
    assert (second.name, second.read_bytes()) == (file.removesuffix(".eml") + "-2.eml", b"two")
    assert (tmp_path / "out" / file).read_bytes() == b"one"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutsideError, match="can't be written"):
        write_mail(tmp_path / "out", "a", b"x")


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutsideError, match="can't be written"):
        write_mail(tmp_path / "out", "a", b"x")
