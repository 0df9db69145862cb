"""Every route: the public's own pages at the root, each desk under its name."""

from django.urls import include, path

from tongban.desks import api_docs, errors, phone, photo
from tongban.exchange.api.app import api

urlpatterns = [
    path("", include("tongban.desks.urls_public")),
    path("phone/<str:token>/", phone.page, name="phone"),
    path("guide/<int:version_id>/photo/<int:place>/", photo.page, name="public-photo"),
    path("window/", include("tongban.desks.window.urls")),
    path("cases/", include("tongban.desks.case.urls")),
    path("department/", include("tongban.desks.department.urls")),
    path("post/", include("tongban.desks.post.urls")),
    path("paper/", include("tongban.desks.paper.urls")),
    path("prints/", include("tongban.desks.urls_prints")),
    path("issuing/", include("tongban.desks.issuing.urls")),
    path("archive/", include("tongban.desks.archive.urls")),
    path("disposals/", include("tongban.desks.archive.urls_disposal")),
    path("errors/", errors.page, name="errors"),
    path("oversight/", include("tongban.desks.oversight.urls")),
    path("editor/", include("tongban.desks.editor.urls")),
    path("admin/", include("tongban.desks.admin.urls")),
    path("api/", api_docs.page, name="api-docs"),
    path("api/v1/openapi.json", api_docs.description, name="api-description"),
    path("api/v1/", api.urls),
    path("exchange/", include("tongban.exchange.urls")),
]
