"""The desk in a real browser: Chromium runs the deployed component and modules, and refuses what its rules refuse."""
