"""Serverless v1 and its upload host: services, environments, functions, versions, builds, variables, deployments."""
