"""World Bank Pink Sheet: prices of minerals, metals, energy and fertiliser minerals."""
