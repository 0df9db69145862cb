"""Paper on its way to departments and back from applicants: what it is, who has it, from hand to hand.

Every thing has its place, its holder and since when: columns that cannot be empty. It moves only by a :class:`Handover`,
which one gives and another takes; on the way the giver still answers for it. Results and working papers are held by the
same three facts on their own rows (``CaseItem.holder``, ``Case.papers_holder``).
"""

from django.db import models
from django.db.models import Q

from tongban.cases.models import Case, CaseItem
from tongban.people.models import Region, Staff, Unit, Window
from tongban.vault.sealed import Sealed, SealedJSON


class Thing(models.Model):
    """A thing of paper with a label: the materials of one case for one unit (单位材料目录 on top), or a bag (邮件袋)."""

    class Kind(models.TextChoices):
        """What it is."""

        MATERIALS = "materials", "单位材料"
        BAG = "bag", "容缺回寄袋"

    class Place(models.TextChoices):
        """Where it is."""

        WINDOW = "window", "收件窗口"
        APPLICANT = "applicant", "申请人"
        SENT = "sent", "途中"
        POST = "post", "邮政专递窗口"
        UNIT = "unit", "单位窗口"
        GONE = "gone", "已了结"  # a bag that was emptied, a thing replaced by another

    code = models.CharField(max_length=16, unique=True)  # on its label
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.MATERIALS)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="things")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    materials = models.JSONField(default=list)  # [{"name", "original", "copies"}]
    place = models.CharField(max_length=10, choices=Place.choices, default=Place.WINDOW)
    place_since = models.DateTimeField()
    holder = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("case", "unit"),
                condition=Q(kind="materials", replaces=None),
                name="one_thing_a_unit",
            ),
            models.CheckConstraint(name="materials_have_a_unit", condition=Q(kind="bag") | Q(unit__isnull=False)),
        )
        indexes = (models.Index(fields=("place", "id"), name="thing_by_place", condition=~Q(place="gone")),)

    def __str__(self) -> str:
        return self.code


class Handover(models.Model):
    """A thing from hand to hand: who gave it, who took it, and what did not agree. Open while it is on its way."""

    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, related_name="handovers")
    origin = models.CharField(max_length=10, choices=Thing.Place.choices)
    target = models.CharField(max_length=10, choices=Thing.Place.choices)
    given_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    signed_by = Sealed(blank=True)  # who signed on paper, where the taker has no account here
    differences = SealedJSON(default=list)  # [{"what": missing | damaged | extra | "", "text"}]

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("thing",), condition=Q(taken_at=None), name="one_open_handover_a_thing"),
            models.CheckConstraint(
                name="taken_by_somebody",
                condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.thing} {self.origin} → {self.target}"


class Missing(models.Model):
    """Something that should be there and is not: looked for until it is found or replaced. One open report a thing."""

    class Outcome(models.TextChoices):
        """What came of the search."""

        OPEN = "", "查找中"
        FOUND = "found", "已找到"
        REPLACED = "replaced", "已补做"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, null=True, blank=True, related_name="missing")
    item = models.ForeignKey(CaseItem, on_delete=models.PROTECT, null=True, blank=True, related_name="missing")
    what = models.CharField(max_length=200)  # 单位材料 …, 办理结果 …, 工作资料
    where = models.CharField(max_length=20)  # the place it was missed at
    role = models.CharField(max_length=20)  # of the desk that looks for it
    reported_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    note = Sealed(blank=True)
    part = SealedJSON(default=list)  # names of what is missing or damaged, where the thing itself is there
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default=Outcome.OPEN)
    closed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_note = Sealed(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("thing",), condition=Q(outcome=""), name="one_open_search_a_thing"),
            models.UniqueConstraint(fields=("item",), condition=Q(outcome=""), name="one_open_search_a_result"),
            models.UniqueConstraint(
                fields=("case",), condition=Q(outcome="", thing=None, item=None), name="one_open_search_for_papers"
            ),
        )
        indexes = (models.Index(fields=("id",), name="missing_open", condition=Q(outcome="")),)

    def __str__(self) -> str:
        return self.what


class Closing(models.Model):
    """日终清点: what should be at a desk and what was found there."""

    role = models.CharField(max_length=20)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    window = models.ForeignKey(Window, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=64, unique=True)  # the submission key
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    expected = models.PositiveIntegerField()
    found = models.PositiveIntegerField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.role} {self.at}"
