#!/bin/sh
# Activate the cluster, and create the crypto user with which KMS logs in.
. "$(dirname "$0")/cluster.sh"

# CLOUDHSM_CLI is a command with arguments of its own, so it must be split.
cloudhsm_cli() {
  $CLOUDHSM_CLI "$@" --cluster-id "$CLUSTER_ID"
}

if [ "$(look State)" != ACTIVE ]; then
  cloudhsm_cli cluster activate --password "$ADMIN_PASSWORD"
  # AWS shows it after about a minute.
  wait_for State ACTIVE
fi

export CLOUDHSM_ROLE=admin CLOUDHSM_PIN="admin:$ADMIN_PASSWORD"
if ! cloudhsm_cli user list | grep -q '"kmsuser"'; then
  cloudhsm_cli user create --username kmsuser --role crypto-user --password "$KMSUSER_PASSWORD"
fi
say "Cluster $CLUSTER_ID is active, and has a kmsuser."
