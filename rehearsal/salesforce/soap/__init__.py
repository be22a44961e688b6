"""Metadata API over SOAP."""
