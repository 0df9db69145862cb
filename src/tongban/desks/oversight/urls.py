"""Routes of the oversight desk."""

from django.urls import path

from tongban.desks.oversight import letters, ratings, views

urlpatterns = [
    path("", views.overview, name="oversight"),
    path("list/<str:which>/", views.listing, name="oversight-list"),
    path("unmaskings/", views.unmaskings, name="oversight-unmaskings"),
    path("sending/", views.outgoing, name="oversight-sending"),
    path("letters/", letters.listing, name="oversight-letters"),
    path("letters/<int:letter_id>/retry/", letters.retry, name="oversight-letter-retry"),
    path("letters/<int:letter_id>/drop/", letters.drop, name="oversight-letter-drop"),
    path("cases/<str:number>/sending/<str:kind>/<int:row>/", views.send_again, name="oversight-send-again"),
    path("ratings/rates/", ratings.rates, name="oversight-rates"),
    path("ratings/list/<str:which>/", ratings.listing, name="oversight-bad"),
    path("ratings/<str:number>/", ratings.page, name="oversight-bad-rating"),
    path("ratings/<str:number>/evidence/<int:file_id>/", ratings.evidence, name="oversight-evidence"),
    path("ratings/<str:number>/<str:step>/", ratings.step, name="oversight-rating-step"),
    path("cases/<str:number>/verify/", views.verify_case, name="oversight-verify"),
    path("cases/<str:number>/permits/<int:permit_id>/", views.permit, name="oversight-permit"),
    path("cases/<str:number>/unlock/", views.unlock, name="oversight-unlock"),
]
