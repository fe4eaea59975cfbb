"""What `import khanij` offers."""

import importlib
from pathlib import Path

import pytest

import khanij


@pytest.mark.parametrize("name", khanij.__all__)
def test_every_public_name_is_there(name):
    assert callable(getattr(khanij, name))


def test_no_public_name_is_hidden_by_a_subpackage():
    packages = {path.parent.name for path in Path(khanij.__file__).parent.glob("*/__init__.py")}
    assert packages & set(khanij.__all__) == set(), "importing the subpackage would replace the function"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'cases'"):
        importlib.import_module("khanij").cases  # noqa: B018
