"""Every address by its name, and the rows that it needs."""

from datetime import timedelta

from django.urls import get_resolver, reverse
from django.utils.timezone import localdate

from ideas.choices import Role
from ideas.models import CalendarYear, OfficeEvent, Photo, Reply, ScoreFigure, User, WordList
from ideas.services.contacts import show_contact
from ideas.services.proposal import propose_shortlist
from ideas.services.replies import starter_replies
from ideas.services.supervision import issue_order
from tests import clock, factories


def routes():
    """name of an address, with its namespace -> its route, such as campaigns/<slug:slug>/similar/"""
    found = {}

    def walk(patterns, prefix, place):
        for pattern in patterns:
            route = place + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else prefix, route)
            elif pattern.name:
                found[prefix + pattern.name] = route

    walk(get_resolver().url_patterns, "", "/")
    return found


def names():
    """Every name of an address, with its namespace."""
    return set(routes())


def make_story(moderator, manager):
    """Campaign under review with a proposed list; a panellist with a desk; one waiting idea."""
    campaign = factories.rated_campaign(moderator)
    shortlist = propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    open_campaign = factories.make_campaign(show_ideas=True)
    panel = factories.make_panel(open_campaign, 2)
    [shown] = factories.published(open_campaign, moderator)
    assignment = factories.assigned(open_campaign)[0]
    idea = factories.make_idea(open_campaign)
    starter_replies()
    show_contact(idea=idea, staff=moderator, at=clock.DURING, purpose="question")
    people = {role.value: factories.make_user(role) for role in Role} | {
        Role.PANELLIST.value: assignment.panellist.user
    }
    unit = factories.make_unit(by_letter=True)
    User.objects.filter(pk__in=[people[role.value].pk for role in (Role.OFFICER, Role.HEAD)]).update(unit=unit)
    referral = factories.referred([shown], unit, moderator)
    due_on = localdate(clock.DURING + timedelta(days=5))
    issue_order(referral=referral, staff=moderator, at=clock.DURING, words="请抓紧办理。", due_on=due_on)
    return {
        "people": people,
        "campaign": campaign,
        "open": open_campaign,
        "idea": idea,
        "shown": shown,
        "listed": shortlist.entries.first().idea,
        "shortlist": shortlist,
        "seat": assignment,
        "panellist": panel[0],
        "referral": referral,
    }


def address(name, story):
    """The address of a name in the story."""
    slugs = {"campaign": "campaign", "submit": "open", "done": "open", "ideas": "open", "winners": "campaign"}
    slugs |= dict.fromkeys(("notice", "notice-object"), "campaign")
    slugs |= dict.fromkeys(("record", "record-file", "record-script"), "campaign")
    slugs["admin:ideas_idea_triage"] = slugs["admin:ideas_idea_clusters"] = "open"
    slugs["admin:ideas_idea_import_template"] = "open"
    slugs |= dict.fromkeys(
        ("statistics", "feed", "feed-milestones", "poster", "slip", "entry-new", "entry-slip"), "open"
    )
    if name in slugs:
        return reverse(name, args=[story[slugs[name]].slug])
    receipts = {"winner": ("campaign", "listed"), "idea": ("open", "shown")}
    if name in receipts:
        campaign, idea = receipts[name]
        return reverse(name, args=[story[campaign].slug, story[idea].receipt])
    if name == "rate" or name.startswith("admin:ideas_campaign_paper_"):
        keys = [story["seat"].pk] if name == "rate" else [story["open"].pk, story["panellist"].pk]
        return reverse(name, args=keys)
    acts = {
        "admin:ideas_idea_decide": ("idea", "decline"),
        "admin:ideas_idea_check": ("idea", "check"),
        "admin:ideas_referral_act": ("referral", "recall"),
        "unit-act": ("referral", "return"),
    }
    if name in acts:
        row, act = acts[name]
        return reverse(name, args=[story[row].pk, act])
    photos = {
        **dict.fromkeys(("admin:ideas_idea_photo", "admin:ideas_idea_cover"), "idea"),
        **dict.fromkeys(("admin:ideas_referral_photo", "admin:ideas_referral_cover"), "referral"),
    }
    if name in photos:
        row = story[photos[name]]
        place = None if photos[name] == "idea" else row.places.get()
        owner = {"idea": row} if place is None else {"place": place, "stage": "after"}
        photo = Photo.objects.create(**owner, added_at=clock.DURING, width=1, height=1, size=1)
        return reverse(name, args=[row.pk, photo.key])
    rows = {
        "idea": story["idea"],
        "shortlist": story["shortlist"],
        "campaign": story["open"],
        "area": story["idea"].area,
        "wordlist": WordList.objects.get_or_create(name="广告", category="advertising", words="加微信")[0],
        "scorefigure": ScoreFigure.objects.get_or_create(
            year=2025, name="新装路灯", value="412", source="市政科", on=localdate(clock.DURING)
        )[0],
        "calendaryear": CalendarYear.objects.get_or_create(number=2026, source="通知")[0],
        "message": story["idea"].messages.first(),
        "reply": Reply.objects.first(),
        "panellist": story["panellist"],
        "assignment": story["seat"],
        "user": story["people"][Role.MODERATOR.value],
        "officeevent": OfficeEvent.objects.first(),
        "referral": story["referral"],
    }
    model = name.split("_")[1] if name.startswith("admin:ideas_") else ""
    model = "referral" if name in ("unit-referral", "unit-photos", "unit-milestones", "unit-contact") else model
    needs_row = model in rows and not name.endswith(
        (
            "_changelist",
            "_add",
            "_mergers",
            "_import",
            "_find",
            "_restricted",
            "_send",
            "_send_named",
            "_board",
            "_figures",
            "_figures_file",
        )
    )
    return reverse(name, args=[rows[model].pk] if needs_row else [])
