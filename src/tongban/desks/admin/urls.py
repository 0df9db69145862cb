"""Routes of the administrator's desk."""

from django.urls import path

from tongban.desks.admin import calendar, clients, closing, places, platforms, records, views

urlpatterns = [
    path("", views.accounts, name="admin"),
    path("accounts/new/", views.create, name="admin-create"),
    path("accounts/<int:staff_id>/", views.account, name="admin-account"),
    path("accounts/<int:staff_id>/edit/", views.edit, name="admin-edit"),
    path("accounts/<int:staff_id>/password/", views.password, name="admin-password"),
    path("accounts/<int:staff_id>/factor/", views.factor, name="admin-factor"),
    path("accounts/<int:staff_id>/sessions/", views.sessions, name="admin-sessions"),
    path("accounts/<int:staff_id>/unlock/", views.unlock, name="admin-unlock"),
    path("accounts/<int:staff_id>/duties/", views.give_duty, name="admin-duty"),
    path("accounts/<int:staff_id>/stand-in/", views.stand_in, name="admin-stand-in"),
    path("duties/<int:duty_id>/end/", views.end_duty, name="admin-duty-end"),
    path("calendar/", calendar.page, name="admin-calendar"),
    path("calendar/import/", calendar.take, name="admin-calendar-take"),
    path("calendar/progress/", calendar.progress, name="admin-recount"),
    path("clients/", clients.overview, name="admin-clients"),
    path("clients/new/", clients.make, name="admin-client-make"),
    path("clients/<int:client_id>/", clients.page, name="admin-client"),
    path("clients/<int:client_id>/change/", clients.change, name="admin-client-change"),
    path("clients/<int:client_id>/token/", clients.token, name="admin-client-token"),
    path(
        "clients/<int:client_id>/tokens/<int:token_id>/revoke/", clients.revoke_token, name="admin-client-token-revoke"
    ),
    path("clients/<int:client_id>/revoke/", clients.revoke, name="admin-client-revoke"),
    path("platforms/", platforms.overview, name="admin-platforms"),
    path("platforms/<slug:platform>/", platforms.page, name="admin-platform"),
    path("platforms/<slug:platform>/address/", platforms.address, name="admin-platform-address"),
    path("platforms/<slug:platform>/key/", platforms.make_key, name="admin-platform-make"),
    path("platforms/<slug:platform>/take-key/", platforms.take_key, name="admin-platform-take"),
    path("platforms/<slug:platform>/try/", platforms.rehearse, name="admin-platform-rehearse"),
    path("tries/", records.tries, name="admin-tries"),
    path("changes/", records.changes, name="admin-changes"),
    path("places/", places.overview, name="admin-places"),
    path("places/import/", places.import_page, name="admin-import"),
    path("places/import/do/", places.import_now, name="admin-import-now"),
    path("regions/new/", places.add_region, name="admin-region-add"),
    path("regions/<int:region_id>/unit/", places.add_unit, name="admin-unit-add"),
    path("regions/<int:region_id>/window/", places.add_window, name="admin-window-add"),
    path("regions/<int:region_id>/hall/", places.hall, name="admin-hall"),
    path("regions/<int:region_id>/close/", closing.close_region, name="admin-region-close"),
    path("windows/<int:window_id>/", places.window, name="admin-window"),
    path("windows/<int:window_id>/close/", closing.close_window, name="admin-window-close"),
    path("windows/<int:window_id>/carry/", closing.carry_window, name="admin-window-carry"),
    path("units/<int:unit_id>/", closing.unit, name="admin-unit"),
    path("units/<int:unit_id>/close/", closing.close_unit, name="admin-unit-close"),
    path("units/<int:unit_id>/carry/", closing.carry_unit, name="admin-unit-carry"),
]
