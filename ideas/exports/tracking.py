"""All that the portal keeps of one resident and one idea, for that resident: a ZIP with data.json and the photos."""

import io
import json
import zipfile
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate, localtime

from ideas.models import Idea, IdeaVersion, Resident
from ideas.models.photos import photo_store
from ideas.queries.tracking import story_of, whole_way


def own_data(idea: Idea, at: datetime) -> bytes:
    """The archive's bytes. Nothing of the office's own is in it: no names of staff, no marks, no list."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(_data(idea, at), ensure_ascii=False, indent=2))
        for photo in idea.photos.sent():
            if photo_store().exists(photo.file_name):
                with photo_store().open(photo.file_name) as picture:
                    archive.writestr(f"photos/{photo.key}.jpg", picture.read(), zipfile.ZIP_STORED)
    return file.getvalue()


def _data(idea: Idea, at: datetime) -> dict[str, Any]:
    resident = Resident.objects.filter(idea=idea).first()
    return {
        "exported_at": _moment(at),
        "campaign": idea.campaign.title,
        "idea": {
            "receipt": idea.receipt,
            "received_at": _moment(idea.received_at),
            "source": idea.source,
            "status": idea.public_status,
            **_wording(idea),
        },
        "earlier_wordings": [
            {"number": version.number, "replaced_at": _moment(version.replaced_at), **_wording(version)}
            for version in idea.versions.select_related("topic", "area")
        ],
        "person": _person(resident) if resident else None,
        "time_line": [
            {"at": _moment(step.at), "what": step.title, "words": step.words}
            for step in whole_way(idea, story_of(idea, at), today=localdate(at))[0]
        ],
        "verdicts": [
            {
                "at": _moment(row.given_at),
                "satisfaction": row.satisfaction,
                "solved": row.is_solved,
                "words": row.words,
                "heard_by_telephone_on": row.heard_on.isoformat() if row.heard_on else None,
            }
            for row in idea.verdicts.all()
        ],
        "messages": [
            {**row, "queued_at": _moment(row["queued_at"]), "sent_at": _moment(row["sent_at"])}
            for row in idea.messages.order_by("queued_at", "id").values(
                "template", "medium", "state", "queued_at", "sent_at"
            )
        ],
        "photos": [
            {
                "file": f"photos/{photo.key}.jpg",
                "added_at": _moment(photo.added_at),
                "released_at": _moment(photo.shown_at),
            }
            for photo in idea.photos.sent()
        ],
    }


def _wording(row: Idea | IdeaVersion) -> dict[str, str]:
    return {
        "title": row.title,
        "topic": row.topic.name,
        "problem": row.problem,
        "proposal": row.proposal,
        "community": str(row.area) if row.area else "",
        "place": row.place,
    }


def _person(resident: Resident) -> dict[str, Any]:
    return {
        **resident.contact,
        "language": resident.language,
        "naming": resident.naming,
        "is_14_or_over_or_sent_by_a_guardian": resident.is_of_age,
        "phone_verified_at": _moment(resident.phone_verified_at),
        "consents": [
            {
                "to": "privacy notice",
                "version": resident.consent_version,
                "at": _moment(resident.consented_at),
            },
            {
                "to": "publication of the name",
                "version": resident.consent_version,
                "at": _moment(resident.publish_consented_at),
            },
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return localtime(at).isoformat() if at else None
