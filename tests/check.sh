#!/bin/sh
# Everything a commit must pass, fast checks first; stops at the first failure.
set -eu
cd "$(dirname "$0")/.."

cargo fmt --check
cargo clippy --locked --all-targets --all-features -- -D warnings
cargo test --locked
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
if command -v typos >/dev/null 2>&1; then typos; fi
if command -v cargo-deny >/dev/null 2>&1; then cargo deny check; fi

echo "All checks passed."
