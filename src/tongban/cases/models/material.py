"""What was handed in for each material asked, and the files kept of it."""

from django.db import models

from tongban.cases.models.case import Case
from tongban.people.models import Staff
from tongban.rules.review import MaterialState
from tongban.vault.sealed import Sealed, SealedJSON


class CaseMaterial(models.Model):
    """One material of a case, with the clerk's verdict."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="materials")
    index = models.PositiveSmallIntegerField()  # place in Procedure.materials
    name = models.CharField(max_length=120)
    clause = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20, choices=[(s.value, s.value) for s in MaterialState])
    defects = SealedJSON(default=list)
    original_shown = models.BooleanField(default=False)
    forwarded = models.BooleanField(default=False)  # the paper goes to the department
    tolerated = models.BooleanField(default=False)
    tolerance_due = models.DateField(null=True, blank=True)
    tolerance_until = models.CharField(max_length=40, blank=True)  # 办结前
    reminded_on = models.DateField(null=True, blank=True)  # that a tolerated material is still to come
    supplied_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)  # of the document itself, where it is known

    class Meta:
        ordering = ("index",)
        constraints = (models.UniqueConstraint(fields=("case", "index"), name="material_once_a_case"),)
        indexes = (
            models.Index(
                fields=("id",),
                name="material_still_to_come",
                condition=models.Q(tolerated=True, supplied_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.name


class MaterialFile(models.Model):
    """A file of a material: where it came from, under which name."""

    class Source(models.TextChoices):
        """Where a file came from."""

        FILE = "file", "文件"
        CAMERA = "camera", "拍摄"
        SCANNER = "scanner", "扫描"
        READER = "reader", "读卡"
        EARLIER = "earlier", "历史资料"
        LICENCE = "licence", "证照服务"

    material = models.ForeignKey(CaseMaterial, on_delete=models.PROTECT, related_name="files")
    digest = models.CharField(max_length=64, db_index=True)  # of the bytes in the vault
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=80)
    filename = Sealed()
    source = models.CharField(max_length=10, choices=Source.choices)
    reused_from = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    merged_into = models.CharField(max_length=64, blank=True)  # digest of the one file made of it and other pages
    withdrawn = models.BooleanField(default=False)  # replaced at a supplement; kept, no longer counted

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.material_id}/{self.pk}"


class MaterialFinding(models.Model):
    """One error of a material at one review: what the machine said, what the person decided. Never changed.

    The texts of common errors stand in the procedure and name nobody: they are plain, so that they can be counted.
    """

    material = models.ForeignKey(CaseMaterial, on_delete=models.PROTECT, related_name="findings")
    error = models.CharField(max_length=300, blank=True)  # a common error of the text; empty: said in own words
    code = models.CharField(max_length=40, blank=True)  # the machine's; empty: the person alone saw it
    level = models.CharField(max_length=10, blank=True)  # the machine's: failure or advice
    said = Sealed(blank=True)  # the machine's words, or the person's own
    standing = models.BooleanField()  # it counts against the material; of a failure, False: overruled
    reason = Sealed(blank=True)  # of overruling
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.material_id} {self.code or self.error}"
