"""HTTP ↔ calls: reads requests in AWS's protocols and writes the answers; knows no service by name."""
