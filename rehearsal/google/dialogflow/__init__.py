"""Dialogflow's REST API (v2beta1), the part that a program, the connector and an agent's desk use."""
