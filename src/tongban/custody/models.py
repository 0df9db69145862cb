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
    consignment = models.ForeignKey(
        "Consignment", on_delete=models.PROTECT, null=True, blank=True, related_name="things"
    )
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
        indexes = (models.Index(fields=("place", "id"), name="thing_by_place"),)

    def __str__(self) -> str:
        return self.code


class Consignment(models.Model):
    """One piece of mail under its number: a result to its applicant, materials to a hall, a bag back from an applicant."""

    class Kind(models.TextChoices):
        """What is in it, and so whither it goes."""

        RESULT = "result", "结果"
        MATERIALS = "materials", "材料"
        BAG = "bag", "容缺回寄"

    class State(models.TextChoices):
        """What became of it."""

        SENT = "sent", "已寄出"
        SIGNED = "signed", "已签收"
        RETURNED = "returned", "已退回"
        LOST = "lost", "已丢失"

    class Payer(models.TextChoices):
        """Who pays the postage."""

        SENDER = "sender", "寄件单位付"
        RECEIVER = "receiver", "收件人付"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="consignments")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")  # of the hall at one end
    window = models.ForeignKey(Window, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    orders = models.JSONField(default=list)  # places of the items whose results are in it
    carrier = models.CharField(max_length=20)
    waybill = models.CharField(max_length=30, blank=True)  # empty: it goes by a car of one's own
    payer = models.CharField(max_length=10, choices=Payer.choices, default=Payer.SENDER)
    area = models.CharField(max_length=6, blank=True)  # GB/T 2260 code of the receiver's county, where it was found
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    state_since = models.DateTimeField()
    sent_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)  # when the carrier was last asked where it is
    said = models.CharField(max_length=10, blank=True)  # what the carrier says became of it: signed, returned, lost
    reason = Sealed(blank=True)  # why it came back, how it was lost
    settled_at = models.DateTimeField(null=True, blank=True)  # a returned one: what the applicant wants now is known
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("carrier", "waybill"), condition=~Q(waybill=""), name="one_consignment_a_waybill"
            ),
        )
        indexes = (
            models.Index(fields=("state", "id"), name="consignment_by_state"),
            models.Index(fields=("asked_at", "id"), name="consignment_to_ask", condition=Q(state="sent")),
        )

    def __str__(self) -> str:
        return self.waybill


class Track(models.Model):
    """Where a consignment was, as its carrier or the post desk says."""

    consignment = models.ForeignKey(Consignment, on_delete=models.CASCADE, related_name="tracks")
    at = models.DateTimeField()
    text = Sealed()
    mark = models.CharField(max_length=64)  # of time and text: told twice, kept once

    class Meta:
        ordering = ("at", "id")
        constraints = (models.UniqueConstraint(fields=("consignment", "mark"), name="track_once"),)

    def __str__(self) -> str:
        return f"{self.consignment_id} {self.at}"


class Waybill(models.Model):
    """A waybill number got from the carrier in advance, for a hall to use."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=30, unique=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("region", "id"), name="waybill_free", condition=Q(used_at=None)),)

    def __str__(self) -> str:
        return self.number


class PostalAddress(models.Model):
    """Where a person had a result sent, kept for the next time because they agreed; the newest counts."""

    person_digest = models.CharField(max_length=64)  # of the id number
    name = Sealed()
    phone = Sealed()
    address = Sealed()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")  # where they agreed
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person_digest",), condition=~Q(person_digest=""), name="one_address_a_person"
            ),
        )

    def __str__(self) -> str:
        return self.person_digest[:8]


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
