# %% [markdown]
# # A researcher: a method of the registry, on a country, over years, as data
# %%
from khanij.analyses.question import ask, request

series = ask(request("history", focus="DEU", method="import-hhi", material="lithium", year="2012-2024"))
series
# %% [markdown]
# A table is data: columns with a key, a unit and a meaning; missing is None, never zero.
# %%
table = series.tables[0].plain()
for column in table.columns[:6]:
    print(column.key, column.unit or "-", column.meaning)
rows = list(table.rows())
print(rows[-1])
# %% [markdown]
# How sure is a score? Draws of its inputs, from a seed: the same seed gives the same bytes.
# %%
sure = ask(request("assess", focus="DEU", method="eu-supply-risk", draws=50, seed=1, material="lithium"))
print(sure.findings[0])
# %% [markdown]
# What it stands on: the hash of the facts, the sources, and the line that asks it again.
# %%
print(sure.manifest, sure.hash)
print(sure.request.command())
