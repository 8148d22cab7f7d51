"""What a mail server's answer means: for the message, for the address, and for us.

The stage decides first, then the enhanced code (RFC 3463, RFC 5248), then the basic code: a 550 at MAIL is about
us, the same 550 at RCPT about the person. Pure: no connection, no clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from nurture.core.words import Word

GIVE_UP_AFTER = timedelta(hours=72)
"""How long a message is tried before it fails; a late "good morning" hurts more than none."""

_SCHEDULE = tuple(timedelta(minutes=m) for m in (5, 15, 30, 60, 120, 240))
_ENHANCED = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")


class Stage(Word):
    """Where in the dialogue the server spoke."""

    CONNECT = "connect", "The greeting, or no connection at all."
    HELO = "helo", "EHLO, HELO and STARTTLS."
    AUTH = "auth", "The login."
    MAIL = "mail", "MAIL FROM: our own address."
    RCPT = "rcpt", "RCPT TO: the person's address."
    DATA = "data", "The DATA command and the body, before the final dot."
    DOT = "dot", "The answer to the final dot: the only one that can hand the message over."


class Outcome(Word):
    """What becomes of the message."""

    ACCEPTED = "accepted", "The server has taken responsibility for it."
    LATER = "later", "Not taken now; the same bytes are offered again after a while."
    NEVER = "never", "Not taken, and will not be; the message has failed."
    OURS = "ours", "Our own fault or settings: the relay is paused and the message stays queued, uncounted."


class Cause(Word):
    """The class of a refusal."""

    HARD = "hard", "The address or its domain does not exist or takes no mail."
    SOFT = "soft", "Something passing at the other end: full, busy, greylisted."
    BLOCK = "block", "We are not wanted: a blocklist, missing authentication, no reverse name."
    POLICY = "policy", "A rule or a spam filter of theirs refused this mail."
    CONTENT = "content", "This message is at fault: too big, malformed, needs what they lack."
    CONFIG = "config", "Our settings or the relay's: login, TLS, sender, relaying, syntax."
    THROTTLE = "throttle", "Too fast: slow down for this destination."


class About(Word):
    """Whom a refusal concerns, so that one bad address never stops the others."""

    ADDRESS = "address", "This recipient only."
    DOMAIN = "domain", "Every address of the recipient's domain."
    MESSAGE = "message", "This text: other recipients of the step will be refused too."
    DESTINATION = "destination", "Everything we send to that provider."
    US = "us", "Everything we send through this relay."


class Because(Word):
    """The word for what the server said, shown and counted."""

    ACCEPTED = "accepted", "The mail server has taken the message."
    UNKNOWN_ADDRESS = "unknown_address", "There is no such mailbox."
    UNKNOWN_DOMAIN = "unknown_domain", "The domain does not exist or takes no mail."
    ADDRESS_DISABLED = "address_disabled", "The mailbox is switched off."
    ADDRESS_MOVED = "address_moved", "The person has moved and left no address."
    MAILBOX_FULL = "mailbox_full", "The mailbox is full."
    GREYLISTED = "greylisted", "The server asks us to come again later."
    TRY_LATER = "try_later", "The server could not take the message now."
    TOO_FAST = "too_fast", "The server asks us to slow down."
    TOO_MANY_RECIPIENTS = (
        "too_many_recipients",
        "The server wants a transaction of its own for this recipient.",
    )
    BLOCKED = "blocked", "The server does not take mail from us."
    UNAUTHENTICATED = "unauthenticated", "Our mail lacks SPF, DKIM or DMARC as the server wants them."
    NO_REVERSE_NAME = "no_reverse_name", "Our mail server's address has no matching name in the DNS."
    REFUSED_BY_POLICY = "refused_by_policy", "A rule or spam filter refused the message."
    TOO_BIG = "too_big", "The message is bigger than the server takes."
    BAD_CONTENT = "bad_content", "The server does not take the message's form."
    NEEDS_SMTPUTF8 = "needs_smtputf8", "The address needs SMTPUTF8, which the server lacks."
    NEEDS_8BITMIME = "needs_8bitmime", "The message holds 8-bit text, which the server does not take."
    EXPIRED = "expired", "The server gave up trying to pass the message on."
    LOOP = "loop", "The message would run in a circle."
    BAD_SENDER = "bad_sender", "The server does not accept our sender address."
    RELAY_DENIED = "relay_denied", "The relay does not pass on mail for us: log in, or allow this host."
    LOGIN_REFUSED = "login_refused", "The relay refused our user name or password."
    LOGIN_NEEDED = "login_needed", "The relay wants a login."
    NO_TLS = "no_tls", "The connection could not be encrypted as required."
    NOT_UNDERSTOOD = "not_understood", "The server did not understand or allow a command."
    UNREACHABLE = "unreachable", "The mail server could not be reached."
    CONNECTION_LOST = "connection_lost", "The connection broke off before the message was handed over."
    BAD_ADDRESS = "bad_address", "This is not an address that mail can be sent to."
    TIMED_OUT = "timed_out", "The server did not answer in time."
    GARBLED = "garbled", "The server's answer could not be read."
    REFUSED = "refused", "The server refused without saying why."


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete answer: `code` 200–599, `enhanced` such as ``"5.1.1"`` or empty, `text` without both."""

    code: int
    enhanced: str = ""
    text: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an answer means.

    `word` is shown and counted. `strikes`: on how many different days the address must get this answer before it is
    put down as dead; 0: never for this. `wait`: the least time before another try, where the answer calls for one.
    """

    outcome: Outcome
    word: Because
    cause: Cause | None = None
    about: About = About.ADDRESS
    strikes: int = 0
    wait: timedelta | None = None


def reply(code: int, text: str) -> Reply:
    """Build a `Reply` from a code and the joined text lines; the enhanced code is cut off the text's beginning.

    An enhanced code whose first digit does not go with `code` is not believed and stays in the text (RFC 2034 §4).
    """
    lines = text.splitlines() or [""]
    found = _ENHANCED.match(lines[0])
    if found is None or int(found[1]) != code // 100:
        return Reply(code, "", " ".join(line.strip() for line in lines).strip())
    enhanced = found[0].strip()
    rest = (line.strip().removeprefix(enhanced).strip() for line in lines)
    return Reply(code, enhanced, " ".join(part for part in rest if part))


def no_answer(stage: Stage, word: Because = Because.CONNECTION_LOST) -> Meaning:
    """What it means that no answer of the server's says it: not reached, not heard, no TLS, no login. Not sent.

    After the dot there is no meaning; that is doubt (`nurture.ports.InDoubt`).
    """
    if stage is Stage.DOT:
        raise ValueError("no answer to the final dot is doubt, not a meaning")
    if word in (Because.LOGIN_REFUSED, Because.LOGIN_NEEDED):
        return Meaning(outcome=Outcome.OURS, word=word, cause=Cause.CONFIG, about=About.US)
    cause = Cause.CONFIG if word is Because.NO_TLS else Cause.SOFT
    return Meaning(outcome=Outcome.LATER, word=word, cause=cause, about=About.US)


def unsendable(word: Because) -> Meaning:
    """A message that can't be offered at all: too big for the server, an address or text it has no means for."""
    about = About.MESSAGE if word in (Because.TOO_BIG, Because.NEEDS_8BITMIME) else About.ADDRESS
    if word is Because.BAD_ADDRESS:
        return Meaning(outcome=Outcome.NEVER, word=word, cause=Cause.HARD, about=about, strikes=1)
    return Meaning(outcome=Outcome.NEVER, word=word, cause=Cause.CONTENT, about=about)


def meaning(stage: Stage, answer: Reply) -> Meaning:
    """What `answer` at `stage` means. Every code has a meaning; a code outside 200–599 counts as a passing trouble."""
    kind = answer.code // 100
    if kind == 2:
        return Meaning(outcome=Outcome.ACCEPTED, word=Because.ACCEPTED)
    if kind not in (4, 5):
        return Meaning(outcome=Outcome.LATER, word=Because.GARBLED, cause=Cause.CONFIG, about=About.US)
    if stage is Stage.AUTH or answer.code in _LOGIN or _login_wanted(answer):
        return _login(answer)
    if _RELAY_DENIED.search(answer.text):
        return _ours(stage, answer, Because.RELAY_DENIED)
    if kind == 4:
        return _passing(stage, answer)
    if stage in (Stage.CONNECT, Stage.HELO):
        return _unwelcome(answer)
    return _lasting(stage, answer)


_LOGIN = (530, 534, 535, 538)
_RELAY_DENIED = re.compile(
    r"relay(ing)?( access)? (is )?(denied|not (permitted|allowed))|(unable|not (permitted|allowed)) to relay",
    re.I,
)
_SPAM = re.compile(
    r"\bspam|blocked|block ?list|black ?list|reputation|spamhaus|dnsbl|\brbl\b|\bjunk|unsolicited", re.I
)
_FULL = re.compile(r"(mailbox|quota|storage).{0,40}(full|exceed)|over ?quota|out of (storage|space)", re.I)
_GREY = re.compile(r"gr[ea]y.?list", re.I)
_FAST = re.compile(r"\brates?\b|too (fast|many|much)|throttl|slow down", re.I)
_UNKNOWN = re.compile(
    r"(user|mailbox|recipient|address|account).{0,80}(unknown|not found|does ?n.t exist|does not exist|invalid|unavailable)"
    r"|(no such|unknown|invalid) (user|mailbox|recipient|address|account|person)",
    re.I,
)


def _login_wanted(answer: Reply) -> bool:
    """A refusal that really asks for a login, at whatever command it comes."""
    return answer.enhanced in ("5.7.8", "5.7.9", "5.7.11", "5.7.14") or (
        answer.code in (550, 553, 554) and "authentication required" in answer.text.lower()
    )


def _login(answer: Reply) -> Meaning:
    """Trouble with the login: a lasting one pauses the relay, a passing one is tried again (RFC 4954 §6)."""
    if answer.code // 100 == 4:
        return Meaning(outcome=Outcome.LATER, word=Because.TRY_LATER, cause=Cause.CONFIG, about=About.US)
    if answer.code == 538 or "starttls" in answer.text.lower():
        return Meaning(outcome=Outcome.OURS, word=Because.NO_TLS, cause=Cause.CONFIG, about=About.US)
    word = Because.LOGIN_NEEDED if answer.code in (530, 550, 553, 554) else Because.LOGIN_REFUSED
    return Meaning(outcome=Outcome.OURS, word=word, cause=Cause.CONFIG, about=About.US)


def _ours(stage: Stage, answer: Reply, word: Because) -> Meaning:
    """Our settings are at fault. Once a recipient was named it is only tried later, with an alarm for the operator:
    an address somebody typed into a form must not be able to pause the relay."""
    named = stage in (Stage.RCPT, Stage.DATA, Stage.DOT)
    outcome = Outcome.LATER if named or answer.code // 100 == 4 else Outcome.OURS
    return Meaning(outcome=outcome, word=word, cause=Cause.CONFIG, about=About.US)


def _unwelcome(answer: Reply) -> Meaning:
    """A lasting refusal before the first message: the server does not want us, whoever the mail is for."""
    if answer.code in range(500, 505):
        return _ours(Stage.HELO, answer, Because.NOT_UNDERSTOOD)
    return Meaning(outcome=Outcome.OURS, word=Because.BLOCKED, cause=Cause.BLOCK, about=About.US)


def _passing(stage: Stage, answer: Reply) -> Meaning:
    """A 4xx: the message is offered again; the row says how carefully."""
    early = stage in (Stage.CONNECT, Stage.HELO, Stage.MAIL)
    known = _PASSING.get(answer.enhanced)
    if answer.code == 454 and stage is Stage.HELO:
        return no_answer(stage, Because.NO_TLS)
    if known is not None:
        return known
    if answer.code == 421 or (_FAST.search(answer.text) and not _GREY.search(answer.text)):
        return _TOO_FAST
    if _FULL.search(answer.text) and stage in (Stage.RCPT, Stage.DOT):
        return _FULL_NOW
    if _GREY.search(answer.text) or (answer.code == 450 and not early):
        return _GREYLISTED
    about = About.US if early else About.ADDRESS
    return Meaning(outcome=Outcome.LATER, word=Because.TRY_LATER, cause=Cause.SOFT, about=about)


_TOO_FAST = Meaning(
    outcome=Outcome.LATER,
    word=Because.TOO_FAST,
    cause=Cause.THROTTLE,
    about=About.DESTINATION,
    wait=timedelta(minutes=15),
)
_FULL_NOW = Meaning(
    outcome=Outcome.LATER, word=Because.MAILBOX_FULL, cause=Cause.SOFT, wait=timedelta(hours=1)
)
# RFC 6647 §5: come back with the same envelope, not sooner than five minutes.
_GREYLISTED = Meaning(
    outcome=Outcome.LATER, word=Because.GREYLISTED, cause=Cause.SOFT, wait=timedelta(minutes=5)
)
_PASSING: dict[str, Meaning] = {
    "4.2.0": _GREYLISTED,
    "4.2.1": Meaning(outcome=Outcome.LATER, word=Because.TOO_FAST, cause=Cause.SOFT, wait=timedelta(hours=1)),
    "4.2.2": _FULL_NOW,
    "4.4.6": Meaning(outcome=Outcome.LATER, word=Because.LOOP, cause=Cause.CONFIG, about=About.US),
    "4.5.3": Meaning(
        outcome=Outcome.LATER, word=Because.TOO_MANY_RECIPIENTS, cause=Cause.SOFT, wait=timedelta(0)
    ),
    "4.7.28": _TOO_FAST,
}


def _never(word: Because, cause: Cause, about: About = About.ADDRESS, strikes: int = 0) -> Meaning:
    return Meaning(outcome=Outcome.NEVER, word=word, cause=cause, about=about, strikes=strikes)


_LASTING: dict[str, Meaning] = {
    "5.1.0": _never(Because.UNKNOWN_ADDRESS, Cause.HARD, strikes=2),
    "5.1.1": _never(Because.UNKNOWN_ADDRESS, Cause.HARD, strikes=1),
    "5.1.2": _never(Because.UNKNOWN_DOMAIN, Cause.HARD, strikes=1),
    "5.1.3": _never(Because.UNKNOWN_ADDRESS, Cause.HARD, strikes=1),
    "5.1.6": _never(Because.ADDRESS_MOVED, Cause.HARD, strikes=1),
    "5.1.10": _never(Because.UNKNOWN_DOMAIN, Cause.HARD, About.DOMAIN, strikes=1),
    "5.2.0": _never(Because.REFUSED, Cause.HARD, strikes=2),
    "5.2.1": _never(Because.ADDRESS_DISABLED, Cause.HARD, strikes=2),
    "5.2.2": _never(Because.MAILBOX_FULL, Cause.SOFT),
    "5.2.3": _never(Because.TOO_BIG, Cause.CONTENT, About.MESSAGE),
    "5.3.2": _never(Because.UNKNOWN_DOMAIN, Cause.HARD, About.DOMAIN, strikes=1),
    "5.3.4": _never(Because.TOO_BIG, Cause.CONTENT, About.MESSAGE),
    "5.4.6": _never(Because.LOOP, Cause.CONFIG),
    "5.4.7": _never(Because.EXPIRED, Cause.SOFT),
    "5.6.7": _never(Because.NEEDS_SMTPUTF8, Cause.CONTENT),
    "5.7.23": _never(Because.UNAUTHENTICATED, Cause.BLOCK, About.DESTINATION),
    "5.7.25": _never(Because.NO_REVERSE_NAME, Cause.BLOCK, About.DESTINATION),
    "5.7.26": _never(Because.UNAUTHENTICATED, Cause.BLOCK, About.DESTINATION),
    "5.7.509": _never(Because.UNAUTHENTICATED, Cause.BLOCK, About.DESTINATION),
    "5.7.515": _never(Because.UNAUTHENTICATED, Cause.BLOCK, About.DESTINATION),
}
_FAMILIES: dict[str, Meaning] = {
    "5.1": _never(Because.UNKNOWN_ADDRESS, Cause.HARD, strikes=2),
    "5.4": _never(Because.UNKNOWN_DOMAIN, Cause.HARD, strikes=2),
    "5.6": _never(Because.BAD_CONTENT, Cause.CONTENT, About.MESSAGE),
    "5.7": _never(Because.REFUSED_BY_POLICY, Cause.POLICY, About.DESTINATION),
}


def _lasting(stage: Stage, answer: Reply) -> Meaning:
    """A 5xx to an envelope, a DATA or a dot."""
    if stage is Stage.MAIL:
        return _lasting_at_mail(answer)
    family = answer.enhanced.rpartition(".")[0]
    if answer.enhanced in _LASTING:
        return _LASTING[answer.enhanced]
    if answer.code in (521, 556):
        return _LASTING["5.1.10"]  # RFC 7504 §2, RFC 7505 §4.2
    if family == "5.7" and _SPAM.search(answer.text):
        return _never(Because.BLOCKED, Cause.BLOCK, About.DESTINATION)
    if family in _FAMILIES:
        return _FAMILIES[family]
    return _lasting_by_code(stage, answer)


def _lasting_at_mail(answer: Reply) -> Meaning:
    """At MAIL only our own address has been named: whatever is wrong, it is never the person's fault."""
    if answer.enhanced in ("5.3.4", "5.2.3") or answer.code == 552:
        return _LASTING["5.3.4"]
    if answer.code in (500, 501, 502, 503, 504, 555) and not answer.enhanced.startswith("5.1"):
        return _ours(Stage.MAIL, answer, Because.NOT_UNDERSTOOD)
    if answer.enhanced.startswith("5.7") or _SPAM.search(answer.text):
        return Meaning(outcome=Outcome.OURS, word=Because.BLOCKED, cause=Cause.BLOCK, about=About.US)
    return _ours(Stage.MAIL, answer, Because.BAD_SENDER)


def _lasting_by_code(stage: Stage, answer: Reply) -> Meaning:
    """A 5xx without a telling enhanced code: the basic code, then the words."""
    if answer.code in (500, 502, 503, 504, 555):
        return _ours(stage, answer, Because.NOT_UNDERSTOOD)
    if _SPAM.search(answer.text):
        return _never(Because.BLOCKED, Cause.BLOCK, About.DESTINATION)
    if _FULL.search(answer.text):
        return _LASTING["5.2.2"]
    if answer.code == 552:
        # RFC 5321 §4.5.3.1.10: at RCPT an old server means "too many recipients"; treat as 452.
        return _PASSING["4.5.3"] if stage is Stage.RCPT else _LASTING["5.3.4"]
    if stage is Stage.RCPT:
        sure = answer.code in (550, 551, 553) or bool(_UNKNOWN.search(answer.text))
        return _never(Because.UNKNOWN_ADDRESS, Cause.HARD, strikes=1) if sure else _LASTING["5.2.0"]
    if _UNKNOWN.search(answer.text):
        return _LASTING["5.1.1"]
    return _never(Because.REFUSED, Cause.CONTENT, About.MESSAGE)


def retry_delay(attempt: int, key: str = "", answer: Meaning | None = None) -> timedelta:
    """How long to wait after failed attempt number `attempt` (the first is 1).

    5 and 15 minutes, half an hour, 1, 2, 4 hours, then every 4 hours, and up to a fifth more, fixed by `key` and
    the attempt, so that a thousand messages refused together do not come back together. Never shorter than
    `answer.wait`. A wait of zero ("a new transaction at once") holds for the first attempt only.
    """
    if attempt < 1:
        raise ValueError("attempts count from 1")
    least = answer.wait if answer is not None else None
    if least == timedelta(0) and attempt == 1:
        return least
    base = max(_SCHEDULE[min(attempt, len(_SCHEDULE)) - 1], least or timedelta(0))
    digest = blake2b(f"{key}:{attempt}".encode(), digest_size=4).digest()
    spread = int.from_bytes(digest, "big") / 0xFFFFFFFF
    return base + timedelta(seconds=round(base.total_seconds() * 0.2 * spread))


def gives_up(first_tried_at: datetime, next_try_at: datetime, after: timedelta = GIVE_UP_AFTER) -> bool:
    """Whether a message first tried then is not worth the try at `next_try_at`: it has failed."""
    return next_try_at - first_tried_at > after
