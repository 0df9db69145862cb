"""What this room keeps."""

from tongban.exchange.models.platform import Platform, PlatformKey, Way

__all__ = ["Platform", "PlatformKey", "Way"]
