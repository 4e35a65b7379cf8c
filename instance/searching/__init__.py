"""How a search is asked of each engine."""
