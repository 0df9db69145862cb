"""Routes of paper at every desk."""

from django.urls import path

from tongban.desks.paper import bags, camera, closing, views

urlpatterns = [
    path("", views.page, name="paper"),
    path("take/", views.take, name="paper-take"),
    path("camera/", camera.read, name="paper-camera"),
    path("check/", views.check, name="paper-check"),
    path("give/", views.give, name="paper-give"),
    path("bags/<int:thing_id>/", bags.page, name="paper-bag"),
    path("sheets/<int:form_id>.pdf", views.sheet, name="paper-sheet"),
    path("closing/", closing.page, name="paper-closing"),
    path("missing/", closing.missing, name="paper-missing"),
    path("missing/report/", closing.report, name="paper-report"),
    path("missing/<int:missing_id>/", closing.end, name="paper-missing-end"),
]
