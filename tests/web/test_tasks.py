"""The five main tasks in a browser, each from the first page to the answer and its source."""

import re

import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # of the browser's driver, which is not ours


def work_out(visit, part):
    """Begin the run of a part and wait for its answer."""
    visit.page.locator(f"{part} button", has_text="Work it out").click()
    visit.page.wait_for_selector(f"section.part{part}, .later section.part{part}", timeout=90_000)


def first(visit, part):
    """Return the first sentence of a part."""
    return visit.page.inner_text(f"{part} .findings .first")


def test_india_s_n_1_for_cobalt_is_found_and_leads_to_its_source(visit):
    visit.open("/")
    visit.page.fill("#search", "कोबाल्ट")
    visit.page.press("#search", "Enter")
    visit.page.click(".results a >> nth=0")
    visit.page.fill("#f-focus", "India")
    visit.page.click("form.ask button")
    visit.settle()
    assert "focus=IND" in visit.page.url
    assert "material=cobalt" in visit.page.url
    part = visit.page.locator("section.part", has_text="N-1")
    cell = part.locator("tbody td.num[data-v][data-src]:not(.year)").first
    share = float(cell.get_attribute("data-v"))
    assert 0 < share < 1  # the part of India's cobalt that its first supplier sends
    assert f"{100 * share:.0f}" in cell.inner_text()
    cell.click()
    told = visit.page.inner_text("#tell")
    assert "Cobalt" in told
    visit.page.click("#tell a")
    visit.page.wait_for_url("**/q/**")
    assert "cobalt" in visit.page.inner_text("main").lower()


def test_magnets_stopped_for_three_months_cost_tonnes_and_makers_stand_still(visit):
    visit.open("/")
    visit.page.click("text=What if China stopped magnets for three months?")
    visit.page.fill("#f-ban_b", "CHN:graphite@3")
    visit.page.click("form.ask button")
    visit.settle()
    assert "ban_b=CHN" in visit.page.url
    one, other = (visit.page.locator(".sides section.part").nth(k) for k in range(2))
    said = one.locator(".first").inner_text()
    assert "stopped for 3 months" in said
    assert re.search(r"would go without [\d,]+\s*t", said)
    assert "passenger car" in one.inner_text()
    assert "graphite" in other.locator(".first").inner_text()
    left, right = one.bounding_box(), other.bounding_box()
    assert left["x"] + left["width"] <= right["x"]  # beside each other
    assert abs(left["y"] - right["y"]) < 2


def test_the_partnership_with_russia_is_valued_with_what_it_averts(visit):
    visit.open("/")
    visit.page.click("text=What is a partnership with Russia worth")
    visit.page.fill("#f-years", "20")
    visit.page.click("form.ask button")
    visit.settle()
    assert "years=20" in visit.page.url
    work_out(visit, "#part-5")
    said = first(visit, "#part-5")
    assert "partnership with Russia" in said
    assert re.search(r"USD\s*[\d.,]+\s*(million|billion)", said)
    assert visit.page.locator("#part-5 .grid").count() >= 1
    assert visit.page.locator("#part-5 .twins a").count() >= 5


def test_the_budget_is_moved_and_the_plan_spends_within_it(visit):
    visit.open("/plan?focus=IND&minerals=rare-earths&years=50")
    visit.page.focus("#f-budget")
    visit.page.press("#f-budget", "ArrowLeft")  # a hundred crore less; the page asks again by itself
    visit.page.wait_for_url("**budget=9900**")
    visit.settle()
    work_out(visit, "#part-0")
    said = first(visit, "#part-0")
    assert said.startswith("Of 9,900 crore INR (USD")
    spent = re.search(r"spends ([\d,]+) crore", said)
    assert spent is None or float(spent[1].replace(",", "")) <= 9900
    assert visit.page.input_value("#f-currency") == "crore INR"  # of India; dollars elsewhere, or as chosen
    assert visit.page.locator("#part-0 .plot").count() >= 1  # what is begun when


def test_a_reserve_is_sized_in_tonnes_days_and_money(visit):
    visit.open("/")
    visit.page.click("text=What reserve of cobalt does an emergency ask for?")
    visit.page.fill("#f-days", "60")
    visit.page.fill("#f-years", "20")
    visit.page.click("form.ask button")
    visit.settle()
    work_out(visit, "#part-0")
    text = visit.page.inner_text("#part-0")
    assert re.search(r"[\d,]+\s*t, \d+ days of use", text)
    assert "million USD" in first(visit, "#part-0")
    assert visit.page.locator("#part-0 tbody tr").count() >= 1
