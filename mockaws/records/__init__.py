"""What there is in a world: frozen records without IO; a change is a new record, and states are functions of time."""
