"""Routes of the window desk."""

from django.urls import path

from tongban.desks import asks
from tongban.desks.window import calls, files, intake, lists, mail, supplement

urlpatterns = [
    path("", lists.home, name="window"),
    path("start/", intake.start, name="window-start"),
    path("intake/<uuid:draft_id>/", intake.page, name="window-intake"),
    path("intake/<uuid:draft_id>/check/", intake.check, name="window-check"),
    path("intake/<uuid:draft_id>/submit/", intake.submit, name="window-submit"),
    path("intake/<uuid:draft_id>/discard/", intake.discard, name="window-discard"),
    path("intake/<uuid:draft_id>/files/<int:place>/", files.add, name="window-file-add"),
    path("intake/<uuid:draft_id>/files/<int:place>/reuse/", files.reuse, name="window-file-reuse"),
    path("intake/<uuid:draft_id>/files/<int:place>/<str:file_id>/", files.show, name="window-file"),
    path("intake/<uuid:draft_id>/files/<int:place>/<str:file_id>/remove/", files.remove, name="window-file-remove"),
    path("done/<str:number>/", lists.done, name="window-done"),
    path("supplements/", lists.supplements, name="window-supplements"),
    path("supplements/<str:number>/", supplement.page, name="window-supplement"),
    path("tolerated/", lists.tolerated, name="window-tolerated"),
    path("tolerated/<str:number>/<int:place>/", supplement.supply_page, name="window-supply"),
    path("asks/", asks.of_window, name="window-asks"),
    path("calls/", calls.calls, name="window-calls"),
    path("calls/<int:message_id>/", calls.call, name="window-call"),
    path("calls/<int:message_id>/told/", calls.told, name="window-told"),
    path("forms/", lists.forms, name="window-forms"),
    path("papers/", lists.papers, name="window-papers"),
    path("cases/<str:number>/forms/<str:kind>/issue/", lists.issue, name="window-issue"),
    path("cases/<str:number>/forms/<int:form_id>/handed/", lists.handed, name="window-handed"),
    path("cases/<str:number>/papers/", lists.hand_on, name="window-hand-on"),
    path("cases/<str:number>/lists/", lists.make_lists, name="window-make-lists"),
    path("intake/<uuid:draft_id>/address/", mail.kept_address, name="window-kept-address"),
    path("mail/", mail.page, name="window-mail"),
    path("mail/<int:region_id>/send/", mail.send, name="window-mail-send"),
    path("cases/<str:number>/bag/", mail.give_bag, name="window-give-bag"),
    path("cases/<str:number>/address/", mail.address, name="window-address"),
    path("cases/<str:number>/lists/<int:list_id>/send/", lists.send_list, name="window-send-list"),
    path("cases/<str:number>/registration/", lists.registration, name="window-registration"),
    path("cases/<str:number>/rating/", lists.invite, name="window-invite"),
]
