# Functions of connect.sh and disconnect.sh, which get STORE_ID, TIMEOUT and INTERVAL from Terraform.
set -eu
export AWS_PAGER=""

say() {
  printf '%s\n' "$*" >&2
}

if ! command -v aws >/dev/null; then
  say "The AWS CLI is needed to connect a key store, and there is no \`aws\` on PATH."
  exit 1
fi

# Set state and code: the store's ConnectionState and, if that is FAILED, its ConnectionErrorCode.
look() {
  entry=$(aws kms describe-custom-key-stores --custom-key-store-id "$STORE_ID" \
    --query 'CustomKeyStores[0].[ConnectionState, ConnectionErrorCode]' --output text)
  # The CLI writes both on one line, with None for a missing code.
  state=$(printf '%s\n' "$entry" | cut -f 1)
  code=$(printf '%s\n' "$entry" | cut -f 2)
}

# Wait until the store leaves the given state.
wait_while() {
  started=$(date +%s)
  look
  while [ "$state" = "$1" ]; do
    waited=$(($(date +%s) - started))
    if [ "$waited" -ge "$TIMEOUT" ]; then
      say "Key store $STORE_ID is still $state after $waited seconds."
      exit 1
    fi
    sleep "$INTERVAL"
    look
  done
}

disconnect() {
  aws kms disconnect-custom-key-store --custom-key-store-id "$STORE_ID"
  wait_while DISCONNECTING
}
