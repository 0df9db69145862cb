"""Routes of the editor's desk."""

from django.urls import path

from tongban.desks.editor import views

urlpatterns = [
    path("", views.home, name="editor"),
    path("upload/", views.upload, name="editor-upload"),
    path("versions/<int:version_id>/", views.version, name="editor-version"),
    path("versions/<int:version_id>/edit/", views.edit, name="editor-edit"),
    path("drafts/<uuid:text_id>/", views.draft, name="editor-draft"),
    path("drafts/<uuid:text_id>/save/", views.save, name="editor-save"),
    path("drafts/<uuid:text_id>/publish/", views.publish, name="editor-publish"),
    path("drafts/<uuid:text_id>/confirm/", views.confirm, name="editor-confirm"),
    path("drafts/<uuid:text_id>/discard/", views.discard, name="editor-discard"),
]
