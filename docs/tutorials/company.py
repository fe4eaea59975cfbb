# %% [markdown]
# # A company: what a product hangs on, and a file of one's own facts
# %%
from khanij.analyses.question import ask, request

ask(request("needs", focus="DEU", product="car"))
# %% [markdown]
# The controls that reach it.
# %%
controls = ask(request("register", against="DEU", material="rare-earths"))
print(controls.findings[0])
# %% [markdown]
# Facts of one's own lie over the store; the template says which columns a file must have.
# %%
template = ask(request("data template", quantity="production"))
template
