"""Bounds on the size of a request, on the connections of a server, and on the time that its end takes."""

from __future__ import annotations

# AWS's Application Load Balancers have these three bounds:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
REQUEST_LINE = 16 << 10
HEADER_LINE = 16 << 10
HEAD = 64 << 10
# An object of S3 has at most 2 KB of metadata, some hundred headers at the shortest.
HEADER_LINES = 1_000

# The largest object that one PutObject to another service may bring. A body for mockaws itself ends at 1 MiB.
BODY = 1 << 30
# A larger body is kept in a file.
BODY_IN_MEMORY = 64 << 10
BODY_IN_MEMORY_WITHOUT_FILES = 2 << 20
# A size has at most 16 digits; an extension that AWS defines, chunk-signature, takes 81 bytes more.
CHUNK_LINE = 256
TRAILER = 16 << 10

CONNECTIONS = 1_000
# File descriptors for everything else: fixtures, journals, bodies, other endpoints.
DESCRIPTORS_BESIDE_CONNECTIONS = 32
IDLE_SECONDS = 300
# A client that takes longer than GRACE_SECONDS over each PART_OF_REQUEST bytes, or over what is left of the request, is
# slow: its connection is closed when a new one needs the room.
GRACE_SECONDS = 2.0
PART_OF_REQUEST = 8 << 10
# Close a connection if its client reads nothing of an answer for this time: it may keep a thread waiting.
UNREAD_ANSWER_SECONDS = 60.0
# Wait for the client to read the answer to a malformed request: closing at once would reset the connection.
LINGER_SECONDS = 2.0
LINGER_BYTES = 16 << 20
# Stop accepting for this time when there is no file descriptor for another connection.
PAUSE_SECONDS = 0.2
SECONDS_BETWEEN_WARNINGS = 60.0

# Docker sends SIGKILL 10 seconds after SIGTERM; a server must be gone after 2, the end of the interpreter included.
DRAIN_SECONDS = 1.2
