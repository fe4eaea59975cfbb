# %% [markdown]
# # A minister's adviser: what could stop us, and who could replace it
# An answer shows itself as findings and tables; every number has its sources, and a command that follows it down.
# %%
from khanij.analyses.question import ask, request

exposure = ask(request("exposure", focus="IND"))
exposure
# %% [markdown]
# The first finding is the answer in one sentence. What is in force against the country is a table of its own.
# %%
print(exposure.findings[0])
print(len(exposure.table("in-force")), "controls in force can stop what is bought")
# %% [markdown]
# The programme: what is reached, what is behind.
# %%
ask(request("scorecard", focus="IND", part="targets"))
