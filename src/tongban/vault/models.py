"""The keys the data is sealed with, themselves sealed."""

from django.db import models


class DataKey(models.Model):
    """A random key, wrapped by the master key, which the database does not hold. Its id stands in each sealed value.

    Never deleted: an old backup may need it.
    """

    class Purpose(models.TextChoices):
        """What it is for."""

        SEAL = "seal", "加密"
        INDEX = "index", "查找摘要"
        CHAIN = "chain", "经过链"

    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    algorithm = models.CharField(max_length=10)
    wrapped = models.CharField(max_length=200)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.get_purpose_display()} {self.algorithm}"


class Tally(models.Model):
    """How often something was tried within a window. Only ``vault.throttle`` writes here."""

    digest = models.CharField(max_length=64, unique=True)  # keyed, of what is counted
    tries = models.PositiveIntegerField()
    ends_at = models.BigIntegerField(db_index=True)  # seconds since 1970: then the window is over

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.tries}"
