"""Pages for everybody come from one rendering: right at every moment, nobody's but everybody's, and bounded."""

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bench.start import nginx_cache
from ideas import urls
from ideas.models import Campaign
from ideas.queries.campaigns import next_moment
from ideas.queries.tracking import story_of
from ideas.services import tracking
from ideas.services.publishing import edit_published
from portal import finished
from portal.finished import FinishedPages
from portal.languages import query_of_everybody
from tests import clock, factories
from tests.servers import eventually, free_port, log_of, nginx, portal_env, running

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parent.parent
PATIENCE = 60  # seconds: a machine that is busy with other things answers late, which says nothing of a page
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def kept_for_a_second(settings):
    settings.IDEAS_PAGE_SECONDS = 1


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """The process's clock, in seconds; it stands still, however slow the machine is."""
    seconds = [100.0]
    monkeypatch.setattr(finished, "monotonic", lambda: seconds[0])
    return seconds


@pytest.fixture
def renderings(monkeypatch):
    """The pages that were rendered, by address."""
    rendered = []
    make = FinishedPages._rendered

    def counted(self, request, query):
        rendered.append(request.get_full_path())
        return make(self, request, query)

    monkeypatch.setattr(FinishedPages, "_rendered", counted)
    return rendered


def address(campaign):
    return reverse("campaign", args=[campaign.slug])


# --- One rendering for all -------------------------------------------------------------------------------------------


def test_many_who_ask_get_one_rendering_without_a_query(
    client, campaign, during, renderings, django_assert_num_queries
):
    first = client.get(address(campaign))
    with django_assert_num_queries(0):
        bodies = {client.get(address(campaign)).content for _ in range(50)}
    assert (bodies, len(renderings)) == ({first.content}, 1)
    assert "集美" in first.content.decode()


def test_it_is_rendered_anew_after_its_time(client, campaign, during, renderings, monkeypatch, now):
    client.get("/")
    Campaign.objects.update(title="新的名称")
    assert "新的名称" not in client.get("/").content.decode()
    now[0] += 1.0
    assert "新的名称" in client.get("/").content.decode()
    assert len(renderings) == 2


def test_no_page_is_kept_where_the_office_does_not_want_it(client, campaign, during, settings, renderings):
    settings.IDEAS_PAGE_SECONDS = 0
    answer = client.get("/")
    assert (renderings, "ETag" in answer) == ([], False)


@pytest.mark.parametrize("name", ["home", "campaign", "ideas", "privacy", "accessibility"])
def test_the_page_is_byte_for_byte_the_one_that_is_rendered_for_each(client, campaign, during, settings, name):
    Campaign.objects.update(show_ideas=True)
    where = reverse(name, args=[campaign.slug] if name in ("campaign", "ideas") else [])
    kept = client.get(where)
    settings.IDEAS_PAGE_SECONDS = 0
    own = client.get(where)
    assert kept.content == own.content
    differing = {name for name, _value in {*kept.items()} ^ {*own.items()}}
    assert differing == {"Cache-Control", "Vary", "ETag"}


def test_language_and_letters_have_pages_of_their_own_in_whatever_order(campaign, during):
    chosen = [("", ""), ("en", ""), ("", "on"), ("en", "max"), ("", "max"), ("en", "on")]
    seen = {}
    one = Client()  # its middleware keeps the pages
    for language, letters in [*chosen, *reversed(chosen), *chosen]:
        one.cookies.clear()
        one.cookies.load({name: value for name, value in (("language", language), ("elder", letters)) if value})
        seen.setdefault((language, letters), set()).add(one.get("/").content)
    assert {len(bodies) for bodies in seen.values()} == {1}
    assert len({next(iter(bodies)) for bodies in seen.values()}) == 6


def test_what_stands_in_a_cookie_besides_is_the_default(client, campaign, during, renderings):
    for language in ("", "xx", "zh-hans; drop", "EN"):
        client.cookies["language"] = language
        client.get("/")
    assert len(renderings) <= 2  # what is no language at all is one page


# --- The query -------------------------------------------------------------------------------------------------------


def test_a_thousand_unknown_names_neither_fill_it_nor_pass_it_by(client, campaign, during, renderings):
    first = client.get("/").content
    assert {client.get(f"/?utm{number}={number}").content for number in range(1000)} == {first}
    assert renderings == ["/"]


def test_known_names_have_pages_of_their_own(client, campaign, during, renderings):
    Campaign.objects.update(show_ideas=True)
    where = reverse("ideas", args=[campaign.slug])
    topic = campaign.topics.first().slug
    pages = [client.get(where + query).content for query in ("", f"?topic={topic}", f"?x=1&topic={topic}&y=2")]
    assert (pages[0] != pages[1], pages[1] == pages[2]) == (True, True)
    assert renderings == [where, f"{where}?topic={topic}"]


def test_a_choice_that_came_without_its_cookie_is_answered_to_that_reader_alone(client, campaign, during, renderings):
    body = client.get("/?chosen=en").content.decode()
    assert ("keeps no cookies" in body, renderings) == (True, [])


# --- Whose page ------------------------------------------------------------------------------------------------------


def test_who_has_a_session_or_a_message_gets_a_page_of_ones_own(campaign, during, moderator, renderings):
    reader, staff, told = Client(), Client(), Client()
    staff.force_login(moderator)
    told.cookies["messages"] = "x"
    for client in (reader, staff, told):
        assert client.get("/").status_code == 200
    assert len(renderings) == 1
    assert [client.get("/").headers.get("ETag") is None for client in (reader, staff, told)] == [False, True, True]


def test_no_cookie_of_a_reader_but_language_and_letters_reaches_the_page(monkeypatch):
    monkeypatch.setattr(finished, "next_moment", lambda at: None)
    read = []

    def view(request):
        read.append((dict(request.COOKIES), request.META.get("HTTP_COOKIE")))
        return HttpResponse("page")

    request = asked(HTTP_COOKIE="drafts=secret; language=en; elder=on; csrftoken=x")
    FinishedPages(view)(request)
    assert read == [({"language": "en", "elder": "on"}, None)]
    assert request.COOKIES["drafts"] == "secret"


def test_what_sets_a_cookie_or_is_no_whole_page_is_not_kept():
    odd = [HttpResponse("x") for _ in range(3)]
    odd[0].set_cookie("a", "b")
    odd[1].status_code = 404
    odd[2].content = b"x" * (finished.LARGEST + 1)
    for response in odd:
        pages = FinishedPages(lambda _request, response=response: response)
        assert pages(asked()) is response
        assert pages._kept == {}


def test_posts_are_not_answered_from_here(client, campaign, during, renderings):
    assert client.post("/").status_code == 405
    assert renderings == []


def test_every_public_address_is_decided_of():
    """A new one is for everybody, or of a person, or a file; somebody has to say so."""
    decided = {pattern.name: hasattr(pattern.callback, "query_of_everybody") for pattern in urls.public}
    for_everybody = "home campaign ideas idea winners winner record slip privacy accessibility"
    for_everybody += " sitemap sitemap-section statistics certificate poster data data-package feed feed-milestones"
    for_everybody += " notice"
    others = "submit check done add-photos resume similar track track-export track-lost record-file record-script"
    others += " data-file notice-object"
    acts = {name for name in decided if name.startswith("track-")}
    assert {name for name, is_marked in decided.items() if is_marked} == {*for_everybody.split()}
    assert {name for name, is_marked in decided.items() if not is_marked} == {*others.split(), *acts}


# --- Moments ---------------------------------------------------------------------------------------------------------

MOMENTS = (clock.ANNOUNCED, clock.OPENS, clock.CLOSES)


@examples(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(MOMENTS), st.integers(-3, 3)), min_size=1, max_size=8))
def test_at_every_moment_the_page_is_the_one_of_that_moment(campaign_of_moments, steps):
    """The clock moves on over opening and deadline, by microseconds: kept pages and fresh ones never differ."""
    campaign, settings = campaign_of_moments
    keeping, fresh = Client(), Client()
    for moment in sorted(moment + number * clock.BLINK for moment, number in steps):
        with clock.at(moment):
            settings.IDEAS_PAGE_SECONDS = 1
            kept = [keeping.get(where) for where in ("/", address(campaign))]
            settings.IDEAS_PAGE_SECONDS = 0
            own = [fresh.get(where) for where in ("/", address(campaign))]
        assert [(one.status_code, one.content) for one in kept] == [(one.status_code, one.content) for one in own]


@pytest.fixture
def campaign_of_moments(campaign, settings):
    Campaign.objects.update(announced_at=clock.ANNOUNCED)
    return campaign, settings


def test_the_next_moment_is_the_first_of_all_campaigns(campaign):
    assert next_moment(clock.OPENS - SECOND) == clock.OPENS
    assert next_moment(clock.OPENS) == clock.OPENS + timedelta(days=1)  # one day less is left
    assert next_moment(clock.CLOSES - timedelta(hours=30)) == clock.CLOSES - timedelta(days=1)
    assert next_moment(clock.CLOSES - timedelta(hours=3)) == clock.CLOSES
    assert next_moment(clock.LATER + timedelta(days=3650)) is None


def test_winners_appear_at_their_moment_and_not_before(client, moderator, managers):
    campaign = factories.rated_campaign(moderator)
    for idea in campaign.ideas.all():
        edit_published(idea=idea, editor=moderator, at=clock.RATING_UNTIL, title=idea.title, text="公开稿正文。")
    factories.hold_list(factories.seal(campaign, managers), managers, clock.LATER)
    winners = reverse("winners", args=[campaign.slug])
    told = []
    for at in (clock.LATER - SECOND, clock.LATER - clock.BLINK, clock.LATER):
        with clock.at(at):
            status, page = client.get(winners).status_code, client.get(address(campaign)).content.decode()
            told.append((status, winners in page))
    assert told == [(404, False), (404, False), (200, True)]


# --- The address's other answers -------------------------------------------------------------------------------------


def test_head_is_the_page_without_its_body(client, campaign, during, renderings):
    page, head = client.get("/"), client.head("/")
    assert (head.content, {**head.headers}, len(renderings)) == (b"", {**page.headers}, 1)


def test_head_alone_makes_the_page_for_all(client, campaign, during, renderings):
    assert client.head("/").headers["Content-Length"] == str(len(client.get("/").content))
    assert len(renderings) == 1


def test_a_browser_that_has_the_page_is_told_so(client, campaign, during):
    page = client.get("/")
    for known in (page["ETag"], f'"other", {page["ETag"]}', "*"):
        answer = client.get("/", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", page["ETag"])
        assert (answer["Vary"], answer["Cache-Control"]) == (page["Vary"], page["Cache-Control"])
    assert client.get("/", headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_a_part_of_the_page_is_not_given(client, campaign, during):
    answer = client.get("/", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, len(answer.content) > 1000) == (200, True)


def test_who_takes_packed_pages_gets_them_packed(client, campaign, during):
    plain, packed = client.get("/"), client.get("/", headers={"Accept-Encoding": "gzip, br"})
    assert (gzip.decompress(packed.content), packed["Content-Encoding"]) == (plain.content, "gzip")
    assert (packed["Content-Length"], packed["ETag"]) == (str(len(packed.content)), plain["ETag"])
    assert {"Accept-Encoding", "Cookie"} == {*plain["Vary"].split(", ")}


def test_proxies_may_keep_it_as_long_as_we_do(client, campaign, during):
    assert client.get("/")["Cache-Control"] == "public, max-age=0, s-maxage=1, must-revalidate"


# --- Many at once, failures, bounds ----------------------------------------------------------------------------------


def asked(where="/", at=clock.DURING, **meta):
    request = RequestFactory().get(where, **meta)
    request.at = at  # type: ignore[attr-defined]
    return request


def test_while_one_renders_the_others_get_the_last_page(campaign, monkeypatch, now):
    slow, go = threading.Event(), threading.Event()
    monkeypatch.setattr(finished, "next_moment", lambda at: None)
    made = []

    def view(request):
        made.append(len(made))
        if len(made) == 2:
            slow.set()
            assert go.wait(10)
        return HttpResponse(f"page {len(made)}")

    pages = FinishedPages(view)
    assert pages(asked()).content == b"page 1"
    now[0] += 2.0
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(pages, asked())
        assert slow.wait(10)
        assert [pages(asked()).content for _ in range(20)] == [b"page 1"] * 20
        go.set()
        assert first.result().content == b"page 2"
    assert (pages(asked()).content, len(made)) == (b"page 2", 2)


def test_those_who_come_first_of_all_wait_for_one_rendering(campaign, monkeypatch):
    monkeypatch.setattr(finished, "next_moment", lambda at: None)
    made, all_in = [], threading.Barrier(9)

    def view(request):
        made.append(1)
        threading.Event().wait(0.3)
        return HttpResponse("page")

    pages = FinishedPages(view)

    def ask():
        all_in.wait()
        return pages(asked()).content

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask) for _ in range(8)]
        all_in.wait()
        assert {answer.result() for answer in answers} == {b"page"}
    assert len(made) == 1


def test_who_looked_just_before_another_request_finished_renders_nothing(campaign, monkeypatch, now):
    monkeypatch.setattr(finished, "next_moment", lambda at: None)
    made = []
    pages = FinishedPages(lambda request: made.append(1) or HttpResponse(f"page {len(made)}"))
    pages(asked())
    now[0] += 2.0

    class TakenLate:
        """A lock that is free only when the other request is through."""

        def acquire(self, **_how):
            monkeypatch.setattr(finished, "Lock", threading.Lock)
            pages._making.clear()
            pages(asked())
            return True

        def release(self):
            pass

    monkeypatch.setattr(finished, "Lock", TakenLate)
    assert (pages(asked()).content, len(made)) == (b"page 2", 2)


def test_what_was_taken_down_is_gone_after_ten_seconds_even_if_nobody_finishes_rendering(campaign, monkeypatch, now):
    monkeypatch.setattr(finished, "next_moment", lambda at: None)
    monkeypatch.setattr(finished, "PATIENCE", 0.05)
    pages = FinishedPages(lambda request: HttpResponse(f"at {now[0]}"))
    pages(asked())
    hanging = next(iter(pages._kept))
    pages._making[hanging] = threading.Lock()
    pages._making[hanging].acquire()
    now[0] += finished.LONGEST - 0.1
    assert pages(asked()).content == b"at 100.0"
    now[0] += 0.1
    assert pages(asked()).content == b"at 110.0"


def test_a_page_that_fails_is_the_last_good_one_for_a_minute_and_then_the_error(campaign, monkeypatch, now):
    status = [200]
    monkeypatch.setattr(finished, "next_moment", lambda at: None)
    pages = FinishedPages(lambda request: HttpResponse("page", status=status[0]))
    assert pages(asked()).status_code == 200
    status[0], now[0] = 503, 159.9
    assert (pages(asked()).status_code, pages(asked()).content) == (200, b"page")
    now[0] = 160.0
    assert pages(asked()).status_code == 503
    status[0] = 404
    assert pages(asked()).status_code == 404


def test_what_is_not_there_any_more_is_gone_with_the_next_rendering(campaign, monkeypatch, now):
    status = [200]
    monkeypatch.setattr(finished, "next_moment", lambda at: None)
    pages = FinishedPages(lambda request: HttpResponse("page", status=status[0]))
    pages(asked())
    status[0], now[0] = 404, 101.0
    assert (pages(asked()).status_code, len(pages._kept), pages._size) == (404, 0, 0)


def test_a_page_whose_next_moment_is_not_known_is_not_kept(campaign, monkeypatch):
    def away(at):
        raise OperationalError

    monkeypatch.setattr(finished, "next_moment", away)
    pages = FinishedPages(lambda request: HttpResponse("page"))
    assert (pages(asked()).content, pages._kept) == (b"page", {})


@pytest.mark.slow
def test_a_hundred_thousand_addresses_stay_within_their_memory(campaign, monkeypatch):
    monkeypatch.setattr(finished, "next_moment", lambda at: None)
    monkeypatch.setattr(finished, "KEPT_BYTES", 200_000)
    pages = FinishedPages(lambda request: HttpResponse("页" * 300))
    for number in range(100_000 // 50):
        for host in range(50):
            pages(asked(HTTP_HOST=f"host{number}-{host}"))
    assert 150_000 < pages._size <= 200_000
    assert pages._size == sum(page.size for page in pages._kept.values())
    assert (len(pages._making), query_of_everybody.cache_info().maxsize) == (0, 2000)


def test_a_request_that_lay_at_the_proxy_is_answered_for_its_own_moment(campaign, monkeypatch):
    monkeypatch.setattr(finished, "next_moment", lambda at: None)
    pages = FinishedPages(lambda request: HttpResponse(str(request.at)))  # type: ignore[attr-defined]
    pages(asked(at=clock.CLOSES))
    early = clock.CLOSES - timedelta(minutes=5)
    assert pages(asked(at=early)).content.decode() == str(early)
    assert pages(asked(at=clock.CLOSES)).content.decode() == str(clock.CLOSES)


# --- What is taken down ----------------------------------------------------------------------------------------------


def test_a_name_that_is_withdrawn_and_a_text_that_is_taken_down_are_gone_a_second_later(
    client, moderator, managers, monkeypatch, now
):
    campaign = factories.released_campaign(moderator, managers)
    winner = campaign.ideas.filter(shortlist_entry__isnull=False).first()
    where = reverse("winners", args=[campaign.slug])
    person = factories.resident_of(winner)
    person.naming, person.publish_consented_at, name = "real", clock.DURING, "欧阳海风"
    person.contact = {**person.contact, "name": name}
    person.save()
    with clock.at(clock.LATER):
        before = client.get(where).content.decode()
        tracking.change_naming(
            idea=winner, naming="anonymous", name="", net_name="", may_publish=False, at=clock.LATER,
            expected_version=story_of(winner, clock.LATER).version,
        )  # fmt: skip
        assert (name in before, client.get(where).content.decode() == before) == (True, True)
        now[0] += 1.0
        assert name not in client.get(where).content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_processes_show_the_opening_at_its_moment(tmp_path):
    """Real ones, asked all the time: nobody reads it early, everybody a second later."""
    now = timezone.now()
    campaign = factories.make_campaign(opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=3))
    port = free_port()
    env = portal_env(tmp_path, IDEAS_PAGE_SECONDS=1)
    serve = (
        "-m",
        "gunicorn",
        "portal.wsgi",
        f"--bind=127.0.0.1:{port}",
        "--workers=2",
        "--threads=2",
        "--no-control-socket",
    )
    with running(*serve, env=env):
        page = f"http://127.0.0.1:{port}{address(campaign)}"
        early, late = [], []
        assert eventually(lambda: is_answered(page)), log_of(env)
        opens = None
        while len(late) <= 20:
            if opens is None and len(early) > 20:
                opens = timezone.now() + 3 * SECOND
                Campaign.objects.update(opens_at=opens)
            asked_at = timezone.now()
            with urlopen(page, timeout=PATIENCE) as answer:
                is_open = f"/campaigns/{campaign.slug}/submit/" in answer.read().decode()
            if opens is None or timezone.now() < opens:
                early.append(is_open)
            elif asked_at > opens + SECOND:
                late.append(is_open)
    assert ({*early}, {*late}) == ({False}, {True})


def is_answered(page):
    try:
        return urlopen(page, timeout=PATIENCE).status == 200
    except URLError:
        return False


# --- nginx before it -------------------------------------------------------------------------------------------------


@pytest.fixture
def behind_nginx(tmp_path):
    """The cache of docs/operations.md before a server that numbers its answers: (get, the paths that were asked)."""
    http, location = nginx_cache(tmp_path)
    asked_for = []

    class Upstream(BaseHTTPRequestHandler):
        def do_GET(self):
            asked_for.append(self.path)
            body = f"{len(asked_for)}".encode()
            self.send_response(200)
            everybody = "public, max-age=0, s-maxage=1, must-revalidate"
            self.send_header("Cache-Control", "private, no-cache" if self.path == "/own" else everybody)
            self.send_header("Vary", "Accept-Encoding, Cookie")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    proxy = f"location / {{ {location} proxy_pass http://127.0.0.1:{upstream.server_address[1]}; }}"
    with nginx(tmp_path, proxy, http) as port:

        def get(path, cookie=""):
            with urlopen(
                Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": cookie}), timeout=PATIENCE
            ) as answer:
                return answer.read()

        yield get, asked_for
    upstream.shutdown()


def test_nginx_keeps_what_is_for_everybody_apart_by_language_and_letters(behind_nginx):
    get, asked_for = behind_nginx
    chosen = ("", "language=en", "elder=on", "a=b; __Host-elder=max; c=d", "language=en; elder=on")
    pages = [get("/", cookie) for cookie in chosen]
    assert len({*pages}) == 5
    again = ("draft=1", "draft=2; language=en", "elder=on; x=y", "__Host-elder=max", "elder=on; language=en")
    assert ([get("/", cookie) for cookie in again], len(asked_for)) == (pages, 5)


@pytest.mark.parametrize("cookie", ["session=x", "__Host-session=x", "a=b; messages=x"])
def test_nginx_keeps_nothing_of_persons(behind_nginx, cookie):
    get, asked_for = behind_nginx
    pages = {get("/", cookie), get("/", cookie), get("/"), get("/own"), get("/own"), get("/?chosen=en")}
    assert (len(pages), len(asked_for)) == (6, 6)
