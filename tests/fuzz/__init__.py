"""Fuzzers: the same few minutes each time under `make test`, other inputs without end under `make fuzz`."""
