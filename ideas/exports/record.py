"""A sealed record as a file, and the program that recomputes it."""

import json
from pathlib import Path

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from ideas.models import SealedRecord

SCRIPT = Path(__file__).with_name("verify_record.py")


def record_bytes(kept: SealedRecord) -> bytes:
    """A small record with its digest, as ideas/exports/verify_record.py and `manage.py verify_record` read it."""
    file = {"record": json.loads(kept.text), "algorithm": kept.algorithm, "digest": kept.digest}
    return json.dumps(file, ensure_ascii=False, indent=1).encode()


def file_name(kept: SealedRecord) -> str:
    return f"{kept.campaign.slug}-record-{kept.number}-{kept.edition}.json"


def record_file(kept: SealedRecord) -> HttpResponseBase:
    """One member a line, as somebody reads it; a large record in one line, a part at a time."""
    if kept.is_small:
        return _download(record_bytes(kept), file_name(kept), "application/json")
    return StreamingHttpResponse(kept.file(), content_type="application/json", headers=_attached(file_name(kept)))


def script_file() -> HttpResponse:
    return _download(SCRIPT.read_bytes(), SCRIPT.name, "text/x-python; charset=utf-8")


def _download(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers=_attached(name))


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
