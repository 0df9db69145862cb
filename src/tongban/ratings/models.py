"""A rating: one an act of service, voluntary, kept apart from who served; a bad one is followed up to its end."""

from collections.abc import Iterator

from django.db import models
from django.db.models import Q

from tongban.cases.models import Case
from tongban.people.models import Staff, Window
from tongban.vault.keepers import keeper
from tongban.vault.sealed import Sealed


class Level(models.IntegerChoices):
    """GB/T 39735's five levels (the text of the standard was not seen)."""

    VERY_SATISFIED = 1, "非常满意"
    SATISFIED = 2, "满意"
    BASICALLY_SATISFIED = 3, "基本满意"
    DISSATISFIED = 4, "不满意"
    VERY_DISSATISFIED = 5, "非常不满意"


BAD = (Level.DISSATISFIED, Level.VERY_DISSATISFIED)


class Channel(models.TextChoices):
    """Where a rating came from."""

    PROGRESS = "progress", "进度页"
    LINK = "link", "二维码或短信"
    TABLET = "tablet", "窗口平板"


class Service(models.TextChoices):
    """An act of service that may be rated, once each (GB/T 39735 asks for one rating a service; its text was not seen)."""

    INTAKE = "intake", "收件"
    HANDOVER = "handover", "发证"


class Rating(models.Model):
    """What the applicant said of one act of service."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ratings")
    service = models.CharField(max_length=10, choices=Service.choices, default=Service.INTAKE)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    reasons = models.JSONField(default=list)  # of those the city offers for the level
    comment = Sealed(blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PROGRESS)
    rated_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("case", "service"), name="one_rating_a_service"),)

    def __str__(self) -> str:
        return self.get_level_display()


class Invitation(models.Model):
    """The case whose applicant stands before a window's tablet, until when."""

    window = models.OneToOneField(Window, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.window_id} {self.until}"


class FollowUp(models.Model):
    """A bad rating (差评) in somebody's hands: called back, judged, put right, answered, perhaps appealed."""

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open", "待回访"
        CALLED = "called", "待认定"
        FOUND = "found", "待整改"
        RIGHTED = "righted", "待答复"
        TOLD = "told", "已答复"
        APPEALED = "appealed", "申诉待复核"
        DECIDED = "decided", "复核完毕"

    class Finding(models.TextChoices):
        """What was found."""

        FOUNDED = "founded", "属实"
        UNFOUNDED = "unfounded", "不属实"
        MALICIOUS = "malicious", "恶意差评"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="follow_ups")
    rating = models.OneToOneField(Rating, on_delete=models.PROTECT, related_name="follow_up")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    assignee = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    due_on = models.DateField()  # to be answered by, natural days
    calls = models.PositiveSmallIntegerField(default=0)
    call_note = Sealed(blank=True)
    finding = models.CharField(max_length=10, choices=Finding.choices, blank=True)
    finding_note = Sealed(blank=True)
    found_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    remedy = Sealed(blank=True)
    answer = Sealed(blank=True)  # what the applicant was told
    told_at = models.DateTimeField(null=True, blank=True)
    appeal_by = models.CharField(max_length=10, blank=True, choices=(("applicant", "申请人"), ("rated", "被评价方")))
    appeal = Sealed(blank=True)
    decision = Sealed(blank=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = (
            models.Index(
                fields=("due_on", "id"), name="followup_not_answered", condition=~Q(state__in=("told", "decided"))
            ),
        )

    def __str__(self) -> str:
        return self.get_state_display()


class Evidence(models.Model):
    """A file that proves a finding, for oversight alone: it is no material of the case and goes into no package."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="evidence")
    digest = models.CharField(max_length=64)  # of the bytes in the vault
    media_type = models.CharField(max_length=80)
    filename = Sealed()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.follow_up_id} {self.added_at}"


DONE = (FollowUp.State.TOLD, FollowUp.State.DECIDED)


@keeper
def evidence() -> Iterator[tuple[str, str]]:
    """Files that prove findings."""
    rows = Evidence.objects.exclude(digest="").values_list("digest", "follow_up__case__number")
    yield from ((digest, f"{number} 的差评认定证据") for digest, number in rows.iterator())
