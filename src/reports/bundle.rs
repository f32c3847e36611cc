//! A folder that a stranger can check: the reports, and a manifest with the checksum of every file and capture.
//!
//! The manifest also carries the checksum of itself. That shows what was changed by accident or in part; who wrote the
//! manifest it cannot show. Whoever wants that keeps or signs its checksum elsewhere.

mod verify;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::checked::checked;
use super::summary::data_versions;
use super::{CsvTable, Left, ReportError, ReportInput, destination, report};
use crate::base::atomic_file::NewFile;
use crate::base::text::hexadecimal;
use crate::base::time::Time;
use crate::redact::Redactor;

pub use verify::{Finding, Outcome, Verification, VerifyError, verify};

/// What the manifest is called.
pub const MANIFEST: &str = "manifest.json";

/// The schema of manifests that this version writes.
const SCHEMA: u64 = 1;

/// The field that holds the checksum of the rest.
const OWN_CHECKSUM: &str = "manifest_sha256";

/// The files of a bundle, the reports in them, and what those that are tables list.
const FILES: &[(&str, &str, CsvTable)] = &[
    ("report.html", "html", CsvTable::Flows),
    ("report.md", "md", CsvTable::Flows),
    ("services.csv", "csv", CsvTable::Services),
    ("hosts.csv", "csv", CsvTable::Hosts),
    ("flows.csv", "csv", CsvTable::Flows),
    ("report.json", "json", CsvTable::Flows),
    ("annotated.har", "har", CsvTable::Flows),
];

/// Writes a bundle into `folder`, which is made, or is empty. Until all files are complete, none of them is there.
/// Returns the checksum of the manifest, and what redaction had missed.
pub fn write(input: &ReportInput<'_>, folder: &Path) -> Result<(String, Left), ReportError> {
    let is_new = check_folder(folder)?;
    if is_new {
        make_private_folder(folder)?;
    }
    let written = write_into(input, folder);
    if written.is_err() && is_new {
        // It is empty again, or holds what others put there meanwhile.
        drop(fs::remove_dir(folder));
    }
    written
}

/// True when `folder` is to be made; an error when something lies there already.
pub fn check_folder(folder: &Path) -> Result<bool, ReportError> {
    let refuse = |reason| Err(ReportError::Destination(reason, folder.to_owned()));
    let folder = destination::resolve(folder)?;
    match fs::metadata(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error.into()),
        Ok(data) if !data.is_dir() => refuse("it is no folder"),
        Ok(_) if fs::read_dir(&folder)?.next().is_some() => refuse("the folder is not empty"),
        Ok(_) => Ok(false),
    }
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_into(input: &ReportInput<'_>, folder: &Path) -> Result<(String, Left), ReportError> {
    let mut files = Vec::new();
    let mut entries = Vec::new();
    let mut left = Left::default();
    for (name, id, table) in FILES {
        let Some(report) = report(id) else {
            continue;
        };
        let mut file = HashedFile::create(folder.join(name))?;
        let input = ReportInput {
            table: *table,
            ..input.clone()
        };
        let mut written = super::write(&input, report, &mut file)?;
        left.found.append(&mut written.found);
        let sha256 = file.sha256();
        entries.push(json!({"name": name, "bytes": file.n_bytes, "sha256": sha256}));
        files.push(file);
    }
    let (manifest, own_checksum) = manifest(input, entries)?;
    let mut file = HashedFile::create(folder.join(MANIFEST))?;
    file.write_all(&manifest)?;
    files.push(file);
    commit(files)?;
    Ok((own_checksum, left))
}

/// Names all files, or none.
fn commit(files: Vec<HashedFile>) -> Result<(), ReportError> {
    let mut named = Vec::new();
    for file in files {
        if let Err(error) = file.file.commit_new() {
            for path in &named {
                drop(fs::remove_file(path));
            }
            return Err(error.into());
        }
        named.push(file.path);
    }
    Ok(())
}

/// The bytes of the manifest, and its checksum.
fn manifest(input: &ReportInput<'_>, files: Vec<Value>) -> Result<(Vec<u8>, String), ReportError> {
    let mut bytes = Vec::new();
    checked(input, &mut bytes, |redactor, out| {
        Ok(serde_json::to_writer(out, &facts(input, redactor)).map_err(io::Error::from)?)
    })?;
    let mut manifest: Value = serde_json::from_slice(&bytes).map_err(io::Error::from)?;
    manifest["files"] = Value::Array(files);
    let own_checksum = own_checksum(&manifest);
    manifest[OWN_CHECKSUM] = json!(own_checksum);
    Ok((to_bytes(&manifest), own_checksum))
}

/// All of the manifest that comes from the captures.
fn facts(input: &ReportInput<'_>, redactor: &mut Redactor) -> Value {
    let captures = input.document.captures().iter();
    let captures: Vec<Value> = captures
        .map(|open| {
            let info = open.capture.info();
            let file = redactor.shown(&info.name);
            json!({"file": file, "bytes": info.bytes, "sha256": info.sha256.get()})
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "headwater": env!("CARGO_PKG_VERSION"),
        "data": data_versions(redactor),
        "redaction": input.level.word(),
        "made": input.made_at.map(Time::to_iso),
        "filter": redactor.text(input.filter),
        "flows_shown": input.shown().count(),
        "flows_in_all": input.document.n_flows(),
        "captures": captures,
    })
}

/// The one form in which a manifest is written: any other bytes are no manifest.
fn to_bytes(manifest: &Value) -> Vec<u8> {
    format!("{manifest:#}\n").into_bytes()
}

/// The checksum over the content of `manifest` without the field that holds it: keys in order, no blanks.
fn own_checksum(manifest: &Value) -> String {
    let mut content = manifest.clone();
    if let Some(fields) = content.as_object_mut() {
        fields.shift_remove(OWN_CHECKSUM);
    }
    content.sort_all_objects();
    hexadecimal(&Sha256::digest(content.to_string()))
}

/// A file that has no name yet, hashed while it is written.
struct HashedFile {
    path: PathBuf,
    file: NewFile,
    hasher: Sha256,
    n_bytes: u64,
}

impl HashedFile {
    fn create(path: PathBuf) -> Result<Self, ReportError> {
        Ok(Self {
            file: NewFile::create(&path)?,
            hasher: Sha256::new(),
            n_bytes: 0,
            path,
        })
    }

    fn sha256(&self) -> String {
        hexadecimal(&self.hasher.clone().finalize())
    }
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        self.n_bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
