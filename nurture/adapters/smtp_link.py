"""One connection to the relay: opened by aiosmtplib, then used for one message after another.

Law of this file: nothing that is certain may look doubtful, and nothing doubtful certain. Before the final dot every
failure is `NotSent`; after it, everything but a readable 2xx, 4xx or 5xx is `InDoubt`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NoReturn, cast

import aiosmtplib

from nurture.adapters.plaintext import refuse_exposed_password
from nurture.adapters.smtp_dialogue import Dialogue, NoReply, readable
from nurture.adapters.smtp_envelope import commands, stuffed, wire
from nurture.mail import replies
from nurture.mail.replies import Because, Reply, Stage
from nurture.ports import InDoubt, NotSent

_BLOCK = 256 * 1024
_AT_ONCE = 0.5
_GO_AHEAD = 354
_CLOSING = 421
_GO_ON = {Stage.MAIL: (250,), Stage.RCPT: (250, 251, 252), Stage.DATA: (_GO_AHEAD,)}
# RFC 5321 §4.2.1: 3xx asks for more, 220 and 221 belong to greeting and QUIT; none of them settles a message.
_NO_ANSWER_TO_A_DOT = (220, 221, *range(300, 400))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to wait at each stage, at least what RFC 5321 §4.5.3.2 asks; `connect` covers TCP, TLS and greeting."""

    connect: float = 300
    command: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mail goes out, and how. `tls` replaces the usual certificate checks, for a relay with its own authority."""

    host: str
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    helo_name: str | None = None
    connections: int = 10
    mails_per_connection: int = 100
    idle_seconds: float = 30
    timeouts: Timeouts = field(default_factory=Timeouts)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    plaintext_login: bool = False

    def __post_init__(self) -> None:
        exposed = bool(self.username) and self.security == "none" and not self.plaintext_login
        refuse_exposed_password("smtp", self.host, exposed=exposed)


class Link:
    """An open connection. `served` counts the messages offered on it."""

    def __init__(self, relay: Relay, dialogue: Dialogue, extensions: dict[str, str], tls: str | None) -> None:
        self.relay = relay
        self.extensions = extensions
        self.tls = tls
        self.served = 0
        self._dialogue = dialogue
        self._unclean = False
        self._stage = Stage.MAIL

    @property
    def alive(self) -> bool:
        """Whether another message may be tried on it."""
        return self._dialogue.alive

    def abort(self) -> None:
        """Cut the connection."""
        self._dialogue.abort()

    def close(self) -> None:
        """End the connection politely."""
        self._dialogue.say_goodbye()

    async def offer(self, envelope_from: str, recipient: str, raw: bytes) -> None:
        """Bring the message to the point before the dot. Raises `NotSent`; see `nurture.ports.MailConnection`."""
        body = wire(raw)
        lines = commands(envelope_from, recipient, body, self.extensions)
        self.served += 1
        self._stage = Stage.MAIL
        try:
            await self._open_transaction(lines)
            await self._write_body(stuffed(body))
        except NoReply as silence:
            self.abort()
            meaning = replies.no_answer(self._stage, silence.word)
            raise NotSent(self._stage, meaning, detail=str(silence)) from None
        except asyncio.CancelledError:
            self.abort()
            raise

    async def _open_transaction(self, lines: list[tuple[Stage, bytes]]) -> None:
        """MAIL, RCPT and DATA, in one write where the server allows it (RFC 2920), else one by one."""
        if self._unclean:
            await self._reset()
        pipelining = "pipelining" in self.extensions
        if pipelining:
            self._dialogue.write(b"".join(line for _, line in lines))
        for number, (stage, line) in enumerate(lines, start=1):
            self._stage = stage
            if not pipelining:
                self._dialogue.write(line)
            answer = await self._dialogue.read(self._seconds(stage))
            if answer.code not in _GO_ON[stage]:
                await self._refused(stage, answer, still_to_come=len(lines) - number if pipelining else 0)

    async def _refused(self, stage: Stage, answer: Reply, *, still_to_come: int) -> NoReturn:
        """Raise the refusal, once the answers to what was already written have been taken in."""
        if answer.code < 400:
            raise NoReply(Because.GARBLED, f"{answer} is no answer to {stage}")
        self._unclean = True
        refusal = NotSent(stage, replies.meaning(stage, answer), answer)
        if answer.code == _CLOSING:
            self.abort()
            raise refusal
        for _ in range(still_to_come):
            try:
                late = await self._dialogue.read(self._seconds(stage))
            except NoReply:
                self.abort()
                break
            if late.code == _GO_AHEAD:
                # A server that wants the text of a message it has refused gets no dot: it could take it for one.
                self.abort()
        raise refusal

    async def _reset(self) -> None:
        self._dialogue.write(b"RSET\r\n")
        answer = await self._dialogue.read(self.relay.timeouts.command)
        if answer.code != 250:
            raise NoReply(Because.CONNECTION_LOST, f"RSET: {answer}")
        self._unclean = False

    async def _write_body(self, body: bytes) -> None:
        """The whole body without the dot, until the kernel has it all."""
        self._stage = Stage.DATA
        for start in range(0, len(body), _BLOCK):
            self._dialogue.write(body[start : start + _BLOCK])
            await self._dialogue.drain(self.relay.timeouts.block)
        if not self._dialogue.alive:
            await self._spoken_before_the_dot()

    async def _spoken_before_the_dot(self) -> NoReturn:
        """The server answered or left while we were writing: it does not have the message, whatever it said."""
        answer = await self._dialogue.read(_AT_ONCE)
        self.abort()
        if answer.code < 400:
            raise NoReply(Because.GARBLED, f"{answer} before the message was complete")
        raise NotSent(Stage.DATA, replies.meaning(Stage.DATA, answer), answer)

    async def finish(self) -> Reply:
        """The dot and its answer. Raises `InDoubt`, or `NotSent` if the dot was not written."""
        try:
            if not self._dialogue.alive:
                await self._spoken_before_the_dot()
            self._dialogue.write(b".\r\n")
        except NoReply as silence:
            self.abort()
            meaning = replies.no_answer(Stage.DATA, silence.word)
            raise NotSent(Stage.DATA, meaning, detail=str(silence)) from None
        try:
            answer = await self._dialogue.read(self.relay.timeouts.dot)
        except NoReply as silence:
            self.abort()
            raise InDoubt(f"The final dot was sent, but no readable answer came: {silence}") from None
        except asyncio.CancelledError:
            self.abort()
            raise
        if answer.code in _NO_ANSWER_TO_A_DOT:
            self.abort()
            raise InDoubt(f"The final dot was sent, and the server answered something else: {answer}")
        if answer.code == _CLOSING:
            self.abort()
        return answer

    def _seconds(self, stage: Stage) -> float:
        return self.relay.timeouts.data if stage is Stage.DATA else self.relay.timeouts.command


async def open_link(relay: Relay, tls: ssl.SSLContext | None) -> Link:
    """Connect, encrypt as required, log in. Raises `NotSent`; a required TLS never becomes plain text."""
    smtp = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        use_tls=relay.security == "tls",
        start_tls=False,
        tls_context=tls,
        local_hostname=relay.helo_name,
        timeout=relay.timeouts.command,
    )
    try:
        with _stage(Stage.CONNECT):
            await smtp.connect(timeout=relay.timeouts.connect)
        with _stage(Stage.HELO):
            await _greet(smtp, relay)
        with _stage(Stage.AUTH, secret=relay.password):
            if relay.username:
                await smtp.login(relay.username, relay.password or "")
        return _take_over(smtp, relay)
    except BaseException:
        smtp.close()
        raise


async def _greet(smtp: aiosmtplib.SMTP, relay: Relay) -> None:
    """EHLO (HELO for the oldest), and STARTTLS with a second EHLO where it is asked for (RFC 3207 §4.2)."""
    await _hello(smtp)
    if relay.security != "starttls":
        return
    if not smtp.supports_extension("starttls"):
        raise NotSent(
            Stage.HELO, replies.no_answer(Stage.HELO, Because.NO_TLS), detail="the server offers no STARTTLS"
        )
    try:
        await smtp.starttls()
    except aiosmtplib.SMTPResponseException as error:
        answer = replies.reply(error.code, error.message)
        raise NotSent(Stage.HELO, replies.no_answer(Stage.HELO, Because.NO_TLS), answer) from None
    except (ssl.SSLError, OSError) as error:
        raise _no_tls(error) from None
    await _hello(smtp)


async def _hello(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if error.code // 100 != 5 or not smtp.is_connected:
            raise
        await smtp.helo()


def _take_over(smtp: aiosmtplib.SMTP, relay: Relay) -> Link:
    """Take the transport from the library; from here on every byte is ours."""
    cipher = smtp.get_transport_info("cipher")
    dialogue = Dialogue(cast(asyncio.Transport, smtp.transport))
    return Link(relay, dialogue, dict(smtp.esmtp_extensions), f"{cipher[1]} {cipher[0]}" if cipher else None)


@contextmanager
def _stage(stage: Stage, secret: str | None = None) -> Iterator[None]:
    """Turn what the library raises at this stage into `NotSent`."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        text = readable(error.message.encode("utf-8", "replace"))
        if secret:
            text = text.replace(secret, "…")
        answer = replies.reply(error.code, text)
        if error.code < 400:
            detail = f"{answer} is no answer to {stage}"
            raise NotSent(stage, replies.no_answer(stage, Because.GARBLED), detail=detail) from None
        raise NotSent(stage, replies.meaning(stage, answer), answer) from None
    except ssl.SSLError as error:
        raise _no_tls(error) from None
    except (TimeoutError, OSError, aiosmtplib.SMTPException) as error:
        raise _without_answer(stage, error) from None


def _without_answer(stage: Stage, error: Exception) -> NotSent:
    """A failure that came without a reply of the server's."""
    if isinstance(error.__cause__, ssl.SSLError):
        return _no_tls(error.__cause__)
    word = Because.UNREACHABLE if stage is Stage.CONNECT else Because.CONNECTION_LOST
    if isinstance(error, TimeoutError):
        word = Because.TIMED_OUT
    elif stage is Stage.AUTH and not isinstance(error, OSError):
        word = Because.LOGIN_REFUSED
    return NotSent(stage, replies.no_answer(stage, word), detail=str(error))


def _no_tls(error: Exception) -> NotSent:
    detail = getattr(error, "verify_message", "") or str(error)
    return NotSent(Stage.HELO, replies.no_answer(Stage.HELO, Because.NO_TLS), detail=detail)
