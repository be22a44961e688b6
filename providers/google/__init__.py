"""Google Cloud beside pulumi-gcp: whose credentials, one REST client, and what the deployer may do."""
