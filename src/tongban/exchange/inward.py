"""What comes from an outside platform: verified, kept, done once, in order by case; what cannot be done waits for a person.

The answer to the sender is (HTTP status, JSON): ``done`` and ``waiting`` end the sender's work, everything else makes it try
again or give up to a person of its own. Nothing that was answered with ``done`` or ``waiting`` can be lost: it is in the
database, with what it changed.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from pydantic import ValidationError

from tongban.cases.models import Case
from tongban.cases.outbox import CLAIM, NobodyThere, pause_before
from tongban.cases.signed import SKEW, genuine
from tongban.exchange import doing, foreign, wire
from tongban.exchange.fetching import NotFetched, fetch
from tongban.exchange.models import Letter, Platform, Shared, Way
from tongban.people.refused import Refused
from tongban.vault.store import digest_of

logger = logging.getLogger(__name__)
LONGEST = 2**20  # bytes of a body: a case with two hundred files is a tenth of it
KEPT_UNSIGNED = 200  # letters of nobody we know; the oldest go
LONGEST_KEPT = 65_536  # of what is kept of such a body
PATIENCE = timedelta(days=7)  # files are asked for so long
AT_ONCE = 10
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True)
class Answer:
    """What the sender is told."""

    status: int
    state: str  # done · waiting · early · refused
    message: str = ""
    theirs: Any = None  # what a foreign platform wants to hear instead


class Nonsense(Refused):
    """What came is not what was agreed; the sentence says what is wrong with it."""


@dataclass(frozen=True)
class Said:
    """A letter as understood: which case, which step, from when."""

    key: str
    kind: str
    subject: str  # the number at the sender's, or ours where the sender knows no other
    at: datetime
    sequence: int  # 0: the sender does not count
    data: wire.Data
    protocol: int = 1


def receive(code: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Take one letter that came to the address of ``code``."""
    platform = Platform.objects.select_related("staff").filter(code=code).exclude(way=Way.INSIDE).first()
    found = {name: str(headers.get(name, ""))[:500] for name in HEADERS}
    if platform is None or not genuine(found, body, platform.secrets(), time.time()):
        said = "这里没有登记这个平台。" if platform is None else "签名不对，或者时钟相差超过五分钟。"
        _keep_unsigned(platform, code, found, body, said)
        return Answer(404 if platform is None else 401, "refused", said)
    Platform.objects.filter(pk=platform.pk).update(heard_at=timezone.now())
    answer = _signed(platform, found, body)
    if answer.status < 300 and platform.way == Way.HTTP:
        return replace(answer, theirs=foreign.of(platform).callback.answer)
    return answer


def _signed(platform: Platform, headers: Mapping[str, str], body: bytes) -> Answer:
    try:
        said = understood(platform, headers, body)
    except Nonsense as error:
        key = headers["webhook-id"][:80] or digest_of(body)
        _fail(_letter(platform, key, headers, body), str(error))
        return Answer(400, "refused", str(error))
    if said.protocol != platform.protocol:
        Platform.objects.filter(pk=platform.pk).update(protocol=said.protocol)
    letter = _letter(platform, said.key, headers, body, said)
    if letter.state in (Letter.State.DONE, Letter.State.DROPPED):
        return Answer(200, "done")
    if letter.state == Letter.State.WAITING and letter.attempts:
        return Answer(202, "waiting")
    return _do(platform, letter, said) if said.kind else _done(letter, None)


def again(platform: Platform, letter: Letter) -> Answer:
    """Do a kept letter as if it came now; that it is genuine has been seen."""
    return _signed(platform, letter.headers, letter.body.encode())


def understood(platform: Platform, headers: Mapping[str, str], body: bytes) -> Said:
    """What a signed body says. Raises :class:`Nonsense`."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Nonsense("内容不是 JSON。") from error
    said = _foreign(platform, headers, content) if platform.way == Way.HTTP else _peer(platform, content)
    if said.at - timezone.now() > timedelta(seconds=SKEW):
        raise Nonsense(f"这一步的时间 {timezone.localtime(said.at):%Y-%m-%d %H:%M} 还没有到。")
    return said


def _peer(platform: Platform, content: Any) -> Said:
    try:
        event = wire.Envelope.model_validate(content)
        if event.source != f"/{platform.code}":
            raise Nonsense(f"来源“{event.source[:40]}”不是这个平台。")
        model = wire.MODELS.get(event.kind)
        if model is None:
            raise Nonsense(f"不认识的步骤“{event.type[:60]}”。")
        data = model.model_validate(event.data)
    except ValidationError as error:
        fault = error.errors()[0]
        raise Nonsense(f"内容的“{'.'.join(map(str, fault['loc']))}”有误。") from error
    if int(event.sequence) == 0:
        raise Nonsense("序号从 1 开始。")
    return Said(event.id, event.kind, event.subject, event.time, int(event.sequence), data, event.protocol)


def _foreign(platform: Platform, headers: Mapping[str, str], content: Any) -> Said:
    try:
        step = foreign.read(platform, content, headers["webhook-id"], timezone.now())
        if not step.kind:
            return Said(step.key, "", step.number, step.at, 0, wire.Data())
        data = wire.MODELS[step.kind].model_validate(step.data)
    except ValidationError as error:
        raise Nonsense(f"内容的“{'.'.join(map(str, error.errors()[0]['loc']))}”有误。") from error
    except foreign.NotUnderstood as error:
        raise Nonsense(str(error)) from error
    return Said(step.key, step.kind, step.number, step.at, 0, data)


def _letter(
    platform: Platform | None, key: str, headers: Mapping[str, str], body: bytes, said: Said | None = None
) -> Letter:
    """The row of a letter: one for a key, however often it comes."""
    code = platform.code if platform else ""
    about: dict[str, Any] = {"platform": platform, "headers": dict(headers), "body": body.decode("utf-8", "replace")}
    if said:
        about |= {"kind": said.kind, "subject": said.subject, "sequence": said.sequence}
    letter, new = Letter.objects.get_or_create(code=code, key=key, signed=True, defaults=about)
    if not new:
        Letter.objects.filter(pk=letter.pk).update(times=F("times") + 1)
    return letter


def _do(platform: Platform, letter: Letter, said: Said) -> Answer:
    """Do what a letter says, or say why not."""
    if doing.missing(said.data):
        waits = doing.early(platform, said)
        if waits:
            _put_off(letter)
            return Answer(425, "early", waits)
        Letter.objects.filter(pk=letter.pk).update(state=Letter.State.WAITING, attempts=1, error="")
        return Answer(202, "waiting")
    return perform(platform, letter, said)


def perform(platform: Platform, letter: Letter, said: Said) -> Answer:
    """Do it now: the step, and that it was done, in one transaction."""
    try:
        with transaction.atomic():
            case = doing.locked(platform, said)
            row = Shared.objects.filter(case=case).first() if case else None
            taken = row.taken if row else 0
            if said.sequence and said.sequence <= taken:
                return _done(letter, case)
            if said.sequence > taken + 1:
                _put_off(letter)
                return Answer(425, "early", f"还没有收到第 {taken + 1} 步。")
            case = doing.do(platform, case, said, key=f"{platform.code}-{said.key}"[:64])
            Shared.objects.get_or_create(case=case, defaults={"platform": platform})
            Shared.objects.filter(case=case).update(taken=max(said.sequence, taken))
            return _done(letter, case)
    except Refused as error:
        detail = "".join(text for text in error.fields.values() if text != str(error))
        _fail(letter, f"{error}{detail}", doing.named(platform, said))
        return Answer(422, "refused", str(error))
    except OperationalError:
        raise  # the database is busy or away: nothing is kept, the sender tries again
    except Exception as error:
        logger.exception("letter %s of %s could not be done", letter.key, platform.code)
        _fail(letter, f"程序出错：{type(error).__name__}", doing.named(platform, said))
        return Answer(500, "refused", "程序出错，已告知管理人员。")


def _done(letter: Letter, case: Case | None) -> Answer:
    Letter.objects.filter(pk=letter.pk).update(
        state=Letter.State.DONE, case=case, error="", done_at=timezone.now(), claimed_until=None
    )
    return Answer(200, "done")


def _put_off(letter: Letter) -> None:
    """It came before an earlier one: the sender keeps it, and brings it again."""
    Letter.objects.filter(pk=letter.pk).filter(state=Letter.State.WAITING).delete()


def _fail(letter: Letter, why: str, case: Case | None = None) -> None:
    Letter.objects.filter(pk=letter.pk).update(
        state=Letter.State.FAILED, error=why[:500], case=case, claimed_until=None
    )


def _keep_unsigned(platform: Platform | None, code: str, headers: Mapping[str, str], body: bytes, why: str) -> None:
    """Keep what nobody we know signed, so that a person can see who knocks; a bounded number, each once."""
    kept = body[:LONGEST_KEPT].decode("utf-8", "replace")
    about = {"platform": platform, "headers": dict(headers), "body": kept, "state": "failed", "error": why}
    try:
        with transaction.atomic():
            letter, new = Letter.objects.get_or_create(
                code=code[:20], key=digest_of(body)[:80], signed=False, defaults=about
            )
    except IntegrityError:
        return
    if not new:
        Letter.objects.filter(pk=letter.pk).update(times=F("times") + 1)
    elif oldest := list(
        Letter.objects.filter(signed=False).order_by("-pk").values_list("pk", flat=True)[KEPT_UNSIGNED:]
    ):
        Letter.objects.filter(pk__in=oldest).delete()


def take() -> int:
    """Fetch the files of letters that wait for them and do what they say; returns how many were tried."""
    letters = _claim()
    for letter in letters:
        platform = letter.platform
        assert platform is not None
        try:
            said = understood(platform, letter.headers, letter.body.encode())
            fetch(platform, said.data)
        except NobodyThere as error:
            _again(letter, str(error))
        except (NotFetched, Nonsense) as error:
            _fail(letter, str(error))
        except OSError as error:
            _again(letter, f"文件没有存下（{type(error).__name__}），磁盘可能已满。")
        else:
            perform(platform, letter, said)
    return len(letters)


def _claim() -> list[Letter]:
    now = timezone.now()
    free = Letter.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=now), state="waiting", next_at__lte=now)
    if not free.exists():
        return []
    with transaction.atomic():
        due = free.order_by("next_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        letters = list(due.select_related("platform__staff")[:AT_ONCE])
        pks = [letter.pk for letter in letters]
        Letter.objects.filter(pk__in=pks).update(claimed_until=now + CLAIM, attempts=F("attempts") + 1)
    return letters


def _again(letter: Letter, why: str) -> None:
    now = timezone.now()
    if now - letter.came_at > PATIENCE:
        _fail(letter, why)
        return
    pause = min(pause_before(letter.attempts + 1), timedelta(minutes=5))
    Letter.objects.filter(pk=letter.pk).update(next_at=now + pause, error=why[:500], claimed_until=None)


def bounded(length: int) -> bool:
    """Whether a body of ``length`` bytes is read at all."""
    return length <= LONGEST


def too_long(code: str, length: int) -> Answer:
    """Refuse a body that is not read."""
    said = f"内容有 {length} 字节，最多收 {LONGEST} 字节。"
    platform = Platform.objects.filter(code=code).first()
    _keep_unsigned(platform, code, {}, f"({length})".encode(), said)
    return Answer(413, "refused", said)
