"""Photos of the places of a referral, before and after: added by whoever acts for its unit, or by the office, which
looks on site itself; removed again until they are released. What is released is decided by services.photos."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import PhotoStage, ReferralAct
from ideas.errors import NotPermitted, Refusal
from ideas.models import Milestone, Photo, Referral, ReferralIdea, User
from ideas.queries.referrals import adds_photos_to
from ideas.rules.photos import Picture
from ideas.services.photos import TooManyPhotos, delete_photos, same_photo, stored
from ideas.services.referrals import held, move_referral
from ideas.services.throttle import consume
from ideas.services.transactions import in_one_transaction


def may_upload(person: User, *, at: datetime) -> bool:
    """Whether another photo may come from this person now; asked before it is looked at."""
    return consume("photo-person", str(person.pk), most=conf.limit_photos_hour(), per=timedelta(hours=1), at=at)


def add_photos(
    *,
    place: ReferralIdea,
    stage: PhotoStage,
    pictures: Sequence[Picture],
    person: User,
    at: datetime,
    milestone: Milestone | None = None,
) -> list[Photo]:
    """Keep pictures of a place, all or none, each once however often it comes; returns those that are new.

    Whatever else has happened to the referral since the page was opened: an upload is not refused for that.
    """
    known = Photo.objects.filter(place=place, stage=stage, milestone=milestone).sent()
    new = [picture for picture in dict.fromkeys(pictures) if same_photo(known, picture) is None]
    if not new:
        return []
    with ExitStack() as stack:
        photos = [stack.enter_context(stored(picture, at)) for picture in new]
        referral = held(place.referral)
        _require_may_add(referral, person)
        if known.count() + len(new) > conf.photos_per_idea():
            raise TooManyPhotos(_("There are already %(most)s photos.") % {"most": conf.photos_per_idea()})
        for photo in photos:
            photo.place, photo.stage, photo.milestone, photo.added_by = place, stage, milestone, person
            photo.save(force_insert=True)
        detail = {"stage": str(stage), "photos": [str(photo.key) for photo in photos]}
        move_referral(referral, ReferralAct.ADD_PHOTO, actor=person, at=at, detail=detail)
    return photos


def _require_may_add(referral: Referral, person: User) -> None:
    if not adds_photos_to(person, referral):
        raise NotPermitted(_("This referral is not your unit's."))


@in_one_transaction
def remove_photo(*, photo: Photo, person: User, at: datetime, expected_version: int | None = None) -> None:
    """Take a photo out again, with its covered copy, as long as nothing of it is released."""
    if photo.place is None or photo.copy_of_id is not None:
        raise Refusal(_("Only a photo that your unit added can be removed."))
    referral = held(photo.place.referral, expected_version)
    _require_may_add(referral, person)
    rows = Photo.objects.filter(Q(pk=photo.pk) | Q(copy_of=photo.pk))
    if rows.released().exists():
        raise Refusal(_("The photo is released. The office can take it back first."))
    delete_photos(rows)
    move_referral(referral, ReferralAct.DROP_PHOTO, actor=person, at=at, detail={"photo": str(photo.key)})
