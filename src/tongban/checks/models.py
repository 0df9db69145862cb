"""A look of the machine at one or two stored files."""

from collections.abc import Iterator

from django.db import models

from tongban.vault.keepers import keeper
from tongban.vault.sealed import SealedJSON


class Check(models.Model):
    """One look: waiting, being done, or done with its result. What was looked at and how is in ``key``: never done twice.

    Results are kept for some days and then forgotten: what a case needs of them is written with the case.
    """

    class State(models.TextChoices):
        """Where it is."""

        WAITING = "waiting", "等待"
        WORKING = "working", "正在看"
        DONE = "done", "已看"
        FAILED = "failed", "没有看成"

    key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10)
    digests = models.JSONField()  # of files in the vault, in order
    given = models.JSONField(default=dict)  # limits, the day
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    result = SealedJSON(default=None)

    class Meta:
        indexes = (
            models.Index(fields=("id",), name="check_to_do", condition=models.Q(state__in=("waiting", "working"))),
            models.Index(fields=("done_at",), name="check_to_forget"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key[:12]}"


@keeper
def bound_pages() -> Iterator[tuple[str, str]]:
    """Pages bound for a draft that is not taken in yet."""
    done = Check.objects.filter(kind="pages", state=Check.State.DONE).values_list("result", flat=True)
    yield from ((result["digest"], "待收件的合并扫描件") for result in done.iterator() if result and "digest" in result)
