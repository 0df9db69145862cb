"""Routes of disposal: the archive's and oversight's together."""

from django.urls import path

from tongban.desks.archive import keeping

urlpatterns = [
    path("", keeping.disposals, name="archive-disposals"),
    path("make/", keeping.make_disposal, name="archive-make-disposal"),
    path("<str:batch>/", keeping.disposal_page, name="archive-disposal"),
    path("<str:batch>/<str:step>/", keeping.disposal_step, name="archive-disposal-step"),
]
