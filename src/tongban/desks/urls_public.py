"""Routes of the public's pages, and of logging in."""

from django.urls import path

from tongban.desks import (
    account,
    bag,
    check,
    counter,
    demo_phone,
    login,
    notices,
    public,
    rating,
    reports,
    single_sign_on,
    steps,
)
from tongban.desks.issuing import tablet

urlpatterns = [
    path("", public.home, name="public-home"),
    path("windows/", public.windows, name="public-windows"),
    path("guide/<int:version_id>/", public.guide, name="public-guide"),
    path("progress/", public.progress, name="public-progress"),
    path("progress/rate/", public.rate_case, name="public-rating"),
    path("progress/appeal/", public.appeal_answer, name="public-appeal"),
    path("rate/tablet/<int:window_id>/<str:signature>/", rating.tablet, name="public-tablet"),
    path("rate/<str:number>/<str:signature>/", rating.by_link, name="public-rate"),
    path("check/", check.ask, name="public-check-ask"),
    path("check/<str:token>/", check.sheet, name="public-check"),
    path("bag/<str:code>/", bag.page, name="public-bag"),
    path("write/<str:token>/", tablet.write, name="public-write"),
    path("elder/", public.elder, name="public-elder"),
    path("login/", login.Login.as_view(), name="login"),
    path("login/code/", steps.code, name="step-code"),
    path("login/factor/", steps.set_factor, name="step-factor"),
    path("login/codes/", steps.codes, name="step-codes"),
    path("login/password/", steps.password, name="step-password"),
    path("login/sso/", single_sign_on.start, name="sso"),
    path("login/sso/back/", single_sign_on.back, name="sso-back"),
    path("logout/", single_sign_on.leave, name="logout"),
    path("switch/", counter.change, name="counter"),
    path("account/factor/", account.second_factor, name="account-factor"),
    path("account/", account.page, name="account"),
    path("account/end-sessions/", account.end_sessions, name="account-end-sessions"),
    path("notices/", notices.page, name="notices"),
    path("notices/seen/", notices.seen, name="notices-seen"),
    path("home/", login.home, name="home"),
    path("demo/", login.demo, name="demo"),
    path("demo/phone/", demo_phone.phone, name="demo-phone"),
    path("sms/report/", reports.sms, name="sms-report"),
    path("demo/<str:username>/", login.switch, name="demo-switch"),
]
