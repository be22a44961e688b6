"""The local world: stand-ins of the vendors, the caller, the agent's desk, and the engine that runs the program against them.

This room knows the vendors' APIs. It never imports `components` or `providers`: a stand-in that shared code with the
program would prove nothing.
"""
