"""Which addresses this process answers (IDEAS_DESKS); every other one is a 404."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from ideas import conf, urls
from ideas.conf import Desks


def patterns(desks: Desks) -> list[URLPattern | URLResolver]:
    """The addresses of a process for the public network, for the office's, or for both."""
    shown: list[URLPattern | URLResolver] = [*urls.everywhere]
    if desks in ("public", "both"):
        shown += urls.public
    if desks in ("staff", "both"):
        shown += [*urls.staff, path("admin/", admin.site.urls)]
    return shown


urlpatterns = patterns(conf.desks())

handler400 = "ideas.views.pages.bad_request"
handler403 = "ideas.views.pages.forbidden"
handler404 = "ideas.views.pages.not_found"
handler500 = "ideas.views.pages.server_error"
