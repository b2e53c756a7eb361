"""Words go back into the form that they came from, and into no other."""

from ideas.rules.refill import refill

PAGE = """<main><form method="post" action="/a/"><input type="hidden" name="csrfmiddlewaretoken" value="t">
<input name="name" value=""><textarea name="why" rows="2">old</textarea>
<select name="kind"><option value="">-</option><option value="b" selected>B</option><option value="c">C</option>
</select><input type="checkbox" name="sure" value="1" checked><button name="go" value="1">Go</button></form>
<form method="post" action="/b/"><input name="name" value="other"></form></main>"""


def filled(typed, path="/a/", bare=""):
    return refill(PAGE, page="/page/", path=path, typed=typed, notice="<p>N</p>", bare=bare)


def test_every_kind_of_field_is_filled():
    html = filled({"name": ['"<&'], "why": ["a\nb"], "kind": ["c"], "go": ["1"]})
    assert '<input name="name" value="&quot;&lt;&amp;">' in html
    assert '<textarea name="why" rows="2">\na\nb</textarea>' in html
    assert '<option value="b">B</option><option value="c" selected="">' in html
    assert '<input type="checkbox" name="sure" value="1">' in html


def test_the_token_and_other_forms_stay_as_they_are():
    html = filled({"name": ["x"], "csrfmiddlewaretoken": ["old"]})
    assert 'name="csrfmiddlewaretoken" value="t"' in html
    assert '<input name="name" value="other">' in html


def test_what_has_no_field_gets_one():
    assert '<textarea name="rows-3-name" rows="2" cols="60">\nneu</textarea>' in filled({"rows-3-name": ["neu"]})


def test_a_button_that_was_pressed_is_not_pressed_again():
    assert filled({"go": ["1"], "name": ["x"]}).count('name="go"') == 1


def test_a_page_without_the_form_is_left_alone_or_gets_one():
    assert filled({"name": ["x"]}, path="/c/") is None
    assert '<form method="post" action="/c/">' in filled({"name": ["x"]}, path="/c/", bare="<button>S</button>")


def test_the_notice_stands_where_the_content_begins():
    assert filled({"name": ["x"]}).startswith("<main><p>N</p><form")


def test_details_around_the_form_are_opened():
    page = '<main><details><summary>S</summary><form method="post"><input name="a"></form></details></main>'
    html = refill(page, page="/p/", path="/p/", typed={"a": ["x"]}, notice="", bare="")
    assert "<details open>" in html
