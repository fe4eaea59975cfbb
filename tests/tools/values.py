# ruff: noqa: E501 - tables of values
"""Values that people, studies and programs give, right and wrong, by the kind of field."""

from __future__ import annotations

import csv
import datetime
import json
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

HOSTILE = (
    "", " ", "nan", "inf", "-inf", "-1", "0", "1e400", "9" * 400, "1,5", "1.5", "１２", "²", "NaN", "null", "None", "true",
    "all", "ALL,IND", "IND,IND", "a" * 5000, "\x00", "\n", "é́", "\u202e", "💎", "'; DROP", "../../etc/passwd", "=1+1",
    "@x", "%", "{}", "[]", '{"a":1}', "--", "-", "*", "\\", "\udc80", "0x10", "1_000", "1e3", "+5", "٣", "½", ",", ",,",
)  # fmt: skip
COUNTRIES = ("IND", "India", "ind", " IND ", "EU27", "EU", "CHN", "356", "IN", "Congo", "Korea", "SUN", "TWN", "XKX", "World",
             "Democratic Republic of the Congo", "Côte d'Ivoire", "Turkiye", "USA", "Areas, nes", "NAM", "VAT", "HKG", "QUAD")  # fmt: skip
MATERIALS = ("copper", "Lithium", "rare-earths", "cobalt,nickel", "lithium carbonate", "Cu", "gold", "unobtainium",
             "hafnium", "helium", "coking-coal", "tin, tin", "copper;tin", "graphite")  # fmt: skip
YEARS = ("2023", "2018-2024", "2024-2018", "2023-24", "FY2024", "1995", "1989", "2027", "2060", "2026", "2025", "23",
         "2023.0", "2023,2023", "2022, 2023", "２０２３", "2023-", "-2023", "99999", "2023-2023", "2020–2022")  # fmt: skip
DAYS = ("2024-02-29", "2024-02-30", "2023-02-29", "0001-01-01", "9999-12-31", "31.12.2024", "2024/01/31", "20240131", "0",
        "1700006400", "2024-01-31T00:00:00", "2024-1-5", "today", "2024-13-01", "2024-00-10", "1e9")  # fmt: skip
MONEY = ("1 billion USD", "34300 crore INR", "1,5 billion USD", "1.5 billion USD", "1,,,,5 USD", "-1 USD", "0 USD", "USD",
         "1e9 USD", "1 lakh crore INR", "1.000.000 EUR", "1,000,000 EUR", "1,00,00,000 INR", "5 DM", "10 % USD", "1 billion")  # fmt: skip
NAMES = {  # field -> what a person may give it, right and nearly right
    "event": ("china-gallium-2023", "indonesia-nickel-ore-2020", "no-such", "events.yaml", "drc-cobalt-stop-2025"),
    "ban": ("CHN:graphite", "CHN:gallium,germanium", "IDN:nickel:mined>JPN=0.5@6", "IDN:nickel=2", "XXX:nickel", "CHN:",
            ":graphite", "CHN:graphite=nan", "CHN:graphite@-1", "CHN:graphite@1e9", "SUN:nickel", "CHN:graphite;CHN:graphite",
            "IND:copper", "CHN:graphite=0", "CHN:graphite>CHN", "CHN:copper=1,5", "all:graphite", "EU27:copper"),
    "hs": ("270900", "2709", "260300,283691", "999999", "27", "270900 ", "HS270900", "27.09.00", "000000"),
    "method": ("import-hhi", "production-hhi", "n-1-loss", "no-such", "import-hhi,import-hhi", "eu-supply-risk"),
    "set": ("by=value", "by=", "=x", "variant=exact", "life=-5", "life=nan", "by=value=x", "nothing=1"),
    "variable": ("hhi", "loss", "exposure", "nothing"),
    "lists": ("in-2023-30", "eu-2023-crm", "no-such-list", "in-2023-30,in-2023-30"),
    "stage": ("mined", "refined", "processed", "component", "product", "scrap", "smelted", "Mined"),
    "assume": ("offtake=0.2", "offtake=2", "offtake=nan", "nothing=1", "psi=0", "psi=1", "offtake", "offtake=0,2", "psi=1e-9"),
    "own": ("facts.csv", "trade.csv", "purchases.csv", "not-there.csv", ".", "empty.csv", "facts.csv"),
    "purchases": ("purchases.csv", "facts.csv", "empty.csv", "not-there.csv", ".", "/dev/null"),
    "priors": ("chances.csv", "empty.csv", "purchases.csv", '{"country": "CHN", "material": "cobalt", "probability": 0.2}',
               '{"country": "CHN", "material": "cobalt", "probability": 2}', "{", "not-there.yaml"),
    "reach": ("copper:refined=60%", "copper:refined=120%", "copper:refined=60", "copper=6000 t", "copper:refined=-5 t",
              "copper:refined=30% secured", "copper:refined=nan%", "copper:refined=1,5%", "=5", "copper"),
    "components": ("plants=500 crore INR", "plants=-1 USD", "nothing=1 USD", "plants"),
    "scenario": ("steps", "net-zero", "no-such", "STEPS"),
    "item": ("HS92:260300", "260300", "nothing"),
    "source": ("baci-hs92", "usgs-mcs", "no-such", "India"),
    "route": ("silicon-metal", "titanium-sponge", "no-such"),
    "product": ("car", "no-such", "passenger car"),
    "inputs": ("trade,content", "all", "nothing"),
    "file": ("study.yaml", "not-there.yaml", "empty.csv", "facts.csv"),
    "raw": (".", "not-there"),
    "page": ("page", "/proc/page"),
    "currency": ("million USD", "crore INR", "1 USD", "XYZ", "USD", "lakh crore INR"),
    "sector": ("C26", "nothing"),
}  # fmt: skip
NAMES |= {"outage": NAMES["ban"], "tariff": ("CHN:graphite=0.25", "CHN:graphite=25", "CHN:graphite=-1", *NAMES["ban"])}
NAMES |= {"absorb": NAMES["components"], "own_measures": NAMES["priors"], "own_scenarios": NAMES["priors"]}
TYPED: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2023, 10**30, -(10**30), 0.5, 1.0, 2023.0, 1e308, float("nan"), float("inf"), "", " ", "x",
    "IND", "copper", "2023", "nan", "0", "1e3", [], [[]], [None], ["IND"], ["copper", "copper"], [2023], [2023, "2024"],
    ["2023", None], {}, {"a": 1}, {"low": 1}, [{"a": 1}], (), ("x",), b"IND", b"\xff", datetime.date(2024, 2, 29),
    datetime.datetime(2024, 2, 29, 12), {1, 2}, range(2020, 2023), Path("x"), Path("/dev/null"), 1j, object, "\x00", "é", [True],
    ["2023-2024"], 20240131, 1700006400, "2024-01-31", "a" * 10_000, [0] * 1000, {"IND": "CHL"}, ["a=b", "a=c"], "all", ["all"],
)  # fmt: skip


def text(value: Any) -> str:
    """Return a value as a person types it."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def of_field(name: str, about: Any, sane: bool = False) -> list[Any]:
    """Return what may be given to a field; sane = what a person means, though it may not be there."""
    right = _right(name, about)
    return list(right) if sane and right else [*right, *HOSTILE]


def _right(name: str, about: Any) -> tuple[Any, ...]:
    """Return values that fit the kind of a field."""
    kinds = [kind for kind in (about.annotation, *get_args(about.annotation)) if kind is not type(None)]
    if about.annotation is bool:
        return (True, False)
    choices = tuple(c for kind in kinds if get_origin(kind) is Literal for c in get_args(kind))
    if choices:
        return choices
    if name in NAMES:
        return NAMES[name]
    if datetime.date in kinds:
        return DAYS
    if name in ("year",) or (name == "years" and int not in kinds):
        return YEARS
    if "focus" in name or name in ("country", "partner", "place", "against", "seller", "buyer"):
        return COUNTRIES
    if "material" in name:
        return MATERIALS
    if name in ("budget",):
        return MONEY
    if float in kinds or int in kinds:
        low, high = (next((getattr(m, end) for m in about.metadata if hasattr(m, end)), None) for end in ("ge", "le"))
        low, high = low or 0, high if high is not None else 10
        return tuple(map(str, (low, low + 1, high, low - 1, high + 1, (low + high) / 2, f"{low + 2}.0", 100, 0.05)))
    return ("x", "IND", "copper")


@cache
def face() -> list[list[str]]:
    """Return uses of the options that every command has."""
    every = [["--format", name] for name in ("table", "csv", "json", "parquet", "xml", "")]
    every += [
        ["--out", name] for name in ("a.csv", "folder", "taken.txt/x.csv", "/dev/null", "/proc/x", "", "b" * 300, ".")
    ]
    every += [["--bundle", name] for name in ("b", "taken.txt", "/proc/b", ".", "documents")]
    every += [["--table", name] for name in ("", "nothing", "values")] + [["--full"], ["--quiet", "--quiet"]]
    every += [["--workers", name] for name in ("0", "1", "-1", "x", "99999999", "1.5")]
    every += [["--executor", name] for name in ("serial", "foo", "", "tcp://127.0.0.1:1", "http://x")]
    every += [
        ["--colour"],
        ["extra"],
        ["--assume", "offtake=0.2", "--assume", "offtake=0.3"],
        ["--seed", "1", "--seed", "2"],
    ]
    return every


def put_files(folder: Path) -> None:
    """Put the files that the values name."""
    (folder / "facts.csv").write_text(
        "quantity,material,stage,country,year,value,unit\nproduction,copper,mined,CHL,2023,5300000,t\n"
    )
    (folder / "trade.csv").write_text(
        "refYear,reporterISO,partnerISO,cmdCode,flowCode,netWgt,primaryValue\n2023,IND,CHL,260300,M,300000,7000000\n"
    )
    (folder / "purchases.csv").write_text("material,country,tonnes,year,stage\ncobalt,Finland,1250.5,2023,refined\n")
    (folder / "chances.csv").write_text("country,material,stage,probability\nCHN,cobalt,refined,0.1\n")
    (folder / "forecasts.csv").write_text(
        "origin_date,target,horizon,country,material,destination,output_type,output_type_id,value\n"
        "2022-12-31,restriction,12,CHN,gallium,all,pmf,yes,0.03\n"
    )
    (folder / "study.yaml").write_text("title: x\nask:\n- trade: {focus: IND, hs: '270900', year: 2023}\n")
    (folder / "events.yaml").write_text("events: []\n")
    (folder / "empty.csv").write_text("")
    (folder / "taken.txt").write_text("mine")
    (folder / "documents").mkdir()
    (folder / "documents" / "mine.txt").write_text("mine")


def read_by_hand() -> list[str]:
    """Return what was found when samples of accepted inputs were read: accepted.csv beside this file."""
    path = Path(__file__).with_name("accepted.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    read = max(int(row["read"]) for row in rows)
    lines = [f"{read} accepted inputs were read by hand for silent nonsense; {len(rows)} kinds of it were found:", ""]
    lines += ["| found | now |", "|---|---|"]
    return lines + [f"| {row['found']} | {row['now']} |" for row in rows]
