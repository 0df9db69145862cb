"""Routes of the post desk."""

from django.urls import path

from tongban.desks.post import mail, views

urlpatterns = [
    path("", views.incoming, name="post"),
    path("units/", views.units, name="post-units"),
    path("results/", mail.results, name="post-results"),
    path("posted/", mail.posted, name="post-posted"),
    path("list-of-the-day/", mail.list_of_the_day, name="post-list-of-the-day"),
    path("numbers/", mail.numbers, name="post-numbers"),
    path("lists/<int:list_id>/receive/", views.receive, name="post-receive"),
    path("lists/<int:list_id>/deliver/", views.deliver, name="post-deliver"),
    path("cases/<str:number>/send/", mail.send, name="post-send"),
    path("mail/<int:consignment_id>/signed/", mail.signed, name="post-signed"),
    path("mail/<int:consignment_id>/returned/", mail.returned, name="post-returned"),
    path("mail/<int:consignment_id>/note/", mail.note, name="post-note"),
]
