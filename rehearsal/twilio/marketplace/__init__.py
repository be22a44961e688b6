"""Marketplace v1: add-ons that can be installed, those that are, and where each is in use."""
