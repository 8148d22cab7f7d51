"""Delivery reports read: RFC 3464 status parts first, then the many free forms that mail systems write.

`read_delivery` is what the bounce, delay and receipt detectors share. It answers None for mail that is no report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import islice

from nurture.inbound.headers import addresses
from nurture.inbound.message import Received
from nurture.inbound.odd_forms import odd_failures
from nurture.inbound.rule_files import any_of, load
from nurture.inbound.sns import Notice, read_notice
from nurture.inbound.status import Diagnosis, diagnose, find_status

MAX_GROUPS = 100
MAX_NOTICE = 12000
MAX_REFUSAL = 1500
"""A notice that says why and not that it failed says so at its beginning."""

FAILED = frozenset(
    {
        "failed",
        "failure",
        "fail",
        "expired",
        "rejected",
        "undeliverable",
        "bounced",
        "error",
        "failed-permanent",
    }
)
DELAYED = frozenset({"delayed", "delay", "deferred", "transient-failure", "transient"})
DELIVERED = frozenset({"delivered", "relayed", "expanded", "deliverable", "delivery", "success"})

_DATA = load("bounce_forms.yaml")


def _pattern(name: str, prefix: str = "", flags: re.RegexFlag = re.I) -> re.Pattern[str]:
    return re.compile(f"{prefix}(?:{any_of(_DATA, name)})", flags)


_DAEMON = _pattern("daemons", r"\A")
_DAEMON_NAME = _pattern("daemon_names", r"\A\W*")
_SUBJECT = _pattern("subjects")
_SAYS = _pattern("says")
_DELAY_SUBJECT = _pattern("delay_subjects")
_DELAY_SAYS = _pattern("delay_says")
_FINAL_SAYS = _pattern("final_says")
_STRICT_DELAY = re.compile(
    r"\bdelay(?:ed)?\b|verzöger|différé|retardé|forsink|försen|задерж|отклад|отлож|still being retried", re.I
)
_COPY = _pattern("copies", r"^[ \t>*]{0,8}", re.I | re.M)

_FIELD = re.compile(
    r"^[ \t]{0,4}((?:Original|Final|X-Actual)-Recipient|Action|Status|Diagnostic-Code|X-[A-Za-z0-9-]{1,50}|Last-Attempt-Date|Remote-MTA|Reporting-MTA):[ \t]*(.*(?:\n[ \t]+\S.*){0,30})",
    re.I | re.M,
)
_ANSWER = re.compile(r"\s*(?:re|aw|sv|antw|vs|fwd?|wg|tr)\s*:", re.I)
_ABSENCE = re.compile(
    r"\s*(?:auto(?:matic|matische|matisk)?[- ]?(?:reply|antwort|svar)|réponse automatique|автоматический ответ|автоответ|out of office|abwesen)",
    re.I,
)
_FOR_POSTMASTERS = re.compile(
    r"\s*(?:postfix smtp server: errors|dmarc|report domain:|smtp tls report|quarantine|logwatch|cron )", re.I
)
_ROBOT = re.compile(
    r"(?:no-?reply|do-?not-?reply|auto\w*|system|server|gateway|filter|anti-?spam|security|quarantine|smtp\w*|relay|mx\d*)\b",
    re.I,
)
_RECIPIENTS = frozenset({"final-recipient", "original-recipient", "x-actual-recipient"})
_TELLING = re.compile(r"diagnos|info|reason|error|response|notes")
_STRICT_SENDER = re.compile(
    r"\A(?:mailer[-_.]?daemon|mail[-_.]?daemon|po{1,2}st[-_.]?master|mdaemon)(?:[+@-]|$)", re.I
)


_SAID_MORE = re.compile(r"[^\W\d_]{3}[^@]*[^\W\d_]{3}")
_ANYTHING = re.compile(r".+", re.S)


class Outcome(Enum):
    """What a delivery report says of the mail it is about."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"


_OF_NOTICES = {"bounce": Outcome.FAILED, "delay": Outcome.DELAYED, "delivery": Outcome.DELIVERED}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery report: what happened, to whom, and why. `sure` is the confidence, `evidence` what showed it."""

    outcome: Outcome
    recipients: tuple[str, ...]
    diagnosis: Diagnosis
    sure: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    recipient: str | None
    action: str
    status: str | None
    diagnostic: str


@lru_cache(maxsize=1)
def read_delivery(mail: Received) -> Delivery | None:
    """The delivery report this mail is, or None."""
    service = read_notice(mail)
    if service is not None:
        return _service(service)
    notice = notice_of(mail)
    report = mail.report("message/delivery-status", "message/global-delivery-status")
    if report is not None and (groups := _groups(report.text)):
        return _standard(mail, groups, notice)
    if is_from_system(mail) or mail.type == "multipart/report":
        groups = _groups(mail.text) if "-recipient:" in mail.text.lower() else []
        if groups and any(group.action or group.status for group in groups):
            return _standard(mail, groups, notice)
    return _free_form(mail, notice)


def _service(notice: Notice) -> Delivery | None:
    outcome = _OF_NOTICES.get(notice.kind)
    if outcome is None:
        return None
    diagnosis = diagnose(notice.status, notice.diagnostic)
    return Delivery(
        outcome,
        notice.recipients,
        diagnosis,
        0.97,
        (f"SNS notice of a {notice.kind}", notice.diagnostic[:160]),
    )


def notice_of(mail: Received) -> str:
    """What the mail system itself wrote: its text without the copy of the returned mail."""
    text = mail.text[: MAX_NOTICE * 4]
    ends = [match.start() for match in islice(_COPY.finditer(text), 40)]
    ends = [end for end in ends if len(text[:end].strip()) > 20]
    if not ends:
        return text[:MAX_NOTICE]
    # Some name the mail's id and subject first, and say only then what happened.
    near = (end for end in (*ends, len(text)) if end <= ends[0] + MAX_REFUSAL)
    said = (end for end in near if _SAYS.search(text, 0, end) or _DELAY_SAYS.search(text, 0, end))
    return text[: next(said, ends[0])][:MAX_NOTICE]


def is_from_system(mail: Received) -> bool:
    """Whether a mail system may have sent it, by the sender's address, name or envelope."""
    if is_surely_system(mail):
        return True
    local = (mail.from_ or "").split("@")[0]
    if local and _DAEMON.fullmatch(local):
        return True
    name = mail.from_name.strip()
    if name and _DAEMON_NAME.match(name) and len(name) < 60:
        return True
    raw = mail.header("from").strip()
    if not mail.from_ and (not raw or "<>" in raw or _DAEMON_NAME.match(raw)):
        return bool(mail.headers)
    return False


def is_surely_system(mail: Received) -> bool:
    """Whether no person can have sent it: a sender such as mailer-daemon@, or the null sender (RFC 5321 §4.5.5)."""
    path = mail.return_path
    if _STRICT_SENDER.match((mail.from_ or "").split("@")[0]):
        return True
    return path is not None and (path == "" or _STRICT_SENDER.match(path) is not None)


def _groups(text: str) -> list[_Group]:
    """The per-recipient groups of a delivery status (RFC 3464 §2.3).

    Groups are parted by empty lines; where a mailer forgot them, by the next recipient, and where it put one
    into a group, the pieces are joined again.
    """
    groups: list[dict[str, str]] = []
    for block in re.split(r"\n[ \t]*\n", text)[: MAX_GROUPS * 2]:
        fields: dict[str, str] = {}
        for match in _FIELD.finditer(block):
            name, value = match[1].lower(), re.sub(r"\s+", " ", match[2]).strip()
            if name in fields and name in ("final-recipient", "action"):
                groups.append(fields)
                fields = {}
            fields.setdefault(name, value)
        if groups and not _RECIPIENTS & set(fields) and "action" not in groups[-1]:
            groups[-1] = {**fields, **groups[-1]}
        else:
            groups.append(fields)
    found = [_group(fields) for fields in groups[:MAX_GROUPS]]
    return [group for group in found if group.recipient or group.action or group.status]


def _group(fields: dict[str, str]) -> _Group:
    recipient = None
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        if recipient is None and (known := addresses(_after_type(fields.get(name, "")))):
            recipient = known[0]
    action = re.match(r"[A-Za-z-]*", fields.get("action", ""))
    status = find_status(fields.get("status", "")) or _success(fields.get("status", ""))
    words = [fields.get("diagnostic-code", "")]
    words += [value for name, value in fields.items() if name.startswith("x-") and _TELLING.search(name)]
    comment = re.search(r"\(.+\)", fields.get("status", ""))
    words.append(comment[0] if comment else "")
    return _Group(
        recipient, action[0].lower() if action else "", status, " ".join(word for word in words if word)
    )


def _after_type(value: str) -> str:
    head, mark, rest = value.partition(";")
    return rest if mark and "@" not in head else value


def _success(value: str) -> str | None:
    match = re.search(r"\b2\.\d{1,3}\.\d{1,3}\b", value)
    return match[0] if match else None


def _standard(mail: Received, groups: list[_Group], notice: str) -> Delivery:
    outcome = _outcome(groups, notice, mail.subject)
    wanted = [group for group in groups if _group_outcome(group) is outcome] or groups
    first = wanted[0]
    diagnosis = diagnose(first.status, first.diagnostic)
    if diagnosis.words == "" and outcome is Outcome.FAILED:
        named = [group.recipient for group in groups if group.recipient]
        told = diagnose(first.status, f"{first.diagnostic} {_near(notice, first.recipient, named)}")
        diagnosis = told if told.words else diagnosis
    recipients = tuple(dict.fromkeys(group.recipient for group in wanted if group.recipient))
    if not recipients:
        recipients = _recipients(mail, notice)
    evidence = (
        f"RFC 3464 action {first.action or '?'}, status {first.status or '?'}",
        _short(first.diagnostic),
    )
    return Delivery(outcome, recipients, diagnosis, 0.99, tuple(part for part in evidence if part))


def _group_outcome(group: _Group) -> Outcome | None:
    if group.action in FAILED:
        return Outcome.FAILED
    if group.action in DELAYED:
        return Outcome.DELAYED
    if group.action in DELIVERED:
        return Outcome.DELIVERED
    digit = (group.status or "")[:1]
    return {"5": Outcome.FAILED, "2": Outcome.DELIVERED}.get(digit)


def _outcome(groups: list[_Group], notice: str, subject: str) -> Outcome:
    outcomes = {_group_outcome(group) for group in groups}
    for outcome in (Outcome.FAILED, Outcome.DELAYED, Outcome.DELIVERED):
        if outcome in outcomes:
            return outcome
    return Outcome.DELAYED if _is_delay(notice, subject) else Outcome.FAILED


def _is_delay(notice: str, subject: str) -> bool:
    if _STRICT_DELAY.search(subject) and not _FINAL_SAYS.search(notice):
        return True
    if _DELAY_SAYS.search(notice):
        return not _FINAL_SAYS.search(notice) or bool(_DELAY_SUBJECT.search(subject))
    return (
        bool(_DELAY_SUBJECT.search(subject))
        and not _FINAL_SAYS.search(notice)
        and not _SUBJECT.search(subject)
    )


def _free_form(mail: Received, notice: str) -> Delivery | None:
    evidence = _signs(mail, notice)
    if evidence is None:
        return _odd_form(mail, notice)
    failed = mail.header("x-failed-recipients")
    recipients = addresses(failed) or _recipients(mail, notice)
    outcome = Outcome.DELAYED if _is_delay(notice, mail.subject) else Outcome.FAILED
    diagnosis = _diagnose_notice(mail, notice, recipients)
    return Delivery(
        outcome,
        recipients,
        diagnosis,
        0.95 if len(evidence) > 3 else 0.85,
        (*evidence, _short(diagnosis.words)),
    )


def _odd_form(mail: Received, notice: str) -> Delivery | None:
    if not mail.headers or not is_from_system(mail) or _is_no_report(mail):
        return None
    temporary, permanent = odd_failures(mail)
    if not temporary and not permanent:
        return None
    outcome = Outcome.FAILED if permanent else Outcome.DELAYED
    recipients = permanent or temporary
    return Delivery(
        outcome, recipients, _diagnose_notice(mail, notice, recipients), 0.7, ("a report of an odd form",)
    )


def _diagnose_notice(mail: Received, notice: str, recipients: tuple[str, ...]) -> Diagnosis:
    """By the words beside the failed address, else by the whole notice, else by the subject."""
    near = _near(notice, recipients[0], recipients) if recipients else notice
    for text in (near, notice, f"{notice} {mail.subject}"):
        found = diagnose(None, text)
        if found.words or (found.status and text is near):
            return found
    return found


def _signs(mail: Received, notice: str) -> tuple[str, ...] | None:
    """What shows that this is a report, or None if it is too little. People's mail must never pass."""
    if not mail.headers:
        return None
    if mail.has("x-failed-recipients"):
        return ("X-Failed-Recipients", f"subject: {mail.subject[:80]}")
    subject = _SUBJECT.search(mail.subject) or _DELAY_SUBJECT.search(mail.subject)
    said = _SAYS.search(notice) or _DELAY_SAYS.search(notice)
    # A gateway may write from any address; then it must say so twice and bring the mail along.
    robot = subject and said and mail.originals and _ROBOT.match(mail.from_ or "")
    system = is_from_system(mail) or bool(robot)
    reporting = mail.report_type == "delivery-status" or mail.type == "multipart/report"
    if (not system and not reporting) or _is_no_report(mail):
        return None
    strict = _STRICT_SENDER.match((mail.from_ or "").split("@")[0]) is not None
    if not said and strict:
        said = _ANYTHING.search(diagnose(None, notice[:MAX_REFUSAL]).words)
    returned = bool(mail.originals) or len(notice) < len(mail.text) - 20
    points = (
        2 * bool(subject) + 2 * bool(said) + returned + 2 * strict + (mail.return_path == "") + 2 * reporting
    )
    if points < 4 or not (subject or said):
        return None
    found = (
        ("sender is a mail system", system),
        ("multipart/report", reporting),
        (f"subject: {mail.subject[:80]}", subject is not None),
        (f"says: {said[0][:60] if said else ''}", said is not None),
        ("returns the mail", returned),
        ("null sender", mail.return_path == ""),
    )
    return tuple(words for words, there in found if there)


def _is_no_report(mail: Received) -> bool:
    """`Re:` and a mail program: somebody who writes from an address such as postmaster@; or what else they send."""
    if _ABSENCE.match(mail.subject) or _FOR_POSTMASTERS.match(mail.subject):
        return True
    if not _ANSWER.match(mail.subject):
        return False
    program = mail.has("x-mailer") or mail.has("user-agent")
    path = mail.return_path
    return program or (bool(path) and path is not None and _STRICT_SENDER.match(path) is None)


_NAMED = re.compile(
    r"(?:recipients?|address(?:es|ee)?|users?|mailbox|account|to|for|empfänger|adresse|destinataires?|modtager|получател\w*|адрес\w*|rcpt to|宛先)"
    r"[^\n@<>]{0,60}[\s:<(\"'\[]([^\s<>()\[\]\"',;:]{1,64}@[\w.-]{1,190}\w)",
    re.I,
)
_ALONE = re.compile(
    r"^[ \t>*-]{0,8}(?:mailto:)?<?([^\s<>()\[\]\"',;:]{1,64}@[\w.-]{1,190}\w)>?(?:[ \t]*[:,;(].*|[ \t]*$|\s+(?:on|failed|said|\.{2,}))",
    re.M,
)


def _recipients(mail: Received, notice: str) -> tuple[str, ...]:
    """The failed addresses a free-form report names; without any, whom the returned mail was sent to."""
    own = {address.lower() for address in mail.to} | {(mail.from_ or "").lower()}
    for pattern in (_ALONE, _NAMED):
        found = [match[1] for match in pattern.finditer(notice)]
        kept = [address for address in dict.fromkeys(found) if _may_be_lead(address, own)]
        if kept:
            return tuple(kept[:50])
    kept = [address for address in addresses(notice[:4000]) if _may_be_lead(address, own)]
    if kept:
        return tuple(kept[:10])
    for original in mail.originals:
        sent_to = addresses(original.header("to") or original.header("delivered-to"))
        if sent_to:
            return sent_to
    match = re.search(r"(?mi)^[>\s]*(?:x-original-)?to:(.{3,300})$", mail.text)
    return addresses(match[1])[:10] if match else ()


def _may_be_lead(address: str, own: set[str]) -> bool:
    lower = address.lower()
    return (
        lower not in own
        and not _STRICT_SENDER.match(lower)
        and not lower.startswith(("support@", "abuse@", "helpdesk@"))
    )


def _near(notice: str, recipient: str | None, all_named: Sequence[str]) -> str:
    """The notice from where the recipient is named to where the next one is."""
    at = notice.find(recipient) if recipient else -1
    if recipient is None or at < 0:
        return notice[:3000]
    own = recipient.lower()
    nexts = [notice.find(one, at + len(own)) for one in all_named[:20] if one.lower() != own]
    end = min((one for one in nexts if one > 0), default=at + 1500)
    text = notice[at : min(end, at + 1500)]
    return text if _SAID_MORE.search(text[len(own) :]) else notice[at : at + 1500]


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:160]
