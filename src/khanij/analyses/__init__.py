"""One folder a question: its request, how it is run, its tables, figures and words."""
