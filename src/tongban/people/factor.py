"""The second factor: one-time codes of a telephone (TOTP, RFC 6238), and recovery codes for a lost one.

The secret is sealed; a code is taken once, within half a minute before or after its time; recovery codes are random
(80 bits), kept as digests, each taken once. Wrong tries count with those of the password (``people.login``).
"""

import hashlib
import secrets
from datetime import datetime

import pyotp
from django.conf import settings

from tongban.people.accounts import LETTERS, account
from tongban.people.models import RecoveryCode, Role, Staff
from tongban.people.record import Noting, act
from tongban.people.refused import Refused

ALWAYS = (Role.DEPARTMENT, Role.OVERSIGHT, Role.EDITOR, Role.ADMINISTRATOR)
CODES = 10
ISSUER = "通办"


def required(staff: Staff) -> bool:
    """Whether ``staff`` may work with a second factor only. The invented people of a demo go without."""
    if staff.demo and settings.DEMO:
        return False
    return staff.holds(*ALWAYS, *settings.SECOND_FACTOR)


def new_secret() -> str:
    """A secret of 160 bits, base32."""
    return pyotp.random_base32()


def uri(staff: Staff, secret: str) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=staff.username, issuer_name=ISSUER)


def _step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The step after ``after`` for which ``code`` is right at ``now``, or None; the steps beside now count too."""
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // totp.interval
    right = [s for s in (current - 1, current, current + 1) if secrets.compare_digest(totp.generate_otp(s), code)]
    return next((step for step in right if step > after), None)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def check(staff: Staff, typed: str, now: datetime) -> bool:
    """Take ``typed``, a code of the telephone or a recovery code; True once for each, also when two send it at once."""
    code = "".join(typed.split()).replace("-", "").lower()
    if len(code) == 6 and code.isascii() and code.isdigit():
        step = _step(staff.factor_secret, code, now, staff.factor_step) if staff.factor_secret else None
        if step is None:
            return False
        return bool(Staff.objects.filter(pk=staff.pk, factor_step__lt=step).update(factor_step=step))
    return bool(staff.recovery_codes.filter(digest=_digest(code), used_at=None).update(used_at=now))


def _new_codes(staff: Staff) -> list[str]:
    staff.recovery_codes.all().delete()
    codes = ["-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(staff=staff, digest=_digest(c.replace("-", ""))) for c in codes)
    return codes


@act(own=True)
def set_up(change: Noting, *, secret: str, code: str) -> list[str]:
    """One's own telephone, proved by a code of it. Returns new recovery codes, which are kept nowhere."""
    staff = change.by
    assert staff is not None
    step = _step(secret, "".join(code.split()), change.now, -1) if code.isascii() else None
    if step is None:
        error = "验证码不对。请看手机上现在显示的 6 位数字；还不对的，请核对手机时间。"
        raise Refused(error, {"code": error})
    staff.factor_secret, staff.factor_step = secret, step
    staff.save(update_fields=["factor_secret", "factor_step"])
    change.note("factor_set", account(staff), staff=staff)
    return _new_codes(staff)


@act(own=True)
def new_codes(change: Noting) -> list[str]:
    """Recovery codes in place of one's old ones."""
    staff = change.by
    assert staff is not None
    if not staff.factor_secret:
        raise Refused("还没有设置第二验证。")
    change.note("recovery_codes_made", account(staff), staff=staff)
    return _new_codes(staff)


@act(own=True)
def remove(change: Noting) -> None:
    """Go without a second factor again, where the duties allow it."""
    staff = change.by
    assert staff is not None
    if required(staff):
        raise Refused("您的岗位必须有第二验证，不能取消；可以更换手机。")
    staff.factor_secret, staff.factor_step = "", 0
    staff.save(update_fields=["factor_secret", "factor_step"])
    staff.recovery_codes.all().delete()
    change.note("factor_removed", account(staff), staff=staff)
