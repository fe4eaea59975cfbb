"""What can be asked of blocks abroad."""

from __future__ import annotations

from pydantic import Field

from khanij.analyses.fields import Focus, Materials
from khanij.analyses.question import CLI, Request


class BlocksRequest(Request):
    """What each block or stake abroad brings: hectares, money, stage, what is announced, odds and years to a mine.

    >>> BlocksRequest.of({"focus": "India", "material": "lithium"}).command()
    'khanij blocks IND --material lithium'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    material: Materials = ()
