"""Every form of staff carries what its page showed, and no word that was typed in one goes when it is refused."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.urls import reverse

from ideas.forms import (
    certificates,
    contact_releases,
    mergers,
    notices,
    panel,
    paper,
    publishing,
    questions,
    referrals,
    restricted,
    screening,
    shortlist,
)
from ideas.models import Idea
from ideas.services.duplicates import compare_new
from ideas.services.proposal import propose_shortlist
from ideas.services.restricted import restrict_idea
from ideas.services.screening import merge_idea
from tests import clock, factories

TEMPLATES = Path(__file__).parent.parent / "templates"
IDEAS = Path(__file__).parent.parent / "ideas"
STAFF = [path for folder in ("admin", "panel", "unit") for path in (TEMPLATES / folder).rglob("*.html")]
STAFF += [TEMPLATES / "shortlist/release.html", TEMPLATES / "people/own_links.html"]
VERSION = ("seen", "version", "shown", "line")
# What stands in a template as {{ name|crispy }}.
FORMS = {
    "decision.form": screening.DecisionForm,
    "one.form": mergers.ReasonForm,
    "reason_form": restricted.ReasonForm,
    "hand_over_form": restricted.HandOverForm,
    "version_form": shortlist.ListForm,
    "stop_form": shortlist.ReasonForm,
    "exchange_form": shortlist.ExchangeForm,
    "pair_form": shortlist.PairForm,
    "doubt": panel.DoubtForm,
    "release_form": shortlist.ReleaseForm,
    "act.form": referrals.ReferralForm,
    "acknowledge": referrals.ReferralForm,
    "approve": referrals.ReferralForm,
    "ask_form": questions.AskForm,
    "give_form": contact_releases.ReleaseContactForm,
    "return_form": referrals.ReturnForm,
    "pass_back_form": referrals.WordsForm,
    "answer_form": referrals.AnswerForm,
    "withdraw_form": certificates.WithdrawForm,
    "anew_form": certificates.CertificateForm,
    "notice_form": notices.StartForm,
}
# Forms that need no version, by a piece of their text, and why.
WITHOUT = {
    "preferences": "the reader's own language",
    "'logout'": "ends the own session",
    "export_address": "makes a file, changes nothing",
    "ideas_idea_contact": "shows something, changes nothing",
    "ideas_objection_contact": "shows something, changes nothing",
    "contact.html": "the same form on its own page",
    "ideas_objection_erase": "ends what it names, once",
    "ideas_campaign_issue": "issues what is missing; a second press finds nothing missing",
    "enter.html": "brings a new objection, once for each form",
    "unit-contact": "shows something, changes nothing",
    "take_back": "ends what it names, once",
    "contact_shown": "the same form on its own page",
    "contact_search.html": "looks ideas up, changes nothing",
    "export_contacts.html": "makes a file, changes nothing",
    "import_form.html": "brings new rows, once for each sealed check of a file",
    "importing_end.html": "goes on with the same turn of the same file, whose rows come in once",
    "'recuse'": "only where no mark is given yet; refused otherwise",
    "ideas_shortlist_scan": "adds a paper beside the others",
}


def blocks():
    """(template, text) of every form that is posted."""
    for path in sorted(STAFF):
        for block in re.findall(r'<form\b[^>]*method="post".*?</form>', path.read_text(encoding="utf-8"), re.DOTALL):
            yield path.name, block


def carries(name, block):
    if any(re.search(rf'name="(\w+-)?{word}(-|")|{{% carry [^%]*\b{word}[-="]', block) for word in VERSION):
        return True
    shown = re.findall(r"\{\{ ([\w.]+)\|crispy \}\}", block)
    here = {
        "publish_text.html": "published",
        "doubts.html": "doubt",
        "panel_acts.html": "act",
        "panel_reminder.html": "act",
        "decide.html": "objection",
    }.get(name, "form")
    shown = [here if word == "form" else word for word in shown]
    forms = {**FORMS, "published": publishing.PublishedForm, "act": panel.ActForm, "objection": notices.DecideForm}
    if name == "paper_sheet.html":
        return "seen" in paper.RowForm.base_fields or ".seen" in block
    fields = [getattr(forms[word], "base_fields", {}) for word in shown if word in forms]
    return any(set(VERSION) & set(names) for names in fields)


def test_every_form_of_staff_carries_what_its_page_showed():
    lacking = [(name, block[:160]) for name, block in blocks() if not carries(name, block)]
    unnamed = [found for found in lacking if not any(part in "".join(found) for part in WITHOUT)]
    assert unnamed == []
    assert [part for part in WITHOUT if not any(part in "".join(found) for found in lacking)] == []
    assert len(list(blocks())) > 40


def test_no_page_says_that_somebody_else_was_faster():
    """It may have been oneself, in another tab: nothing is said of it that is not known."""
    staff = [
        *(IDEAS / "services").glob("*.py"),
        *(IDEAS / "models").glob("*.py"),
        *(IDEAS / "desks").glob("*.py"),
        *(IDEAS / "admin").glob("*.py"),
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in staff}
    assert [path.name for path, text in texts.items() if re.search(r'_\(\[?\s*"Somebody else has ', text)] == []
    assert "Nothing was done; please look again." in texts[IDEAS / "services/workflow.py"]


# What was typed.

WORDS = "写了很久的一句话不能丢"


class Forms(HTMLParser):
    """The posted forms of a page: address, fields with the values that they show, and which of them are written in."""

    def __init__(self, page, body):
        super().__init__()
        self.page, self.forms, self.form, self.select = page, [], None, None
        self.feed(body)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            is_posted = (given.get("method") or "").lower() == "post"
            self.form = (
                {"address": given.get("action") or self.page, "fields": {}, "written": []} if is_posted else None
            )
            self.forms += [self.form] if is_posted else []
        if self.form is None or not given.get("name"):
            if tag == "option" and self.select and given.get("value"):
                self.form["fields"][self.select] = given["value"]
            return
        name, kind = given["name"], given.get("type") or "text"
        if tag == "textarea" or (tag == "input" and kind in ("text", "search")):
            self.form["written"].append(name)
        elif tag == "select":
            self.select = name
        elif tag == "input" and kind in ("date", "time"):
            self.form["fields"][name] = {"date": "2026-03-20", "time": "11:00"}[kind]
        elif tag in ("input", "button") and kind not in ("checkbox", "radio", "file"):
            self.form["fields"].setdefault(name, given.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        if tag == "form":
            self.form = None


def outdated(fields):
    """The same fields as a page would send them on which somebody else was faster."""
    return {
        name: "99" if re.search(r"(^|-)(seen|version|shown|noted)(-|$)", name) else value
        for name, value in fields.items()
    }


@pytest.fixture
def pages(moderator, managers):
    """Pages on which staff write, with whatever is needed for their forms to stand there."""
    campaign = factories.make_campaign(rounds=2)
    keeper = factories.make_keeper()
    ideas = [
        factories.make_idea(campaign, title="建议增设路灯", problem="中央公园路段晚上没有路灯，老人看不清台阶。")
        for _ in range(6)
    ]
    compare_new()
    merge_idea(idea=ideas[1], into=ideas[0], moderator=moderator, at=clock.DURING)
    restrict_idea(idea=ideas[2], staff=keeper, at=clock.DURING, reason="线索")
    factories.accepted(campaign, moderator, 1)
    factories.make_panel(campaign)
    listed = factories.rated_campaign(moderator)
    sealed = factories.seal(factories.rated_campaign(moderator), managers)
    open_list = propose_shortlist(campaign=listed, manager=managers[0], at=clock.RATING_UNTIL)
    waiting = Idea.objects.filter(campaign=campaign, status="received", restricted=False).first()
    return {
        "waiting": (moderator, reverse("admin:ideas_idea_change", args=[waiting.pk])),
        "leader": (moderator, reverse("admin:ideas_idea_change", args=[ideas[0].pk])),
        "merged": (moderator, reverse("admin:ideas_idea_change", args=[ideas[1].pk])),
        "restricted": (keeper, reverse("admin:ideas_idea_change", args=[ideas[2].pk])),
        "triage": (moderator, reverse("admin:ideas_idea_triage", args=[campaign.slug])),
        "groups": (moderator, reverse("admin:ideas_idea_clusters", args=[campaign.slug]) + "?merged=1"),
        "publish": (moderator, reverse("admin:ideas_idea_publish", args=[ideas[0].pk])),
        "panel": (managers[0], reverse("admin:ideas_campaign_panel", args=[campaign.pk])),
        "list": (managers[0], reverse("admin:ideas_shortlist_change", args=[open_list.pk])),
        "sealed": (managers[0], reverse("admin:ideas_shortlist_change", args=[sealed.pk])),
    }


PAGES = ["waiting", "leader", "merged", "restricted", "triage", "groups", "publish", "panel", "list", "sealed"]


@pytest.mark.any_database
@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_no_word_is_lost_when_a_form_is_refused(client, pages, name):
    """Each form of the page in which something is written: sent as if somebody else had been faster."""
    user, page = pages[name]
    tried = 0
    with clock.at(clock.RATING_UNTIL if name in ("list", "sealed") else clock.DURING):
        client.force_login(user)
        forms = [form for form in Forms(page, client.get(page).content.decode()).forms if form["written"]]
        for form in forms:
            data = outdated(form["fields"]) | dict.fromkeys(form["written"], WORDS)
            answer = client.post(form["address"], data, follow=True)
            body = answer.content.decode()
            done = bool(answer.context.get("contact")) or ('class="success"' in body and 'class="error"' not in body)
            assert done or WORDS in body, (form["address"], answer.status_code)
            tried += not done
    assert tried, page
