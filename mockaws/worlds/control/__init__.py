"""The control verbs: one table, from which HTTP routes, commands, Python methods, OpenAPI and pages of docs follow."""
