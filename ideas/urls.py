"""Every address of the portal but the admin's, by desk: what the public network answers, and what the office's does."""

from django.contrib.auth import views as auth
from django.urls import path

from ideas.desks import account, clerk, contact_releases, milestones, panellist, units
from ideas.views import (
    campaigns,
    drafts,
    duplicates,
    health,
    ideas,
    pages,
    photos,
    privacy,
    receipts,
    record,
    shortlist,
    sitemaps,
    tracking,
)

everywhere = [
    path("photos/<uuid:key>/", photos.photo, name="photo"),
    path("photos/<uuid:key>/thumb/", photos.photo, {"small": True}, name="photo-thumb"),
    path("preferences/", privacy.preferences, name="preferences"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
public = [
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap, name="sitemap-section"),
    path("", campaigns.home, name="home"),
    path("campaigns/<slug:slug>/", campaigns.campaign, name="campaign"),
    path("campaigns/<slug:slug>/submit/", ideas.submit, name="submit"),
    path("campaigns/<slug:slug>/submit/check/", ideas.check, name="check"),
    path("campaigns/<slug:slug>/submit/done/", receipts.done, name="done"),
    path("campaigns/<slug:slug>/submit/photos/", photos.add, name="add-photos"),
    path("campaigns/<slug:slug>/submit/resume/<uuid:key>/", drafts.resume, name="resume"),
    path("campaigns/<slug:slug>/submit/similar/", duplicates.similar, name="similar"),
    path("campaigns/<slug:slug>/ideas/", campaigns.ideas, name="ideas"),
    path("campaigns/<slug:slug>/ideas/<str:receipt>/", campaigns.idea, name="idea"),
    path("campaigns/<slug:slug>/winners/", shortlist.winners, name="winners"),
    path("campaigns/<slug:slug>/winners/<str:receipt>/", shortlist.winner, name="winner"),
    path("campaigns/<slug:slug>/record/", record.record, name="record"),
    path("campaigns/<slug:slug>/record/record.json", record.download, name="record-file"),
    path("campaigns/<slug:slug>/record/verify_record.py", record.script, name="record-script"),
    path("campaigns/<slug:slug>/slip/", campaigns.slip, name="slip"),
    path("track/", tracking.track, name="track"),
    *(path(f"track/{act}/", tracking.act_on, {"act": act}, name=f"track-{act}") for act in tracking.ACTS),
    path("track/export/", tracking.export, name="track-export"),
    path("track/lost/", tracking.lost, name="track-lost"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("accessibility/", privacy.accessibility, name="accessibility"),
]
staff = [
    path("login/", account.StaffLogin.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("account/password/", account.OwnPassword.as_view(), name="password"),
    path("desk/", account.own_desk, name="desk"),
    path("entry/", clerk.own_entries, name="entry"),
    path("entry/new/<slug:slug>/", clerk.new, name="entry-new"),
    path("entry/slip/<slug:slug>/", clerk.slip, name="entry-slip"),
    path("entry/receipts/<int:pk>/", clerk.receipt, name="entry-receipt"),
    path("panel/", panellist.own_ideas, name="panel"),
    path("panel/<int:pk>/", panellist.rate, name="rate"),
    path("panel/<int:pk>/abstain/", panellist.abstain, name="abstain"),
    path("panel/<int:pk>/skip/", panellist.skip, name="skip"),
    path("panel/<int:pk>/recuse/", panellist.recuse, name="recuse"),
    path("unit/", units.own_referrals, name="unit"),
    path("unit/<int:pk>/", units.referral, name="unit-referral"),
    path("unit/<int:pk>/milestones/", milestones.of_unit, name="unit-milestones"),
    path("unit/<int:pk>/contact/", contact_releases.see, name="unit-contact"),
    path("unit/<int:pk>/photos/", units.change_photos, name="unit-photos"),
    path("unit/<int:pk>/<str:act>/", units.act_on, name="unit-act"),
]
