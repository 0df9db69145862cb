"""SMPP 3.4: one session a process, opened with the first message; what a message centre reports comes back on the same line.

SMPP knows no key under which a centre takes a message once. Where the line breaks between handing over and the answer, the message
is tried again and may arrive twice; nothing is ever lost. The line is not encrypted: it belongs into a tunnel or a private net.
"""

import asyncio
import atexit
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from urllib.parse import unquote, urlsplit

from aiosmpplib import (
    ESME,
    AbstractBroker,
    AbstractHook,
    DeliverSm,
    GenericNack,
    PhoneNumber,
    SmppCommandStatus,
    SubmitSm,
    SubmitSmResp,
)
from aiosmpplib.protocol import SmppMessage
from django.conf import settings
from django.db import connection
from django.utils import timezone

from tongban.cases.outbox import NotSent

logger = logging.getLogger(__name__)
FAILED = ("UNDELIV", "EXPIRED", "REJECTD", "DELETED")
# The number or the text is at fault: trying again cannot help (SMPP 3.4, 5.1.3).
FINAL = {
    SmppCommandStatus.ESME_RINVDSTADR,
    SmppCommandStatus.ESME_RINVMSGLEN,
    SmppCommandStatus.ESME_RINVDSTTON,
    SmppCommandStatus.ESME_RINVDSTNPI,
}


class Waiting(AbstractBroker):  # type: ignore[misc]  # the library names no types
    """Messages in line for the session. Who gave one up takes it out again, so that it cannot leave after all."""

    def __init__(self) -> None:
        self.line: asyncio.Queue[SubmitSm] = asyncio.Queue()
        self.asked: dict[str, SubmitSm] = {}  # what somebody waits for now, by its key
        self.answers: dict[str, Future[str]] = {}

    async def enqueue(self, message: SmppMessage) -> None:
        """Put a message in line."""
        assert isinstance(message, SubmitSm)
        await self.line.put(message)

    async def dequeue(self) -> SmppMessage:
        """The next message that somebody still waits for."""
        while (message := await self.line.get()) is not self.asked.get(message.log_id):
            pass
        return message

    def ask(self, message: SubmitSm, answer: "Future[str]") -> None:
        """Put ``message`` in line; ``answer`` will hold what the centre says."""
        self.asked[message.log_id], self.answers[message.log_id] = message, answer
        self.line.put_nowait(message)

    def give_up(self, once: str) -> "Future[str] | None":
        """Nobody waits any more; returns what somebody waited for."""
        self.asked.pop(once, None)
        return self.answers.pop(once, None)


class Answers(AbstractHook):  # type: ignore[misc]
    """What the centre says: an answer to a message, or a report of one."""

    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting
        self.reports = ThreadPoolExecutor(1, "smpp-reports")  # the database may make it wait, the session must not

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        """Nothing to note: the outbox knows what is tried."""

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        """Give an answer to whoever waits for it, and a report to the list of messages."""
        if isinstance(smpp_message, DeliverSm) and smpp_message.is_receipt():
            self.reports.submit(_report, smpp_message)
        elif isinstance(smpp_message, SubmitSmResp) and smpp_message.command_status == SmppCommandStatus.ESME_ROK:
            self._answer(smpp_message.log_id, smpp_message.message_id)
        elif isinstance(smpp_message, SubmitSmResp | GenericNack):
            status = smpp_message.command_status
            self._answer(smpp_message.log_id, NotSent(f"短信中心不收（{status.name}）", final=status in FINAL))

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        """It could not be sent, or nobody answered."""
        if isinstance(smpp_message, SubmitSm):
            final = isinstance(error, ValueError)  # it cannot be written as SMPP wants it
            self._answer(smpp_message.log_id, NotSent(f"没有发到短信中心（{type(error).__name__}）", final=final))

    def _answer(self, once: str, said: str | NotSent) -> None:
        answer = self.waiting.give_up(once)
        if answer is None or answer.done():
            return
        if isinstance(said, NotSent):
            answer.set_exception(said)
        else:
            answer.set_result(said)


class Session:
    """One session with a centre, in a thread of its own."""

    def __init__(self, url: str, source: str) -> None:
        self.url, self.source = urlsplit(url), source
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, name="smpp", daemon=True)
        self.thread.start()
        self.ready.wait()
        atexit.register(self.stop)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.waiting = Waiting()
        self.hook = Answers(self.waiting)
        self.esme = ESME(
            smsc_host=self.url.hostname or "",
            smsc_port=self.url.port or 2775,
            system_id=unquote(self.url.username or ""),
            password=unquote(self.url.password or ""),
            broker=self.waiting,
            hook=self.hook,
            socket_timeout=float(settings.SMS_TIMEOUT),
            log_level="CRITICAL",  # it would write texts and numbers into the log
        )
        self.ready.set()
        self.loop.run_until_complete(self.esme.start())
        self.loop.close()

    def send(self, to: str, text: str, once: str) -> str:
        """Hand one message over; returns the centre's id. Raises :class:`NotSent`."""
        answer: Future[str] = Future()
        message = SubmitSm(
            short_message=text,
            source=PhoneNumber(self.source),
            destination=PhoneNumber(to),
            encoding="ucs2",
            log_id=once,
        )
        self.loop.call_soon_threadsafe(self.waiting.ask, message, answer)
        try:
            return answer.result(settings.SMS_TIMEOUT)
        except TimeoutError as error:
            self.loop.call_soon_threadsafe(self.waiting.give_up, once)
            raise NotSent(f"短信中心 {settings.SMS_TIMEOUT:g} 秒内没有应答") from error

    def stop(self) -> None:
        """Leave the centre in order."""
        atexit.unregister(self.stop)
        asyncio.run_coroutine_threadsafe(self.esme.stop(), self.loop)
        self.thread.join(settings.SMS_TIMEOUT)
        self.hook.reports.shutdown()


def _report(receipt: DeliverSm) -> None:
    """Note what became of a message."""
    from tongban.messages.sending import report  # sending knows every gateway: this one is known when it is asked for

    said = receipt.parse_receipt()
    state = str(said.get("stat", ""))
    found = "delivered" if state == "DELIVRD" else "failed" if state in FAILED else ""
    if not found:
        return
    try:
        report({"id": receipt.log_id or str(said.get("id", "")), "state": found, "reason": state}, timezone.now())
    except Exception:
        logger.exception("a delivery report could not be written")
    finally:
        connection.close()  # of this thread, which nobody else will close


@cache
def session() -> Session:
    """The session of this process."""
    return Session(settings.SMPP_URL, settings.SMPP_SOURCE)
