"""Messages to applicants, one a fact."""

from django.db import models

from tongban.cases.models import Outgoing
from tongban.vault.sealed import Sealed


class Message(Outgoing):
    """An SMS made from an event."""

    label = "短信"

    kind = models.CharField(max_length=30)
    text = Sealed()

    class Meta(Outgoing.Meta):
        pass
