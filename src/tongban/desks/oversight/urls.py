"""Routes of the oversight desk."""

from django.urls import path

from tongban.desks.oversight import views

urlpatterns = [
    path("", views.overview, name="oversight"),
    path("list/<str:which>/", views.listing, name="oversight-list"),
    path("cases/<str:number>/verify/", views.verify_case, name="oversight-verify"),
    path("cases/<str:number>/unlock/", views.unlock, name="oversight-unlock"),
]
