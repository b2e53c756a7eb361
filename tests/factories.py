"""Rows for tests, made by the portal's own services wherever there is one."""

import io
import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import localdate
from PIL import Image

from ideas import conf
from ideas.choices import AnswerKind, PhotoStage, Role, Status
from ideas.models import (
    Area,
    Assignment,
    Campaign,
    Criterion,
    Draft,
    Exchange,
    Idea,
    Notice,
    NoticeTerm,
    Objection,
    Panellist,
    Photo,
    Rating,
    Referral,
    ReferralIdea,
    Resident,
    Shortlist,
    Topic,
    Unit,
    User,
)
from ideas.models.photos import photo_store
from ideas.queries.notices import span_from
from ideas.queries.referrals import answer_to_release
from ideas.queries.shortlist import shown_digest
from ideas.rules.photos import Picture, read_photo
from ideas.services.answers import approve, hand_in, release_answer, save_draft
from ideas.services.campaigns import vouch_campaign
from ideas.services.closing import close
from ideas.services.drafts import keep_draft
from ideas.services.exchange import consent_exchange, propose_exchange
from ideas.services.intake import Sent, receive_idea
from ideas.services.named import send_to_named
from ideas.services.notices import send_objection, start_notice
from ideas.services.panel import assign_first_round
from ideas.services.proposal import propose_shortlist
from ideas.services.publishing import edit_published
from ideas.services.ratings import save_rating
from ideas.services.referral_photos import add_photos
from ideas.services.referrals import send_referral
from ideas.services.release import ask_release, confirm_release, release_winners
from ideas.services.restricted import restrict_idea
from ideas.services.screening import accept_idea, merge_idea
from ideas.services.sealing import seal_shortlist
from tests import clock

_numbers = itertools.count(1)
AREA = {"code": "350211001001", "name": "岑东社区", "street": "集美街道"}


def make_campaign(**overrides: Any) -> Campaign:
    """A campaign with two topics, four criteria, three places and two reviews per idea."""
    number = next(_numbers)
    Area.objects.get_or_create(**AREA)
    words = dict.fromkeys(
        ("who", "content", "how", "method", "awards", "results_use", "originality", "privacy"), "正文。"
    )
    fields = {
        "slug": f"campaign-{number}",
        "prefix": "JM",
        "title": f"我有金点子·第{number}期",
        "title_en": f"Golden ideas {number}",
        "organiser": "主办单位",
        "summary": "一句话介绍。",
        "announced_at": clock.ANNOUNCED,
        "opens_at": clock.OPENS,
        "closes_at": clock.CLOSES,
        "rating_from": clock.RATING_FROM,
        "rating_until": clock.RATING_UNTIL,
        "places": 3,
        "reviews_per_idea": 2,
    }
    campaign = Campaign.objects.create(**{**words, **fields, **overrides})
    for position, (slug, name, english) in enumerate((("road", "道路", "Roads"), ("night", "夜间", "Night")), 1):
        Topic.objects.create(campaign=campaign, slug=slug, name=name, name_en=english, position=position)
    for position, (name, weight) in enumerate((("可行性", 35), ("效益", 30), ("推广", 20), ("创新", 15)), 1):
        Criterion.objects.create(
            campaign=campaign, name=name, weight=weight, position=position, low="低", middle="中", high="高"
        )
    vouch_campaign(campaign=campaign)
    return campaign


def change_campaign(campaign: Campaign, **fields: Any) -> None:
    """As the campaign's page does it, with the portal's word."""
    Campaign.objects.filter(pk=campaign.pk).update(**fields)
    campaign.refresh_from_db()
    vouch_campaign(campaign=campaign)


def answers(**overrides: Any) -> dict[str, Any]:
    """What a draft keeps of a filled-in form."""
    number = next(_numbers)
    return {
        "title": f"建议在第{number}个路口增设路灯",
        "topic": "road",
        "problem": f"第{number}个路口晚上很黑，看不清台阶，老人容易摔倒。",
        "proposal": f"在第{number}个路口加两盏太阳能路灯。",
        "area": AREA["code"],
        "place": "公交站旁",
        "name": "林小满",
        "phone": "+8612012345678",
        "email": "resident@example.com",
        "naming": "net_name",
        "net_name": "海边的风",
        "publish_consent": True,
        "age_14": True,
        "consent": True,
        "language": "zh-hans",
        **overrides,
    }


def form_data(**overrides: Any) -> dict[str, Any]:
    """What a browser posts to /submit/ (without the form key): check boxes are `on` or missing."""
    data = answers(**{"phone": "0592-606 0000", **overrides})
    data.pop("language")
    boxes = ("publish_consent", "age_14", "consent")
    return {name: "on" if name in boxes else value for name, value in data.items() if value is not False}


def make_draft(campaign: Campaign, at: datetime = clock.DURING, key: UUID | None = None, **overrides: Any) -> Draft:
    """A form that was filled in and checked."""
    given = answers(**overrides)
    typed = {name: str(value) for name, value in form_data(**overrides).items()}
    return keep_draft(key=key or uuid4(), campaign=campaign, typed=typed, answers=given, at=at)


def receive(campaign: Campaign, at: datetime = clock.DURING, **overrides: Any) -> Sent:
    return receive_idea(campaign=campaign, answers=answers(**overrides), at=at)


def make_idea(campaign: Campaign, at: datetime = clock.DURING, **overrides: Any) -> Idea:
    return receive(campaign, at, **overrides).idea


def make_user(role: Role | None = None, **overrides: Any) -> User:
    """A member of staff with a role; moderators, keepers, managers and auditors may enter the admin."""
    number = next(_numbers)
    in_admin = role in (Role.MANAGER, Role.MODERATOR, Role.KEEPER, Role.AUDITOR)
    user = User.objects.create(username=f"user{number}", name=f"用户{number}", is_staff=in_admin, **overrides)
    if role:
        user.groups.add(Group.objects.get(name=role.value))
    return user


def make_keeper() -> User:
    """Somebody with the role that shows restricted ideas, and no other."""
    return make_user(Role.KEEPER)


def make_panel(campaign: Campaign, size: int = 3) -> list[Panellist]:
    return [Panellist.objects.create(campaign=campaign, user=make_user(Role.PANELLIST)) for _ in range(size)]


def accepted(campaign: Campaign, moderator: User, count: int = 1, **overrides: Any) -> list[Idea]:
    ideas = [make_idea(campaign, **overrides) for _ in range(count)]
    for idea in ideas:
        accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    return ideas


def published(campaign: Campaign, moderator: User, count: int = 1, **overrides: Any) -> list[Idea]:
    """Accepted ideas with a published text that is not the original."""
    ideas = accepted(campaign, moderator, count, **overrides)
    for idea in ideas:
        publish(idea, moderator)
    return ideas


def publish(idea: Idea, moderator: User) -> None:
    title, text = f"公开：{idea.title}"[:60], f"公开稿。{idea.problem}"
    edit_published(idea=idea, editor=moderator, at=clock.DURING, title=title, text=text)


def assigned(campaign: Campaign, seed: int = 1) -> list[Assignment]:
    assign_first_round(campaign=campaign, per_idea=campaign.reviews_per_idea, seed=seed, at=clock.RATING_FROM)
    return list(Assignment.objects.filter(panellist__campaign=campaign).order_by("id"))


def rate(assignment: Assignment, value: int = 5, at: datetime = clock.RATING) -> Rating:
    """The same points for every criterion."""
    points = dict.fromkeys(assignment.panellist.campaign.criteria.values_list("id", flat=True), value)
    return save_rating(assignment=assignment, panellist=assignment.panellist.user, points=points, comment="", at=at)


def rated_campaign(moderator: User, ideas: int = 5, **overrides: Any) -> Campaign:
    """A campaign whose accepted ideas are all rated: the first idea best, the last worst."""
    campaign = make_campaign(**overrides)
    made = accepted(campaign, moderator, ideas)
    make_panel(campaign)
    marks = {idea.pk: 9 - place for place, idea in enumerate(made)}
    for assignment in assigned(campaign):
        rate(assignment, max(1, marks[assignment.idea_id]))
    return campaign


def released_campaign(moderator: User, managers: tuple[User, User], ideas: int = 5) -> Campaign:
    """A campaign with its winners published."""
    campaign = rated_campaign(moderator, ideas)
    for idea in campaign.ideas.all():
        title, text = f"公开：{idea.title}", "公开稿正文。"
        edit_published(idea=idea, editor=moderator, at=clock.RATING_UNTIL, title=title, text=text)
    release(campaign, managers)
    return campaign


def certified_campaign(moderator: User, managers: tuple[User, User]) -> Campaign:
    """Three winners of four ideas; one more was merged into the first, by somebody with a net name of their own."""
    campaign = rated_campaign(moderator, 4)
    for idea in campaign.ideas.all():
        publish(idea, moderator)
    later = make_idea(campaign, at=clock.CLOSES - clock.BLINK, net_name="山上的云", phone="+8613900001111")
    merge_idea(idea=later, into=campaign.ideas.earliest("pk"), moderator=moderator, at=clock.RATING)
    release(campaign, managers)
    return campaign


def seal(campaign: Campaign, managers: tuple[User, User]) -> Shortlist:
    """Propose and sign twice."""
    at = clock.RATING_UNTIL
    shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=at)
    for manager in managers:
        shortlist = seal_shortlist(shortlist=shortlist, manager=manager, at=at, expected_version=shortlist.version)
    return shortlist


def release(campaign: Campaign, managers: tuple[User, User]) -> None:
    """Propose, sign twice, publish; the published texts must be written."""
    release_list(seal(campaign, managers), managers)
    campaign.refresh_from_db()


def release_list(shortlist: Shortlist, managers: tuple[User, User], at: datetime = clock.RATING_UNTIL) -> Shortlist:
    """Ask, confirm, and let the hold pass: the winners appear at `at`."""
    hold_list(shortlist, managers, at)
    return release_winners(shortlist=shortlist, at=at)


def hold_list(shortlist: Shortlist, managers: tuple[User, User], at: datetime = clock.RATING_UNTIL) -> None:
    """Ask and confirm, so that the hold is over at `at`."""
    before = at - timedelta(seconds=conf.release_hold_seconds())
    for act, manager in zip((ask_release, confirm_release), managers, strict=True):
        version = Shortlist.objects.get(pk=shortlist.pk).version
        shown = {"expected_version": version, "expected_preview": shown_digest(shortlist)}
        act(shortlist=shortlist, manager=manager, at=before, **shown)


MINUTES = {"category": "same_problem", "minutes_number": "〔2026〕3号", "minutes_on": clock.RATING_UNTIL.date()}


def exchange(
    shortlist: Shortlist, managers: tuple[User, User], removed: Idea, added: Idea, **overrides: Any
) -> Exchange:
    """Proposed by the first and made by the second manager."""
    given = {"reason": "会议决定", "at": clock.RATING_UNTIL, **MINUTES, **overrides}
    version = Shortlist.objects.get(pk=shortlist.pk).version
    asked = propose_exchange(
        shortlist=shortlist, removed=removed, added=added, manager=managers[0], **{"expected_version": version, **given}
    )
    return consent_exchange(
        exchange=asked, manager=managers[1], at=given["at"], expected_version=asked.shortlist.version
    )


def noticed_campaign(moderator: User, days: int = 5, **overrides: Any) -> Campaign:
    """A rated campaign with a public notice; five ideas with published texts, three places."""
    campaign = rated_campaign(moderator, 5, **overrides)
    NoticeTerm.objects.create(campaign=campaign, days=days)
    vouch_campaign(campaign=campaign)
    for idea in campaign.ideas.all():
        title, text = f"公开：{idea.title}"[:60], "公开稿正文。"
        edit_published(idea=idea, editor=moderator, at=clock.RATING_UNTIL, title=title, text=text)
    return campaign


def put_on_notice(shortlist: Shortlist, manager: User, at: datetime = clock.RATING_UNTIL) -> Notice:
    row = Shortlist.objects.get(pk=shortlist.pk)
    span = span_from(row.campaign, at)
    assert span is not None
    return start_notice(shortlist=row, manager=manager, at=at, expected_version=row.version, last_day=span.last_day)


def objection(campaign: Campaign, at: datetime = clock.RATING_UNTIL, **overrides: Any) -> Objection:
    """What somebody sent over the web."""
    person = {"name": "林小满", "phone": "+8612012345678", "email": "objector@example.com", "words": "我早就提过。"}
    fields = {"form_key": uuid4(), "ground": "copied", "idea": None, "language": "zh-hans", "suspicions": []}
    given = {**person, **overrides.pop("given", {})}
    return send_objection(campaign=campaign, at=at, address="203.0.113.9", given=given, **{**fields, **overrides})


def resident_of(idea: Idea) -> Resident:
    return Resident.objects.get(idea=idea)


def photo_file(name: str = "photo.jpg", size: tuple[int, int] = (640, 480), colour: str = "teal") -> SimpleUploadedFile:
    """A good photo as a browser uploads it."""
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), "image/jpeg")


def add_photo(idea: Idea | None, **fields: Any) -> Photo:
    """A photo of an idea with its two files in the store."""
    photo = Photo(**{"idea": idea, "added_at": clock.DURING, "width": 640, "height": 480, "size": 1, **fields})
    for name in (photo.file_name, photo.thumb_name):
        photo_store().save(name, photo_file())
    photo.digest_files(photo_file().read(), photo_file().read())
    photo.save()
    return photo


def picture(colour: str = "teal", size: tuple[int, int] = (640, 480)) -> Picture:
    """What is kept of a photo_file."""
    return read_photo(photo_file(colour=colour, size=size), most_pixels=10**6)


def photo_of_place(place: ReferralIdea, person: User, stage: str = "after", at: datetime = clock.DURING) -> Photo:
    """A photo that its unit added."""
    given = {"place": place, "stage": PhotoStage(stage), "person": person, "at": at}
    return add_photos(**given, pictures=[picture(size=(320, 200 + next(_numbers) % 500))])[0]


def make_unit(name: str = "", **overrides: Any) -> Unit:
    """A unit with an officer and a head, unless it is written to by letter."""
    unit = Unit.objects.create(name=name or f"责任单位{next(_numbers)}", **overrides)
    if not unit.by_letter:
        make_user(Role.OFFICER, unit=unit)
        make_user(Role.HEAD, unit=unit)
    return unit


def officer_of(unit: Unit) -> User:
    return User.objects.filter(unit=unit, groups__name=Role.OFFICER.value).earliest("pk")


def head_of(unit: Unit) -> User:
    return User.objects.filter(unit=unit, groups__name=Role.HEAD.value).earliest("pk")


def reported(referral: Referral, at: datetime, places: Sequence[ReferralIdea] = (), words: str = "已办妥。") -> None:
    """The unit says that these places are done, all where none is named, and its head lets it go."""
    answer = {"adoption": "", "public": words, "internal": "", "finish_on": None, "places": places}
    officer = officer_of(referral.unit)
    save_draft(referral=referral, officer=officer, at=at, kind=AnswerKind.DONE, words=answer)
    hand_in(referral=referral, officer=officer, at=at)
    approve(referral=referral, head=head_of(referral.unit), at=at)


def released(referral: Referral, staff: User, at: datetime) -> None:
    """The office releases what waits of a referral, as the unit wrote it."""
    if waiting := answer_to_release(referral):
        release_answer(referral=referral, staff=staff, at=at, public=waiting.public)


def closed(referral: Referral, staff: User, at: datetime, place: ReferralIdea | None = None) -> None:
    """The office has looked at a place, the only one that is reported where none is named, and closes it; what the
    unit reported is released before."""
    released(referral, staff, at)
    today = localdate(at)
    look = {"looked_by": "周某", "found": "已办妥。", "reason": "井下不便拍照。"}
    close(referral=referral, staff=staff, at=at, place=place, looked_on=today, **look)


def referred(ideas: Sequence[Idea], unit: Unit, staff: User, at: datetime = clock.DURING, **overrides: Any) -> Referral:
    """Ideas given to a unit; they are accepted first where they wait."""
    for idea in ideas:
        if idea.status == Status.RECEIVED:
            accept_idea(idea=idea, moderator=staff, at=at)
    given = {"instruction": "请现场核查后答复。", **overrides}
    return send_referral(ideas=ideas, unit=unit, staff=staff, at=at, **given)


def referred_to_named(
    idea: Idea, unit: Unit, keeper: User, people: Sequence[User], at: datetime = clock.DURING, **overrides: Any
) -> Referral:
    """A restricted idea given to these people of a unit; it is restricted first where it is not."""
    if idea.status == Status.RECEIVED:
        accept_idea(idea=idea, moderator=keeper, at=at)
    if not idea.restricted:
        restrict_idea(idea=idea, staff=keeper, at=at, reason="线索")
    given = {"instruction": "请核查后答复。", **overrides}
    return send_to_named(ideas=[idea], unit=unit, people=people, staff=keeper, at=at, **given)
