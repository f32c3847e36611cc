#!/bin/sh
# Sets up a Debian or Ubuntu machine (with sudo when not root), builds Headwater and opens it on the sample.
set -eu
cd "$(dirname "$0")/../.."

sh assets/desktop/install-packages.sh gcc libc6-dev libxkbcommon-x11-0 libegl1 libgl1 libgl1-mesa-dri libx11-xcb1 libxcursor1 libxi6
cargo run --release --locked -- assets/samples/wifi-proxy-2011.har
