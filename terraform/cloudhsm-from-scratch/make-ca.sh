#!/bin/sh
# Make a certificate authority of your own in a folder: customerCA.crt, and customerCA.key, which you must never lose.
set -eu
folder=${1:?give the folder in which to make the certificate authority}
mkdir -p "$folder"
if [ -e "$folder/customerCA.key" ]; then
  echo "$folder already has a customerCA.key, which stays as it is." >&2
  exit 1
fi
umask 077
openssl req -new -x509 -newkey rsa:2048 -noenc -days 3652 -subj "/CN=customerCA" \
  -keyout "$folder/customerCA.key" -out "$folder/customerCA.crt"
