"""Routes of the archive desk."""

from django.urls import path

from tongban.desks.archive import views

urlpatterns = [
    path("", views.waiting, {"which": "waiting"}, name="archive"),
    path("list/<str:which>/", views.waiting, name="archive-list"),
    path("cases/<str:number>/", views.check_page, name="archive-check"),
    path("cases/<str:number>/close/", views.close, name="archive-close"),
    path("cases/<str:number>/ask/", views.ask, name="archive-ask"),
    path("cases/<str:number>/shelve/", views.shelve, name="archive-shelve"),
    path("cases/<str:number>/export/", views.export, name="archive-export"),
]
