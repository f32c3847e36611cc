//! The real program in a folder of its own, with a clock and an eye on its memory.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longest that an ordinary run may take before it is ended: a debug build beside other work.
const PATIENCE: Duration = Duration::from_mins(2);

/// A home folder in which the program runs; nothing of the machine's user is read or written.
pub(crate) struct Home {
    folder: TempDir,
    n_runs: AtomicU32,
}

/// What one run left.
pub(crate) struct Run {
    /// `None` when it was ended for taking too long, or died by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// How long it worked; waiting for other programs does not count where the system says so.
    pub(crate) took: Duration,
    /// The most memory that was seen, in MiB; 0 where the system does not say.
    pub(crate) peak_mib: u64,
    pub(crate) is_too_slow: bool,
}

impl Run {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub(crate) fn complaints(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("headwater-leaving-")
            .tempdir()
            .expect("a folder for the test");
        for name in ["home", "config", "state", "data", "cache", "tmp"] {
            fs::create_dir(folder.path().join(name)).expect("a folder within it");
        }
        Self {
            folder,
            n_runs: AtomicU32::new(0),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The files that the program left for itself: settings, logs, lists of recent files, what it had for a while.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let names = ["home", "config", "state", "data", "cache", "tmp"];
        let mut folders: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder of the test") {
                let path = entry.expect("readable").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path);
                }
            }
        }
        files
    }

    /// Writes a capture and says where it is.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("a folder for the capture");
        }
        fs::write(&path, bytes).expect("the capture is written");
        path
    }

    /// Runs the program with these arguments.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Run {
        self.run_within(arguments, PATIENCE)
    }

    /// Runs the program, and ends it after `limit`.
    pub(crate) fn run_within<A: AsRef<OsStr>>(&self, arguments: &[A], limit: Duration) -> Run {
        let number = self.n_runs.fetch_add(1, Ordering::Relaxed);
        let [out, err] = ["out", "err"].map(|word| self.path(&format!("{number}.{word}")));
        let begun = Instant::now();
        let mut child = self
            .command(arguments)
            .stdout(File::create(&out).expect("a file for stdout"))
            .stderr(File::create(&err).expect("a file for stderr"))
            .spawn()
            .expect("the program starts");
        let watched = watch(&mut child, begun, limit);
        let status = watched.status;
        let run = Run {
            code: status.and_then(|status| status.code()),
            stdout: fs::read(&out).expect("stdout"),
            stderr: fs::read(&err).expect("stderr"),
            took: watched.took,
            peak_mib: watched.peak_mib,
            is_too_slow: status.is_none(),
        };
        for path in [out, err] {
            fs::remove_file(path).expect("removed again");
        }
        run
    }

    fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path("home"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("TMPDIR", self.path("tmp"))
            .env("RUST_LOG", "trace")
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .current_dir(self.path("home"))
            .stdin(Stdio::null());
        command
    }

    /// `report FILE --as FORM --redact LEVEL`, which has to succeed.
    pub(crate) fn report(&self, file: &Path, form: &str, level: &str) -> Run {
        let file = file.as_os_str();
        let words = ["--as", form, "--redact", level].map(OsStr::new);
        let arguments: Vec<&OsStr> = [OsStr::new("report"), file]
            .into_iter()
            .chain(words)
            .collect();
        let run = self.run(&arguments);
        assert_eq!(
            run.code,
            Some(0),
            "report {} --as {form} --redact {level}: {}",
            file.display(),
            run.complaints()
        );
        run
    }
}

/// What was seen of a child while it ran.
#[derive(Default)]
struct Watched {
    /// `None` when it had to be ended.
    status: Option<ExitStatus>,
    took: Duration,
    peak_mib: u64,
}

/// Waits for the child, and ends it when it works longer than `limit` or takes too much memory.
fn watch(child: &mut Child, begun: Instant, limit: Duration) -> Watched {
    let mut watched = Watched::default();
    loop {
        watched.peak_mib = watched.peak_mib.max(high_water_mark(child.id()));
        let elapsed = begun.elapsed();
        let worked = work_time(child.id()).unwrap_or(elapsed);
        watched.took = watched.took.max(worked);
        watched.status = child.try_wait().expect("the child is ours");
        if watched.status.is_some() {
            return watched;
        }
        let is_too_slow = limit <= watched.took || limit * MOST_WAITING <= elapsed;
        if is_too_slow || MOST_MIB < watched.peak_mib {
            child.kill().expect("the child can be ended");
            child.wait().expect("the child ends");
            return watched;
        }
        thread::sleep(Duration::from_millis(4));
    }
}

/// How many times longer than it may work a program may take in all, on a machine that does other things, too.
const MOST_WAITING: u32 = 20;

/// How long the processor worked for a process, where the system says so.
fn work_time(process: u32) -> Option<Duration> {
    const TICKS_PER_SECOND: u64 = 100;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program stands in brackets and may hold blanks.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(11);
    let user: u64 = ticks.next()?.parse().ok()?;
    let system: u64 = ticks.next()?.parse().ok()?;
    Some(Duration::from_millis(
        (user + system) * 1_000 / TICKS_PER_SECOND,
    ))
}

/// A run with more memory than this is ended, so that a test does not take the machine with it.
const MOST_MIB: u64 = 2_048;

/// `VmHWM` of a process in MiB.
fn high_water_mark(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|kib| kib.parse::<u64>().ok())
        .map_or(0, |kib| kib / 1_024)
}
