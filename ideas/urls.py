"""Every address of the portal but the admin's, by desk: what the public network answers, and what the office's does."""

from django.contrib.auth import views as auth
from django.urls import path

from ideas.forms.people import StaffLoginForm
from ideas.views import campaigns, health, ideas, panel, people, privacy, ratings, residents, shortlist

everywhere = [
    path("preferences/", privacy.preferences, name="preferences"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
public = [
    path("", campaigns.home, name="home"),
    path("campaigns/<slug:slug>/", campaigns.campaign, name="campaign"),
    path("campaigns/<slug:slug>/submit/", ideas.submit, name="submit"),
    path("campaigns/<slug:slug>/submit/check/", ideas.check, name="check"),
    path("campaigns/<slug:slug>/submit/done/", ideas.done, name="done"),
    path("campaigns/<slug:slug>/winners/", shortlist.winners, name="winners"),
    path("campaigns/<slug:slug>/winners/<str:receipt>/", shortlist.winner, name="winner"),
    path("track/", residents.track, name="track"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("accessibility/", privacy.accessibility, name="accessibility"),
]
staff = [
    path("login/", auth.LoginView.as_view(template_name="people/login.html", form_class=StaffLoginForm), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("desk/", people.desk, name="desk"),
    path("panel/", panel.desk, name="panel"),
    path("panel/<int:pk>/", ratings.rate, name="rate"),
    path("panel/<int:pk>/recuse/", ratings.recuse, name="recuse"),
]
