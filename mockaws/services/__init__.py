"""What AWS does: one package a service; none of them imports another."""
