"""What trade tells: flows, re-exports, true origin, suppliers, advantage."""
