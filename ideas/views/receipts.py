"""The receipt of a submitted idea: number and query code, for a day in the browser that sent it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ideas import conf
from ideas.choices import MessageState
from ideas.queries import access
from ideas.requests import Request
from ideas.rules.receipts import show_code
from ideas.views import drafts


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def done(request: Request, slug: str) -> HttpResponse:
    """The receipt; opened without its cookie it still says what to do. POST forgets it in this browser."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    if request.method == "POST":
        messages.success(request, _("The receipt is cleared from this device."))
        return drafts.forget(request, redirect("done", slug=slug))
    own = access.drafts(drafts.keys(request), campaign, request.at)
    sent = [draft for draft in own if draft.idea_id]
    draft = drafts.choose(sent, request.GET.get("form", ""))
    known = {"campaign": campaign, "waiting": drafts.waiting(own)}
    if draft is None or draft.idea is None:
        return render(request, "ideas/done.html", known)
    context = {
        **known,
        "idea": draft.idea,
        "code": show_code(draft.content.code),
        "copies": draft.idea.messages.filter(template="receipt").exclude(state=MessageState.DEAD),
        "resident": getattr(draft.idea, "resident", None),
        "track_address": f"{conf.site_url()}{reverse('track')}?receipt={draft.idea.receipt}",
        "others": [(other.idea, drafts.tag(other)) for other in sent if other.pk != draft.pk],
        "is_guessed": bool(drafts.unnamed(sent, request.GET.get("form", ""))),
    }
    return render(request, "ideas/done.html", context)
