"""The brief as a reader opens it: written by the command, parsed as a page, printed by a browser where there is one."""

import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from khanij.analyses.questions import QUESTIONS
from khanij.cli.app import launch

LOADS = dict.fromkeys(("script", "img", "iframe", "source"), "src") | {"link": "href", "use": "href", "object": "data"}
COMMANDS = {question.name.split()[0] for question in QUESTIONS}
BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed: apt-get install chromium")


class Reader(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def tags_of(html):
    reader = Reader()
    reader.feed(html)
    return reader.tags


@pytest.fixture(scope="module", params=["IND"])
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    assert launch(["brief", request.param, "--out", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def dossier(folder):
    html = (folder / "dossier.html").read_text(encoding="utf-8")
    return html, tags_of(html)


@pytest.fixture(scope="module")
def brief(folder):
    html = (folder / "brief.html").read_text(encoding="utf-8")
    return html, tags_of(html)


def test_the_folder_holds_pages_workbook_and_bundle(folder):
    assert {path.name for path in folder.iterdir()} == {"brief.html", "dossier.html", "dossier", "brief.xlsx", "bundle"}
    held = {path.name for path in (folder / "bundle").iterdir()}
    assert {"trace.json", "study.yaml", "manifest.lock", "exposure.parquet", "balance.parquet"} <= held
    assert "table-balance.parquet" in held  # a table of the name of a result stands beside it
    assert "question: brief" in (folder / "bundle" / "study.yaml").read_text(encoding="utf-8")


def test_every_number_of_the_dossier_shows_a_source_that_is_in_the_list(dossier):
    _, tags = dossier
    entries = {a["id"] for _, a in tags if a.get("id", "").startswith("src-")}
    cells = [a for tag, a in tags if tag == "td" and a.get("data-v") and a["class"].split()[0] in ("num", "trend")]
    assert len(cells) > 300
    for cell in cells:
        assert cell["data-src"], cell
        assert "Source: [" in cell["title"], cell
        assert {f"src-{k}" for k in cell["data-src"].split()} <= entries


def test_unknown_numbers_say_why(dossier):
    _, tags = dossier
    unknown = [a for tag, a in tags if tag == "td" and "nk" in a.get("class", "").split()]
    assert unknown
    assert all(a["title"].startswith("not known") for a in unknown)


def test_numbers_can_be_followed(dossier):
    _, tags = dossier
    told = [a["title"] for tag, a in tags if tag == "td" and " · How: khanij " in a.get("title", "")]
    assert len(told) > 200
    assert {re.search(r" · How: khanij (\S+)", title)[1] for title in told} <= COMMANDS


@pytest.mark.parametrize("page", ["brief", "dossier"])
def test_nothing_is_loaded_from_outside(page, brief, dossier):
    html, tags = {"brief": brief, "dossier": dossier}[page]
    for tag, attributes in tags:
        if tag in LOADS and LOADS[tag] in attributes:
            assert attributes[LOADS[tag]].startswith("data:"), (tag, attributes)
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert page == "dossier" or "<script" not in html


@pytest.mark.parametrize("page", ["brief", "dossier"])
def test_anchors_lead_somewhere_and_ids_stand_once(page, brief, dossier):
    _, tags = {"brief": brief, "dossier": dossier}[page]
    ids = [a["id"] for _, a in tags if a.get("id")]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for tag, a in tags if tag == "a" and a.get("href", "").startswith("#")}
    assert wanted <= set(ids)


def test_figures_have_words(dossier, brief):
    plots = [a for _, a in dossier[1] if a.get("class") == "plot"]
    assert len(plots) >= 4
    assert all(a["aria-label"] for a in plots)
    drawn = [a for tag, a in brief[1] if tag == "svg"]
    assert 1 <= len(drawn) <= 5
    assert all(a["role"] == "img" and a["aria-labelledby"] for a in drawn)


def test_the_commands_work(dossier, capsysbinary):
    _, tags = dossier
    found = {}
    for tag, a in tags:
        match = re.search(r" · How: khanij (.*)$", a.get("title", "") or "")
        if tag == "td" and match:
            words = shlex.split(match[1])
            found.setdefault(tuple(words[:2]) if words[0] in ("explain", "run") else words[0], words)
    assert len(found) >= 7
    for words in found.values():
        assert launch([*words, "--format", "json"]) == 0, words
        assert capsysbinary.readouterr().out


def printed(page, folder):
    target = folder / "page.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"]
    done = subprocess.run(
        [BROWSER, *options, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert target.is_file(), done.stderr
    return target.read_bytes()


@needs_browser
def test_the_brief_prints_on_two_sheets(folder, tmp_path):
    data = printed(folder / "brief.html", tmp_path)
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 2


@needs_browser
def test_the_dossier_draws_its_figures_in_a_browser(folder, tmp_path):
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--virtual-time-budget=15000"]
    page = folder / "dossier.html"
    done = subprocess.run(
        [BROWSER, *options, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    html = page.read_text(encoding="utf-8")
    assert done.stdout.count("main-svg") >= html.count('class="plot"')
