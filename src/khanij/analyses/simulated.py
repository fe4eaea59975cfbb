"""What every question on simulated years is asked with: base year, years, seed, minerals, and stated chances."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from khanij import reference
from khanij.analyses import asked, fields
from khanij.analyses.fields import Country, Focus, Materials, Seed, Simulated, Stage, Year
from khanij.analyses.inputs import own_files
from khanij.analyses.question import CLI, Request, Scope, Strict
from khanij.core.errors import StudyError
from khanij.reference import money, yaml_files


def entries(value: Any) -> Any:
    """Return entries with several parts each: mappings, JSON texts, or the rows of a CSV or YAML file that is named."""
    if not isinstance(value, str | Path | dict | list | tuple | None):
        raise ValueError("no file, and no entry of several parts")
    listed = [value] if isinstance(value, str | Path | dict) else value or ()
    return tuple(entry for one in listed for entry in _read(one))


def _read(one: Any) -> Iterator[Any]:
    """Yield one entry, or those of a file; raises StudyError where it cannot be read."""
    if not isinstance(one, str | Path):
        yield one
        return
    path, text = Path(one), str(one).strip()
    if not text.startswith("{"):
        fields.allow_file(text)
    try:
        if text.startswith("{"):
            yield asked.loads(text)
        elif path.suffix.lower() in (".csv", ".xlsx"):
            yield from own_files.entries(path)
        else:
            held = yaml_files.load(path)
            yield from held if isinstance(held, list) else [held]
    except ValueError as wrong:
        what = f"cannot read: {' '.join(str(wrong).split())}"
        raise StudyError(what, where=text[:60], hint='a CSV or YAML file, or {"key": value}') from None


def home(text: str) -> str:
    """Return the code of a country; raises StudyError for a group, whose members have plants and it has none."""
    code = reference.focus(text)
    if code in reference.groups():
        what = f"measures, partnerships and plans are those of a country, and this is a group: {code}"
        raise StudyError(what, where="COUNTRY", hint="name one of its members")
    return code


def currency(text: str) -> str:
    """Return a currency as people write it; raises StudyError for one without a rate, or with a sum before it."""
    if not text[:1].isalpha():
        raise StudyError(f"{text!r} is no currency", where="--currency", hint='such as "million USD"')
    return money.read(f"1 {text}", "--currency")[1].name


Entries = BeforeValidator(entries)
Home = Annotated[str, AfterValidator(home), Field(description="ISO alpha-3 or name of a country")]
Currency = Annotated[
    str, AfterValidator(currency), Field(description='in which money is told, such as "crore INR"', min_length=3)
]


class StatedChance(Strict):
    """An expert's yearly chance that a seller restricts a good, in place of the record's or where it has none."""

    country: Country
    material: Annotated[str, AfterValidator(reference.material)]
    stage: Stage = ""
    probability: float = Field(ge=0, le=1)
    weight: float = Field(1.0, ge=0, le=1)
    kind: str = "expert"
    cut: float | None = Field(None, gt=0, le=1)
    because: str = ""


Chances = Annotated[tuple[StatedChance, ...], Entries]


class SimulatedRequest(Request):
    """A question on simulated years. Its Case holds all minerals: chances are fitted to every record."""

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    year: Year = Field(2024, description="base year of trade and output")
    years: Simulated = 2_000
    seed: Seed = 0
    material: Materials = Field((), description="ids or names, comma-separated; default the official list that counts")
    hazards: Literal["causes", "falls"] = Field(
        "causes",
        description="by cause: restrictions, those in force, stops; or falls of exports on record, of any cause",
    )
    priors: Chances = Field(
        (),
        description="stated chances, CSV or YAML: country, material, stage, probability, weight, kind, cut, because",
        json_schema_extra={CLI: "repeat"},
    )

    @model_validator(mode="after")
    def _standing(self) -> Self:
        """Refuse a chance of a country that there is none of in the base year."""
        for one in self.priors:
            reference.require_standing(one.country, (self.year,), "--priors")
        return self

    def scope(self) -> Scope:
        """Return the focus in its base year, with all minerals."""
        return Scope((self.focus,), (self.year,))
