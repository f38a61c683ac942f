#!/bin/sh
# Compiles the contract into gen/: one Go package for each package of it. PROTO is its folder, two above by default.
# Needs protoc, protoc-gen-go and protoc-gen-go-grpc. The protos name no Go packages, so they are named here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${PROTO:-$here/../..}"
module=example.org/dudao/client
protos=$(find dudao -name '*.proto' | sort)
set -- "--go_out=$here" "--go_opt=module=$module" "--go-grpc_out=$here" "--go-grpc_opt=module=$module"
for proto in $protos; do
    service=$(basename "$(dirname "$(dirname "$proto")")")
    version=$(basename "$(dirname "$proto")")
    package="M$proto=$module/gen/$service$version"
    set -- "$@" "--go_opt=$package" "--go-grpc_opt=$package"
done
rm -rf "$here/gen"
# shellcheck disable=SC2086 # a word for each proto
protoc --proto_path=. "$@" $protos
