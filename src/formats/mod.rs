//! Readers: one file (or folder) per format. To add one, write `src/formats/name.rs` with a type that implements
//! [`Format`], and add one line to [`FORMATS`].
//!
//! A format is recognised by its content, never by the file name. What is recognised but cannot be read is refused by name.

mod foreign;
mod har;
mod squid;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::base::bytes::{ByteSource, Span};
use crate::base::jobs::{Cancel, Pending, Progress};
use crate::base::spool::{self, Wrapping};
use crate::base::text::{escape_for_terminal, hexadecimal};
use crate::capture::{Capture, CaptureBuilder, FileInfo, Problem, ProblemKind};

/// All formats that can be opened; the one that is surest of the content reads it.
pub const FORMATS: &[&dyn Format] = &[&har::Har, &squid::Squid];

/// Reads a file whose format was recognised by its content.
pub trait Format: Sync {
    /// Id in outputs: `har`.
    fn id(&self) -> &'static str;
    /// Name for people: `HTTP Archive (HAR)`.
    fn title(&self) -> &'static str;
    /// What it covers, in one sentence, for `headwater formats`.
    fn about(&self) -> &'static str;
    /// How sure it is that `head` (the first 64 KiB of decoded content) begins such a file: 0 = not mine, 100 = certain.
    fn confidence(&self, head: &[u8]) -> u8;
    /// Reads the whole source; `on_rows` gets growing snapshots for the window.
    fn read(
        &self,
        info: FileInfo,
        source: ByteSource,
        watch: &Watch<'_>,
    ) -> Result<Capture, Problem>;
}

/// How a caller follows a read and may stop it.
pub struct Watch<'a> {
    /// Asked to stop: the flows so far are returned, with a problem that says so.
    pub cancel: &'a Cancel,
    /// Bytes read of bytes in all.
    pub progress: &'a Progress,
    /// Gets snapshots with more and more rows, from the reading thread, at most every 100 ms or so.
    pub on_rows: &'a (dyn Fn(Capture) + Sync),
}

/// Keeps snapshots apart in time: each one costs a copy of all distinct words.
#[derive(Default)]
struct Pace(Option<Instant>);

impl Pace {
    /// Shows the rows so far, unless some were shown just now.
    fn show(&mut self, builder: &CaptureBuilder, watch: &Watch<'_>) {
        let is_due = self.0.is_none_or(|last| SNAPSHOT_EVERY <= last.elapsed());
        if is_due && !builder.is_empty() {
            (watch.on_rows)(builder.snapshot());
            self.0 = Some(Instant::now());
        }
    }
}

/// Shortest time between two snapshots.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(100);
/// Largest file that is opened, in bytes.
const MAX_INPUT: u64 = 4 << 30;
/// Most bytes that a compressed or UTF-16 file may become.
const MAX_DECODED: u64 = 2 << 30;
/// Bytes by which a format is recognised.
const HEAD: u32 = 1 << 16;
/// Layers of wrapping that are undone: UTF-16 within gzip within gzip.
const MAX_LAYERS: usize = 3;

/// Opens the capture at `path`. `Err` only when nothing in it can be used.
pub fn open(path: &Path, watch: &Watch<'_>) -> Result<Capture, Problem> {
    let source = open_source(path)?;
    read_source(path.to_path_buf(), source, Pending::default(), watch)
}

/// Reads a capture that is in memory already: a sample, or standard input. `name` stands for the file name.
pub fn read_bytes(name: &str, bytes: Vec<u8>, watch: &Watch<'_>) -> Result<Capture, Problem> {
    let sha256 = Pending::default();
    sha256.wait(|| hexadecimal(&Sha256::digest(&bytes)));
    let source = ByteSource::from_bytes(bytes);
    read_source(PathBuf::from(name), source, sha256, watch)
}

/// The SHA-256 of the file at `path` as it lies there, in lower-case hexadecimal. Reads the whole file.
pub fn capture_sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hexadecimal(&hasher.finalize())),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn open_source(path: &Path) -> Result<ByteSource, Problem> {
    let refuse = |kind, reason: &str| Err(Problem::new(kind, reason));
    let io_reason = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read this file".to_owned(),
        _ => format!("the file could not be opened: {error}"),
    };
    // Looked at before opening: to open a pipe that nobody writes to would wait for ever.
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) => return refuse(ProblemKind::Io, &io_reason(&error)),
    };
    if meta.is_dir() {
        return refuse(ProblemKind::Unsupported, "this is a folder, not a capture");
    }
    if !meta.is_file() {
        let reason = "this is not a regular file (read a pipe through standard input)";
        return refuse(ProblemKind::Unsupported, reason);
    }
    if MAX_INPUT < meta.len() {
        return refuse(
            ProblemKind::Limit,
            "the file is larger than the limit of 4 GiB",
        );
    }
    ByteSource::open(path).or_else(|error| refuse(ProblemKind::Io, &io_reason(&error)))
}

fn read_source(
    path: PathBuf,
    source: ByteSource,
    sha256: Pending<String>,
    watch: &Watch<'_>,
) -> Result<Capture, Problem> {
    if source.is_empty() {
        return Err(Problem::new(ProblemKind::Missing, "the file is empty"));
    }
    let bytes = source.len();
    let (source, faults) = undo_wrapping(source)?;
    let head = head(&source)?;
    if let Some(what) = foreign::recognise(&head) {
        let message = format!("this is {what}, which Headwater cannot read yet");
        return Err(Problem::new(ProblemKind::Unsupported, message));
    }
    let best = FORMATS.iter().max_by_key(|format| format.confidence(&head));
    let Some(format) = best.filter(|format| 0 < format.confidence(&head)) else {
        let message = "this is none of the formats that Headwater reads";
        return Err(faults
            .into_iter()
            .next()
            .unwrap_or_else(|| Problem::new(ProblemKind::Unsupported, message)));
    };
    let name = path.file_name().unwrap_or(path.as_os_str());
    let info = FileInfo {
        name: escape_for_terminal(&name.to_string_lossy()).into_owned(),
        path,
        format: format.id(),
        producer: String::new(),
        bytes,
        sha256,
    };
    Ok(format.read(info, source, watch)?.with_problems(faults))
}

fn head(source: &ByteSource) -> Result<Vec<u8>, Problem> {
    source.bytes(Span::new(0, HEAD)).map_err(|error| {
        let message = format!("the file could not be read: {error}");
        Problem::new(ProblemKind::Io, message)
    })
}

/// Undoes compression and UTF-16, layer by layer, with what went wrong on the way.
fn undo_wrapping(mut source: ByteSource) -> Result<(ByteSource, Vec<Problem>), Problem> {
    let mut problems = Vec::new();
    for _ in 0..MAX_LAYERS {
        let Some(wrapping) = Wrapping::of(&head(&source)?) else {
            break;
        };
        let what = wrapping.name();
        let spooled = spool::unwrap(&source, wrapping, MAX_DECODED).map_err(|error| {
            let message = format!("the {what} content could not be decoded: {error}");
            Problem::new(ProblemKind::Io, message)
        })?;
        if let Some(fault) = spooled.fault {
            let message = format!("the {what} content is damaged or too long: {fault}");
            let is_limit = spooled.source.len() == MAX_DECODED;
            let kind = if is_limit {
                ProblemKind::Limit
            } else {
                ProblemKind::Encoding
            };
            problems.push(Problem::new(kind, message));
        }
        source = spooled.source;
    }
    Ok((source, problems))
}
