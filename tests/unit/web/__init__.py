"""The control routes, without a socket where one is not what they are about."""
