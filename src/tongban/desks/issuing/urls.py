"""Routes of the issuing desk."""

from django.urls import path

from tongban.desks import asks, tray
from tongban.desks.issuing import card_read, counter, fresh_code, tablet, views

urlpatterns = [
    path("", views.waiting, {"which": "collect"}, name="issuing"),
    path("list/<str:which>/", views.waiting, name="issuing-list"),
    path("asks/", asks.of_issuing, name="issuing-asks"),
    path("forms/", tray.of_issuing, name="issuing-forms"),
    path("cases/<str:number>/", counter.release_page, name="issuing-release"),
    path("cases/<str:number>/answer/", counter.answer, name="issuing-answer"),
    path("cases/<str:number>/tablet/", tablet.invite, name="issuing-tablet"),
    path("cases/<str:number>/written/", tablet.there, name="issuing-written"),
    path("cases/<str:number>/card/", card_read.read, name="issuing-card"),
    path("cases/<str:number>/code/", fresh_code.send, name="issuing-code"),
    path("cases/<str:number>/code/sent/", fresh_code.sent, name="issuing-code-sent"),
    path("cases/<str:number>/hand-over/", counter.hand_over, name="issuing-hand-over"),
    path("cases/<str:number>/refusal/", counter.print_refusal, name="issuing-refusal"),
    path("cases/<str:number>/permit/", counter.ask_permit, name="issuing-ask-permit"),
    path("cases/<str:number>/by-post/", counter.by_post, name="issuing-by-post"),
    path("cases/<str:number>/by-hand/", counter.by_hand, name="issuing-by-hand"),
    path("cases/<str:number>/send-back/", counter.send_back, name="issuing-send-back"),
    path("cases/<str:number>/post/", views.to_post, name="issuing-post"),
    path("cases/<str:number>/pass/", views.pass_on, name="issuing-pass"),
]
