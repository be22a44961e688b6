"""The REST API: versions, queries and records."""
