"""What WCAG asks that axe-core can see, in the dark and on a phone; test_browser asks it of every page."""

import sys
from pathlib import Path

import browser
import pytest
from browser import violations

from khanij.analyses.question import ask, find, request_of
from khanij.brief import site

sys.path.insert(0, str(Path(__file__).parents[1] / "analyses"))
from test_site import document

pytestmark = pytest.mark.filterwarnings("ignore")  # of the browser's driver, which is not ours
RICH = ("/", "/country?focus=CHL", "/mineral?material=cobalt&focus=IND", "/disruption?focus=IND", "/plan?focus=IND")


@pytest.mark.parametrize(("width", "scheme"), [(1024, "dark"), (390, "light")])
def test_none_in_the_dark_and_none_on_a_phone(chrome, base, width, scheme):
    page = chrome.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    seen = browser.Visit(page, base)
    for path in RICH:
        seen.open(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.close()
    assert seen.wrong == []


def test_the_check_finds_what_is_planted(visit):
    planted = """
        <h4>Deep</h4><input id=a><img src="data:,"><button></button><p style="color:#aaa">pale words</p>
        <table><tr><th>x</th></tr></table><div style="overflow:auto;height:20px"><p>a</p><p>b</p></div>
        <a href="#gone">x</a>"""
    visit.open("/jobs")
    visit.page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", planted)
    found = {one.partition(":")[0] for one in violations(visit.page)}
    assert found >= {
        "heading-order",
        "label",
        "image-alt",
        "button-name",
        "color-contrast",
        "scrollable-region-focusable",
        "dead-link",
    }


def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit):
    visit.open("/q/scorecard?focus=IND&part=targets")
    page, seen = visit.page, []
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "() => { const a = document.activeElement, s = getComputedStyle(a), width = s.outlineWidth; "
            "return [a.tagName, a.id || a.textContent.slice(0, 20), s.outlineStyle !== 'none' && width !== '0px']; }"
        )
        if at[0] == "BODY":
            break
        seen.append(at)
    assert seen[0][1].startswith("Skip")
    assert all(shown for _, _, shown in seen), [one for one in seen if not one[2]]
    assert {"A", "INPUT", "BUTTON", "TD"} <= {tag for tag, _, _ in seen}


def test_a_number_tells_its_source_by_the_keyboard_alone(visit):
    visit.open("/q/scorecard?focus=IND&part=targets")
    page = visit.page
    page.locator("td[tabindex='0']").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.tagName") == "TD"
    page.keyboard.press("Enter")
    page.wait_for_selector("#tell:not([hidden])")
    assert page.evaluate("document.activeElement.textContent") == "Close"
    page.keyboard.press("Escape")
    assert page.locator("#tell").is_hidden()
    assert page.evaluate("document.activeElement.tagName") == "TD"


def test_none_in_a_brief_nor_in_the_pages_behind_it(chrome, tmp_path):
    """A small country's two pages, and the site of a dossier made by hand."""
    brief = ask(request_of(find("brief")).of({"focus": "BTN", "dossier": False})).files
    page = chrome.new_page(viewport={"width": 390, "height": 900})
    for name, data in (brief | site.files(document(), ("IND",))).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        page.goto(path.as_uri())
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    page.close()
