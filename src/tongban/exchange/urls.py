"""Routes for outside platforms; the code of the platform stands first."""

from django.urls import path

from tongban.exchange import views

urlpatterns = [
    path("<slug:platform>/events/", views.events, name="exchange-events"),
    path("<slug:platform>/files/<str:digest>/", views.file, name="exchange-file"),
    path("<slug:platform>/cases/", views.cases, name="exchange-cases"),
]
