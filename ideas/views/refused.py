"""A form without proof of where it came from: what was missing is said, and how to go on with what was typed."""

from django.http import HttpResponse
from django.middleware.csrf import REASON_CSRF_TOKEN_MISSING, REASON_NO_CSRF_COOKIE, REASON_NO_REFERER
from django.urls import reverse
from django.utils.translation import gettext as _

from ideas.queries import access
from ideas.requests import Request, read_key
from ideas.services.drafts import CampaignClosed, DraftGone, make_draft
from ideas.views.pages import page
from ideas.views.photos import take_photos

ON_THE_WAY = ("Origin checking", "Referer checking")  # how Django's reasons begin
# Addresses that only a button posts to, and the form that the button stands in.
FORM_OF = {"check": "submit", "add-photos": "submit", "done": "submit", "similar": "submit"}


def csrf_failure(request: Request, reason: str = "") -> HttpResponse:
    is_elsewhere = reason.startswith(ON_THE_WAY) and reason != REASON_NO_REFERER
    has_photos, why = bool(request.FILES), _why(reason)
    again = _("Please open the form again and send it once more.")
    below = _("What you typed is below; nothing of it is lost.")
    are_kept = has_photos and not is_elsewhere and _keep_photos(request)
    response = page(
        request,
        403,
        _("We could not accept this form"),
        _("%(why)s %(how)s") % {"why": why, "how": again},
        to_copy=_("%(why)s %(how)s") % {"why": why, "how": below},
        again=_form(request),
        goes_on=True,
        photos_kept=are_kept,
        photos_left=has_photos and not are_kept,
    )
    response.is_csrf_failure = True  # type: ignore[attr-defined]  # portal.kept keeps what staff typed
    response.leads_back = not reason.startswith(ON_THE_WAY)  # type: ignore[attr-defined]  # else read what is in the way
    return response


def _why(reason: str) -> str:
    """The cookie is blamed only where it is the cookie."""
    if reason == REASON_NO_CSRF_COOKIE:
        return _("Your browser did not send the one cookie that the form needs. Please allow cookies for this site.")
    if reason.startswith(ON_THE_WAY):
        return _(
            "On the way to us it was removed or changed from which page the form was sent, by a proxy or a privacy "
            "program for example. If it happens again, change to another network, mobile data for example, or to "
            "another browser, or call us."
        )
    if reason == REASON_CSRF_TOKEN_MISSING:
        return _("The form did not arrive whole; perhaps the connection broke.")
    return _("This page was opened some time ago, and its proof does not fit any more.")


def _form(request: Request) -> str:
    """Where the form is that was posted."""
    match = request.resolver_match
    if match and match.url_name in FORM_OF:
        return reverse(FORM_OF[match.url_name], kwargs=match.kwargs)
    return request.path


def _keep_photos(request: Request) -> bool:
    """Keep the photos of a resident's form under its key, so that its next post finds them; they prove nothing else."""
    match, key = request.resolver_match, read_key(request.POST.get("form_key", ""))
    if not match or match.url_name != "submit" or key is None:
        return False
    campaign = access.public_campaigns(request.at).filter(slug=match.kwargs["slug"]).first()
    try:
        draft = (
            make_draft(key=key, campaign=campaign, at=request.at, address=request.client_address) if campaign else None
        )
    except (DraftGone, CampaignClosed):
        return False
    return draft is not None and draft.idea_id is None and not take_photos(request, draft)
