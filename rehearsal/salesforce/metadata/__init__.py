"""Metadata API over REST: deployRequest."""
