"""The package of a closed case."""

from django.db import models

from tongban.cases.models import Case
from tongban.vault.sealed import Sealed, SealedJSON


class ArchivePackage(models.Model):
    """What was put away: the list of contents with digests, frozen when the case was closed."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="package")
    contents = SealedJSON()  # [{"name", "digest", "size"}]
    retention = models.CharField(max_length=10)  # 永久 / 30年 / 10年: the city's decision
    note = Sealed(blank=True)  # why it was closed with something missing
    archived_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.case)
