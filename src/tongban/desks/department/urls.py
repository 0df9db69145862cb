"""Routes of the department desk."""

from django.urls import path

from tongban.desks.department import views

urlpatterns = [
    path("", views.inbox, {"state": "pushed"}, name="department"),
    path("<str:state>/", views.inbox, name="department-list"),
    path("cases/<str:number>/accept/", views.accept, name="department-accept"),
    path("cases/<str:number>/not-accept/", views.not_accept, name="department-not-accept"),
    path("cases/<str:number>/pause/", views.pause, name="department-pause"),
    path("cases/<str:number>/resume/", views.resume, name="department-resume"),
    path("cases/<str:number>/fee/", views.fee, name="department-fee"),
    path("cases/<str:number>/fee-paid/", views.fee_paid, name="department-fee-paid"),
    path("cases/<str:number>/decide/", views.decide, name="department-decide"),
    path("cases/<str:number>/end-late/", views.end_late, name="department-end-late"),
    path("cases/<str:number>/send/", views.send, name="department-send"),
]
