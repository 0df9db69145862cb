"""Routes of the department desk."""

from django.urls import path

from tongban.desks import tray
from tongban.desks.department import around, batches, enter, lists, opinions, views

urlpatterns = [
    path("", lists.inbox, {"state": "pushed"}, name="department"),
    path("forms/", tray.of_department, name="department-forms"),
    path("questions/", around.questions, name="department-questions"),
    path("opinions/", opinions.page, name="department-opinions"),
    path("opinions/<int:opinion_id>/", opinions.change, name="department-opinion"),
    path("decisions/", batches.decisions, name="department-decisions"),
    path("decisions/table.xlsx", batches.table, name="department-table"),
    path("batches/<int:batch_id>/", batches.show, name="department-batch"),
    path("batches/<int:batch_id>/take/", batches.take, name="department-take"),
    path("batches/start/<str:kind>/", batches.start, name="department-start"),
    path("<str:state>/", lists.inbox, name="department-list"),
    path("cases/<str:number>/copy/", enter.copy, name="department-copy"),
    path("cases/<str:number>/export.zip", enter.export, name="department-export"),
    path("cases/<str:number>/accept/", views.accept, name="department-accept"),
    path("cases/<str:number>/not-accept/", views.not_accept, name="department-not-accept"),
    path("cases/<str:number>/pause/", views.pause, name="department-pause"),
    path("cases/<str:number>/resume/", views.resume, name="department-resume"),
    path("cases/<str:number>/fee/", views.fee, name="department-fee"),
    path("cases/<str:number>/fee-paid/", views.fee_paid, name="department-fee-paid"),
    path("cases/<str:number>/decide/", views.decide, name="department-decide"),
    path("cases/<str:number>/correct/", around.correct, name="department-correct"),
    path("cases/<str:number>/document/", around.document, name="department-document"),
    path("cases/<str:number>/pass/", around.pass_on, name="department-pass"),
    path("cases/<str:number>/ask/", around.ask, name="department-ask"),
    path("cases/<str:number>/questions/<int:question_id>/", around.answer, name="department-answer"),
    path("cases/<str:number>/end-late/", views.end_late, name="department-end-late"),
    path("cases/<str:number>/send/", views.send, name="department-send"),
]
