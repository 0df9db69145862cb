"""Routes of the archive desk."""

from django.urls import path

from tongban.desks.archive import keeping, views

urlpatterns = [
    path("", views.waiting, {"which": "waiting"}, name="archive"),
    path("list/<str:which>/", views.waiting, name="archive-list"),
    path("cases/<str:number>/", views.check_page, name="archive-check"),
    path("cases/<str:number>/close/", views.close, name="archive-close"),
    path("cases/<str:number>/ask/", views.ask, name="archive-ask"),
    path("cases/<str:number>/shelve/", views.shelve, name="archive-shelve"),
    path("cases/<str:number>/sheets/", views.sheets, name="archive-sheets"),
    path("loans/", keeping.loans, name="archive-loans"),
    path("transfers/", keeping.transfers, name="archive-transfers"),
    path("transfers/make/", keeping.make_transfer, name="archive-make-transfer"),
    path("transfers/<str:batch>/", keeping.transfer, name="archive-transfer"),
    path("transfers/<str:batch>/list.xml", keeping.transfer_list, name="archive-transfer-list"),
    path("transfers/<str:batch>/receipt/", keeping.receipt, name="archive-receipt"),
    path("cases/<str:number>/lend/", keeping.lend, name="archive-lend"),
    path("cases/<str:number>/give-back/", keeping.give_back, name="archive-give-back"),
    path("cases/<str:number>/hold/", keeping.hold, name="archive-hold"),
    path("cases/<str:number>/export/", views.export, name="archive-export"),
]
