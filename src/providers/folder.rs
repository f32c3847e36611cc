//! The user's own packs and imported address tables, in one folder that the program names once.
//!
//! Who never names a folder has the embedded catalogue only. Nothing is written here except by an import.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use etcetera::BaseStrategy as _;

use super::ranges::Ranges;
use super::table;

/// Largest pack that is read, in bytes.
const MAX_PACK_BYTES: u64 = 4 << 20;
/// Largest table that is read, in bytes: that of the largest provider, several times over.
const MAX_TABLE_BYTES: u64 = 64 << 20;
/// Most files that are read.
const MAX_FILES: usize = 500;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Where packs and tables of the user are kept; `None` when the home folder is not known.
pub fn usual_folder() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("headwater").join("providers"))
}

/// Adds the packs and tables of `folder` to the catalogue, before anything asks it; later calls change nothing.
pub fn use_folder(folder: &Path) {
    if FOLDER.set(folder.to_owned()).is_err() {
        log::warn!("the folder of the user's providers is already known");
    }
}

/// The folder in use.
pub(super) fn folder() -> Option<&'static Path> {
    FOLDER.get().map(PathBuf::as_path)
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct UserFiles {
    /// Packs as name and text, in order of their names.
    pub(super) packs: Vec<(String, String)>,
    /// Tables with the names of their files.
    pub(super) tables: Vec<(String, Ranges)>,
    /// What could not be read.
    pub(super) problems: Vec<String>,
}

impl UserFiles {
    /// Reads all packs and tables of `folder`; a folder that does not exist is empty.
    pub(super) fn read(folder: &Path) -> Self {
        let mut files = Self::default();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return files,
            Err(error) => {
                let problem = format!("the folder cannot be read: {error}: {}", folder.display());
                files.problems.push(problem);
                return files;
            }
        };
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| matches!(extension(path), "toml" | "tsv"))
            .collect();
        paths.sort();
        if MAX_FILES < paths.len() {
            let problem = format!("only the first {MAX_FILES} files are read");
            files.problems.push(problem);
            paths.truncate(MAX_FILES);
        }
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Err(problem) = files.read_file(&path, &name) {
                files.problems.push(format!("{name}: {problem}"));
            }
        }
        files
    }

    fn read_file(&mut self, path: &Path, name: &str) -> Result<(), String> {
        if extension(path) == "toml" {
            let text = read_text(path, MAX_PACK_BYTES)?;
            self.packs.push((name.to_owned(), text));
        } else {
            let text = read_text(path, MAX_TABLE_BYTES)?;
            self.tables.push((name.to_owned(), table::read(&text)?));
        }
        Ok(())
    }
}

fn extension(path: &Path) -> &str {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.unwrap_or_default()
}

fn read_text(path: &Path, max_bytes: u64) -> Result<String, String> {
    let data = path.metadata().map_err(|error| error.to_string())?;
    if !data.is_file() {
        return Err("not a file".to_owned());
    }
    if max_bytes < data.len() {
        return Err(format!("larger than {} MiB", max_bytes >> 20));
    }
    fs::read_to_string(path).map_err(|error| error.to_string())
}
