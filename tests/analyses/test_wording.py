"""Plain words come to the request that a person means; what is not named is asked for in three lines."""

import os
import subprocess
import sys

import pytest

from khanij import reference
from khanij.analyses.questions import QUESTIONS
from khanij.analyses.wording import current, held, names, request_of_words
from khanij.cli import app
from khanij.core.errors import StudyError

MEANT = {
    "what if China stops magnets for three months, for India": "shock IND --ban CHN:rare-earths:component@3",
    "stop graphite from China for India for six months": "shock IND --ban CHN:graphite@6",
    "What is India's N-1 for cobalt?": "run n-1-loss --focus IND --material cobalt",
    "what would a partnership with Russia be worth to India": "partner IND RUS",
    "What should Japan build with a billion dollars?": "plan JPN --budget '1 billion USD'",
    "plan for India with 34,300 crore rupees": "plan IND --budget '34300 crore INR'",
    "what can India build for 500 crore": "plan IND --budget '500 crore INR'",
    "What reserve of cobalt does India need": "stockpile IND --material cobalt",
    "what does a car in India hang on": "needs IND --product car",
    "who needs cobalt in India": "needs IND --material cobalt",
    "On whom does Chile depend?": "exposure CHL",
    "compare India and Japan": "versus IND JPN",
    "where does Germany's lithium really come from": "origin DEU --material lithium",
    "what does India buy from Russia": "trade IND --from RUS",
    "Chinese export controls on gallium": "register --country CHN --material gallium",
    "export controls of China against India": "register --country CHN --against IND",
    "who could replace China for India's graphite": "replace IND CHN:graphite",
    "what would have to happen for India to lose 0.5% of gdp": "reverse IND --loss '0.5% gdp'",
    "how critical is lithium for the EU27": "assess EU27 --material lithium",
    "भारत कोबाल्ट": "chain cobalt --focus IND",
    "India": "exposure IND",
    "What happens to Germany if China bans gallium exports?": "shock DEU --ban CHN:gallium@6",
    "What minerals does the US import from China?": "trade USA --from CHN",
    "can Australia replace China for India's lithium": "replace IND CHN:lithium",
    "top suppliers of copper to India": "origin IND --material copper",
    "how likely is an export ban on graphite": "forecast make --to all --material graphite",
    "what should India do about magnets": "measures IND --material rare-earths",
    "How much cobalt does an electric car use in Japan": "needs JPN --product car-bev",
    "who makes the world's lithium": "chain lithium --focus IND",
    "rare earths": "chain rare-earths --focus IND",
    "अगर चीन भारत को दुर्लभ मृदा देना बंद कर दे": "shock IND --ban CHN:rare-earths@6",
    "भारत को लिथियम कहाँ से मिलता है": "origin IND --material lithium",
    "भारत के लिए जोखिम": "risk IND",
    "चीन के निर्यात प्रतिबंध": "register --country CHN",
    "price of lithium": "data show --quantity price --material lithium",
    "which mineral is riskiest for India": "stops IND",
    "what would a Chinese gallium ban cost the United States": "shock USA --ban CHN:gallium@6",
    "what has China restricted": "register --country CHN",
    "is Germany more exposed than France": "versus DEU FRA",
    "what could India buy with 5000 crore": "plan IND --budget '5000 crore INR'",
    "India and Russia copper agreement": "partner IND RUS",
    "what stops if bismuth stops": "needs IND --material bismuth",
    "supply risk of antimony in the EU": "assess EU --material antimony",
    "what is in the data": "data list",
    "भारत को तांबा कौन बेचता है": "origin IND --material copper",
    "अगर चीन मैग्नेट रोक दे तो क्या होगा": "shock IND --ban CHN:rare-earths:component@6",
    "रूस के साथ साझेदारी": "partner IND RUS",
}


@pytest.mark.parametrize("words", MEANT)
def test_words_come_to_the_command(words):
    assert request_of_words(words).command() == f"khanij {MEANT[words]}"


@pytest.mark.parametrize(
    ("words", "lacks"),
    [
        ("blah blah", "no question"),
        ("plan for India", "a sum of money"),
        ("a partnership for India", "the other country"),
        ("what is import reliance", "import-reliance is a method"),
        ("Hormuz", "Strait of Hormuz is a passage"),
    ],
)
def test_what_is_not_named_is_asked_for(words, lacks):
    with pytest.raises(StudyError, match=lacks):
        request_of_words(words)


def test_every_question_of_the_table_is_one_and_names_lead_to_codes():
    known = {question.name for question in QUESTIONS}
    assert {one["name"] for one in held()["question"]} <= known
    assert {*held()["products"].values()} <= {row["id"] for row in reference.rows("products")}
    assert {held()["home"], *held()["capitals"].values(), *held()["people"].values()} <= current()
    assert names()["united states"] == ("country", "USA")
    assert "and" not in names()  # the code of Andorra in small letters


def test_a_country_whose_code_is_a_word_is_named_by_its_code_in_capitals():
    assert request_of_words("compare IND and JPN").command() == "khanij versus IND JPN"
    assert request_of_words("on whom does AND depend").command() == "khanij exposure AND"


def test_the_command_is_shown_and_run(capsys):
    assert app.launch(["ask", "--show", "on", "whom", "does", "Chile", "depend"]) == 0
    assert capsys.readouterr().out == "khanij exposure CHL\n"
    assert app.launch(["ask", "Chinese export controls on gallium"]) == 0
    told = capsys.readouterr()
    assert told.err.startswith("khanij register --country CHN --material gallium\n")
    assert "gallium" in told.out.lower()


def test_the_doctor_finds_nothing_wrong_here(capsys):
    assert app.launch(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == "program packages store answers drawing browser machine".split()
    assert all(line.startswith("ok ") for line in lines)


def test_the_doctor_tells_a_fault_in_three_lines(capsys, monkeypatch):
    from khanij.cli import doctor

    def broken():
        raise StudyError("it is broken", where="there", hint="mend it")

    monkeypatch.setattr(doctor, "CHECKS", (("store", broken),))
    assert app.launch(["doctor"]) == 1
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["FAULT", "where:", "hint:"]


def test_the_shell_completes_commands_and_options():
    script = "import sys; sys.argv = ['khanij']; from khanij.cli import main; main()"
    words = {"shock --b": "--ban", "exp": "explain"}
    for line, wanted in words.items():
        typed = f"khanij {line}"
        asked = {"_KHANIJ_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
        done = subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, **asked}, capture_output=True, text=True
        )
        assert wanted in done.stdout.split()
