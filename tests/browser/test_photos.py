"""Photos under the form's script: how far one is, shrinking, removing, and a browser that keeps nothing."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from ideas.models import Photo
from ideas.models.photos import photo_store
from tests import factories
from tests.browser import scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("resident"), pytest.mark.django_db(transaction=True)]

LISTENS = """
window.heard = [];
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (data) {
  window.heard.push(Boolean(this.upload.onprogress));
  return send.call(this, data);
};
"""
BLOCKED = """
for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {
  get() { throw new DOMException("blocked", "SecurityError"); }
});
"""


@pytest.fixture
def campaign(db):
    return scenes.campaign()


@pytest.fixture
def form(campaign):
    return f"/campaigns/{campaign.slug}/submit/"


@pytest.fixture
def phone(new_page) -> Page:
    return new_page(360)


def photo(name="photo.jpg", **fields):
    return {"name": name, "mimeType": "image/jpeg", "buffer": factories.photo_file(**fields).read()}


def large(orientation=1):
    """Some megabytes: blue above, noise below, and an orientation in its EXIF."""
    image = Image.effect_noise((4000, 3000), 60).convert("RGB")
    image.paste((0, 0, 255), (0, 0, 4000, 1000))
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    image.save(file, "JPEG", quality=90, exif=exif)
    return {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def choose(page, *files):
    page.set_input_files("#id_photos", list(files))


def test_progress_is_listened_for_before_anything_is_sent(phone, form):
    phone.add_init_script(LISTENS)
    scenes.visit(phone, form)
    choose(phone, photo())
    expect(phone.locator("#photos-kept img")).to_have_count(1)
    assert phone.evaluate("window.heard[0]") is True
    expect(phone.locator("#photos-say")).to_contain_text("1")


def test_removing_one_keeps_the_place_and_the_words_and_says_so(phone, form):
    scenes.visit(phone, form)
    phone.fill("#id_title", "在侧门加一盏灯")
    choose(phone, photo(colour="red"), photo(colour="blue"), photo(colour="green"))
    expect(phone.locator("#photos-kept img")).to_have_count(3)
    phone.evaluate("window.same = true")
    button = phone.locator("button[name=drop_photo]").nth(1)
    button.scroll_into_view_if_needed()
    place = phone.evaluate("window.scrollY")
    button.click()
    expect(phone.locator("#photos-kept img")).to_have_count(2)
    expect(phone.locator("#photos-say")).to_contain_text("2")
    assert phone.evaluate("window.same && document.activeElement.name") == "drop_photo"
    assert abs(phone.evaluate("window.scrollY") - place) < 200
    assert phone.input_value("#id_title") == "在侧门加一盏灯"
    assert Photo.objects.count() == 2


def test_without_script_removing_one_comes_back_to_the_photos(new_page, form):
    page = new_page(360, script=False)
    scenes.visit(page, form)
    choose(page, photo())
    scenes.press(page, "button[name=save]")
    scenes.press(page, "button[name=drop_photo]")
    expect(page.locator("#id_photos")).to_be_in_viewport()
    assert Photo.objects.count() == 0


@pytest.mark.parametrize(("orientation", "size", "blue"), [(1, (2048, 1536), "top"), (6, (1536, 2048), "right")])
def test_a_large_picture_is_shrunk_upright_in_the_browser(phone, form, orientation, size, blue):
    sizes = []
    phone.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
    scenes.visit(phone, form)
    file = large(orientation)
    sizes.clear()
    choose(phone, file)
    expect(phone.locator("#photos-kept img")).to_have_count(1, timeout=60_000)
    assert max(sizes) < len(file["buffer"]) / 2
    kept = Photo.objects.get()
    with photo_store().open(kept.file_name) as content:
        image = Image.open(content).convert("RGB")
        edge = {"top": (image.width // 2, 20), "right": (image.width - 20, image.height // 2)}[blue]
        red, green, shade = image.getpixel(edge)
    assert (kept.width, kept.height) == size
    assert shade > max(red, green) + 100


def test_a_browser_that_cannot_shrink_sends_the_picture_as_it_is(phone, form):
    phone.add_init_script("window.createImageBitmap = () => Promise.reject(new TypeError('from-image'));")
    scenes.visit(phone, form)
    choose(phone, large())
    expect(phone.locator("#photos-kept img")).to_have_count(1, timeout=60_000)
    assert Photo.objects.get().width == 2048


def test_with_site_data_blocked_a_chosen_photo_is_still_sent(phone, form):
    phone.add_init_script(BLOCKED)
    scenes.visit(phone, form)
    choose(phone, photo())
    expect(phone.locator("#photos-kept img")).to_have_count(1)


def test_without_cookies_it_is_said_at_once_and_a_chosen_photo_does_not_vanish_unsaid(new_page, form):
    page = new_page(360, meant=(403,))
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'cookieEnabled', {get: () => false});" + BLOCKED)
    scenes.visit(page, form)
    expect(page.locator("#form-says.bad")).to_contain_text("Cookie")
    page.context.clear_cookies()
    choose(page, photo())
    expect(page.locator("#form-says.bad")).to_contain_text("Cookie")


def test_a_page_left_open_warns_before_collecting_ends(phone, campaign, form):
    campaign.closes_at = timezone.now() + timedelta(minutes=5)
    campaign.rating_from = campaign.rating_until = None
    campaign.save()
    scenes.visit(phone, form)
    expect(phone.locator("#ends")).to_be_in_viewport()
    expect(phone.locator("#ends")).to_contain_text("5")
    assert "征集截至" in phone.inner_text("main")


def test_a_page_with_time_left_warns_of_nothing(phone, form):
    scenes.visit(phone, form)
    expect(phone.locator("#ends")).to_be_hidden()
