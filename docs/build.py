"""One page a question, a method, a source, a quantity and a lever, from the registries: they cannot be out of date.

MkDocs calls the two `on_` functions. As a script, `python docs/build.py README.md` rewrites the table of sources that
stands between two marks in a file.
"""

from __future__ import annotations

import ast
import dataclasses
import doctest
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from khanij import reference
from khanij.analyses import runner
from khanij.analyses.question import Request, request_of, spelled
from khanij.analyses.questions import QUESTIONS, Question
from khanij.core.registry import Method
from khanij.data.facts import record, store
from khanij.plan.levers import LEVERS
from khanij.reference import columns

LIMITS = (("ge", "from"), ("gt", "above"), ("le", "to"), ("lt", "below"))
BEGIN, END = "<!-- sources: written by `make sources` -->", "<!-- end of sources -->"


def row(*cells: object) -> str:
    """Return one line of a Markdown table."""
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table, or the word "none" where there are no rows."""
    names, lines = list(head), [row(*cells) for cells in rows]
    return "\n".join([row(*names), row(*("---" for _ in names)), *lines]) if lines else "none"


def links(folder: str, ids: Iterable[str], known: Iterable[str]) -> str:
    """Return links to generated pages of another folder; an id without a page stays text."""
    have = set(known)
    return ", ".join(f"[{id}](../{folder}/{id}.md)" if id in have else f"`{id}`" for id in ids) or "none"


def source_table() -> str:
    """Return what is known of each source: publisher, editions, licence, and whether its facts are embedded."""
    held = store.manifest()["sources"]
    return table(
        ("source", "publisher", "editions", "licence", "embedded"),
        (
            (
                f"`{source.id}`: {source.title}",
                source.producer,
                ", ".join(edition.id for edition in source.editions),
                source.licence,
                "yes" if source.id in held else "recipe only",
            )
            for source in record.sources().values()
        ),
    )


def method_page(method: Method) -> str:
    """Return the page of one method."""
    text = inspect.getdoc(method.function) or ""
    title, _, rest = text.partition("\n")
    quantities = reference.quantities()
    measures = table(
        ("variable", "unit", "on", "lies in", "meaning"),
        (
            (m.name, m.unit, ", ".join(m.axes), f"{m.bounds[0]:g} … {m.bounds[1]:g}", m.meaning)
            for m in method.variables
        ),
    )
    settings = table(
        ("parameter", "default", "choices"),
        (
            (name, f"`{default!r}`", ", ".join(map(str, method.choices.get(name, ()))) or "any")
            for name, default in method.parameters.items()
        ),
    )
    parts = [
        f"# {method.id}\n\n{title}",
        f"```text\n{rest.strip()}\n```" if rest.strip() else "",
        f"**Reference:** {method.reference}",
        f"**Kind:** {method.kind}; a larger value is {method.higher}.",
        f"**Needs:** {links('quantities', method.needs, quantities)}. "
        f"**Uses where there is any:** {links('quantities', method.optional, quantities)}.",
        f"## What it gives\n\n{measures}",
        f"## Parameters\n\n{settings}",
        f"## How to ask\n\n```sh\nkhanij run {method.id} --focus IND --year 2024 --format csv\n```\n\n"
        f'```python\nimport khanij\n\nkhanij.run("{method.id}", khanij.case(focus="IND", years=2024)).table()\n```',
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def question_page(question: Question) -> str:
    """Return the page of one question: its fields with bounds, an example, and what the columns of its tables mean."""
    request = request_of(question)
    text = inspect.getdoc(request) or ""
    examples = doctest.DocTestParser().get_examples(text)
    said = text.partition("\n\n>>>")[0].partition("\n")[2].strip()
    shown = examples[0].want.strip().strip("'\"") if examples else f"khanij {question.name}"
    fields = table(
        ("field", "on the command line", "type", "default", "bounds", "what it is"),
        (field_row(name, about) for name, about in ordered(request).items()),
    )
    parts = [
        f"# {question.name}\n\n{question.line}",
        said,
        f"```sh\n{shown}\n```",
        f"```python\nimport khanij\n\nkhanij.ask(khanij.request({python(question, examples)})).tables\n```",
        f"## Fields\n\n{fields}",
    ]
    known = columns.columns()
    for key, keys in declared(question).items():
        told = ((f"`{k}`", known[k].name, known[k].unit, known[k].meaning) for k in keys)
        parts.append(f"## Table `{key}`\n\n{table(('key', 'name', 'unit', 'meaning'), told)}")
    return "\n\n".join(part for part in parts if part) + "\n"


def ordered(request: type[Request]) -> dict[str, Any]:
    """Return the fields of a request, its own before those that every request has."""
    common = set(Request.model_fields)
    return dict(sorted(request.model_fields.items(), key=lambda item: item[0] in common))


def field_row(name: str, about: Any) -> tuple[str, ...]:
    """Return what a reader must know of one field of a request."""
    how = spelled(name, about)
    limits = [f"{word} {getattr(m, mark):g}" for m in about.metadata for mark, word in LIMITS if hasattr(m, mark)]
    default = "must be given" if about.is_required() else _plain(about.default)
    shown = name.upper() if how == "argument" else f"`{how}`"
    return (f"`{name}`", shown, _kind(about.annotation), default, ", ".join(limits), about.description or "")


def _plain(value: Any) -> str:
    """Return a default as a person would type it; one that is nothing is not shown."""
    if value in (None, "", (), False):
        return "yes" if value is True else ""
    if isinstance(value, tuple):
        years = len(value) > 2 and all(isinstance(v, int) for v in value)
        return f"{value[0]}-{value[-1]}" if years else ",".join(map(str, value))
    return "yes" if value is True else str(value)


def _kind(annotation: Any) -> str:
    """Return the type of a field in words."""
    inner = [kind for kind in get_args(annotation) if kind is not type(None)]
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(f"`{choice}`" for choice in inner if choice)
    if get_origin(annotation) is Annotated:
        return _kind(inner[0])
    if get_origin(annotation) is tuple:
        return f"list: {_kind(inner[0])}"
    if type(None) in get_args(annotation):
        return _kind(inner[0])
    return {int: "whole number", float: "number", bool: "yes or no", str: "text", Path: "file"}.get(annotation, "text")


def python(question: Question, examples: Sequence[doctest.Example]) -> str:
    """Return the arguments of the example in Python."""
    source = examples[0].source if examples else ""
    values = ast.literal_eval(source[source.index("(") + 1 : source.rindex(")", 0, source.index(".command"))])
    return ", ".join([repr(question.name), *(f"{name}={value!r}" for name, value in values.items())])


def declared(question: Question) -> dict[str, tuple[str, ...]]:
    """Return key of a table -> keys of its columns, as the room of a question declares them."""
    room = question.run.partition(":")[0].rpartition(".")[0]
    try:
        tables = import_module(f"{room}.tables")
    except ModuleNotFoundError:
        return {}
    found: dict[str, tuple[str, ...]] = getattr(tables, "TABLES", {}).get(question.name, {})
    return found


def source_page(source: record.SourceRecord) -> str:
    """Return the page of one source."""
    held = store.manifest()["sources"].get(source.id)
    stored = f"{held['rows']:,} facts, {held['bytes']:,} bytes" if held else "not in the embedded store"
    parts = [
        f"# {source.id}\n\n{source.title}",
        f"**Publisher:** {source.producer}",
        f"**Licence:** {source.licence}. {source.licence_note}",
        f"**Embedded:** {stored}.",
        f"**Quantities:** {links('quantities', source.provides, reference.quantities())}",
    ]
    for edition in source.editions:
        files = table(("file", "bytes", "sha256"), ((f.path, f"{f.bytes:,}", f"`{f.sha256}`") for f in edition.files))
        dates = (
            f"Published {edition.published or 'on a day not stated'}, read {edition.accessed or 'on a day not kept'}."
        )
        landing = f" <{edition.landing}>" if edition.landing else ""
        parts.append(f"## Edition {edition.id}\n\n{edition.citation}. {dates}{landing}\n\n{edition.note}\n\n{files}")
    return "\n\n".join(parts) + "\n"


def quantity_page(quantity: reference.Quantity) -> str:
    """Return the page of one quantity."""
    sources = [source.id for source in record.sources().values() if quantity.id in source.provides]
    readers = [m.id for m in runner.methods().values() if quantity.id in (*m.needs, *m.optional)]
    return "\n\n".join(
        (
            f"# {quantity.id}\n\n{quantity.name}: {quantity.description}",
            f"**Unit:** {' or '.join(quantity.units)}{'; may be negative' if quantity.signed else ''}.",
            f"**Sources:** {links('sources', sources, record.sources())}",
            f"**Read by:** {links('methods', readers, runner.methods())}\n",
        )
    )


def lever_page(kind: str) -> str:
    """Return the page of one kind of lever: what it does, and every parameter as its class declares it."""
    about = LEVERS[kind]
    text = inspect.getdoc(about) or ""
    title, _, rest = text.partition("\n")
    rows = [
        (
            f"`{one.name}`",
            one.metadata.get("unit") or one.metadata["role"],
            "" if one.default is dataclasses.MISSING else f"`{one.default!r}`",
            ", ".join(one.metadata.get("choices", ())) or _limits(one.metadata.get("limits")),
            one.metadata["meaning"],
        )
        for one in dataclasses.fields(about)
    ]
    parts = [
        f"# {kind}\n\n{title}",
        f"```text\n{rest.strip()}\n```" if rest.strip() else "",
        f"## Parameters\n\n{table(('parameter', 'unit or kind', 'default', 'bounds or choices', 'what it is'), rows)}",
        "A figure is a number or (low, best, high). How levers act together: [levers](../methods/levers.md).",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _limits(limits: tuple[float, float] | None) -> str:
    """Return the bounds of a figure in words, "" where there are none."""
    return f"{limits[0]:g} … {limits[1]:g}" if limits else ""


def pages() -> dict[str, dict[str, str]]:
    """Return section -> path -> Markdown of every generated page."""
    made: tuple[tuple[str, str, Mapping[str, Any], Callable[[Any], str]], ...] = (
        ("Questions", "questions", {q.name.replace(" ", "-"): q for q in QUESTIONS}, question_page),
        ("Methods", "methods", runner.methods(), method_page),
        ("Sources", "sources", record.sources(), source_page),
        ("Quantities", "quantities", reference.quantities(), quantity_page),
        ("Levers", "levers", {kind: kind for kind in LEVERS}, lever_page),
    )
    return {
        section: {f"{folder}/{id}.md": write(entry) for id, entry in entries.items()}
        for section, folder, entries, write in made
    }


def on_config(config: Any) -> Any:
    """Add the generated pages to the navigation."""
    for section, written in pages().items():
        config.nav.append({section: [{Path(path).stem: path} for path in written]})
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages to the site; nothing is written beside the sources."""
    from mkdocs.structure.files import File

    for written in pages().values():
        for path, text in written.items():
            files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the table of sources where a page asks for it."""
    return markdown.replace("<!-- sources -->", source_table())


def renewed(text: str) -> str:
    """Return the text with a new table of sources between the marks; raises ValueError if a mark is absent."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"no table of sources between {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{source_table()}\n{END}{after}"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(renewed(Path(name).read_text(encoding="utf-8")), encoding="utf-8")
