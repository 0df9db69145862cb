"""A case, its items, its people, its pauses."""

from django.db import models

from tongban.cases.models.version import ProcedureVersion, procedure_of
from tongban.cases.states import WITH_RESULT, CaseState, ItemState
from tongban.people.models import Region, Staff, Unit, Window
from tongban.procedure.model import Procedure
from tongban.rules.lights import SAID, Cause, Light
from tongban.rules.review import Outcome
from tongban.vault.sealed import Sealed, SealedJSON


class IdKind(models.TextChoices):
    """Kinds of identity document; checks exist only where there is a rule (``identity.citizen_id``)."""

    RESIDENT_ID = "resident_id", "居民身份证"
    RESIDENCE_PERMIT = "residence_permit", "港澳台居民居住证"
    FOREIGN_PERMIT = "foreign_permit", "外国人永久居留身份证"
    PASSPORT = "passport", "护照"
    HOUSEHOLD = "household", "其他证件"


class Delivery(models.TextChoices):
    """How the applicant wants the result."""

    COLLECT = "collect", "现场领取"
    POST = "post", "邮寄"


class PhoneOf(models.TextChoices):
    """Whose phone the applicant left."""

    SELF = "self", "申请人本人"
    AGENT = "agent", "代办人"
    GUARDIAN = "guardian", "监护人"
    OTHER = "other", "亲友"


class Papers(models.TextChoices):
    """Where the working papers (工作资料) are. Without paper (no holder) they go on with the case file itself."""

    WINDOW = "window", "收件窗口"
    TO_ISSUING = "to_issuing", "移交发证途中"
    ISSUING = "issuing", "发证岗位"
    ARCHIVE = "archive", "归档岗位"


class Case(models.Model):
    """One application of one applicant (办件)."""

    number = models.CharField(max_length=40, unique=True)
    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="cases")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, db_index=False, related_name="cases")
    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="cases")
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    platform = models.CharField(max_length=80, blank=True)
    module = models.CharField(max_length=80, blank=True)
    outside = models.CharField(max_length=20, blank=True)  # code of the outside platform it is shared with
    mirrored = models.BooleanField(default=False)  # taken in there: here is what our department works on, nothing else
    foreign_number = models.CharField(max_length=80, blank=True)  # the number it has there

    state = models.CharField(max_length=20, choices=CaseState.choices)
    state_since = models.DateTimeField()
    outcome = models.CharField(max_length=20, choices=[(o.value, o.value) for o in Outcome])
    outcome_clauses = models.JSONField(default=list)
    outcome_reason = Sealed(blank=True)
    defects = SealedJSON(default=list)  # of the last review: [{material, name, state, defects, requirement}]
    notices = models.PositiveSmallIntegerField(default=0)  # supplement notices issued
    due = models.DateField(null=True, blank=True)  # the latest item's; null before acceptance and while paused
    due_provisional = models.BooleanField(default=False)
    paper = models.BooleanField(default=False)  # paper itself goes to a department
    papers = models.CharField(max_length=10, choices=Papers.choices, default=Papers.ISSUING)
    papers_holder = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    papers_since = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    applicant_name = Sealed()
    applicant_id_kind = models.CharField(max_length=20, choices=IdKind.choices, default=IdKind.RESIDENT_ID)
    applicant_id_number = Sealed()
    applicant_id_digest = models.CharField(max_length=64, db_index=True)
    applicant_phone = Sealed()
    phone_of = models.CharField(max_length=10, choices=PhoneOf.choices, default=PhoneOf.SELF)
    email = Sealed(blank=True)  # used where the phone takes no short message, if the applicant wants
    applicant_phone_digest = models.CharField(max_length=64, db_index=True)
    applicant_address = Sealed(blank=True)

    delivery = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.COLLECT)
    delivery_name = Sealed(blank=True)
    delivery_phone = Sealed(blank=True)
    delivery_address = Sealed(blank=True)

    failed_releases = models.PositiveSmallIntegerField(default=0)  # wrong numbers written at the counter
    head = models.CharField(max_length=64, blank=True)  # digest of the newest event
    events_count = models.PositiveIntegerField(default=0)
    light = models.CharField(max_length=6, choices=[(o.value, o.value) for o in Light], default=Light.GREEN)
    light_cause = models.CharField(max_length=12, blank=True)  # ``rules.lights.Cause``; empty while green
    light_day = models.DateField(null=True, blank=True)  # the last day in time of what the light is about
    reminders = models.PositiveSmallIntegerField(default=0)  # that a result waits, sent since it last began to wait
    rooted = models.PositiveIntegerField(default=0)  # events when the head was last noted outside (``cases.roots``)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("outside", "foreign_number"),
                name="foreign_number_once_a_platform",
                condition=~models.Q(foreign_number=""),
            ),
            models.CheckConstraint(
                name="working_papers_have_a_holder",
                condition=models.Q(papers_holder__isnull=False, papers_since__isnull=False)
                | models.Q(
                    papers_holder__isnull=True, papers_since__isnull=True, papers__in=(Papers.ISSUING, Papers.ARCHIVE)
                ),
            ),
        )
        indexes = (
            models.Index(fields=("state", "due", "id"), name="case_by_state_due"),
            models.Index(fields=("region", "state", "id"), name="case_by_region_state"),
            models.Index(fields=("window", "state", "id"), name="case_by_window_state"),
            models.Index(fields=("window", "taken_at"), name="case_by_window_day"),
            models.Index(fields=("light", "light_cause", "id"), name="case_by_light"),
            models.Index(
                fields=("foreign_number",), name="case_by_foreign_number", condition=~models.Q(foreign_number="")
            ),
            models.Index(
                fields=("papers", "id"), name="case_by_papers", condition=models.Q(papers_holder__isnull=False)
            ),
            models.Index(
                fields=("window", "id"), name="case_papers_at_window", condition=models.Q(papers=Papers.WINDOW)
            ),
            models.Index(
                fields=("id",), name="case_head_not_noted", condition=models.Q(events_count__gt=models.F("rooted"))
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def light_said(self) -> str:
        """What the light is about, in Chinese; empty while green."""
        return SAID[Cause(self.light_cause)] if self.light_cause else ""

    @property
    def procedure(self) -> Procedure:
        """The procedure the case was taken in under; read from the database once a process."""
        return procedure_of(self.version_id)


class Party(models.Model):
    """Somebody beside the applicant: who acts for them (代办人) or is the guardian of a minor (监护人)."""

    class Role(models.TextChoices):
        """What they are to the applicant."""

        AGENT = "agent", "代办人"
        GUARDIAN = "guardian", "监护人"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=10, choices=Role.choices)
    name = Sealed()
    id_kind = models.CharField(max_length=20, choices=IdKind.choices, default=IdKind.RESIDENT_ID)
    id_number = Sealed()
    phone = Sealed(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("case", "role"), name="one_party_a_role"),)

    def __str__(self) -> str:
        return self.get_role_display()


class CaseItem(models.Model):
    """One item of a case, at one department (事项办件)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False, related_name="items")
    order = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, db_index=False, related_name="+")
    state = models.CharField(max_length=20, choices=ItemState.choices)
    state_since = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    due = models.DateField(null=True, blank=True)
    due_provisional = models.BooleanField(default=False)
    calendar = models.PositiveBigIntegerField(
        default=0
    )  # the newest notice the due day was counted with (``HolidayNotice``)
    fee_asked = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    fee_paid_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=10, blank=True, choices=(("granted", "准予办结"), ("refused", "不予办理")))
    reason = Sealed(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    holder = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    holder_since = models.DateTimeField(null=True, blank=True)  # later than state_since: taken over there

    class Meta:
        ordering = ("order",)
        constraints = (
            models.UniqueConstraint(fields=("case", "order"), name="item_order_once_a_case"),
            models.CheckConstraint(
                name="result_has_a_holder",
                condition=~models.Q(state__in=WITH_RESULT) | models.Q(holder__isnull=False, holder_since__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("case", "unit"), name="item_by_case_unit"),  # whether a unit may see a case
            models.Index(fields=("unit", "state", "due", "id"), name="item_by_unit_state_due"),
            models.Index(fields=("state", "calendar", "id"), name="item_by_state_calendar"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def due_said(self) -> str:
        """The due day as it is written for people: 2027-02-18（暂定）; empty where there is none."""
        return f"{self.due:%Y-%m-%d}{'（暂定）' if self.due_provisional else ''}" if self.due else ""


class Pause(models.Model):
    """Time that does not count for an item, with its ground; the applicant is told in writing."""

    item = models.ForeignKey(CaseItem, on_delete=models.PROTECT, related_name="pauses")
    ground = models.CharField(max_length=20)
    note = Sealed(blank=True)
    by_name = models.CharField(max_length=100, blank=True)  # who paused
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("started_on", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("item",), condition=models.Q(ended_on__isnull=True), name="one_open_pause_an_item"
            ),
        )

    def __str__(self) -> str:
        return f"{self.started_on} {self.ground}"
