"""The H1 story through the real path: a form, a real Postfix, a real mailbox, a reply by another mail program."""

from __future__ import annotations

import imaplib
import json
import os
import re
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.servers.conftest import free_port

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]


def make_project(folder: Path, host: Any, port: int) -> Path:
    """The starter project, with this machine's servers in its settings."""
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    config = (ROOT / "config.yaml").read_text()
    config = re.sub(r"(?m)^  from: .*$", "  from: Pumpwerk <hello@people.test>", config, count=1)
    config = re.sub(r"(?m)^  reply_to: .*$", "  reply_to: hello@people.test", config, count=1)
    mailbox = (
        f"inbox:\n  - {{ kind: imap, host: 127.0.0.1, port: {host.imap}, security: none,"
        f" username: hello, password: {host.password}, every: 1 minute }}\n"
    )
    config = re.sub(r"(?m)^inbox: \[\]$", mailbox, config)
    (folder / "config.yaml").write_text(config)
    return folder


def settings(host: Any, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "NURTURE_SMTP__HOST": "127.0.0.1",
        "NURTURE_SMTP__PORT": str(host.smtp),
        "NURTURE_SMTP__SECURITY": "none",
        "NURTURE_WEB__PORT": str(port),
        "NURTURE_WEB__URL": f"http://127.0.0.1:{port}",
    }


def until(what: Callable[[], Any], seconds: float, why: str) -> Any:
    """Ask until there is an answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.3)
    pytest.fail(f"{why}: not within {seconds} seconds")


@pytest.fixture
def daemon(tmp_path: Path, mail_host: Any) -> Iterator[tuple[Path, str, dict[str, str]]]:
    """`nurture run` on the starter project; ended by SIGTERM, and in order."""
    port = free_port()
    folder, environ = make_project(tmp_path, mail_host, port), settings(mail_host, port)
    log = (tmp_path / "daemon.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "nurture", "run", "--project", str(folder)],
        env=environ,
        stdout=log,
        stderr=log,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: process.poll() is not None or answers(f"{url}/readyz"), 30, "the daemon is up")
        assert process.poll() is None, (tmp_path / "daemon.log").read_text()
        yield folder, url, environ
        process.send_signal(signal.SIGTERM)
        assert process.wait(35) == 0, (tmp_path / "daemon.log").read_text()
    finally:
        process.kill()
        process.wait()
        log.close()


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as found:
            return bool(found.status == 200)
    except OSError:
        return False


def fill_in(url: str, **values: str) -> None:
    """Fill in a form as a browser does: get it, take over its hidden fields, send it."""
    with urlopen(url, timeout=10) as page:
        text = page.read().decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
    time.sleep(3.5)  # people take a moment, robots do not
    request = Request(url, urlencode({**hidden, **values}).encode(), method="POST")
    with urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def mails_of(host: Any, user: str) -> list[Message]:
    client = imaplib.IMAP4("127.0.0.1", host.imap)
    try:
        client.login(user, host.password)
        client.select("INBOX", readonly=True)
        _, found = client.search(None, "ALL")
        raws = [client.fetch(key, "(RFC822)")[1][0] for key in found[0].split()]
        return [message_from_bytes(raw[1]) for raw in raws if isinstance(raw, tuple)]
    finally:
        client.logout()


def lead(folder: Path, environ: dict[str, str], email: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "nurture", "lead", "show", email, "--json", "--project", str(folder)]
    shown = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    return dict(json.loads(shown.stdout)) if shown.returncode == 0 else {}


def test_from_a_form_to_a_qualified_lead(daemon: tuple[Path, str, dict[str, str]], mail_host: Any) -> None:
    folder, url, environ = daemon
    before = len(mails_of(mail_host, "ada"))
    began = time.monotonic()
    fill_in(
        f"{url}/f/report",
        report="Sizing pumps",
        first_name="Ada",
        last_name="Byron",
        email="ada@people.test",
        company="Engines Ltd",
    )
    first = until(lambda: mails_of(mail_host, "ada")[before:], 60, "the first mail")[0]
    assert time.monotonic() - began < 300, "row H2: within five minutes"
    assert "Sizing pumps" in str(first["Subject"])

    answer = EmailMessage()
    answer["From"], answer["To"] = "Ada Byron <ada@people.test>", str(first["Reply-To"])
    answer["Subject"], answer["In-Reply-To"] = f"Re: {first['Subject']}", str(first["Message-ID"])
    answer["Message-ID"] = f"<{time.time_ns()}@people.test>"
    answer.set_content("Yes, we are interested. Please call me tomorrow.\n\nAda Byron\n")
    with smtplib.SMTP("127.0.0.1", mail_host.smtp) as client:
        client.send_message(answer)

    known = until(
        lambda: (now := lead(folder, environ, "ada@people.test")).get("stage") == "mql" and now,
        90,
        "the stage mql",
    )
    assert [task for task in known["tasks"] if "Ada" in task["text"]]
    assert [run["campaign"] for run in known["enrolments"]] == ["report-download"]
    assert "reply.interested" in [event["type"] for event in known["events"]]
