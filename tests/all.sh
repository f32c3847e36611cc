#!/bin/sh
# Sets up a Debian or Ubuntu machine (with sudo when not root) and runs every test.
set -eu
cd "$(dirname "$0")/.."

sh assets/desktop/install-packages.sh \
    gcc libc6-dev xvfb xauth openbox xdotool imagemagick libxkbcommon-x11-0 libegl1 libgl1 libgl1-mesa-dri libx11-xcb1 libxcursor1 libxi6
cargo test --locked "$@"
