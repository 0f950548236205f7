#!/bin/sh
# Connect the key store and wait until it is CONNECTED. If it fails, print the reason and leave the store DISCONNECTED.
. "$(dirname "$0")/store.sh"

remedy() {
  case $1 in
  INVALID_CREDENTIALS) echo "The password is not kmsuser's. Note that KMS changes it whenever the store connects: set a new one in the cluster, then give that one to Terraform." ;;
  USER_NOT_FOUND) echo "The cluster has no crypto user named kmsuser: create it (cloudhsm-cli: user create --username kmsuser --role crypto-user)." ;;
  USER_LOCKED_OUT) echo "kmsuser is locked after too many wrong passwords: let a cluster administrator change its password, then give that one to Terraform." ;;
  USER_LOGGED_IN) echo "Another session is logged in as kmsuser: log it out, because KMS must be the only one." ;;
  INSUFFICIENT_CLOUDHSM_HSMS) echo "The cluster has no active HSM: create one (two, in two zones, for creating keys)." ;;
  CLUSTER_NOT_FOUND) echo "The cluster is gone: restore it from a backup and give the store the new cluster's id." ;;
  SUBNET_NOT_FOUND) echo "A subnet of the cluster is gone: restore the cluster from a backup into subnets that exist, and give the store the new cluster's id." ;;
  INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET) echo "A subnet of the cluster has no free address left: KMS needs one in each." ;;
  NETWORK_ERRORS) echo "KMS does not reach the HSMs: check the security group, the network ACLs and the HSMs' interfaces." ;;
  INTERNAL_ERROR) echo "KMS itself failed, or the HSMs had no session left for it: close sessions of other clients, and apply again." ;;
  *) echo "See https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html" ;;
  esac
}

wait_while DISCONNECTING
if [ "$state" = FAILED ]; then
  # KMS tries again only after a disconnect.
  disconnect
fi
if [ "$state" = DISCONNECTED ]; then
  aws kms connect-custom-key-store --custom-key-store-id "$STORE_ID"
fi
wait_while CONNECTING
if [ "$state" = CONNECTED ]; then
  say "Key store $STORE_ID is CONNECTED."
  exit 0
fi

say "Key store $STORE_ID did not connect: it is $state with ConnectionErrorCode $code."
say "$(remedy "$code")"
if [ "$state" = FAILED ]; then
  # Terraform runs no destroy-time provisioner for a resource whose creation failed, and a FAILED store cannot be deleted.
  disconnect
  say "It was disconnected again, so that the next apply or destroy can go on from here."
fi
exit 1
