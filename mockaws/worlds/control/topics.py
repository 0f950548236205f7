"""The topics of control verbs, each with its summary: all that `mockaws --help` needs to import."""

from __future__ import annotations

TOPICS = {
    "clock": "show or move the clock of a running server's world",
    "fault": "add, list and remove faults in a running server's world",
    "hsm": "manage users and keys in the HSMs of a running server, and let HSMs, zones and networks fail",
    "snapshot": "write a running server's world as a fixture that restores it",
    "load": "replace a running server's world with a snapshot or a fixture",
    "calls": "list the calls that a running server's world has answered",
    "world": "create, list, show and remove named worlds of a running server, each at /worlds/NAME",
    "health": "show whether a server is up, its version, fixture and number of operations",
    "reset": "restore a running server's world to its fixture",
}
"""The first word of each control command."""

GROUPS = {
    "hsm cluster": "activate and show clusters",
    "hsm user": "manage users of the HSMs",
    "hsm key": "list and delete keys in the HSMs",
    "hsm hsm": "let an HSM fail or work again",
    "hsm zone": "let an Availability Zone fail or work again",
    "hsm network": "break or mend the network of a cluster's HSMs",
    "hsm subnet": "fill, free or remove a subnet",
    "hsm sessions": "exhaust or free the sessions of the HSMs",
    "hsm backup": "make backups",
}
"""The groups of commands inside a topic."""

EXAMPLES = {
    "hsm": """\
examples:
  mockaws hsm cluster activate --password adminPswd1
  mockaws hsm user create --username kmsuser --role crypto-user --password kmsPswd123
  mockaws hsm key list --filter attr.label=arn:aws:kms:… --verbose
  mockaws hsm zone fail us-west-2a

Answers are JSON as AWS's CloudHSM CLI prints them: {"error_code": 0, "data": …} with exit status 0, and
{"error_code": 1, "data": "what is wrong"} with exit status 1. If no request could be sent, the exit status is 2.

As in the single command mode of AWS's CLI, CLOUDHSM_ROLE and CLOUDHSM_PIN=<username>:<password> log a user in.
Without them, everything is permitted.""",
}
"""The end of a topic's help."""
