"""The equations: labelless NumPy that knows nothing of khanij."""
