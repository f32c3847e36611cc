//! Which files in a folder are captures.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Options, Probe, SURE, head, members, open_source, surest, undo_wrapping};
use crate::base::jobs::Cancel;
use crate::base::text::counted;

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Captures of formats that are recognised for certain, by name.
    pub captures: Vec<PathBuf>,
    /// Number of other files: left alone.
    pub n_others: u32,
}

/// How deep folders within the folder are looked into.
const MAX_DEPTH: u32 = 8;

/// Looks at the beginning of every file in `folder` and below; links are not followed, names beginning with a dot left out.
pub fn look_into(folder: &Path, options: &Options, cancel: &Cancel) -> io::Result<Folder> {
    let mut found = Folder::default();
    let mut waiting = vec![(folder.to_path_buf(), 0)];
    let mut is_first = true;
    while let Some((folder, depth)) = waiting.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if is_first => return Err(error),
            Err(_) => {
                found.n_others += 1;
                continue;
            }
        };
        is_first = false;
        for entry in entries.flatten() {
            if cancel.is_cancelled() || options.limits.members.is_passed_by(found.n_files()) {
                break;
            }
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let kind = entry.file_type();
            match kind {
                _ if is_hidden => {}
                Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => {
                    waiting.push((entry.path(), depth + 1));
                }
                Ok(kind) if kind.is_file() && is_known(&entry.path(), options) => {
                    found.captures.push(entry.path());
                }
                _ => found.n_others += 1,
            }
        }
    }
    found.captures.sort();
    Ok(found)
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let captures = counted(self.captures.len() as u64, "capture");
        let others = counted(u64::from(self.n_others), "other file");
        write!(f, "the folder holds {captures}; {others} left alone")
    }
}

impl Folder {
    fn n_files(&self) -> u64 {
        self.captures.len() as u64 + u64::from(self.n_others)
    }
}

/// True when a format is certain that the file at `path` is one of its own.
fn is_known(path: &Path, options: &Options) -> bool {
    let known = || {
        let source = open_source(path, &options.limits).ok()?;
        // The beginning tells; nothing is decoded to its end for a look.
        let (source, _) = undo_wrapping(source, &options.limits.for_a_look()).ok()?;
        let head = head(&source).ok()?;
        let members = members(&source, &head, &options.limits).ok()?;
        let probe = Probe {
            head: &head,
            members: &members,
            options,
        };
        Some(SURE <= surest(&probe)?.0)
    };
    known().unwrap_or(false)
}
