# %% [markdown]
# # An analyst: stop a supplier and follow a number down
# %%
from khanij.analyses.question import ask, request

stopped = ask(request("shock", focus="IND", ban="CHN:graphite", draws=0))
stopped
# %% [markdown]
# The same for half of it and half a year.
# %%
half = ask(request("shock", focus="IND", ban="CHN:graphite=0.5@6", draws=0))
print(half.findings[0])
# %% [markdown]
# Why is a number so? The equation, what entered, the rows behind it, and whom they cite.
# %%
ask(request("explain", method="import-hhi", focus="IND", material="graphite", top=3))
# %% [markdown]
# Figures are Plotly's.
# %%
chain = ask(request("chain", material="cobalt", focus="IND"))
chain.plot()
