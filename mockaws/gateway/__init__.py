"""AWS requests over HTTP and their answers: protocols, signatures, and the way to an operation."""
