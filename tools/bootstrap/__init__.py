"""Finds or makes everything that `make rehearse` and `make test` need, with nothing but Python 3.11 and a package registry.

Standard library only: it runs before anything is installed. What is made goes into a cache outside the clone, keyed by
version, so that a second clone builds nothing.
"""
