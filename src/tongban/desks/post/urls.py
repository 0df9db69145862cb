"""Routes of the post desk."""

from django.urls import path

from tongban.desks.post import views

urlpatterns = [
    path("", views.incoming, name="post"),
    path("units/", views.units, name="post-units"),
    path("results/", views.results, name="post-results"),
    path("posted/", views.posted, name="post-posted"),
    path("lists/<int:list_id>/receive/", views.receive, name="post-receive"),
    path("lists/<int:list_id>/deliver/", views.deliver, name="post-deliver"),
    path("cases/<str:number>/send/", views.send, name="post-send"),
    path("cases/<str:number>/signed/", views.signed, name="post-signed"),
    path("cases/<str:number>/returned/", views.returned, name="post-returned"),
]
