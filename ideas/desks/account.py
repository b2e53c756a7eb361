"""Where staff go after logging in, and the own password."""

from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ideas.choices import Role
from ideas.desks.pages import desk
from ideas.forms.people import OwnPasswordForm, StaffLoginForm
from ideas.queries import access
from ideas.requests import StaffRequest
from ideas.services.logins import WAIT


class StaffLogin(auth.LoginView):
    """Django's log-in with our form; whoever has tried too often is told when it helps to try again."""

    template_name = "people/login.html"
    form_class = StaffLoginForm

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        locked = form.locked if isinstance(form, StaffLoginForm) else None
        if locked is None:
            return super().form_invalid(form)
        context = {"is_long": locked.wait >= WAIT}
        response = render(self.request, "people/locked.html", context, status=429)
        response["Retry-After"] = str(int(locked.wait.total_seconds()))
        return response


@desk()
@require_safe
def own_desk(request: StaffRequest) -> HttpResponse:
    """The one desk of the person who logged in."""
    if access.assignments(request.user).exists():
        return redirect("panel")
    if request.user.is_staff:
        return redirect("admin:index")
    if request.user.groups.filter(name=Role.PANELLIST.value).exists():
        return redirect("panel")
    if request.user.has_perm("ideas.enter_idea"):
        return redirect("entry")
    if request.user.has_perm("ideas.work_referral"):
        return redirect("unit")
    return render(request, "people/no_desk.html")


class OwnPassword(SuccessMessageMixin, auth.PasswordChangeView):
    """Everybody who can log in changes the own password here, whatever the role."""

    template_name = "people/password.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("desk")
    success_message = gettext_lazy("Your password has been changed.")
