#!/bin/sh
# Request a key store and succeed only if KMS answers with the exception in $EXPECTED.
set -u

if answer=$(aws kms create-custom-key-store \
  --custom-key-store-name "refused-$$" \
  --cloud-hsm-cluster-id "$CLUSTER_ID" \
  --key-store-password "$KMSUSER_PASSWORD" \
  --trust-anchor-certificate "file://$TRUST_ANCHOR" \
  --query CustomKeyStoreId --output text 2>&1); then
  # Leave nothing behind. Only a store that connects by itself must be disconnected first.
  aws kms disconnect-custom-key-store --custom-key-store-id "$answer" 2>/dev/null
  aws kms delete-custom-key-store --custom-key-store-id "$answer"
  echo "KMS created key store $answer on $CLUSTER_ID; it should have answered $EXPECTED." >&2
  exit 1
fi

case $answer in
*"($EXPECTED)"*) echo "KMS refuses, as it should: $answer" ;;
*)
  echo "KMS refuses, but not with $EXPECTED: $answer" >&2
  exit 1
  ;;
esac
