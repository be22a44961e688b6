"""The user interface as an agent's browser sees it."""
