"""The admin's own forms as a browser would send them back."""

from typing import Any

from django.forms import Select
from django.test import Client


def filled(client: Client, address: str) -> dict[str, Any]:
    """Every field of the page's form and its inlines with the value that it shows."""
    page = client.get(address).context
    inlines = page["inline_admin_formsets"]
    data: dict[str, Any] = {}
    for form in [page["adminform"].form, *(form for formset in inlines for form in formset.formset)]:
        for field in form:
            value, widget = field.value(), field.field.widget
            if hasattr(widget, "decompress"):
                parts = zip(("%Y-%m-%d", "%H:%M:%S"), widget.decompress(value), strict=True)
                data |= {f"{field.html_name}_{n}": p.strftime(how) if p else "" for n, (how, p) in enumerate(parts)}
            elif value is not None and (value is not False or isinstance(widget, Select)):
                data[field.html_name] = value
    for formset in inlines:
        data |= {field.html_name: field.value() for field in formset.formset.management_form}
    return data
