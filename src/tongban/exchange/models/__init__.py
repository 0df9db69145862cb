"""What this room keeps."""

from tongban.exchange.models.clients import Client, Part, Push, Scope, Submission, Token, Upload, Webhook
from tongban.exchange.models.platform import Platform, PlatformKey, Way

__all__ = [
    "Client",
    "Part",
    "Platform",
    "PlatformKey",
    "Push",
    "Scope",
    "Submission",
    "Token",
    "Upload",
    "Way",
    "Webhook",
]
