//! Checks a bundle against its manifest, which may come from anybody: it names nothing outside of its folder.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::{MANIFEST, SCHEMA, own_checksum, to_bytes};
use crate::formats::capture_sha256;

/// Largest manifest that is read, in bytes.
const MAX_MANIFEST: u64 = 16 << 20;

/// Most files in the folder that are looked at.
const MAX_FILES: usize = 10_000;

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The manifest could not be read.
    #[error("the manifest cannot be read: {source}: {path}", path = path.display())]
    Read {
        /// What the system says.
        source: io::Error,
        /// The manifest.
        path: PathBuf,
    },
    /// The manifest is none, or was changed.
    #[error("the manifest is refused: {reason}: {path}", path = path.display())]
    Refused {
        /// What is wrong with it.
        reason: String,
        /// The manifest.
        path: PathBuf,
    },
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The checksum that the manifest has of itself, and that fits it.
    pub manifest_sha256: String,
    /// The files of the bundle, then the captures, in the order of the manifest; then what should not be there.
    pub findings: Vec<Finding>,
}

/// What was found of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name. That of a capture may hold anything.
    pub name: String,
    /// True for a capture, false for a file of the bundle.
    pub is_capture: bool,
    /// How it compares.
    pub outcome: Outcome,
}

/// How a file compares with what the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Size and checksum are the same.
    Same,
    /// They are not, and how.
    Differs(String),
    /// There is no such file.
    Missing,
    /// The manifest does not know this file.
    Unexpected,
}

#[derive(Deserialize)]
struct Manifest {
    schema: u64,
    captures: Vec<CaptureItem>,
    files: Vec<FileItem>,
    #[serde(rename = "manifest_sha256")]
    own_sha256: String,
}

#[derive(Deserialize)]
struct FileItem {
    name: String,
    bytes: u64,
    sha256: String,
}

#[derive(Deserialize)]
struct CaptureItem {
    file: String,
    bytes: u64,
    sha256: Option<String>,
}

impl Verification {
    /// True when everything is there, the same, and nothing else is.
    pub fn is_same(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.all(|finding| finding.outcome == Outcome::Same)
    }
}

/// Checks the bundle of the manifest at `path`, or in the folder there. The captures are those at `captures`; others are
/// looked for in the folder of the manifest and in the one around it.
pub fn verify(path: &Path, captures: &[PathBuf]) -> Result<Verification, VerifyError> {
    let path = if path.is_dir() {
        path.join(MANIFEST)
    } else {
        path.to_owned()
    };
    let manifest = read(&path)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut findings: Vec<Finding> = manifest
        .files
        .iter()
        .map(|item| Finding {
            name: item.name.clone(),
            is_capture: false,
            outcome: compare(&folder.join(&item.name), item.bytes, &item.sha256),
        })
        .collect();
    findings.extend(check_captures(&manifest.captures, &folder, captures));
    let known = manifest.files.iter().map(|item| item.name.as_str());
    let known = known.chain(manifest.captures.iter().map(|item| item.file.as_str()));
    let own_name = path.file_name().unwrap_or_default().to_string_lossy();
    let known: BTreeSet<&str> = known.chain([&*own_name]).collect();
    let others = names_in(&folder).map_err(|source| VerifyError::Read {
        source,
        path: folder.clone(),
    })?;
    let others = others.into_iter().filter(|name| !known.contains(&**name));
    findings.extend(others.map(|name| Finding {
        name,
        is_capture: false,
        outcome: Outcome::Unexpected,
    }));
    Ok(Verification {
        manifest_sha256: manifest.own_sha256,
        findings,
    })
}

fn read(path: &Path) -> Result<Manifest, VerifyError> {
    let failed = |source| VerifyError::Read {
        source,
        path: path.to_owned(),
    };
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is not a regular file")));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    let read = file.take(MAX_MANIFEST + 1).read_to_end(&mut bytes);
    read.map_err(failed)?;
    parse(&bytes).map_err(|reason| VerifyError::Refused {
        reason,
        path: path.to_owned(),
    })
}

/// The manifest in `bytes`, when it is as it was written and names only plain files.
fn parse(bytes: &[u8]) -> Result<Manifest, String> {
    if MAX_MANIFEST < bytes.len() as u64 {
        return Err("it is larger than 16 MiB".to_owned());
    }
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| format!("it is not JSON: {error}"))?;
    let schema = value.get("schema").and_then(Value::as_u64);
    if schema.is_some_and(|schema| SCHEMA < schema) {
        return Err("a newer Headwater wrote it".to_owned());
    }
    let manifest = Manifest::deserialize(&value)
        .map_err(|error| format!("it is not a manifest of Headwater: {error}"))?;
    // A checksum over the content does not see keys that stand there twice, or blanks.
    if manifest.schema != SCHEMA || to_bytes(&value) != bytes {
        return Err("it is not as Headwater wrote it".to_owned());
    }
    if manifest.own_sha256 != own_checksum(&value) {
        return Err("it was changed: its own checksum does not fit".to_owned());
    }
    let mut names = BTreeSet::new();
    for item in &manifest.files {
        if !is_safe_name(&item.name) {
            return Err("it names a file in a way in which Headwater does not".to_owned());
        }
        // Some file systems do not tell upper from lower case.
        if !names.insert(item.name.to_ascii_lowercase()) {
            return Err("it names a file twice".to_owned());
        }
    }
    Ok(manifest)
}

/// True for names such as those of a bundle: a file in the folder, not hidden, and not the manifest.
fn is_safe_name(name: &str) -> bool {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(is_safe)
        && name.len() <= 100;
    is_plain && !name.eq_ignore_ascii_case(MANIFEST)
}

/// How the file at `path` compares; a link is no file.
fn compare(path: &Path, bytes: u64, sha256: &str) -> Outcome {
    let data = match fs::symlink_metadata(path) {
        Ok(data) => data,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Outcome::Missing,
        Err(error) => return Outcome::Differs(format!("it cannot be read: {error}")),
    };
    if !data.is_file() {
        return Outcome::Differs("it is not a regular file".to_owned());
    }
    if data.len() != bytes {
        let reason = format!("{} bytes instead of {bytes}", data.len());
        return Outcome::Differs(reason);
    }
    match capture_sha256(path) {
        Ok(found) if found == sha256 => Outcome::Same,
        Ok(_) => Outcome::Differs("another content".to_owned()),
        Err(error) => Outcome::Differs(format!("it cannot be read: {error}")),
    }
}

/// A capture that a person named, with its checksum.
struct Given<'a> {
    path: &'a Path,
    /// Links may lead to it.
    sha256: Result<String, String>,
    is_used: bool,
}

fn check_captures(items: &[CaptureItem], folder: &Path, given: &[PathBuf]) -> Vec<Finding> {
    let mut given: Vec<Given<'_>> = given.iter().map(|path| Given::of(path)).collect();
    let mut findings: Vec<Finding> = items
        .iter()
        .map(|item| Finding {
            name: item.file.clone(),
            is_capture: true,
            outcome: check_capture(item, folder, &mut given),
        })
        .collect();
    let others = given.iter().filter(|given| !given.is_used);
    findings.extend(others.map(|given| Finding {
        name: given.path.display().to_string(),
        is_capture: true,
        outcome: match &given.sha256 {
            Ok(_) => Outcome::Unexpected,
            Err(reason) => Outcome::Differs(reason.clone()),
        },
    }));
    findings
}

impl<'a> Given<'a> {
    fn of(path: &'a Path) -> Self {
        let read = || -> io::Result<String> {
            if !fs::metadata(path)?.is_file() {
                return Err(io::Error::other("it is not a regular file"));
            }
            capture_sha256(path)
        };
        Self {
            path,
            sha256: read().map_err(|error| format!("it cannot be read: {error}")),
            is_used: false,
        }
    }
}

fn check_capture(item: &CaptureItem, folder: &Path, given: &mut [Given<'_>]) -> Outcome {
    let Some(sha256) = &item.sha256 else {
        return Outcome::Differs("the manifest has no checksum of it".to_owned());
    };
    let mut all = given.iter_mut();
    // A capture that was renamed is still the same.
    if let Some(found) = all.find(|given| given.sha256.as_ref() == Ok(sha256)) {
        found.is_used = true;
        return Outcome::Same;
    }
    let has_name = |given: &&mut Given<'_>| given.path.file_name() == Some(item.file.as_ref());
    if let Some(found) = given.iter_mut().find(has_name) {
        found.is_used = true;
        let reason = found.sha256.clone().err();
        return Outcome::Differs(reason.unwrap_or_else(|| "another content".to_owned()));
    }
    if !is_plain(&item.file) {
        return Outcome::Missing;
    }
    let around = folder.join("..").join(&item.file);
    let places = [around, folder.join(&item.file)];
    let mut outcome = Outcome::Missing;
    for place in &places {
        match compare(place, item.bytes, sha256) {
            Outcome::Same => return Outcome::Same,
            Outcome::Missing => {}
            other => outcome = other,
        }
    }
    outcome
}

/// True for the name of a file in a folder: nothing that leads elsewhere.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let is_one = matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none();
    is_one && !name.contains(['/', '\\', ':', '\0'])
}

/// The names in `folder`, in order.
fn names_in(folder: &Path) -> io::Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder)?.take(MAX_FILES);
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}
