"""The brief as a document: two pages and a dossier made of answers, every number sourced, the same bytes each time."""

import html
import io
import re
import shlex
from dataclasses import replace
from types import SimpleNamespace

import pytest
from python_calamine import load_workbook

from khanij.analyses.inputs.coverage import newest
from khanij.analyses.inputs.facts import stated_reliance
from khanij.analyses.question import ask, find, is_repeated, request, request_of, spelled
from khanij.brief import contents, dossier, fitting, pages, run, stops
from khanij.core.errors import CoverageError, StudyError
from khanij.core.number import Number, share, total
from khanij.present.document import Section, Sentence
from khanij.reference.official_lists import chosen, minerals, split_groups

FILES = ["brief.html", "dossier.html", "brief.xlsx"]


def answer(focus="IND", **more):
    return ask(request("brief", focus=focus, year=2024, **more))


@pytest.fixture(scope="module")
def india():
    return answer()


@pytest.fixture(scope="module")
def short(india):
    return india.files["brief.html"].decode()


def words(page):
    return re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.S)


def test_the_brief_is_two_pages_a_dossier_and_a_workbook(india, short):
    assert [name for name in india.files if "/" not in name] == FILES
    assert {"dossier/index.html", "dossier/minerals/cobalt.html"} <= set(india.files)
    assert short.count('class="sheet"') == 2
    assert len(india.files["brief.html"]) < 100_000  # it can be sent
    assert len(words(short).split()) < 2_200  # texts of the drawings counted; 20,902 in the long brief before
    headings = re.findall(r"<h2>(.*?)</h2>", short)
    assert headings == [
        "What could stop us, and what it would cost",
        "On whom we depend, really",
        "What we cannot see",
        "What is in force against us",
        "What the programme does, and should next",
        "Decide",
        "Watch",
        "Find out",
    ]
    assert short.count('<svg class="drawn"') <= 5


def test_it_opens_with_what_the_dearest_stop_costs(india, short):
    first = str(india.findings[0])
    assert first.startswith("A year without China's permanent magnets of metal would cost India USD")
    assert first.endswith(", and more that has no price.")  # a lower bound: nobody tells the users of some of its ore
    lead = words(short[: short.index("What could stop us")])
    assert "China sends over half of India&#39;s permanent magnets" in lead
    assert "chance of a new act" in words(short)


def test_each_finding_is_a_sentence_with_a_loss_its_range_and_a_source(india):
    rows = list(india.table("findings").rows())
    assert 3 <= len(rows) <= 5
    for row in rows:
        number = row["value"]
        assert number.sources
        assert number.unit == "million USD"
        assert number.low <= number.value <= number.high
        assert row["finding"].endswith(".")
        assert row["sure"].startswith("confidence ")
    values = [row["value"].value for row in rows]
    assert values == sorted(values, reverse=True)


def test_a_stop_is_the_answer_of_the_question_shock(india):
    """One number for one question: the brief's loss is what `khanij shock` says of the same stop."""
    row = next(row for row in india.table("dearest").rows() if row["material"] == "niobium")
    asked = ask(request("shock", focus="IND", ban=f"{row['country']}:niobium:{row['stage']}", year=2024))
    whole = next(one for one in asked.table("losses").rows() if one["channel"] == "all channels")
    assert row["loss"] == whole["loss"]
    listed = next(
        one for one in india.table("stops").rows() if one["material"] == "niobium" and one["country"] == "BRA"
    )
    assert listed["loss"].value == pytest.approx(whole["loss"].value, rel=1e-6)  # and that of `khanij stops`


def test_what_has_no_price_is_ranked_nowhere():
    stop = stops.Stop({"material": "x", "stage": "mined"}, "AAA")
    cheap = stops.Stop({"material": "y", "stage": "mined"}, "AAA", None, Number(0.5, "million USD", ("s",)), "loss")
    assert stop.size == cheap.size == 0.0  # neither unknown nor a trifle has a place


def league(material, **known):
    losses = {"loss": None, "lower_bound": None, "known_part": None}
    losses |= {kind: Number(value, "million USD", ("s",)) for kind, value in known.items()}
    return {"material": material, "stage": "refined", "country": "AAA", "from_seller": 0.5, **losses}


def test_the_dearest_stop_of_any_seller_leads_whether_trade_shows_it_or_not():
    """A part that is no bound has no place, a stop that leaves nobody short none either, and no own country stops."""
    rows = [league("x", loss=5.0), league("y", lower_bound=50.0), league("z", known_part=900.0), league("w", loss=70.0)]
    rows.append(league("home", loss=80.0) | {"country": "BBB"})

    def asked(seller, good):
        material = good.partition(":")[0]
        short = 0.0 if material == "w" else 0.4
        whole = next(row for row in rows if row["material"] == material)
        losses = [{"channel": "all channels", "why": "", **{key: whole[key] for key in stops.LOSS}}]
        shortage = [{"stage": "refined", "shortage": Number(short, "1"), "use_tonnes": Number(10.0, "t")}]
        tables = [
            SimpleNamespace(key="losses", rows=lambda: losses),
            SimpleNamespace(key="shortage", rows=lambda: shortage),
        ]
        return SimpleNamespace(tables=tables)

    exposures = [{"material": "z", "stage": "refined", "country": "AAA"}]
    found = stops.stops(rows, exposures, asked, own=("BBB",))
    assert [(stop.row["material"], stop.size) for stop in found] == [("y", 50.0), ("x", 5.0), ("z", 0.0)]
    assert found[0].kind == "lower_bound"
    assert found[-1].why


def test_magnets_are_priced_and_stand_first_and_what_is_not_counted_is_said(india, short):
    priced = [row["priced"] for row in india.table("exposure").rows()]
    first = [(row["material"], row["stage"], row["priced"]) for row in list(india.table("exposure").rows())[:3]]
    assert ("rare-earths", "component", True) in first  # beside refined tin, four fifths of it Indonesian
    # also said of goods whose trade is not seen at all
    assert "not priced, and not small for that" in words(short) or all(priced)
    assert "gallium" in words(short)


def test_every_number_has_a_source_in_the_list_or_a_reason(india):
    for table in india.tables:
        for number in table.numbers():
            assert number.sources if number.value is not None else number.note, table.key
    dossier = india.files["dossier.html"].decode()
    wanted = set(re.findall(r'href="#(src-\d+)"', dossier))
    assert wanted <= set(re.findall(r'id="(src-\d+)"', dossier))


def test_chapters_are_the_lines_of_one_list_and_stand_in_its_order(india):
    dossier = india.files["dossier.html"].decode()
    shown = re.findall(r'<section id="([\w-]+)" class="chapter', dossier)
    order = [line.id for line in contents.CONTENTS]
    assert shown == ["dearest", *(id for id in order if id in shown), "method"]
    not_asked = {"partner", "partner-profile", "partnership", "plan", "disruption"}
    assert set(order) - set(shown) == not_asked
    assert len(set(order)) == len(order)
    assert dossier.count("n/k</td>") + dossier.count(">n/k<") < 400  # 835 in the brief before


def test_a_chapter_is_the_answer_to_the_command_below_it(india):
    """What the dossier shows is what a reader gets who asks the question by itself."""
    page = india.files["dossier.html"].decode()
    commands = [shlex.split(html.unescape(c))[1:] for c in re.findall(r"Asked again by <code>(.*?)</code>", page)]
    lines = [line for line in contents.CONTENTS if f'<section id="{line.id}"' in page]
    assert [words[0] for words in commands] == [line.question for line in lines]
    for id, key in (("chain", "stages"), ("mines", "origins"), ("history", "lines"), ("assess", "indicators")):
        line = next(line for line in lines if line.id == id)
        words = commands[lines.index(line)]
        again = ask(request_of(find(line.question)).of(read(line.question, words)))
        assert again.request.command().split()[1:] == words
        one, other = (sorted(map(repr, t.cells)) for t in (again.table(key), india.table(f"{id}-{key}")))
        assert one == other, id  # in another order, that of the minerals of the Case


def read(question, words):
    """Return the fields of a command, as its options have them."""
    kind = request_of(find(question))
    spellings = {spelled(name, about): name for name, about in kind.model_fields.items()}
    arguments = [name for name, about in kind.model_fields.items() if spelled(name, about) == "argument"]
    fields, rest = {}, words[len(question.split()) :]
    while rest and not rest[0].startswith("--"):
        fields[arguments[len(fields)]] = rest.pop(0)
    for option, value in zip(rest[::2], rest[1::2], strict=True):
        repeated = is_repeated(kind.model_fields[spellings[option]])
        fields[spellings[option]] = (value,) if repeated else value
    return fields


def test_a_question_without_an_answer_says_why_and_the_brief_goes_on():
    subject = contents.Subject(request("brief", focus="IND"), None, None, {})
    line = contents.Line("gone", "Gone", "risk")
    chapter = dossier._chapter(line, subject, CoverageError("no hazard of IND"))
    assert chapter.heading == "Gone"
    assert str(chapter.lead[0][0]) == "Not known. no hazard of India."


def test_pages_alone_are_the_same_pages(india):
    alone = answer(dossier=False)
    assert list(alone.files) == ["brief.html"]
    first, second = (words(found.files["brief.html"].decode()) for found in (alone, india))
    left = " Every table behind these pages: dossier.html ."
    assert re.sub(r"\s+", " ", first) == re.sub(r"\s+", " ", second).replace(left, "")


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
    decade = book.get_sheet_by_name("history-lines").to_python()
    assert sum("2019" in str(head) for head in decade[2]) == 1


@pytest.mark.parametrize("focus", ["EU27", "BTN"])
def test_groups_and_small_countries_have_their_pages(focus):
    made = answer(focus, dossier=False)
    assert list(made.files) == ["brief.html"]
    html = made.files["brief.html"].decode()
    assert html.count('class="sheet"') == 2
    assert "None" not in words(html)
    assert "not known %" not in html
    if focus == "BTN":
        assert str(made.findings[0]).startswith("India sends")


def test_partner_plan_and_losses_add_their_chapters_and_say_what_they_found(monkeypatch):
    monkeypatch.setattr(contents, "FEW", 40)
    for id, more in (
        ("plan", {"years": 60, "deep": False, "material": ("titanium", "cobalt")}),
        ("partnership", {"years": 60, "material": ("titanium",)}),
    ):
        (line,) = (line for line in contents.CONTENTS if line.id == id)
        monkeypatch.setattr(contents, "CONTENTS", contents.CONTENTS)
        lines = tuple(
            replace(one, fields=lambda s, asked=line.fields, more=more: asked(s) | more) if one is line else one
            for one in contents.CONTENTS
            if one.id not in ("chain", "history", "mines", "makers", "assess", "critical", "matrix")
        )
        for module in (contents, dossier, run):
            monkeypatch.setattr(module, "CONTENTS", lines)
    made = answer(partner="RUS", plan=True, losses=True)
    long, short = (made.files[name].decode() for name in ("dossier.html", "brief.html"))
    shown = re.findall(r'<section id="([\w-]+)" class="chapter', long)
    assert {"partner", "partner-profile", "partnership", "plan", "disruption"} <= set(shown)
    assert "34,300 crore INR" in words(short)
    keys = {table.key for table in made.tables}
    assert {"plan-begun", "partnership-scenarios", "partner-flows", "disruption-curve"} <= keys


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
    found = stated_reliance("IND", 2024)
    assert ("lithium", "refined") in found or any(key[0] == "lithium" for key in found)
    assert all(n.note and n.sources for n in found.values())


def test_the_newest_year_has_trade_and_output():
    assert newest("IND") == 2024


def test_groups_are_told_apart_only_without_codes_of_their_own():
    assert split_groups(("rare-earths",)) == ("rare-earths",)
    assert "platinum" in split_groups(("pgm",))


@pytest.mark.parametrize("focus", ["USA", "DEU", "EU27", "IND", "JPN", "KOR", "AUS", "BTN"])
def test_an_element_without_a_code_stands_in_its_group(focus):
    """Magnets, metals and oxides of neodymium are traded as rare earths: a list that names it asks for them."""
    told = minerals(focus, 2024)
    assert "rare-earths" in told
    assert not {"neodymium", "dysprosium", "heavy-rare-earths", "light-rare-earths"} & set(told)


def test_which_list_counts():
    assert chosen("IND", 2024)[0] == "in-2023-30"
    assert chosen("DEU", 2024)[0].startswith("eu-")
    assert chosen("USA", 2024)[0] == "us-2025"
    assert chosen("KAZ", 2024)[0] == "all"


def test_sums_keep_ranges_sources_and_doubt():
    whole = total([Number(1.0, "t", ("a",), 0.5, 2.0, "low"), Number(2.0, "t", ("b",)), Number(None)])
    assert (whole.value, whole.low, whole.high, whole.confidence) == (3.0, 2.5, 4.0, "low")
    assert whole.sources == ("a", "b")
    assert share(Number(1.0, "t", ("a",)), Number(None)).value is None
    assert total([]).value is None
