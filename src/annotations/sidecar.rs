//! Annotations on disk: one small JSON file beside each capture, which itself is never written to.
//!
//! An annotation is tied to its flow by a [`Digest`], never by position. What fits no flow of the capture (an orphan), and
//! every field that this version does not know, is kept as it is and written back: nothing is ever lost. A file that
//! cannot be read, comes from a newer Headwater, or was changed by somebody else in the meantime is not overwritten.

mod entry;
mod file;
mod opinions;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy as _;
use sha2::{Digest as _, Sha256};

use super::{Annotation, Digest, RelationOpinions, flow_digests};
use crate::attribution::Groups;
use crate::base::atomic_file::{ReplaceError, replace, replace_in_new_folder};
use crate::base::jobs::Pending;
use crate::base::text::counted;
use crate::capture::Capture;
use entry::Entry;
use file::{Content, ReadError};

/// Largest sidecar that is read, in bytes: some six million labels.
const MAX_BYTES: u64 = 2_000_000_000;

/// Why annotations were not read or not saved.
#[derive(Debug, thiserror::Error)]
pub enum SidecarError {
    /// The file is there but cannot be understood. It stays as it is.
    #[error("the saved labels cannot be read: {reason}: {path}", path = path.display())]
    Damaged {
        /// What was expected and what was found.
        reason: String,
        /// The sidecar.
        path: PathBuf,
    },
    /// A newer Headwater wrote the file. It may be shown but not be written.
    #[error("the saved labels are of schema {schema}, and this version writes schema 1: {path}", path = path.display())]
    Newer {
        /// The schema found.
        schema: u64,
        /// The sidecar.
        path: PathBuf,
    },
    /// Another program changed the file since it was read.
    #[error("the saved labels were changed by another program: {path}", path = path.display())]
    Changed {
        /// The sidecar.
        path: PathBuf,
    },
    /// The file could not be read.
    #[error("the saved labels cannot be read: {source}: {path}", path = path.display())]
    Read {
        /// What the system says.
        source: io::Error,
        /// The sidecar.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("the labels are not saved: {0}")]
    Write(#[from] ReplaceError),
    /// The labels could not be put into words.
    #[error("the labels are not saved: {0}")]
    Form(#[from] serde_json::Error),
}

/// What stands in the way of saving.
#[derive(Clone, Debug)]
enum Block {
    Damaged(String),
    Newer(u64),
}

/// What the application remembers of one capture's sidecar between loading and saving. Clones are cheap.
#[derive(Clone, Debug)]
pub struct SidecarState {
    path: PathBuf,
    /// SHA-256 of the file when last read or written; `None` while there is none.
    on_disk: Option<[u8; 32]>,
    block: Option<Block>,
    content: Arc<Content>,
    digests: Pending<Vec<Digest>>,
}

/// What people say of parties, as far as it concerns one capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AboutParties {
    /// The hosts that are counted under a party by hand.
    pub groups: Groups,
    /// What people think of relations.
    pub opinions: RelationOpinions,
}

impl AboutParties {
    /// Number of groupings and opinions.
    pub fn len(&self) -> usize {
        self.groups.len() + self.opinions.len()
    }

    /// True when nothing is said.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a sidecar said about a capture.
#[derive(Debug)]
pub struct Loaded {
    /// Row of the capture and what was said about it, in row order.
    pub annotations: Vec<(u32, Annotation)>,
    /// What people say of parties.
    pub about: AboutParties,
    /// Number of entries that fit no flow of this capture; they are kept in the file.
    pub n_orphans: usize,
    /// True when the file was written for a capture with another SHA-256, as far as both are known.
    pub is_other_capture: bool,
    /// Why labels cannot be saved (or could not be read), to be shown.
    pub problem: Option<SidecarError>,
    /// To be kept for saving.
    pub state: SidecarState,
}

/// A save that is ready to run on a worker thread.
#[derive(Clone, Debug)]
pub struct SaveJob<'a> {
    state: SidecarState,
    capture: Arc<Capture>,
    annotations: Vec<(u32, &'a Annotation)>,
    about: AboutParties,
    reviewer: String,
}

/// The outcome of a save.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Where the labels lie now; not beside the capture when its folder takes no files. `None` when there was nothing to save.
    pub path: Option<PathBuf>,
    /// How many annotations the file holds for this capture: flows with a label or note, groupings, and opinions on relations.
    pub n_annotations: usize,
    /// To be kept for the next save.
    pub state: SidecarState,
}

impl Loaded {
    /// What a reader of a report has to know about the labels, in sentences.
    pub fn gaps(&self, capture: &Capture) -> Vec<String> {
        let name = &capture.info().name;
        let mut gaps = Vec::new();
        if 0 < self.n_orphans {
            let labels = counted(self.n_orphans as u64, "saved label");
            gaps.push(format!("{labels} of {name} match no flow here"));
        }
        if self.is_other_capture {
            gaps.push(format!("The labels of {name} were saved for other content"));
        }
        match &self.problem {
            Some(SidecarError::Newer { schema, .. }) => gaps.push(format!(
                "The labels of {name} are of schema {schema}, which this version does not know in full"
            )),
            Some(SidecarError::Damaged { reason, .. }) => {
                gaps.push(format!("The labels of {name} cannot be read: {reason}"));
            }
            Some(SidecarError::Read { source, .. }) => {
                gaps.push(format!("The labels of {name} cannot be read: {source}"));
            }
            _ => {}
        }
        gaps
    }
}

impl SidecarState {
    /// Reads what was saved for `capture`, once it is complete. Waits for the disk: call it off the window's thread.
    pub fn load(capture: &Capture) -> Loaded {
        let beside = path_beside(&capture.info().path);
        // The state folder is used only when the capture's own folder takes no files; then it holds the newer labels.
        let path = path_in_state_folder(&capture.info().path)
            .filter(|path| path.exists())
            .unwrap_or(beside);
        Self::load_from(path, capture)
    }

    /// Reads the sidecar at `path` for `capture`.
    pub fn load_from(path: PathBuf, capture: &Capture) -> Loaded {
        let bytes = match read_limited(&path) {
            Ok(None) => return Self::fresh(path, None).loaded(Vec::new(), capture),
            Ok(Some(bytes)) => bytes,
            Err(source) => {
                let state = Self::fresh(path.clone(), Some(Block::Damaged(source.to_string())));
                let mut loaded = state.loaded(Vec::new(), capture);
                loaded.problem = Some(SidecarError::Read { source, path });
                return loaded;
            }
        };
        let ((content, entries), block) = match Content::parse(&bytes) {
            Ok(read) => (read, None),
            Err(ReadError::Damaged(reason)) => {
                ((Content::new(), Vec::new()), Some(Block::Damaged(reason)))
            }
            Err(ReadError::Newer(schema, read)) => (*read, Some(Block::Newer(schema))),
        };
        let mut state = Self::fresh(path, block);
        state.on_disk = Some(Sha256::digest(&bytes).into());
        state.content = Arc::new(content);
        state.loaded(entries, capture)
    }

    fn fresh(path: PathBuf, block: Option<Block>) -> Self {
        Self {
            path,
            on_disk: None,
            block,
            content: Arc::new(Content::new()),
            digests: Pending::default(),
        }
    }

    fn loaded(mut self, entries: Vec<Entry<'_>>, capture: &Capture) -> Loaded {
        let digests = self.digests_of(capture);
        let annotations = Arc::make_mut(&mut self.content).take_in(entries, &digests);
        let here = capture.info().sha256.get();
        let there = self.content.capture_sha256();
        Loaded {
            annotations,
            about: self.about_parties(),
            n_orphans: self.content.n_orphans(),
            is_other_capture: here.zip(there).is_some_and(|(here, there)| here != there),
            problem: self.problem(),
            state: self,
        }
    }

    /// What the file says of parties.
    pub fn about_parties(&self) -> AboutParties {
        self.content.about_parties()
    }

    /// Where labels are saved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why labels cannot be saved; `None` when nothing is known to stand in the way.
    pub fn problem(&self) -> Option<SidecarError> {
        let path = self.path.clone();
        match self.block.clone()? {
            Block::Damaged(reason) => Some(SidecarError::Damaged { reason, path }),
            Block::Newer(schema) => Some(SidecarError::Newer { schema, path }),
        }
    }

    /// Moves a sidecar that cannot be used out of the way, so that labels can be saved again. Returns its new path.
    pub fn set_aside(&mut self) -> io::Result<PathBuf> {
        let free = (1_u32..10_000)
            .map(|n| with_suffix(&self.path, &format!(".aside-{n}")))
            .find(|path| !path.exists())
            .ok_or(io::ErrorKind::AlreadyExists)?;
        std::fs::rename(&self.path, &free)?;
        *self = Self::fresh(std::mem::take(&mut self.path), None);
        Ok(free)
    }

    /// Gathers what is to be saved: `annotations` by row of `capture`, and what people say `about` its parties. Quick; the
    /// work is done by [`SaveJob::write`].
    pub fn prepare<'a>(
        &self,
        capture: &Arc<Capture>,
        annotations: impl IntoIterator<Item = (u32, &'a Annotation)>,
        about: AboutParties,
        reviewer: &str,
    ) -> SaveJob<'a> {
        SaveJob {
            state: self.clone(),
            capture: Arc::clone(capture),
            annotations: annotations.into_iter().collect(),
            about,
            reviewer: reviewer.to_owned(),
        }
    }

    fn digests_of(&self, capture: &Capture) -> Vec<Digest> {
        let compute = || flow_digests(capture, self.content.salt());
        let digests = self.digests.wait(compute);
        // A capture that grew since then is fingerprinted anew.
        if digests.len() == capture.len() as usize {
            digests.clone()
        } else {
            compute()
        }
    }
}

impl SaveJob<'_> {
    /// Writes the sidecar durably, or says why not. With nothing said, no orphans and no old file, there is no file.
    pub fn write(mut self) -> Result<Saved, SidecarError> {
        if let Some(problem) = self.state.problem() {
            return Err(problem);
        }
        let (state, capture) = (&self.state, &self.capture);
        let content = state.content.updated(capture, &self.about, &self.reviewer);
        let n_annotations = self.annotations.len() + self.about.len();
        let is_empty = content.is_empty() && self.annotations.is_empty();
        if is_empty && self.state.on_disk.is_none() {
            return Ok(Saved {
                path: None,
                n_annotations,
                state: self.state,
            });
        }
        let digests = state.digests_of(capture);
        let bytes = content.to_bytes(capture, &digests, &self.annotations)?;
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        if self.state.on_disk != Some(hash) {
            self.check_unchanged()?;
            self.write_somewhere(&bytes)?;
        }
        self.state.on_disk = Some(hash);
        self.state.content = Arc::new(content);
        Ok(Saved {
            path: Some(self.state.path.clone()),
            n_annotations,
            state: self.state,
        })
    }

    fn check_unchanged(&self) -> Result<(), SidecarError> {
        let path = self.state.path.clone();
        let found = match read_limited(&path) {
            Ok(bytes) => bytes.map(|bytes| <[u8; 32]>::from(Sha256::digest(&bytes))),
            Err(source) => return Err(SidecarError::Read { source, path }),
        };
        // A file that is gone holds nothing that could be overwritten.
        if found.is_some() && found != self.state.on_disk {
            return Err(SidecarError::Changed { path });
        }
        Ok(())
    }

    fn write_somewhere(&mut self, bytes: &[u8]) -> Result<(), SidecarError> {
        let refused = match replace(&self.state.path, bytes) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let elsewhere = path_in_state_folder(&self.capture.info().path)
            .filter(|path| refused.is_unwritable() && *path != self.state.path);
        let Some(path) = elsewhere else {
            return Err(refused.into());
        };
        if path.exists() {
            return Err(SidecarError::Changed { path });
        }
        replace_in_new_folder(&path, bytes)?;
        self.state.path = path;
        Ok(())
    }
}

/// `NAME.EXT.headwater.json` beside the capture.
pub fn path_beside(capture: &Path) -> PathBuf {
    with_suffix(capture, ".headwater.json")
}

/// `sidecars/NAME.EXT-HASH.headwater.json` in the user's state folder; the hash is that of the capture's full path.
fn path_in_state_folder(capture: &Path) -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    let absolute = std::path::absolute(capture).ok()?;
    let hash = Sha256::digest(absolute.as_os_str().as_encoded_bytes());
    let hash = hash
        .iter()
        .take(8)
        .fold(0, |n: u64, byte| n << 8 | u64::from(*byte));
    let mut name = capture.file_name()?.to_owned();
    name.push(format!("-{hash:016x}.headwater.json"));
    Some(state.join("headwater").join("sidecars").join(name))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The content of `path`; `None` when there is no such file.
fn read_limited(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if MAX_BYTES < bytes.len() as u64 {
        return Err(io::Error::other("larger than 2 GB"));
    }
    Ok(Some(bytes))
}
