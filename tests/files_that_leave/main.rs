//! The files that leave the program: where they may lie, what they hold, and that they can be checked.

mod bundle;
mod destination;
mod deterministic;
mod killed;
mod schema;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What a run left behind.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: Vec<u8>,
    err: String,
}

impl Run {
    fn text(&self) -> String {
        String::from_utf8(self.out.clone()).expect("UTF-8")
    }
}

/// A folder in which the program runs.
struct Desk(TempDir);

impl Desk {
    /// A folder with the samples and a small HAR.
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a temporary folder"));
        for (name, sample) in [
            ("proxy.log", "wifi-proxy-2011.squid.log"),
            ("trip.har", "wifi-proxy-2011.har"),
        ] {
            fs::copy(root().join("assets/samples").join(sample), desk.path(name)).expect("copied");
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("written");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names in the folder, in order.
    fn names(&self) -> Vec<String> {
        names_in(self.0.path())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &str) -> Run {
        let words: Vec<&str> = arguments.split(' ').collect();
        run(&mut self.command(&words))
    }

    /// Runs `arguments` and compares the exit code.
    fn check(&self, arguments: &str, code: i32) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(code), "{arguments}: {run:?}");
        run
    }
}

fn run(command: &mut Command) -> Run {
    let output = command.output().expect("it starts");
    Run {
        code: output.status.code(),
        out: output.stdout,
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    names
}

/// What a test found out, or did not run.
#[expect(clippy::print_stdout, reason = "it is for those who run the test")]
fn say(line: &str) {
    println!("{line}");
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    /// A number below `n`.
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}
