"""What the demo shows on its first start: staff, last year's campaign with its winners, and an open one."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

from ideas.demo.advice import make_word_lists
from ideas.demo.campaigns import SHANGHAI, make_campaign
from ideas.demo.certificates import honour_winners
from ideas.demo.handling import hand_out, invented_courses, make_rules, written_courses
from ideas.demo.people import PANEL_SIZE, make_staff
from ideas.demo.pictures import picture_of
from ideas.demo.score_card import make_score_card
from ideas.demo.seeding import Cast, Progress, SeedPlan, no_progress, seed_campaign
from ideas.demo.texts import in_order_of_receipt, texts_of
from ideas.models import Campaign, CampaignDays, Idea, User
from ideas.services import photos
from ideas.services.campaigns import vouch_campaign
from ideas.services.drafts import make_draft
from ideas.services.replies import starter_replies
from ideas.services.restricted import restrict_idea
from ideas.services.roles import sync_roles
from ideas.services.workdays import seed_calendar, seed_year

SEED = 2022
STILL_TO_COVER = "parking"


def cast(panel_size: int = PANEL_SIZE) -> Cast:
    """The demo's staff as the actors of a story."""
    users = {user.username: user for user in User.objects.filter(is_active=True)}
    panel = [users[f"panel{number:02d}"] for number in range(1, panel_size + 1)]
    return Cast(users["moderator"], (users["manager1"], users["manager2"]), panel, users["clerk"])


def first_start(*, at: datetime, logins: Path, progress: Progress = no_progress) -> None:
    """Make what is missing; what is there stays as it is."""
    prepare_staff(logins)
    seed_calendar(at=at)
    if Campaign.objects.exists():
        return
    past = datetime(2022, 12, 8, 10, tzinfo=SHANGHAI)
    for year in range(past.year - 1, at.year):  # counts go over all of them
        seed_year(year=year)
    _tell("safer", "safer-2022", until=past, stage="published", actors=cast(), progress=progress)
    safer = Campaign.objects.get(slug="safer-2022")
    _hand_out("safer", safer, until=datetime(2023, 6, 30, 18, tzinfo=SHANGHAI), others=44)
    honour_winners(safer, managers=cast().managers, at=past + timedelta(days=7))
    make_score_card(safer)
    safer.publish_record = True
    safer.save(update_fields=["publish_record"])
    vouch_campaign(campaign=safer)
    now = at - timedelta(minutes=30)
    slug = f"liveable-{at.year}"
    _tell("liveable", slug, until=now, stage="rating", actors=cast(panel_size=4), progress=progress)
    liveable = Campaign.objects.get(slug=slug)
    CampaignDays.objects.update_or_create(campaign=liveable, defaults={"show_way": True})
    _hand_out("liveable", liveable, until=now)


def prepare_staff(logins: Path) -> None:
    """Roles, and the demo's users with fresh passwords, kept in a file."""
    sync_roles()
    starter_replies()
    make_word_lists()
    passwords = make_staff()
    make_rules()
    if passwords:
        _keep(logins, passwords)


def _tell(kind: str, slug: str, *, until: datetime, stage: str, actors: Cast, progress: Progress) -> None:
    campaign = make_campaign(kind, slug=slug, at=until)
    texts = in_order_of_receipt(texts_of(kind), Random(f"{SEED} order"))  # noqa: S311
    # The residents who wrote last have not been read yet.
    texts.sort(key=lambda text: text.outcome == "received")
    plan = SeedPlan(campaign=campaign, stage=stage, until=until, seed=SEED, cast=actors, progress=progress)
    seed_campaign(plan, texts, len(texts))
    ideas = {idea.title: idea for idea in campaign.ideas.all()}
    for text in texts:
        if text.photo:
            _add_photo(ideas[text.title], text.photo, moderator=actors.moderator, at=until)
        if text.restricted:
            restrict_idea(idea=ideas[text.title], staff=actors.moderator, at=until, reason=text.restricted)


def _hand_out(kind: str, campaign: Campaign, *, until: datetime, others: int = 0) -> None:
    """What became of the written ideas at the units, and of some others."""
    dice = Random(f"{SEED} units")  # noqa: S311
    rows = campaign.ideas.valid().unrestricted().select_related("topic").by_receipt()
    courses = written_courses(kind, {idea.title: idea for idea in rows})
    left = [idea for idea in rows if idea.pk not in {course.idea.pk for course in courses}]
    if others:
        courses += invented_courses(kind, dice.sample(left, others), dice)
    hand_out(campaign, courses, office=cast().managers[0], until=until, dice=dice)


def _add_photo(idea: Idea, scene: str, *, moderator: User, at: datetime) -> None:
    """A photo that came with the idea. The moderator has covered what must be and released it; plates still wait."""
    picture, covers = picture_of(scene)
    form = make_draft(key=uuid4(), campaign=idea.campaign, at=idea.received_at)
    photo = photos.add_photo(draft=form, picture=picture, at=idea.received_at)
    photos.attach_photos(draft=form, idea=idea)
    form.delete()
    photo.refresh_from_db()
    if scene == STILL_TO_COVER:
        return
    copy = photos.cover_photo(photo=photo, covers=covers, editor=moderator, at=at) if covers else None
    photos.release_photo(photo=copy or photo, editor=moderator, at=at, shown=True)


def _keep(path: Path, passwords: dict[str, str]) -> None:
    """Write the log-ins to a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.writelines(f"{username} {password}\n" for username, password in passwords.items())
