# Functions of initialize.sh and activate.sh, which get CLUSTER_ID, TIMEOUT and INTERVAL from Terraform.
set -eu
export AWS_PAGER=""

say() {
  printf '%s\n' "$*" >&2
}

for tool in aws openssl; do
  if ! command -v "$tool" >/dev/null; then
    say "$tool is needed, and there is none on PATH."
    exit 1
  fi
done

# Print one value of the cluster, by a path in the CLI's query language.
look() {
  aws cloudhsmv2 describe-clusters --filters "clusterIds=$CLUSTER_ID" --query "Clusters[0].$1" --output text
}

# Wait until the value at a path is the given one; without one, until there is any value.
wait_for() {
  started=$(date +%s)
  found=$(look "$1")
  while [ "$found" = None ] || { [ -n "${2:-}" ] && [ "$found" != "$2" ]; }; do
    waited=$(($(date +%s) - started))
    if [ "$waited" -ge "$TIMEOUT" ]; then
      say "Cluster $CLUSTER_ID: $1 is still $found after $waited seconds."
      exit 1
    fi
    sleep "$INTERVAL"
    found=$(look "$1")
  done
}
