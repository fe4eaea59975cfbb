"""The brief as a document: two pages and a dossier made of answers, every number sourced, the same bytes each time."""

import io
import re

import pytest
from python_calamine import load_workbook

from khanij.analyses.inputs.coverage import newest
from khanij.analyses.inputs.stated import reliance
from khanij.analyses.origin.traced import Provenance
from khanij.analyses.partner import chapter as partnership
from khanij.analyses.plan import chapter as plan
from khanij.analyses.question import ask, request
from khanij.brief import contents, disruption, fitting, pages
from khanij.core.errors import CoverageError, StudyError
from khanij.core.number import Number, share, total
from khanij.core.number import smaller as least
from khanij.present.document import Section, Sentence
from khanij.reference.official_lists import chosen, split_groups

FILES = ["brief.html", "dossier.html", "brief.xlsx"]


def answer(focus="IND", **more):
    return ask(request("brief", focus=focus, year=2024, **more))


@pytest.fixture(scope="module")
def india():
    return answer()


@pytest.fixture(scope="module")
def short(india):
    return india.files["brief.html"].decode()


def words(html):
    return re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.S)


def test_the_brief_is_two_pages_a_dossier_and_a_workbook(india, short):
    assert list(india.files) == FILES
    assert short.count('class="sheet"') == 2
    assert len(india.files["brief.html"]) < 100_000  # it can be sent
    assert len(words(short).split()) < 2_200  # texts of the drawings counted; 20,902 in the long brief before
    headings = re.findall(r"<h2>(.*?)</h2>", short)
    assert headings == [
        "What could stop us, and how sure",
        "On whom we depend, really",
        "What we cannot see",
        "What is in force against us",
        "What the programme does, and should next",
        "Decide",
        "Watch",
        "Find out",
    ]
    assert short.count('<svg class="drawn"') <= 5


def test_it_opens_with_dependence_and_names_no_loss_in_money(india, short):
    assert str(india.findings[0]).startswith("China sends over half of India's permanent magnets")
    first = words(short[: short.index("What we cannot see")])
    assert not re.search(r"(?:loss|cost)[^.]{0,40}USD", first)
    assert "what has none is not small for that" in words(short)


def test_each_finding_is_a_sentence_with_a_number_a_range_and_a_source(india):
    rows = list(india.table("findings").rows())
    assert 3 <= len(rows) <= 5
    for row in rows:
        number = row["value"]
        assert number.sources
        assert 0.0 < number.value <= 1.0
        assert row["finding"].endswith(".")
        assert row["sure"].startswith("confidence ")
    ranged = [row["value"] for row in rows if row["value"].low is not None]
    assert ranged
    assert all(n.low <= n.value <= n.high for n in ranged)


def test_magnets_are_priced_and_stand_first_and_what_is_not_counted_is_said(india, short):
    priced = {row["mineral"]: row["priced"] for row in india.table("exposure").rows()}
    top = next(iter(india.table("exposure").rows()))
    assert (top["material"], top["stage"], top["priced"]) == ("rare-earths", "component", True)
    assert ("not priced, and not small for that" in words(short)) == (False in priced.values())
    assert "gallium" in words(short)


def test_every_number_has_a_source_in_the_list_or_a_reason(india):
    for table in india.tables:
        for number in table.numbers():
            assert number.sources if number.value is not None else number.note, table.key
    dossier = india.files["dossier.html"].decode()
    wanted = set(re.findall(r'href="#(src-\d+)"', dossier))
    assert wanted <= set(re.findall(r'id="(src-\d+)"', dossier))


def test_chapters_are_lines_of_one_list_and_stand_in_its_order(india):
    dossier = india.files["dossier.html"].decode()
    shown = re.findall(r'<section id="([\w-]+)" class="chapter', dossier)
    order = [line.id for line in contents.CONTENTS]
    assert shown == [id for id in order if id in shown]
    assert set(order) - set(shown) == {"partner", "partnership", "plan", "disruption"}  # not asked for
    assert len({line.id for line in contents.CONTENTS}) == len(order)
    assert dossier.count("n/k</td>") + dossier.count(">n/k<") < 400  # 835 in the brief before


def test_nothing_stands_in_the_order_of_the_alphabet(india):
    for key in ("overview", "suppliers", "balance", "world"):
        minerals = list(dict.fromkeys(india.table(key).column("mineral")))
        assert minerals != sorted(minerals), key


def test_the_workbook_has_contents_every_supplier_and_years(india):
    book = load_workbook(io.BytesIO(india.files["brief.xlsx"]))
    assert book.sheet_names[:2] == ["Contents", "Findings"]
    assert book.sheet_names[-1] == "Sources"
    every = book.get_sheet_by_name("every-supplier").to_python()
    assert len(every) > 400
    assert every[2][:3] == ["Mineral", "Form", "Country"]
    decade = book.get_sheet_by_name("decade").to_python()
    assert sum("2019" in str(head) for head in decade[2]) == 3


@pytest.mark.parametrize("focus", ["EU27", "BTN"])
def test_groups_and_small_countries_have_their_pages(focus):
    made = answer(focus)
    html = made.files["brief.html"].decode()
    assert html.count('class="sheet"') == 2
    assert "None" not in words(html)
    assert "not known %" not in html
    if focus == "BTN":
        assert str(made.findings[0]).startswith("Too little is recorded")
        again = answer(focus)
        assert all(again.files[name] == made.files[name] for name in FILES)  # same request, same bytes
        assert again.hash == made.hash


def test_partner_plan_and_losses_add_their_chapters_and_say_what_they_found(monkeypatch):
    for module, years in ((partnership, 60), (plan, 120), (disruption, 40)):
        monkeypatch.setattr(module, "YEARS", years)
    made = answer(partner="RUS", plan=True, losses=True)
    dossier, short = (made.files[name].decode() for name in ("dossier.html", "brief.html"))
    shown = re.findall(r'<section id="([\w-]+)" class="chapter', dossier)
    assert {"partner", "partnership", "plan", "disruption"} <= set(shown)
    assert "34,300 crore INR" in words(short)
    assert {"plan-plan", "partnership-scenarios"} & {table.key for table in made.tables}


def test_cheap_checks_come_before_any_computing():
    with pytest.raises(CoverageError, match="partner is the country itself"):
        answer(partner="India")
    with pytest.raises(StudyError, match="no programme of Chile is on record"):
        answer("CHL", plan=True)
    with pytest.raises(StudyError, match="years of a plan without a plan"):
        answer(to=2031)
    with pytest.raises(StudyError, match="no sum of money"):
        request("brief", focus="IND", budget="lots")


def test_a_page_gives_way_where_it_must_and_no_further():
    long = Sentence("word " * 60)
    sections = tuple(Section(id, "H", sentences=(long,) * 6) for id in ("a", "b"))
    kept = fitting.fitted(sections, 30.0, ("b", "a"))
    assert sum(map(fitting.height, kept)) <= 30.0
    assert len(kept[1].sentences) < len(kept[0].sentences)  # the first of the order gives way first
    assert len(fitting.fitted(sections, 1.0, ("a",))[0].sentences) == 1
    assert fitting.fitted(sections, 500.0, ("a", "b")) == sections


def test_what_is_sure_of_a_share_is_its_low_end():
    assert pages.certain({"held": Number(0.8, "1", ("s",), 0.0, 0.9)}) == 0.0
    assert pages.certain({"held": Number(0.8, "1", ("s",))}) == 0.8


def test_published_dependence_has_sources_and_notes():
    found = reliance("IND", 2024)
    assert ("lithium", "refined") in found or any(key[0] == "lithium" for key in found)
    assert all(n.note and n.sources for n in found.values())


def test_origins_hold_their_ranges_and_add_up():
    p = Provenance("IND", 2024, ("copper",))
    for stage in p.stages("copper"):
        traced = p.traced(("copper", stage))
        whole = sum(n.value for n in traced.shares.values()) + traced.unknown.value
        assert whole == pytest.approx(1.0)
        for number in traced.shares.values():
            if number.low is not None:
                assert number.low - 1e-6 <= number.value <= number.high + 1e-6


def test_the_newest_year_has_trade_and_output():
    assert newest("IND") == 2024


def test_groups_are_told_apart_only_without_codes_of_their_own():
    assert split_groups(("rare-earths",)) == ("rare-earths",)
    assert "platinum" in split_groups(("pgm",))


def test_which_list_counts():
    assert chosen("IND", 2024)[0] == "in-2023-30"
    assert chosen("DEU", 2024)[0].startswith("eu-")
    assert chosen("USA", 2024)[0] == "us-2025"
    assert chosen("KAZ", 2024)[0] == "all"


def test_the_smaller_of_two_keeps_both_sources():
    smaller = least(Number(1.0, "t", ("a",)), Number(2.0, "t", ("b",)))
    assert (smaller.value, smaller.sources) == (1.0, ("a", "b"))
    assert least(Number(None, "t", note="why"), Number(2.0, "t", ("b",))).note == "why"


def test_sums_keep_ranges_sources_and_doubt():
    whole = total([Number(1.0, "t", ("a",), 0.5, 2.0, "low"), Number(2.0, "t", ("b",)), Number(None)])
    assert (whole.value, whole.low, whole.high, whole.confidence) == (3.0, 2.5, 4.0, "low")
    assert whole.sources == ("a", "b")
    assert share(Number(1.0, "t", ("a",)), Number(None)).value is None
    assert total([]).value is None
