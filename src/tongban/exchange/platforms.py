"""Platforms as the city's file names them: their rows, the accounts that stand for them, their addresses and keys.

Every change is recorded (``people.record``), as those of accounts are; no secret stands in the record.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from tongban.cases.signed import key_of, new_secret
from tongban.exchange.mapping import Mapping, read_mapping
from tongban.exchange.models import Platform, PlatformKey, Way
from tongban.people import city as data_of
from tongban.people.models import Duty, Region, Role, Staff, Unit, Window
from tongban.people.record import Noting, act
from tongban.people.refused import Refused

KEPT = timedelta(days=7)  # a replaced key is taken so long, unless said otherwise
LONGEST_KEPT = 90  # days


def load(city: data_of.City, folder: Path) -> None:
    """Bring the platforms of a city up to what its file says; again changes nothing. Raises :class:`Malformed`."""
    for data in city.platforms:
        if data.code:
            mapping = read_mapping(folder / data.mapping) if data.mapping else None
            _load(None, key=None, city=city.city, data=data, mapping=mapping)


@act()
def _load(change: Noting, *, city: str, data: data_of.PlatformData, mapping: Mapping | None) -> None:
    taken = Platform.objects.filter(code=data.code).exclude(city=city, name=data.name).first()
    if taken:
        raise data_of.Malformed(f"外部平台的代号 {data.code} 已经由{taken.city}的“{taken.name}”用了，请换一个。")
    platform = Platform.objects.filter(city=city, name=data.name).select_related("staff").first()
    before = _facts(platform)
    if platform is None:
        platform = Platform(city=city, name=data.name, code=data.code, way=data.way, staff=_account(data))
    if (
        Way(data.way) != Way.INSIDE
    ):  # cases that it works on already stay with it when new ones do not go there any more
        platform.way = data.way
    if platform.code != data.code:
        raise data_of.Malformed(
            f"“{data.name}”的代号已经是 {platform.code}，对方的地址里写着它，不能改成 {data.code}。"
        )
    platform.mapping = mapping.model_dump(mode="json", by_alias=True) if mapping else {}
    platform.save()
    if Way(data.way) != Way.INSIDE:
        _duties(platform, data)
    if before != (after := _facts(platform)):
        change.note("platform_loaded", f"外部平台 {platform}", before=before, after=after)


def _facts(platform: Platform | None) -> dict[str, Any]:
    if platform is None:
        return {}
    return {
        "办理方式": platform.get_way_display(),
        "代号": platform.code,
        "地址": platform.address,
        "对照": platform.mapping,
    }


def _account(data: data_of.PlatformData) -> Staff:
    """The account that stands for a platform: nobody can log in with it."""
    staff = Staff(username=f"platform-{data.code}", name=data.name, is_active=False, machine=True, stands_for=data.code)
    staff.set_unusable_password()
    staff.save()
    return staff


def _duties(platform: Platform, data: data_of.PlatformData) -> None:
    """Its department's duty in every unit that works on it; of a peer, a window for what it sends us."""
    held = platform.staff.duties.filter(ends_at=None)
    units = Unit.objects.filter(region__city=platform.city, region__name__in=data.regions)
    have = set(held.filter(role=Role.DEPARTMENT).values_list("unit_id", flat=True))
    wanted = set(units.values_list("pk", flat=True))
    Duty.objects.bulk_create(
        Duty(staff=platform.staff, role=Role.DEPARTMENT, unit_id=unit) for unit in sorted(wanted - have)
    )
    if Way(data.way) == Way.PEER and not held.filter(role=Role.WINDOW).exists():
        ours = Region.objects.filter(city=platform.city).exclude(name__in=data.regions).order_by("order").first()
        if ours is not None:
            window, _ = Window.objects.get_or_create(
                region=ours,
                name=platform.name,
                defaults={"stands_for": platform.code, "kept": True, "closed_at": timezone.now()},
            )
            Duty.objects.create(staff=platform.staff, role=Role.WINDOW, window=window)


def find(code: str) -> Platform:
    """The platform of a code. Raises :class:`Refused`."""
    platform = Platform.objects.filter(code=code).select_related("staff").first()
    if platform is None:
        known = "、".join(Platform.objects.values_list("code", flat=True)) or "没有登记任何外部平台，请先写进 city.yaml"
        raise Refused(f"没有代号为 {code} 的外部平台。现有：{known}")
    return platform


@act()
def set_address(change: Noting, *, code: str, address: str) -> None:
    """Where a platform is reached: an http(s) address, for a peer the one it gave us, with our code as its last part."""
    platform = find(code)
    wanted = address.strip()
    if wanted:
        wanted = wanted.rstrip("/") + "/"
        try:
            parts = urlsplit(wanted)
            right = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.username
            )
            right = right and (parts.port is None or parts.port > 0) and len(wanted) <= 200
        except ValueError:
            right = False
        if not right:
            said = "地址应以 https:// 或 http:// 开头，不带账号和问号，例如 https://tb.example.cn/exchange/city/。"
            raise Refused(said, {"address": said})
    before = _facts(platform)
    Platform.objects.filter(pk=platform.pk).update(address=wanted, failures=0, rests_until=None, error="")
    change.note("platform_changed", f"外部平台 {platform}", before=before, after=before | {"地址": wanted})


@act()
def make_key(change: Noting, *, code: str, days: int = KEPT.days) -> str:
    """A new key shared with a platform, returned once to be handed on; the ones before are taken ``days`` more."""
    secret = new_secret()
    _add(change, find(code), secret, days)
    return secret


@act()
def take_key(change: Noting, *, code: str, secret: str, days: int = KEPT.days) -> None:
    """A key that the platform made; the ones before are taken ``days`` more. The same again changes nothing."""
    wanted = secret.strip()
    try:
        key_of(wanted)
    except ValueError as error:
        raise Refused(str(error), {"secret": str(error)}) from error
    if len(wanted) < 32:
        said = "密钥至少 32 个字符，请整段复制。"
        raise Refused(said, {"secret": said})
    _add(change, find(code), wanted, days)


def _add(change: Noting, platform: Platform, secret: str, days: int) -> None:
    if not 0 <= days <= LONGEST_KEPT:
        raise Refused(f"旧密钥保留的天数应在 0 到 {LONGEST_KEPT} 之间。")
    if secret in platform.secrets():
        return
    until: datetime = change.now + timedelta(days=days)
    PlatformKey.objects.filter(platform=platform, until=None).update(until=until)
    PlatformKey.objects.filter(platform=platform, until__gt=until).update(until=until)
    PlatformKey.objects.create(platform=platform, secret=secret)
    Platform.objects.filter(pk=platform.pk).update(failures=0, rests_until=None)
    after = {"旧密钥用到": f"{timezone.localtime(until):%Y-%m-%d %H:%M}"}
    change.note("platform_key_made", f"外部平台 {platform}", after=after)
