//! Where a report may be written: never over what was read, never over labels, and only where a plain file may lie.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use memchr::memmem::Finder;

use super::ReportError;
use crate::annotations::sidecar::path_beside;
use crate::base::bytes::ByteSource;
use crate::capture::Capture;
use crate::document::Document;

/// What was read, and may therefore not be written to.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The captures that are open.
    pub document: &'a Document,
    /// The paths that a person named, also those that could not be opened; folders among them.
    pub named: &'a [PathBuf],
}

/// What lies where the report shall go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    New,
    /// A file that a person has to give up first.
    Replaces,
}

/// What lies at `path`, or why nothing may be written there.
pub fn check(inputs: Inputs<'_>, path: &Path) -> Result<State, ReportError> {
    let refuse = |reason| Err(ReportError::Destination(reason, path.to_owned()));
    if is_name_of_labels(path) {
        return refuse("labels are kept under such a name");
    }
    let real = resolve(path)?;
    if is_name_of_labels(&real) {
        return refuse("it leads to labels");
    }
    if inputs.is_read_from(&real) {
        return refuse("neither a capture nor its labels are overwritten");
    }
    match fs::metadata(&real) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::New),
        Err(error) => return Err(error.into()),
        Ok(data) if data.is_dir() => return refuse("there is a folder"),
        Ok(data) if !data.is_file() => return refuse("there is something other than a file"),
        Ok(_) => {}
    }
    if inputs.holds_in_a_folder(&real) {
        return refuse("it lies in a folder that was to be read");
    }
    if inputs.keeps_bodies_in(&real) {
        return refuse("a capture keeps a body in it");
    }
    Ok(State::Replaces)
}

/// The path that `path` leads to: links are followed, so that they stay what they are.
pub fn resolve(path: &Path) -> Result<PathBuf, ReportError> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|data| data.is_symlink());
    if !is_link {
        return Ok(path.to_owned());
    }
    let refused = |_| ReportError::Destination("it is a link that leads nowhere", path.to_owned());
    path.canonicalize().map_err(refused)
}

impl Inputs<'_> {
    fn captures(&self) -> impl Iterator<Item = &Capture> {
        let captures = self.document.captures().iter();
        captures.map(|open| &*open.capture)
    }

    fn is_read_from(&self, path: &Path) -> bool {
        let opened = self.captures().map(|capture| &*capture.info().path);
        let named = self.named.iter().map(PathBuf::as_path);
        opened
            .chain(named)
            .any(|input| is_same_file(input, path) || is_same_file(&path_beside(input), path))
    }

    fn holds_in_a_folder(&self, path: &Path) -> bool {
        let Ok(path) = path.canonicalize() else {
            return false;
        };
        let folders = self.named.iter().filter(|named| named.is_dir());
        folders
            .filter_map(|folder| folder.canonicalize().ok())
            .any(|folder| path.starts_with(folder))
    }

    /// A HAR may name files beside it in which bodies lie. Only for a file that is there, the HAR is searched for its name.
    fn keeps_bodies_in(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(quoted) = name.and_then(|name| serde_json::to_string(name).ok()) else {
            return false;
        };
        self.captures()
            .filter(|capture| capture.info().format == "har")
            .filter(|capture| is_same_file(folder_of(&capture.info().path), folder_of(path)))
            // What cannot be searched any more is not risked either.
            .any(|capture| mentions(capture.source(), quoted.as_bytes()).unwrap_or(true))
    }
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent();
    folder
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

/// `NAME.headwater.json`, and what such a file is called once it was set aside.
fn is_name_of_labels(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.to_ascii_lowercase().contains(".headwater.json")
}

/// True when `needle` stands somewhere in `source`.
fn mentions(source: &ByteSource, needle: &[u8]) -> io::Result<bool> {
    const STEP: u64 = 1 << 20;
    let finder = Finder::new(needle);
    let mut reader = source.reader();
    let mut window = Vec::new();
    loop {
        // The end of the window before may hold the beginning of the needle.
        let kept = window.len().min(needle.len().saturating_sub(1));
        window.drain(..window.len() - kept);
        let n_read = reader.by_ref().take(STEP).read_to_end(&mut window)?;
        if finder.find(&window).is_some() {
            return Ok(true);
        }
        if n_read == 0 {
            return Ok(false);
        }
    }
}

/// True when both paths lead to one file, be it by links or by another spelling.
fn is_same_file(one: &Path, other: &Path) -> bool {
    if one == other {
        return true;
    }
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) if one == other => true,
        (Ok(one), Ok(other)) => is_same_inode(&one, &other),
        _ => false,
    }
}

#[cfg(unix)]
fn is_same_inode(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |path: &Path| path.metadata().ok().map(|data| (data.dev(), data.ino()));
    id(one).is_some() && id(one) == id(other)
}

#[cfg(not(unix))]
fn is_same_inode(_one: &Path, _other: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_wherever_the_windows_meet() {
        let needle = b"\"body.bin\"";
        for at in [0, 5, (1 << 20) - 5, 1 << 20, (2 << 20) + 1] {
            let mut bytes = vec![b'x'; at];
            bytes.extend_from_slice(needle);
            let found = mentions(&ByteSource::from_bytes(bytes.clone()), needle);
            assert!(found.expect("read"), "{at}");
            bytes.pop();
            let found = mentions(&ByteSource::from_bytes(bytes), needle);
            assert!(!found.expect("read"), "{at}");
        }
    }

    #[test]
    fn labels_are_known_by_their_name() {
        for (name, expected) in [
            ("a/trip.har.headwater.json", true),
            ("TRIP.HAR.Headwater.JSON", true),
            ("trip.har.headwater.json.aside-1", true),
            ("trip.har-headwater.json", false),
            ("trip.json", false),
        ] {
            assert_eq!(is_name_of_labels(Path::new(name)), expected, "{name}");
        }
    }
}
