"""Django's handle on this room."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Room(AppConfig):
    """The room, under its own name."""

    name = "tongban.messages"
    label = "sms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say at the start, not at the first message, that the gateway is not set up."""
        if settings.SMS_GATEWAY not in ("log", "http"):
            raise ImproperlyConfigured("TONGBAN_SMS 应为 log 或 http。")
        if settings.SMS_GATEWAY == "http" and not (settings.SMS_URL.startswith(("http://", "https://"))):
            raise ImproperlyConfigured("TONGBAN_SMS=http 需要 TONGBAN_SMS_URL，以 https:// 或 http:// 开头。")
        if settings.SMS_GATEWAY == "http" and not settings.SMS_SECRETS:
            raise ImproperlyConfigured("TONGBAN_SMS=http 需要 TONGBAN_SMS_SECRET，用来签名和验签。")
        if len(settings.SMS_ACCEPTED) != 2:
            raise ImproperlyConfigured("TONGBAN_SMS_ACCEPTED 应写成 字段=值。")
