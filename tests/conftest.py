"""Settings of every test: properties are drawn the same way each time, and a slow machine is no failure."""

from hypothesis import settings

settings.register_profile("khanij", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("khanij")
