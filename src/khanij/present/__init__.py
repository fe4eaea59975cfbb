"""Results drawn as tables, figures and text; nothing is computed here."""
