"""Flex v1: the account's one Configuration."""
