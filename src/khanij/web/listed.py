"""The composed pages as plain data: which questions each asks, of what, and what of the answers it shows."""

from __future__ import annotations

from khanij.web.pages import ComposedPage, Entry, Part
from khanij.web.sections import Shown

FOCUS = Entry("focus", "Country or group", list="countries", needed=True)
MATERIAL = Entry("material", "Mineral", list="minerals", needed=True)
YEAR = Entry("year", "Year", "number", low=1995, high=2026)
FORM = "country:mineral, several with ; such as CODE:graphite or CODE:nickel:mined=0.5@6 (half for six months)"


def scenario(letter: str) -> tuple[Entry, ...]:
    """Return the entries of one of two scenarios."""
    group = f"Scenario {letter.upper()}"
    return (
        Entry(f"ban_{letter}", "Export stop", help=FORM if letter == "a" else "", long=True, group=group),
        Entry(f"outage_{letter}", "Output lost", long=True, group=group),
        Entry(f"event_{letter}", "Or as in", list="events", group=group),
    )


def shock(letter: str) -> tuple[Part, ...]:
    """Return the questions of one of two scenarios: of what is stopped, or of a documented event."""
    year = {"focus": "{focus}", "year": "{year}"}
    shown = Shown(heading=f"Scenario {letter.upper()}")
    event, ban, outage = f"event_{letter}", f"ban_{letter}", f"outage_{letter}"
    texts = {"ban": f"{{{ban}}}", "outage": f"{{{outage}}}"}
    return (
        Part("shock", {**year, "event": f"{{{event}}}"}, shown, ("focus", event), (ban, outage)),
        Part("shock", {**year, **texts}, shown, ("focus", ban), (event,)),
        Part("shock", {**year, **texts}, shown, ("focus", outage), (event, ban)),
    )


TASKS = (
    (
        "How much of India's cobalt would the stop of one supplier take?",
        "/q/run?method=n-1-loss&focus=IND&material=cobalt",
    ),
    (
        "What if China stopped magnets for three months?",
        "/disruption?focus=IND&ban_a=CHN%3Arare-earths%3Acomponent%403",
    ),
    ("What is a partnership with Russia worth to India?", "/partner?focus=IND&partner=RUS"),
    ("What should India build with a billion dollars?", "/plan?focus=IND&budget=1000"),
    ("What reserve of cobalt does an emergency ask for?", "/stockpile?focus=IND&material=cobalt"),
    ("What does a car made in India hang on?", "/product?product=car&focus=IND"),
)  # what people come to ask -> where that is answered

PAGES = (
    ComposedPage(
        "country",
        "Country",
        "What could stop it, how sure that is, what is in force against it, and what its programme does.",
        (FOCUS, YEAR),
        (
            Part(
                "exposure",
                {"focus": "{focus}", "year": "{year}"},
                Shown(("exposure", "senders", "in-force", "coming"), remarks=False, heading="What could hurt, and how"),
                ("focus",),
            ),
            Part(
                "profile",
                {"focus": "{focus}", "year": "{year}"},
                Shown(("overview", "gaps"), ("matrix", "suppliers"), 6, False, heading="What it buys, and from whom"),
                ("focus",),
            ),
            Part(
                "scorecard",
                {"focus": "{focus}", "year": "{year}"},
                Shown(heading="Its programme, what is secured, where it could lead", remarks=False),
                ("focus",),
            ),
        ),
    ),
    ComposedPage(
        "mineral",
        "Mineral",
        "One mineral: who makes it, who sends it, where it really comes from, what is in force, who needs it.",
        (MATERIAL, FOCUS, YEAR),
        (
            Part(
                "chain",
                {"material": "{material}", "focus": "{focus}", "year": "{year}"},
                Shown(heading="Stage by stage"),
                ("material", "focus"),
            ),
            Part(
                "origin",
                {"material": "{material}", "focus": "{focus}", "year": "{year}"},
                Shown(heading="Who really made it"),
                ("material", "focus"),
            ),
            Part(
                "history",
                {"material": "{material}", "focus": "{focus}", "method": "import-hhi"},
                Shown(heading="Concentration of its imports through the years"),
                ("material", "focus"),
            ),
            Part(
                "assess",
                {"material": "{material}", "focus": "{focus}", "year": "{year}"},
                Shown(heading="Indicators"),
                ("material", "focus"),
            ),
            Part("register", {"material": "{material}"}, Shown(heading="Controls in force"), ("material",)),
            Part(
                "needs",
                {"material": "{material}", "focus": "{focus}", "year": "{year}"},
                Shown(heading="Who needs it, for what"),
                ("material", "focus"),
            ),
        ),
    ),
    ComposedPage(
        "product",
        "Product",
        "What a product hangs on: every good that it holds, who sends it, and how long its makers can do without.",
        (Entry("product", "Product", list="products", needed=True), FOCUS, YEAR),
        (
            Part(
                "needs",
                {"product": "{product}", "focus": "{focus}", "year": "{year}"},
                Shown(heading="What it hangs on"),
                ("product", "focus"),
            ),
        ),
    ),
    ComposedPage(
        "partner",
        "Partner",
        "Two countries: what one buys from the other, which controls lie between them, what a partnership is worth.",
        (FOCUS, Entry("partner", "Partner", list="countries", needed=True), YEAR),
        (
            Part(
                "trade",
                {"focus": "{focus}", "partner": "{partner}", "year": "{year}"},
                Shown(heading="What it buys"),
                ("focus", "partner"),
            ),
            Part(
                "trade",
                {"focus": "{focus}", "partner": "{partner}", "year": "{year}", "exports": "true"},
                Shown(heading="What it sells"),
                ("focus", "partner"),
            ),
            Part(
                "register",
                {"country": "{partner}", "against": "{focus}"},
                Shown(heading="Controls of the partner that reach it"),
                ("focus", "partner"),
            ),
            Part(
                "supplier",
                {"focus": "{focus}", "partner": "{partner}"},
                Shown(heading="Its part through the years"),
                ("focus", "partner"),
            ),
            Part(
                "versus",
                {"focus": "{focus}", "other": "{partner}", "year": "{year}"},
                Shown(heading="Side by side"),
                ("focus", "partner"),
            ),
            Part(
                "partner",
                {"focus": "{focus}", "partner": "{partner}"},
                Shown(heading="What a partnership averts, and the dependence it adds"),
                ("focus", "partner"),
            ),
        ),
    ),
    ComposedPage(
        "map",
        "Map",
        "Where it buys, year by year. Outlines of countries say nothing about borders: they are those of the source.",
        (FOCUS, Entry("year", "Year", "slider", usual="2024", low=2007, high=2024)),
        (
            Part(
                "profile",
                {"focus": "{focus}", "year": "{year}"},
                Shown(("countries", "suppliers"), ("map",), 3, False, heading="Suppliers on the map"),
                ("focus",),
            ),
        ),
    ),
    ComposedPage(
        "criticality",
        "Criticality",
        "Which minerals are critical, by which method, how sure that is, and where methods and official lists part.",
        (
            FOCUS,
            YEAR,
            Entry(
                "method", "Methods", list="methods", help="comma-separated; the usual where none is named", long=True
            ),
            Entry("draws", "Draws", "number", low=0, high=2_000, help="how sure the scores are; 0 = none"),
        ),
        (
            Part(
                "profile",
                {"focus": "{focus}", "year": "{year}"},
                Shown((), ("matrix",), 0, False, heading="Matrix"),
                ("focus",),
                ("draws",),
            ),
            Part(
                "assess",
                {"focus": "{focus}", "year": "{year}", "method": "{method}"},
                Shown(heading="Indicators side by side"),
                ("focus",),
                ("draws",),
            ),
            Part(
                "assess",
                {"focus": "{focus}", "year": "{year}", "method": "{method}", "draws": "{draws}"},
                Shown(heading="How sure the scores are"),
                ("focus", "draws"),
            ),
            Part(
                "compare",
                {"focus": "{focus}", "year": "{year}", "method": "{method}"},
                Shown(heading="Where methods and official lists agree"),
                ("focus",),
            ),
        ),
    ),
    ComposedPage(
        "disruption",
        "Disruption",
        "Two scenarios beside each other: who stops what, for how long, and what that costs whom.",
        (FOCUS, *scenario("a"), *scenario("b"), YEAR),
        (*shock("a"), *shock("b")),
        side=True,
    ),
    ComposedPage(
        "risk",
        "Risk",
        "Thousands of simulated years: expected loss, loss curve, who is behind it, and single suppliers that stop.",
        (
            FOCUS,
            Entry("years", "Simulated years", "number", usual="10000", low=2, high=20_000),
            Entry("loss", "Reverse: a loss of", usual="0.1% gdp"),
        ),
        (
            Part(
                "risk",
                {"focus": "{focus}", "years": "{years}"},
                Shown(heading="Loss, and who is behind it"),
                ("focus",),
            ),
            Part(
                "reverse",
                {"focus": "{focus}", "years": "{years}", "loss": "{loss}"},
                Shown(heading="What would have to happen for such a loss"),
                ("focus",),
            ),
        ),
    ),
    ComposedPage(
        "plan",
        "Plan",
        "What to build, how much and when under a budget; move the budget and compare.",
        (
            FOCUS,
            Entry("budget", "Budget, million USD", "slider", usual="1000", low=100, high=10_000, step=100),
            Entry("since", "From", "number", usual="2025", low=2020, high=2060),
            Entry("to", "To", "number", usual="2031", low=2020, high=2060),
            Entry("reach", "Goal", help="such as copper:refined=50%", long=True),
        ),
        (
            Part(
                "plan",
                {
                    "focus": "{focus}",
                    "budget": "{budget} million USD",
                    "since": "{since}",
                    "to": "{to}",
                    "reach": "{reach}",
                    "deep": "false",
                    "frontier": "true",
                },
                Shown(heading="The plan"),
                ("focus",),
            ),
            Part(
                "measures",
                {"focus": "{focus}"},
                Shown(heading="What each measure averts by itself, and what it costs"),
                ("focus",),
            ),
            Part("blocks", {"focus": "{focus}"}, Shown(heading="Blocks and stakes abroad"), ("focus",)),
        ),
    ),
    ComposedPage(
        "stockpile",
        "Stockpile",
        "What reserve an emergency asks for: tonnes, form, money, days against cost against loss.",
        (
            FOCUS,
            MATERIAL,
            Entry("emergency", "Emergency", "choice", usual="standard", choices=("standard", "war")),
            Entry("days", "Days of use", "number", low=1, high=3650),
        ),
        (
            Part(
                "stockpile",
                {"focus": "{focus}", "material": "{material}", "emergency": "{emergency}", "days": "{days}"},
                Shown(heading="The reserve"),
                ("focus", "material"),
            ),
        ),
    ),
    ComposedPage(
        "need",
        "Need",
        "How much of each mineral a country will need, by scenario, with ranges and gaps.",
        (
            FOCUS,
            Entry("material", "Mineral", list="minerals"),
            Entry("scenario", "Scenario", list="scenarios"),
            Entry("to", "To", "slider", usual="2047", low=2026, high=2050),
        ),
        (
            Part(
                "demand",
                {"focus": "{focus}", "material": "{material}", "scenario": "{scenario}", "to": "{to}"},
                Shown(heading="Coming need"),
                ("focus",),
            ),
        ),
    ),
    ComposedPage(
        "forecasts",
        "Forecasts",
        "Chances of new restrictions, how earlier ones did, and how well the models told what documented events did.",
        (
            Entry("origin", "Made at the end of", "number", low=2009, high=2025),
            Entry("material", "Mineral", list="minerals"),
            Entry("event", "Event", list="events"),
        ),
        (
            Part(
                "forecast make",
                {"origin": "{origin}", "material": "{material}"},
                Shown(heading="Chances of new restrictions"),
                without=("event",),
            ),
            Part("forecast hindcast", {}, Shown(heading="How that did on years it had not seen"), without=("event",)),
            Part("backtest", {"event": "{event}"}, Shown(heading="Models against events")),
            Part("events show", {"event": "{event}"}, Shown(heading="What was measured"), ("event",)),
            Part("events list", {"material": "{material}"}, Shown(heading="Documented events"), without=("event",)),
        ),
    ),
    ComposedPage(
        "data",
        "Data",
        "Every fact with its source, edition, status and row; filter by any of these.",
        (
            Entry("source", "Source", list="sources"),
            Entry("quantity", "Quantity", list="quantities"),
            Entry("material", "Mineral", list="minerals"),
            Entry("country", "Country", list="countries"),
            Entry("year", "Year", help="2023 or 2018-2024"),
        ),
        (
            Part(
                "data show",
                {
                    "source": "{source}",
                    "quantity": "{quantity}",
                    "material": "{material}",
                    "country": "{country}",
                    "year": "{year}",
                    "limit": "500",
                },
                Shown(heading="Facts"),
                ("material",),
            ),
            Part(
                "data show",
                {"source": "{source}", "quantity": "{quantity}", "country": "{country}", "year": "{year}"},
                Shown(heading="Facts"),
                ("source",),
                ("material",),
            ),
            Part(
                "data show",
                {"quantity": "{quantity}", "country": "{country}", "year": "{year}"},
                Shown(heading="Facts"),
                ("quantity",),
                ("material", "source"),
            ),
            Part("data list", {}, Shown(heading="What the store holds"), without=("source", "material", "quantity")),
            Part("events list", {"material": "{material}"}, Shown(heading="Documented disruptions")),
        ),
    ),
    ComposedPage(
        "methods",
        "Methods",
        "What is computed, from what, and after whom.",
        (),
        (Part("methods", {}, Shown(heading="The methods", full=True)),),
    ),
)


def by_slug(slug: str) -> ComposedPage | None:
    """Return a page by its name in the address."""
    return next((page for page in PAGES if page.slug == slug), None)
