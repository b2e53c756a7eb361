"""The measuring rod of serve.py: the least that Django can do for the same two jobs, in one file.

`/page/<size>/` answers a constant body of so many bytes: no middleware, no template, no database.
`/form/` shows a form with a title and a text, checks what is posted, inserts one row in a transaction and redirects;
no middleware, so no csrf token either. The database is BARE_DATABASE_URL, opened as the portal opens its own.

`python -m bench.bare create` makes the table, `… count` prints its rows, `… drop` removes it.
"""

import os
import sys

import django
from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from portal.env import database

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": database(os.environ["BARE_DATABASE_URL"], statement=30, lock=10, idle=60)},
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="nothing is signed here",
)
django.setup()


class Entry(models.Model):
    title = models.CharField(max_length=60)
    text = models.TextField()

    class Meta:
        app_label = "bench"
        db_table = "bench_bare_entry"


class EntryForm(forms.Form):
    title = forms.CharField(max_length=60)
    text = forms.CharField(max_length=5000, widget=forms.Textarea)


def page(request: HttpRequest, size: int) -> HttpResponse:
    return HttpResponse(b"x" * size)


def entry(request: HttpRequest) -> HttpResponse:
    form = EntryForm(request.POST or None)
    if not form.is_valid():
        return HttpResponse(f'<form method="post">{form}<button>Send</button></form>')
    with transaction.atomic():
        Entry._default_manager.create(**form.cleaned_data)
    return HttpResponseRedirect("/form/")


urlpatterns = [path("page/<int:size>/", page), path("form/", entry)]
application = get_wsgi_application()


def main(act: str) -> None:
    if act == "count":
        print(Entry._default_manager.count())
        return
    with connection.schema_editor() as editor:
        if act == "create":
            editor.create_model(Entry)
        elif act == "drop":
            editor.delete_model(Entry)


if __name__ == "__main__":
    main(sys.argv[1])
