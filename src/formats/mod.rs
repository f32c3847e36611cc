//! Readers: one file (or folder) per format. To add one, write `src/formats/name.rs` with a type that implements
//! [`Format`], and add one line to [`FORMATS`].
//!
//! A format is recognised by its content, never by the file name. What is recognised but cannot be read is refused by name.

mod aws;
mod burp;
mod charles;
mod common_log;
mod folder;
mod foreign;
mod haproxy;
mod har;
mod iis;
mod log;
mod mitmproxy;
mod multiline;
mod named_values;
mod netlog;
mod prefix;
mod privoxy;
mod proxyman;
mod saz;
mod squid;
mod stream;
mod tinyproxy;
mod w3c;
mod zap;
mod zeek;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::base::archive::{Archive, ArchiveError};
use crate::base::bytes::{ByteSource, Span};
use crate::base::jobs::{Cancel, Pending, Progress};
use crate::base::limits::Limits;
use crate::base::spool::{self, Wrapping};
use crate::base::text::{escape_for_terminal, hexadecimal};
use crate::capture::{
    Capture, CaptureBuilder, Carries, FileInfo, Problem, ProblemKind, ReadExchange,
};

pub use self::folder::{Folder, look_into};
pub use self::stream::read_stream;
pub use crate::base::archive::Password;

use self::log::{
    Line, Log, LogEntry, Reading, absolute, advise, exchange, known, read_lines, record, word,
};
use self::multiline::{Here, MultilineLog, Request, Requests};
use self::prefix::{MONTHS, enveloped, without_prefix};

/// All formats that can be opened; the one that is surest of the content reads it.
pub const FORMATS: &[&dyn Format] = &[
    &har::Har,
    &saz::Saz,
    &proxyman::Proxyman,
    &burp::Burp,
    &zap::Zap,
    &squid::Squid,
    &named_values::Caddy,
    &named_values::Traefik,
    &named_values::Envoy,
    &named_values::JsonLines,
    &named_values::Generic,
    &w3c::W3c,
    &iis::Iis,
    &zeek::Zeek,
    &aws::Aws,
    &common_log::CommonLog,
    &haproxy::Haproxy,
    &privoxy::Privoxy,
    &tinyproxy::Tinyproxy,
    &charles::Chlsj,
    &charles::Chlsx,
    &mitmproxy::Mitmproxy,
    &netlog::NetLog,
];

/// Reads a file whose format was recognised by its content.
pub trait Format: Sync {
    /// Id in outputs: `har`.
    fn id(&self) -> &'static str;
    /// Name for people: `HTTP Archive (HAR)`.
    fn title(&self) -> &'static str;
    /// What it covers, in one sentence, for `headwater formats`.
    fn about(&self) -> &'static str;
    /// The programs that write it, for people: `Chrome, Firefox, Safari`.
    fn producers(&self) -> &'static str;
    /// The versions of the format or of its programs that were seen and tried.
    fn versions(&self) -> &'static str;
    /// What files of this format can say at all.
    fn carries(&self) -> Carries;
    /// How sure it is that `probe` is the beginning of such a file: 0 = not mine, 100 = certain.
    fn confidence(&self, probe: &Probe<'_>) -> u8;
    /// What `probe` is when the same program wrote it but it holds no requests, and the way to those:
    /// `a Zeek conn.log, which holds no requests; open …`.
    fn refusal(&self, _probe: &Probe<'_>) -> Option<String> {
        None
    }
    /// Reads the whole input; the watch gets growing snapshots for the window.
    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem>;
}

/// What a format is recognised by.
#[derive(Clone, Copy, Debug)]
pub struct Probe<'a> {
    /// The first 64 KiB of decoded content.
    pub head: &'a [u8],
    /// The names of all members when it is a zip archive; empty otherwise.
    pub members: &'a [String],
    /// What the user said about it.
    pub options: &'a Options,
}

/// What a format reads.
#[derive(Debug)]
pub struct Input {
    /// What is known of the file before it is read.
    pub info: FileInfo,
    /// Its decoded content; for an archive, the archive itself.
    pub source: ByteSource,
    /// What the user said about it.
    pub options: Options,
}

impl Input {
    /// An empty capture of this input, whose spans point into `source` (its own one, or a spool made from it).
    fn builder(&self, source: ByteSource, read_exchange: ReadExchange) -> CaptureBuilder {
        let limit = self.options.limits.entries;
        CaptureBuilder::new(self.info.clone(), source, move |flow| read_exchange(flow))
            .with_limit(limit)
    }
}

/// What a user can say about a file that its content does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How much is read at most.
    pub limits: Limits,
    /// Opens encrypted archives. Never stored.
    pub password: Option<Password>,
    /// The `logformat` line by which Squid wrote the log.
    pub logformat: Option<String>,
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
/// Bytes by which a format is recognised.
const HEAD: u32 = 1 << 16;
/// Longest first line that is passed over to recognise a log by those behind it.
const LONGEST_FIRST_LINE: u32 = 16 << 20;
/// Layers of wrapping that are undone: UTF-16 within gzip within gzip.
const MAX_LAYERS: usize = 3;

/// Opens the capture at `path`. `Err` only when nothing in it can be used.
pub fn open(path: &Path, options: &Options, watch: &Watch<'_>) -> Result<Capture, Problem> {
    let source = open_source(path, &options.limits)?;
    read_source(
        path.to_path_buf(),
        source,
        Pending::default(),
        options,
        watch,
    )
}

/// Reads a capture that is in memory already: a sample, or what was on the clipboard. `name` stands for the file name.
pub fn read_bytes(
    name: &str,
    bytes: Vec<u8>,
    options: &Options,
    watch: &Watch<'_>,
) -> Result<Capture, Problem> {
    let sha256 = Pending::default();
    sha256.wait(|| hexadecimal(&Sha256::digest(&bytes)));
    let source = ByteSource::from_bytes(bytes);
    read_source(PathBuf::from(name), source, sha256, options, watch)
}

/// Makes sure that the checksum of a capture is there. A file that cannot be read any more has none.
pub fn ensure_checksum(info: &FileInfo) {
    if info.sha256.get().is_none()
        && let Ok(hash) = capture_sha256(&info.path)
    {
        info.sha256.wait(|| hash);
    }
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

fn open_source(path: &Path, limits: &Limits) -> Result<ByteSource, Problem> {
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
    if limits.input.is_passed_by(meta.len()) {
        let reason = format!("the file is larger than {}", limits.input);
        return refuse(ProblemKind::Limit, &reason);
    }
    ByteSource::open(path).or_else(|error| refuse(ProblemKind::Io, &io_reason(&error)))
}

fn read_source(
    path: PathBuf,
    source: ByteSource,
    sha256: Pending<String>,
    options: &Options,
    watch: &Watch<'_>,
) -> Result<Capture, Problem> {
    if source.is_empty() {
        return Err(Problem::new(ProblemKind::Missing, "the file is empty"));
    }
    let bytes = source.len();
    let (source, faults) = undo_wrapping(source, &options.limits)?;
    let head = telling_head(&source)?;
    let members = members(&source, &head, &options.limits)?;
    let format = recognise(&head, &members, options)
        .or_else(|refusal| behind_long_line(&source, &head, options).ok_or(refusal))
        .map_err(|refusal| faults.first().cloned().unwrap_or(refusal))?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    let info = FileInfo {
        name: escape_for_terminal(&name.to_string_lossy()).into_owned(),
        path,
        format: format.id(),
        producer: String::new(),
        bytes,
        sha256,
        carries: format.carries(),
    };
    let options = options.clone();
    let input = Input {
        info,
        source,
        options,
    };
    let capture = format.read(input, watch)?.with_problems(faults);
    // An empty HAR is what a browser saves of an empty panel; anything else has probably not been understood.
    let is_suspicious = capture.is_empty() && capture.problems().is_empty() && format.id() != "har";
    Ok(if is_suspicious {
        let message = "the file was recognised, but holds no request";
        capture.with_problems(vec![Problem::new(ProblemKind::Missing, message)])
    } else {
        capture
    })
}

/// The format that is surest of `probe`. What another program is known to write is refused by name before a format that
/// only guesses may try.
fn recognise(
    head: &[u8],
    members: &[String],
    options: &Options,
) -> Result<&'static dyn Format, Problem> {
    let probe = Probe {
        head,
        members,
        options,
    };
    let best = surest(&probe);
    let is_sure = best.is_some_and(|(confidence, _)| SURE <= confidence);
    if !is_sure && let Some(what) = FORMATS.iter().find_map(|format| format.refusal(&probe)) {
        let message = format!("this is {what}");
        return Err(Problem::new(ProblemKind::Unsupported, message));
    }
    if !is_sure && let Some(what) = foreign::recognise(head) {
        let message = format!("this is {what}");
        return Err(Problem::new(ProblemKind::Unsupported, message));
    }
    let (_, format) = best.ok_or_else(|| {
        let message = "this is none of the formats that Headwater reads";
        Problem::new(
            ProblemKind::Unsupported,
            foreign::hint(head).unwrap_or(message),
        )
    })?;
    Ok(format)
}

/// The format that is surest, with its confidence.
fn surest(probe: &Probe<'_>) -> Option<(u8, &'static dyn Format)> {
    FORMATS
        .iter()
        .map(|format| (format.confidence(probe), *format))
        .filter(|(confidence, _)| 0 < *confidence)
        .max_by_key(|(confidence, _)| *confidence)
}

/// From this confidence on a format knows its files; below, it guesses.
const SURE: u8 = 50;

/// The names of all members of a zip archive. One that is damaged still tells its format by its first member.
fn members(source: &ByteSource, head: &[u8], limits: &Limits) -> Result<Vec<String>, Problem> {
    if !head.starts_with(b"PK") {
        return Ok(Vec::new());
    }
    match Archive::open(source, limits) {
        Ok(archive) => Ok(archive.names().to_vec()),
        Err(ArchiveError::Limit(reason)) => Err(Problem::new(ProblemKind::Limit, reason)),
        Err(error) => Err(Problem::new(ProblemKind::Encoding, error.to_string())),
    }
}

fn head(source: &ByteSource) -> Result<Vec<u8>, Problem> {
    source.bytes(Span::new(0, HEAD)).map_err(|error| {
        let message = format!("the file could not be read: {error}");
        Problem::new(ProblemKind::Io, message)
    })
}

/// The beginning without the blanks and zeros that a crash may leave in front of it.
fn telling_head(source: &ByteSource) -> Result<Vec<u8>, Problem> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let mut at = 0;
    loop {
        let bytes = source.bytes(Span::new(at, HEAD)).map_err(|error| {
            let message = format!("the file could not be read: {error}");
            Problem::new(ProblemKind::Io, message)
        })?;
        match bytes.iter().position(|byte| !is_blank(byte)) {
            None if bytes.is_empty() => return head(source),
            None => at += bytes.len() as u64,
            Some(0) => return Ok(bytes),
            Some(n) => at += n as u64,
        }
    }
}

/// The format of the lines behind a first one that is longer than what is looked at: it may be damaged.
fn behind_long_line(
    source: &ByteSource,
    head: &[u8],
    options: &Options,
) -> Option<&'static dyn Format> {
    if head.contains(&b'\n') {
        return None;
    }
    let start = Span::new(0, LONGEST_FIRST_LINE);
    let end = memchr::memchr(b'\n', &source.bytes(start).ok()?)?;
    let head = source.bytes(Span::new(end as u64 + 1, HEAD)).ok()?;
    let probe = Probe {
        head: &head,
        members: &[],
        options,
    };
    let (confidence, format) = surest(&probe)?;
    (SURE <= confidence).then_some(format)
}

/// Undoes compression and UTF-16, layer by layer, with what went wrong on the way.
fn undo_wrapping(
    mut source: ByteSource,
    limits: &Limits,
) -> Result<(ByteSource, Vec<Problem>), Problem> {
    let mut problems = Vec::new();
    for _ in 0..MAX_LAYERS {
        let Some(wrapping) = Wrapping::of(&head(&source)?) else {
            break;
        };
        let what = wrapping.name();
        let spooled = spool::unwrap(&source, wrapping, limits.decoded.value).map_err(|error| {
            let message = format!("the {what} content could not be decoded: {error}");
            Problem::new(ProblemKind::Io, message)
        })?;
        if let Some(fault) = spooled.fault {
            problems.push(if spooled.source.len() == limits.decoded.value {
                let message = format!("the {what} content is larger than {}", limits.decoded);
                Problem::new(ProblemKind::Limit, message)
            } else {
                let message = format!("the {what} content is damaged: {fault}");
                Problem::new(ProblemKind::Encoding, message)
            });
        }
        source = spooled.source;
    }
    Ok((source, problems))
}
