"""API 2010-04-01: the account, and its phone numbers."""
