"""A private Postfix and a private Dovecot on loopback, in a temporary folder of their own.

Mail sent to Postfix for ``@people.test`` goes over LMTP into Dovecot's maildirs, where IMAP shows it. A second Postfix
port wants STARTTLS and a login, checked by Dovecot. Nothing of the system's own configuration is used or touched.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "correct horse"
PEOPLE = ("ada", "bob", "hello")


@dataclass(frozen=True)
class MailHost:
    """Where the private servers listen, and their logs."""

    smtp: int
    submission: int
    imap: int
    tls: ssl.SSLContext
    folder: Path
    password: str = PASSWORD
    """Everybody's: `ada`, `bob` and `hello` at ``people.test``."""

    def log(self) -> str:
        """What both have logged so far."""
        logs = [self.folder / "postfix.log", self.folder / "dovecot.log"]
        return "\n".join(path.read_text(errors="replace") for path in logs if path.exists())


def missing() -> str | None:
    for binary, package in (
        ("postfix", "postfix"),
        ("dovecot", "dovecot-imapd and dovecot-lmtpd"),
        ("openssl", "openssl"),
    ):
        if shutil.which(binary, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            return f"{binary} is not installed (Debian packages {package})"
    if os.geteuid() != 0:
        return "Postfix only starts as root"
    return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], what: str, log: Path) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    text = log.read_text(errors="replace") if log.exists() else "(no log)"
    pytest.fail(f"{what} did not start:\n{text}")


def make_certificate(folder: Path) -> ssl.SSLContext:
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-nodes",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
            ),
            *("-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))


def dovecot_conf(folder: Path, imap: int, lmtp: int, auth: int) -> str:
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_username_format = %Ln
mail_location = maildir:{folder}/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%n {folder}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    port = {auth}
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""


def main_cf(folder: Path, lmtp: int, auth: int) -> str:
    return f"""
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder.parent}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = relay.people.test
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = people.test
recipient_delimiter = +
virtual_mailbox_maps = texthash:{folder}/recipients
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_tls_chain_files = {folder}/key.pem, {folder}/cert.pem
enable_long_queue_ids = yes
smtputf8_enable = yes
biff = no
"""


def master_cf(smtp: int, submission: int) -> str:
    return f"""
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


@pytest.fixture(scope="session")
def mail_host() -> Iterator[MailHost]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    # Not pytest's own folder: Postfix and Dovecot work as users of their own, who may not enter it.
    folder = Path(tempfile.mkdtemp(prefix="nurture-mail-"))
    folder.chmod(0o755)
    started: list[subprocess.Popen[bytes]] = []
    try:
        yield start(folder, started)
    finally:
        stop(folder, started)
        shutil.rmtree(folder, ignore_errors=True)


def stop(folder: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """Let both end in their own way: ended by a signal, they leave children behind."""
    for command in (
        ["/usr/sbin/postfix", "-c", str(folder / "postfix"), "stop"],
        ["doveadm", "-c", str(folder / "dovecot.conf"), "stop"],
    ):
        subprocess.run(command, capture_output=True, check=False, timeout=30)
    for process in started:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start(folder: Path, started: list[subprocess.Popen[bytes]]) -> MailHost:
    """Write both configurations, start both servers, wait until they answer."""
    smtp, submission, imap, lmtp, auth = (free_port() for _ in range(5))
    tls = make_certificate(folder)
    for name in ("postfix", "spool", "data", "mail", "run", "state"):
        (folder / name).mkdir(mode=0o755)
    shutil.chown(folder / "data", "postfix", "postfix")
    shutil.chown(folder / "mail", "mail", "mail")
    (folder / "users").write_text("".join(f"{name}:{{PLAIN}}{PASSWORD}\n" for name in PEOPLE))
    (folder / "recipients").write_text("".join(f"{name}@people.test {name}\n" for name in PEOPLE))
    (folder / "dovecot.conf").write_text(dovecot_conf(folder, imap, lmtp, auth))
    (folder / "postfix" / "main.cf").write_text(main_cf(folder, lmtp, auth))
    (folder / "postfix" / "master.cf").write_text(master_cf(smtp, submission))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": (folder / "errors.log").open("wb")}
    started.append(subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")], **quiet))  # type: ignore[call-overload]
    wait_for(imap, started[-1], "Dovecot", folder / "dovecot.log")
    started.append(
        subprocess.Popen(["/usr/sbin/postfix", "-c", str(folder / "postfix"), "start-fg"], **quiet)
    )  # type: ignore[call-overload]
    wait_for(smtp, started[-1], "Postfix", folder / "postfix.log")
    quiet["stderr"].close()  # type: ignore[attr-defined]
    return MailHost(smtp=smtp, submission=submission, imap=imap, tls=tls, folder=folder)
