"""The org's OAuth 2.0 endpoints."""
