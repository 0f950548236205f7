"""The records of a world: frozen, without IO. A change makes a new record, and states are functions of time."""
