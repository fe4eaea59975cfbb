"""A mineral from the mine to the goods: who makes what for whom at every stage."""
