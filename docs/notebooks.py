"""Write the tutorials (plain Python with "# %%" before each cell) as notebooks: python docs/notebooks.py [FOLDER]."""

import json
import sys
from pathlib import Path

TUTORIALS = Path(__file__).resolve().parent / "tutorials"


def cells(text):
    """Return the cells of a tutorial: (kind, source) each."""
    found = []
    for block in text.split("# %%")[1:]:
        head, _, body = block.partition("\n")
        kind = "markdown" if "[markdown]" in head else "code"
        lines = body.strip().splitlines()
        if kind == "markdown":
            lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
        found.append((kind, "\n".join(lines)))
    return found


def notebook(text):
    """Return a tutorial as a notebook."""
    made = []
    for at, (kind, source) in enumerate(cells(text)):
        cell = {"cell_type": kind, "id": f"cell-{at}", "metadata": {}, "source": source}
        made.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def main(folder):
    """Write every tutorial into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(TUTORIALS.glob("*.py")):
        made = json.dumps(notebook(path.read_text(encoding="utf-8")), ensure_ascii=False, indent=1)
        (folder / f"{path.stem}.ipynb").write_text(made + "\n", encoding="utf-8")
        print(folder / f"{path.stem}.ipynb")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("notebooks"))
