//! What the window remembers between runs: looks, columns and recent files. Never anything about flows.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use crate::base::atomic_file;
use crate::panels::table::ColumnLayout;
use crate::widgets::theme::ThemeChoice;

/// Most files that are remembered.
const MAX_RECENT: usize = 10;
/// Largest settings file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The settings; a file that is damaged counts as absent.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Columns and their widths.
    pub columns: ColumnLayout,
    /// Who signs labels; empty when nobody does.
    pub reviewer: String,
    /// The files opened last, the newest first.
    pub recent: Vec<PathBuf>,
}

impl Settings {
    /// Where settings are kept; `None` when the home folder is not known.
    pub(super) fn usual_path() -> Option<PathBuf> {
        let folders = etcetera::choose_base_strategy().ok()?;
        let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
        Some(folder.join("headwater").join("window.json"))
    }

    /// Reads the settings at `path`.
    pub(super) fn load(path: &Path) -> Self {
        let is_small = path.metadata().is_ok_and(|data| data.len() <= MAX_BYTES);
        if !is_small {
            return Self::default();
        }
        std::fs::read(path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Writes the settings to `path`, readable for their owner only.
    pub(super) fn save(&self, path: &Path) {
        let Ok(bytes) = serde_json::to_vec_pretty(self) else {
            return;
        };
        if let Err(error) = atomic_file::replace_in_new_folder(path, &bytes) {
            log::warn!("the window's settings are not saved: {error}");
        }
    }

    /// Puts `path` first among the recent files.
    pub(super) fn opened(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        self.recent.retain(|other| *other != path);
        self.recent.insert(0, path);
        self.recent.truncate(MAX_RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_damage_costs_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("headwater").join("window.json");
        let mut settings = Settings::default();
        settings.opened(Path::new("/a/one.har"));
        settings.opened(Path::new("/a/two.har"));
        settings.opened(Path::new("/a/one.har"));
        settings.save(&path);
        assert_eq!(Settings::load(&path), settings);
        assert_eq!(settings.recent.len(), 2);
        std::fs::write(&path, b"{\"theme\": 7").expect("written");
        assert_eq!(Settings::load(&path), Settings::default());
    }
}
