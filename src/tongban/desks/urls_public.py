"""Routes of the public's pages, and of logging in."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from tongban.desks import account, login, notices, public, rating

urlpatterns = [
    path("", public.home, name="public-home"),
    path("windows/", public.windows, name="public-windows"),
    path("guide/<int:version_id>/", public.guide, name="public-guide"),
    path("progress/", public.progress, name="public-progress"),
    path("progress/rate/", public.rate_case, name="public-rating"),
    path("progress/appeal/", public.appeal_answer, name="public-appeal"),
    path("rate/tablet/<int:window_id>/<str:signature>/", rating.tablet, name="public-tablet"),
    path("rate/<str:number>/<str:signature>/", rating.by_link, name="public-rate"),
    path("elder/", public.elder, name="public-elder"),
    path("login/", login.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", account.page, name="account"),
    path("account/end-sessions/", account.end_sessions, name="account-end-sessions"),
    path("notices/", notices.page, name="notices"),
    path("notices/seen/", notices.seen, name="notices-seen"),
    path("home/", login.home, name="home"),
    path("demo/", login.demo, name="demo"),
    path("demo/<str:username>/", login.switch, name="demo-switch"),
]
