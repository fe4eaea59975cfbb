"""A browser goes through the pages and the main tasks: nothing leaves the machine, nothing is complained of."""

import browser
import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # of the browser's driver, which is not ours

PAGES = {
    "/": "Who depends on whom",
    "/country?focus=CHL": "What could hurt",
    "/mineral?material=cobalt&focus=IND": "Stage by stage",
    "/product?product=car&focus=IND": "What it hangs on",
    "/partner?focus=IND&partner=RUS": "What it buys",
    "/map?focus=IND&year=2024": "Suppliers on the map",
    "/map?focus=IND&material=cobalt&year=2024": "Flows on the map",
    "/criticality?focus=IND": "Indicators side by side",
    "/need?focus=IND&material=lithium": "Coming need",
    "/data?material=cobalt&country=CHL&quantity=production": "Facts",
    "/methods": "The methods",
    "/method?id=hhi-wgi&focus=IND&year=2023": "Its values",
    "/search?q=copper": "found for",
    "/questions": "All questions",
    "/jobs": "Runs",
    "/risk?focus=IND": "Work it out",
    "/plan?focus=IND": "Work it out",
    "/stockpile?focus=IND&material=cobalt": "Work it out",
    "/forecasts?material=nickel": "Documented events",
}


def test_every_page_opens_and_every_table_and_figure_has_its_twins(visit):
    for path, words in PAGES.items():
        visit.open(path)
        text = visit.page.inner_text("main")
        assert words in text, path
        drawn = visit.page.locator(".part .grid, .part figure")
        assert drawn.count() == drawn.filter(has=visit.page.locator(".twins a")).count(), path
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 1440, path
        assert browser.violations(visit.page) == [], path


def test_pages_fit_a_phone(chrome, base):
    page = chrome.new_page(viewport={"width": 390, "height": 800})
    seen = browser.Visit(page, base)
    for path in ("/", "/mineral?material=cobalt&focus=IND", "/disruption", "/q/plan"):
        seen.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.close()
    assert seen.wrong == []


def test_a_map_is_drawn_and_the_year_is_moved(visit):
    visit.open("/map?focus=IND&year=2024")
    visit.page.wait_for_selector(".plot .geolayer path.choroplethlayer, .plot .geo .choropleth path, .plot .geo path")
    visit.page.wait_for_selector(".plot .scatterlayer .js-line, .plot .scattergeo .js-line")
    visit.page.focus("input[type=range]")
    visit.page.press("input[type=range]", "ArrowLeft")
    visit.page.wait_for_url("**year=2023**")


def test_a_table_is_sorted_and_filtered(visit):
    visit.open("/q/register?material=gallium")
    table = visit.page.locator("table").first
    before = table.locator("tbody tr").count()
    visit.page.locator("thead button").nth(1).click()
    assert table.locator("th[aria-sort=ascending], th[aria-sort=descending]").count() == 1
    box = visit.page.locator(".filter input")
    if box.count():
        box.first.fill("zzzz")
        assert table.locator("tbody tr:visible").count() == 0
    assert table.locator("tbody tr").count() == before


def test_a_long_run_is_begun_followed_and_its_answer_stands_on_the_page(visit):
    visit.open("/q/compare?lists=in-2023-30,eu-2023-crm&year=2023")
    visit.page.click("text=Work it out")
    visit.page.wait_for_selector(".part table", timeout=60_000)
    assert "/q/compare" in visit.page.url


def test_without_a_script_the_whole_page_is_there(chrome, base):
    context = chrome.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/mineral?material=cobalt&focus=IND&whole=1")
    assert page.locator(".part table").count() >= 5
    page.goto(f"{base}/mineral?material=tantalum&focus=IND")
    assert page.locator(".part table, .later a").count() >= 5
    context.close()
