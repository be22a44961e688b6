"""How a thing is made that has no Pulumi provider for Python."""
