"""The rehearsal's page: one file, no request to anywhere, made from report.json alone."""
