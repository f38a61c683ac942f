#!/bin/sh
# Makes Go packages of the protos, one for each package of the contract: ./generate.sh, then go build.
# Needs protoc, protoc-gen-go and protoc-gen-go-grpc. The protos name no Go packages; the mapping stands here.
set -eu
cd "$(dirname "$0")"
proto=../..
module=dudao.example/client
set -- --proto_path="$proto" --go_out=. --go-grpc_out=. --go_opt=module="$module" --go-grpc_opt=module="$module"
protos=$(cd "$proto" && find dudao -name '*.proto' | sort)
for file in $protos; do
    package=$(echo "$file" | cut -d/ -f2)
    into="M$file=$module/gen/$package;$package"
    set -- "$@" --go_opt="$into" --go-grpc_opt="$into"
done
# shellcheck disable=SC2086 # one word for each proto
protoc "$@" $protos
