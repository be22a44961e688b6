"""Connect REST API: an app's consumer key and secret."""
