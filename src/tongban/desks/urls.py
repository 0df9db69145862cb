"""Every route: the public's own pages at the root, each desk under its name."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
