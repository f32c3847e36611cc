#!/bin/sh
# Installs Headwater for this user, so that captures open by double-click: program, menu entry, icon and file types.
set -eu
cd "$(dirname "$0")/../.."

data="${XDG_DATA_HOME:-$HOME/.local/share}"
cargo install --locked --path . --root "$HOME/.local"
install -Dm644 assets/desktop/headwater.desktop "$data/applications/headwater.desktop"
install -Dm644 assets/desktop/headwater-mime.xml "$data/mime/packages/headwater.xml"
install -Dm644 assets/icons/headwater.svg "$data/icons/hicolor/scalable/apps/headwater.svg"
# A menu starts programs without the shell's search path.
sed -i "s|^Exec=headwater|Exec=$HOME/.local/bin/headwater|" "$data/applications/headwater.desktop"
command -v update-mime-database >/dev/null 2>&1 && update-mime-database "$data/mime"
command -v update-desktop-database >/dev/null 2>&1 && update-desktop-database "$data/applications"
command -v xdg-mime >/dev/null 2>&1 && xdg-mime default headwater.desktop application/x-har+json
echo "Headwater is installed; captures open by double-click."
