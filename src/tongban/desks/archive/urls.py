"""Routes of the archive desk."""

from django.urls import path

from tongban.desks.archive import views

urlpatterns = [
    path("", views.waiting, {"which": "waiting"}, name="archive"),
    path("list/<str:which>/", views.waiting, name="archive-list"),
    path("cases/<str:number>/", views.check_page, name="archive-check"),
    path("cases/<str:number>/close/", views.close, name="archive-close"),
]
