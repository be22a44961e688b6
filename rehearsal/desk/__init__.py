"""The agent's desk: what a browser does with the deployed contact page, from opening it to hearing the call's events.

Everything the desk knows comes from that page and from what it leads to. Where a browser or the Lightning component would
stop, the desk stops, with the cause. There are two kinds (`kinds.py`), asked through one interface (`desk.py`): Chromium runs
what is deployed; the plain desk plays the component's documented steps, for machines without a browser.
"""
