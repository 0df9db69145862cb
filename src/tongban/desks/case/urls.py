"""Routes of the case page."""

from django.urls import path

from tongban.desks import asks, prints, tray
from tongban.desks.case import unmasking, views

urlpatterns = [
    path("", views.search, name="case-search"),
    path("<str:number>/", views.page, name="case"),
    path("<str:number>/files/<int:file_id>/", views.file, name="case-file"),
    path("<str:number>/documents/<int:document_id>/", views.document, name="case-document"),
    path("<str:number>/unmask/", unmasking.unmask, name="case-unmask"),
    path("<str:number>/vouch/", views.vouch_for, name="case-vouch"),
    path("<str:number>/permits/<int:permit_id>/", views.permit_scan, name="case-permit"),
    path("<str:number>/materials.zip", views.materials_zip, name="case-materials"),
    path("<str:number>/materials/", prints.materials, name="case-materials-pdf"),
    path("<str:number>/forms/<int:form_id>.pdf", views.form, name="case-form"),
    path("<str:number>/forms/waiting.pdf", views.print_waiting, name="case-forms-waiting"),
    path("<str:number>/forms/<int:form_id>/handed/", tray.handed, name="case-form-handed"),
    path("<str:number>/forms/<int:form_id>/withdraw/", views.withdraw, name="case-form-withdraw"),
    path("<str:number>/forms/<int:form_id>/sign/", views.sign, name="case-form-sign"),
    path("<str:number>/forms/<int:form_id>/signed/", views.signed, name="case-form-signed"),
    path("<str:number>/asks/<int:ask_id>/", asks.answered, name="case-ask-answered"),
]
