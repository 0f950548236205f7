#!/bin/sh
# Sign the cluster's certificate with the authority in CA_FOLDER, and initialize the cluster with it.
. "$(dirname "$0")/cluster.sh"

state=$(look State)
if [ "$state" = UNINITIALIZED ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  wait_for Certificates.ClusterCsr
  look Certificates.ClusterCsr >"$work/cluster.csr"
  openssl x509 -req -days 3652 -in "$work/cluster.csr" -set_serial "0x$(openssl rand -hex 16)" \
    -CA "$CA_FOLDER/customerCA.crt" -CAkey "$CA_FOLDER/customerCA.key" -out "$work/cluster.crt"
  aws cloudhsmv2 initialize-cluster --cluster-id "$CLUSTER_ID" \
    --signed-cert "file://$work/cluster.crt" --trust-anchor "file://$CA_FOLDER/customerCA.crt"
fi
# An earlier attempt may have got further than Terraform knows.
if [ "$state" != ACTIVE ]; then
  wait_for State INITIALIZED
fi
say "Cluster $CLUSTER_ID is initialized."
