#!/bin/sh
# Disconnect the key store and wait until it is DISCONNECTED. From then on no key in it can be used.
. "$(dirname "$0")/store.sh"

wait_while DISCONNECTING
if [ "$state" != DISCONNECTED ]; then
  disconnect
fi
say "Key store $STORE_ID is $state."
[ "$state" = DISCONNECTED ]
