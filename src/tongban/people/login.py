"""Who may be logged in: a demo account only while the demo is on."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from tongban.people.models import Staff


class StaffBackend(ModelBackend):
    """Django's own, asked again at every request: a demo session ends with the demo."""

    def user_can_authenticate(self, user: Staff | None) -> bool:  # type: ignore[override]
        """Whether the account is active and, when it is a demo's, the demo is on."""
        return super().user_can_authenticate(user) and (settings.DEMO or not getattr(user, "demo", False))
