"""Plays Twilio for one incoming call: the published Studio flow, widget by widget, with what was really deployed.

Everything is read back through Twilio's own API, as it stands in the account now. Nothing is handed over by the program.
"""
