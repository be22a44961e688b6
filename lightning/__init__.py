"""Pins of what goes to Salesforce and is not ours: the Lightning component's commit, the UI modules' versions and hashes."""
