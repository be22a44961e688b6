"""The two services on Cloud Run: the UI connector and the Pub/Sub interceptor. One image, two commands; see README.md."""
