"""Who makes what for whom, what disrupts it, and how buyers and sellers respond.

Importing this package registers every method of its modules.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
