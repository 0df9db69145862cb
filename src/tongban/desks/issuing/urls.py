"""Routes of the issuing desk."""

from django.urls import path

from tongban.desks import asks
from tongban.desks.issuing import views

urlpatterns = [
    path("", views.waiting, {"which": "collect"}, name="issuing"),
    path("list/<str:which>/", views.waiting, name="issuing-list"),
    path("asks/", asks.of_issuing, name="issuing-asks"),
    path("cases/<str:number>/", views.release_page, name="issuing-release"),
    path("cases/<str:number>/answer/", views.answer, name="issuing-answer"),
    path("cases/<str:number>/hand-over/", views.hand_over, name="issuing-hand-over"),
    path("cases/<str:number>/post/", views.to_post, name="issuing-post"),
    path("cases/<str:number>/pass/", views.pass_on, name="issuing-pass"),
]
