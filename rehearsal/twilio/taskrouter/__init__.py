"""TaskRouter v1, as far as a Flex account is looked up: workspaces, workflows, task queues, task channels; read only."""
