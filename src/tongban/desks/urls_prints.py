"""Routes of printing what a day brought."""

from django.urls import path

from tongban.desks import prints

urlpatterns = [
    path("", prints.page, name="prints"),
    path("start/", prints.start, name="prints-start"),
    path("<int:batch_id>/", prints.show, name="prints-batch"),
    path("<int:batch_id>/all.pdf", prints.pdf, name="prints-pdf"),
]
