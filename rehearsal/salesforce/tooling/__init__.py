"""The Tooling API: package installation and looking at metadata."""
