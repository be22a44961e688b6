"""Python's pickler, left as it was found.

`pulumi.dynamic` puts a sorting of its own around `pickle._Pickler._batch_setitems` for every provider that it writes down, and
never takes it off again: each resource would make every later one a call deeper, until Python's limit of 1000 is met
(docs/hard-won-facts.md).
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_as_it_was() -> Iterator[None]:
    """What is pickled inside is pickled as Pulumi likes it; afterwards nothing of that is left."""
    found = pickle._Pickler._batch_setitems  # the very attribute that Pulumi replaces
    try:
        yield
    finally:
        pickle._Pickler._batch_setitems = found
