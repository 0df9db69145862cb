"""Who works where: regions, halls, units, windows, staff and their duties.

A region (承办地) is a service node, not always an administrative division: its code may be null. A duty (岗位) gives a
role within a scope for a time; everything a staff member may see or do follows from the duties in force now.
"""

import secrets
from functools import cached_property
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tongban.vault.sealed import Sealed, SealedJSON


class City(models.Model):
    """What a city prints and offers: its title line, where to complain, services people are helped to register for."""

    name = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    complaint_phone = models.CharField(max_length=40, blank=True)
    seal = models.CharField(max_length=40, blank=True)  # what forms say where the seal goes
    templates = models.JSONField(default=dict)  # kind of form → the city's own typst text
    registration = models.JSONField(default=list)  # [name, or {"name", "url"}]
    archive = models.JSONField(default=dict)  # people.city.ArchiveProfile
    ratings = models.JSONField(default=dict)  # people.city.RatingRules
    messages = models.JSONField(default=dict)  # the city's own texts of messages (``paperwork.texts``), by kind

    def __str__(self) -> str:
        return self.name


class Region(models.Model):
    """A place whose departments decide cases."""

    city = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    abbreviation = models.CharField(max_length=8)  # opens case numbers: NX
    short = models.CharField(max_length=8)  # opens serials: 南
    code = models.CharField(max_length=6, null=True, blank=True)  # noqa: DJ001 - GB/T 2260 code; null means it has none
    order = models.PositiveSmallIntegerField(default=0)
    photo = models.JSONField(default=dict)  # what it asks of a photo otherwise than the procedure: PhotoLimits
    outside = models.JSONField(default=dict)  # its platforms outside this instance: name in clause 七 → code
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("order", "id")
        constraints = (
            models.UniqueConstraint(fields=("city", "name"), name="region_name_once_a_city"),
            models.UniqueConstraint(fields=("abbreviation",), name="region_abbreviation_once"),
            models.UniqueConstraint(fields=("short",), name="region_short_once"),
        )

    def __str__(self) -> str:
        return self.name


class Hall(models.Model):
    """A 市、县政务大厅: where post windows and issuing desks are."""

    region = models.OneToOneField(Region, on_delete=models.PROTECT, related_name="hall")
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    kept = models.BooleanField(default=False)  # changed on a page: ``tongban setup`` leaves it as it is

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A department (承办部门) of one region and the codes of the items it decides."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=80)
    items = models.JSONField(default=list)  # item codes
    kept = models.BooleanField(default=False)  # changed on a page: ``tongban setup`` leaves it as it is
    listed_as = models.CharField(max_length=80, blank=True)  # its name in the city's files, where a page changed it
    closed_at = models.DateTimeField(null=True, blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("region__order", "id")
        constraints = (models.UniqueConstraint(fields=("region", "name"), name="unit_name_once_a_region"),)

    def __str__(self) -> str:
        return self.name


class Window(models.Model):
    """A cross-region window (跨域通办窗口) in a township."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="windows")
    township = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    stands_for = models.CharField(
        max_length=20, blank=True
    )  # code of the outside platform whose cases come here: no place
    kept = models.BooleanField(default=False)  # changed on a page: ``tongban setup`` leaves it as it is
    listed_as = models.CharField(max_length=120, blank=True)  # its name in the city's files, where a page changed it
    closed_at = models.DateTimeField(null=True, blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("region__order", "id")
        constraints = (models.UniqueConstraint(fields=("region", "name"), name="window_name_once_a_region"),)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a duty lets one do."""

    WINDOW = "window", "收件"
    DEPARTMENT = "department", "承办"
    POST = "post", "邮政专递"
    ISSUING = "issuing", "发证"
    ARCHIVE = "archive", "归档"
    OVERSIGHT = "oversight", "督办"
    EDITOR = "editor", "规程管理"
    ADMINISTRATOR = "administrator", "系统管理"


class StaffManager(BaseUserManager["Staff"]):
    """Makes accounts with a hashed password."""

    def create_user(self, username: str, password: str | None = None, *, name: str = "") -> "Staff":
        """A new account; without a password it cannot log in by password."""
        staff = self.model(username=username, name=name or username)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff


class Staff(AbstractBaseUser):
    """A person who works at a desk."""

    username = models.CharField("账号", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=100)
    is_active = models.BooleanField(default=True)
    demo = models.BooleanField(default=False)
    machine = models.BooleanField(default=False)  # stands for another system: has duties, never logs in
    sessions_salt = models.CharField(max_length=32, blank=True)  # a new one ends every session
    password_once = models.BooleanField(default=False)  # given by an administrator: a new one at the first log-in
    factor_secret = Sealed(blank=True)  # of the one-time codes (RFC 6238), base32; empty where none is set up
    factor_step = models.BigIntegerField(default=0)  # the last step a code was taken of: none is taken twice
    single_sign_on = models.CharField(max_length=200, null=True, blank=True, unique=True)
    unread = models.PositiveIntegerField(default=0)  # notices not yet opened
    stands_for = models.CharField(max_length=20, blank=True)  # code of the outside platform it acts for: no person

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = StaffManager()

    def __str__(self) -> str:
        return self.name

    def end_sessions(self) -> None:
        """End every session of this account everywhere."""
        self.sessions_salt = secrets.token_hex(16)
        self.save(update_fields=["sessions_salt"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac("staff.session", self.password + self.sessions_salt, secret=secret).hexdigest()

    @cached_property
    def duties_now(self) -> tuple["Duty", ...]:
        """Duties in force, read once for the life of this object (a request)."""
        now = timezone.now()
        found = self.duties.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)
        return tuple(found.select_related("region", "unit", "window__region"))

    def duties_as(self, *roles: str) -> tuple["Duty", ...]:
        """Duties in force in any of ``roles``."""
        return tuple(duty for duty in self.duties_now if duty.role in roles)

    def holds(self, *roles: str) -> bool:
        """Whether one of ``roles`` is held now."""
        return bool(self.duties_as(*roles))


class Duty(models.Model):
    """A role within a scope, for a time. Which scope counts depends on the role.

    window: ``window``; department: ``unit``; post, issuing, archive: ``region``; oversight: ``region``, or every region
    where it is null; editor: ``city``, or every city where it is null, and no case; administrator: no scope, and no case.
    """

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="duties")
    role = models.CharField(max_length=20, choices=Role.choices)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    window = models.ForeignKey(Window, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    city = models.ForeignKey(City, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    stands_in_for = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="stand_ins")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="duty_has_its_scope",
                condition=Q(role=Role.WINDOW, window__isnull=False)
                | Q(role=Role.DEPARTMENT, unit__isnull=False)
                | Q(role__in=(Role.POST, Role.ISSUING, Role.ARCHIVE), region__isnull=False)
                | Q(role__in=(Role.OVERSIGHT, Role.EDITOR, Role.ADMINISTRATOR)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.scope or ''}".strip()

    @property
    def scope(self) -> Window | Unit | Region | City | None:
        """Where it holds; None is everywhere."""
        return self.window or self.unit or self.region or self.city

    @property
    def region_of(self) -> int | None:
        """The region this duty is done in; None where it has no scope."""
        return self.window.region_id if self.window else self.unit.region_id if self.unit else self.region_id


class LoginTry(models.Model):
    """Somebody showed, rightly or wrongly, who they are: by what, where from, when. Kept for ``people.login.KEPT``."""

    class Way(models.TextChoices):
        """By what somebody showed who they are."""

        PASSWORD = "password", "密码"
        CODE = "code", "手机验证码"
        RECOVERY = "recovery", "恢复码"
        SSO = "sso", "统一身份"
        COUNTER = "counter", "本岗换人"
        AGAIN = "again", "再次输入密码"
        DEMO = "demo", "演示"

    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, blank=True, related_name="tries")
    account = models.CharField(max_length=64)  # digest of what was typed: it may have been a password
    address = models.CharField(max_length=45)
    way = models.CharField(max_length=10, choices=Way.choices, default=Way.PASSWORD)
    right = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("at",), name="login_try_by_time"),
            models.Index(fields=("staff", "-id"), name="login_try_by_staff"),
        )

    def __str__(self) -> str:
        return f"{self.address} {self.at}"


class RecoveryCode(models.Model):
    """A way in without the telephone, once. Made at random (80 bits), kept as its digest."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("staff", "digest"), name="recovery_code_once"),)

    def __str__(self) -> str:
        return f"{self.staff_id} {self.used_at or ''}"


class Notice(models.Model):
    """What somebody must be told at their desk. Names no applicant."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="notices")
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    key = models.CharField(max_length=80)  # the same fact is told once

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("staff", "key"), name="notice_once"),)

    def __str__(self) -> str:
        return self.text


class Change(models.Model):
    """What was changed of accounts, duties and places: by whom, when, from what to what. Written once, chained, and it
    outlives what it is about: it names everything in words. Only ``people.record`` writes here.
    """

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=170)
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=200)  # 账号 zhang, 窗口 南县 …
    about_staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    before = SealedJSON(default=dict)
    after = SealedJSON(default=dict)
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-sequence",)
        indexes = (models.Index(fields=("about_staff", "-sequence"), name="change_by_staff"),)

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind} {self.about}"


class ChangeHead(models.Model):
    """The newest change, in one row: locking it puts changes in order."""

    sequence = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return str(self.sequence)
