"""Studio v2: flows, their revisions, and the validation of definitions."""
