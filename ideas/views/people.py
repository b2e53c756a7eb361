"""Where staff go after logging in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ideas.choices import Role
from ideas.queries import access
from ideas.requests import StaffRequest


@never_cache
@login_required
@require_safe
def desk(request: StaffRequest) -> HttpResponse:
    """The one desk of the person who logged in."""
    if access.seats(request.user).exists() or request.user.groups.filter(name=Role.PANELLIST.value).exists():
        return redirect("panel")
    if request.user.is_staff:
        return redirect("admin:index")
    if request.user.has_perm("ideas.enter_idea"):
        return redirect("entry")
    return render(request, "people/no_desk.html")
