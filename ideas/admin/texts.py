"""Texts that staff write in the admin's own forms are read as in all other forms: what shows nothing is missing."""

from typing import Any

from django.contrib.admin import options
from django.db import models

from ideas.forms.fields import LineField, TextField

_FIELDS: dict[type[models.Field], dict[str, Any]] = options.FORMFIELD_FOR_DBFIELD_DEFAULTS
_FIELDS[models.CharField] |= {"form_class": LineField}
_FIELDS[models.TextField] |= {"form_class": TextField}
_FIELDS[models.SlugField] = {"widget": _FIELDS[models.CharField]["widget"]}  # has a field of its own
