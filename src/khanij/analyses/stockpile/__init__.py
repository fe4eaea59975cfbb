"""A reserve with a reason: what an emergency takes away, what would bridge it, what that costs and averts."""
