"""Where each clause is carried out: what a click on a clause in the law pane shows."""

from django.urls import reverse_lazy

from tongban.procedure.model import Topic

_OF = {
    "window": ("收件窗口", (Topic.INTAKE, Topic.DECLINE, Topic.CORRECT_NOW, Topic.SUPPLEMENT, Topic.TOLERANCE, Topic.CONFORM,
               Topic.DIGITISE, Topic.DELIVERY, Topic.RECEIPT, Topic.PAPER_LISTS, Topic.REGISTRATION, Topic.HAND_ON,
               Topic.MATERIALS, Topic.PLATFORMS)),
    "department": ("承办部门", (Topic.TIME_LIMIT,)),
    "post": ("邮政专递窗口", (Topic.DISTRIBUTION, Topic.RELEASE_POST)),
    "issuing": ("发证岗位", (Topic.RELEASE, Topic.RELEASE_ON_SITE, Topic.RELEASE_DOCUMENTS, Topic.RELEASE_MESSAGE,
                Topic.RELEASE_VOUCHER, Topic.RELEASE_REFUSED)),
    "archive": ("归档岗位", (Topic.ARCHIVING,)),
    "public-windows": ("窗口名录", (Topic.WINDOWS,)),
    "public-home": ("公众页面", (Topic.PACKAGE, Topic.ITEMS, Topic.CONTACTS)),
    "public-progress": ("进度和评价", (Topic.RATING,)),
}  # fmt: skip
PLACES = {
    topic: {"label": label, "url": reverse_lazy(name)} for name, (label, topics) in _OF.items() for topic in topics
}
