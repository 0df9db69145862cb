"""What this room keeps."""

from tongban.exchange.models.clients import Client, Part, Push, Scope, Submission, Token, Upload, Webhook
from tongban.exchange.models.platform import Platform, PlatformKey, Way
from tongban.exchange.models.traffic import Letter, PlatformPush, Shared

__all__ = [
    "Client",
    "Letter",
    "Part",
    "Platform",
    "PlatformKey",
    "PlatformPush",
    "Push",
    "Scope",
    "Shared",
    "Submission",
    "Token",
    "Upload",
    "Way",
    "Webhook",
]
