"""The benchmark behind `make bench`: what a request, a start and the memory of mockaws cost beside its peers."""
