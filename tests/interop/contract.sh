#!/usr/bin/env bash
# Guards the contract: what was once published in proto/ keeps its meaning.
#
#   contract.sh           lint proto/, compare it with proto/released.binpb, and check the Go example's generated code
#   contract.sh record    write proto/released.binpb anew, unless proto/ breaks what is recorded
#   contract.sh generate  write the Go example's generated code anew
#
# An addition is recorded in the change that makes it, so that it is guarded from then on. Nothing records a breaking
# change: only who deletes proto/released.binpb before `record` can, and a reviewer sees that.
#
# PROTO names another copy of proto/ for the tests of this check.
set -euo pipefail
cd "$(dirname "$0")/../.."

proto=${PROTO:-proto}
released=$proto/released.binpb
node=examples/clients/node
go=examples/clients/go
buf=$PWD/$node/node_modules/.bin/buf

fail() {
    echo "contract: $*" >&2
    exit 1
}

# buf is the one that the Node example pins.
if [[ ! -x $buf ]]; then
    command -v npm > /dev/null || fail 'npm is missing, which brings buf'
    npm ci --prefix "$node" --silent --no-audit --no-fund
fi

lint() {
    "$buf" lint "$proto"
    "$buf" format --exit-code "$proto" > /dev/null || fail "format it: buf format -w $proto"
}

unbroken() {
    "$buf" breaking "$proto" --against "$released" || fail "$proto breaks what $released records"
}

generate() { # INTO
    (cd "$go" && "$buf" generate "../../../$proto" --output "$1")
}

image=$(mktemp -d)
trap 'rm -rf "$image"' EXIT
"$buf" build "$proto" --exclude-source-info --output "$image/now.binpb"

case ${1:-check} in
    check)
        lint
        unbroken
        cmp -s "$image/now.binpb" "$released" || fail "$released lacks additions; run tests/interop/contract.sh record"
        if [[ $proto == proto ]] && command -v go > /dev/null; then
            generate "$image"
            diff -r "$image/gen" "$go/gen" || fail "$go/gen is stale; run tests/interop/contract.sh generate"
        fi
        ;;
    record)
        if [[ -e $released ]]; then unbroken; fi
        cp "$image/now.binpb" "$released"
        ;;
    generate)
        rm -rf "$go/gen"
        generate .
        ;;
    *) fail "no such command: $1" ;;
esac
