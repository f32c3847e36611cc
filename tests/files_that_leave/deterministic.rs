//! The same captures and labels give the same bytes, wherever and however the program runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Desk, names_in, root, run, say};

/// Captures of several formats.
const CAPTURES: &[&str] = &[
    "assets/samples/wifi-proxy-2011.har",
    "assets/samples/wifi-proxy-2011.squid.log",
    "tests/fixtures/formats/chrome-websocket.har",
    "tests/fixtures/formats/charles-session.chlsj",
    "tests/fixtures/formats/mitmproxy-12.1.2-other-flows.flow",
    "tests/fixtures/formats/haproxy-all-kinds.log",
    "tests/fixtures/formats/burp-damaged.xml",
];

/// What is written, each for every capture.
const EXPORTS: &[&str] = &[
    "report --as html",
    "report --as md",
    "report --as csv",
    "report --as tsv",
    "report --as csv --table services",
    "report --as tsv --table hosts",
    "report --as csv-raw --redact strict",
    "report --as json",
    "report --as har",
    "report --as bundle",
    "flows --as json",
    "verdicts --as json",
];

/// One of two ways to run.
struct Way {
    desk: Desk,
    /// How the folder with the captures is written.
    folder: PathBuf,
    cwd: PathBuf,
    variables: &'static [(&'static str, &'static str)],
}

impl Way {
    fn new(desk: Desk, is_second: bool) -> Self {
        let captures = desk.path("captures");
        if is_second {
            // Written at another time, and spelled in another way.
            let folder = captures.join("..").join(".").join("captures");
            let variables = &[
                ("TZ", "Asia/Kathmandu"),
                ("LANG", "de_DE.UTF-8"),
                ("LC_ALL", "tr_TR.UTF-8"),
                ("RAYON_NUM_THREADS", "5"),
                ("USER", "somebody"),
            ];
            let cwd = root().join("src");
            return Self {
                desk,
                folder,
                cwd,
                variables,
            };
        }
        let variables = &[
            ("TZ", "America/St_Johns"),
            ("LANG", "C"),
            ("LC_ALL", "C"),
            ("RAYON_NUM_THREADS", "1"),
            ("USER", "else"),
        ];
        let cwd = desk.0.path().to_owned();
        Self {
            desk,
            folder: "captures".into(),
            cwd,
            variables,
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.desk.command(words);
        command
            .current_dir(&self.cwd)
            .envs(self.variables.iter().copied());
        command
    }

    /// All bytes of an export: of its files, when it is a bundle.
    fn export(&self, export: &str, capture: &str) -> Vec<(String, Vec<u8>)> {
        let capture = self.folder.join(capture);
        let capture = capture.to_str().expect("UTF-8");
        let (verb, rest) = export.split_once(' ').expect("two words");
        let mut words = vec![verb, capture];
        words.extend(rest.split(' '));
        if !export.ends_with("bundle") {
            let run = run(&mut self.command(&words));
            assert_eq!(run.code, Some(0), "{words:?}: {run:?}");
            return vec![(export.to_owned(), run.out)];
        }
        let out = self.desk.path("bundle");
        words.extend(["--out", out.to_str().expect("UTF-8")]);
        let done = run(&mut self.command(&words));
        assert_eq!(done.code, Some(0), "{words:?}: {done:?}");
        let verified = run(&mut self.command(&["verify", out.to_str().expect("UTF-8"), capture]));
        assert_eq!(verified.code, Some(0), "{words:?}: {verified:?}");
        let read = |name: String| {
            let bytes = fs::read(out.join(&name)).expect("read");
            (name, bytes)
        };
        let files = names_in(&out).into_iter().map(read).collect();
        fs::remove_dir_all(&out).expect("removed");
        files
    }
}

/// A desk with the captures and with labels for some of their flows.
fn labelled() -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("captures")).expect("a folder");
    for capture in CAPTURES {
        let name = Path::new(capture).file_name().expect("a name");
        fs::copy(root().join(capture), desk.path("captures").join(name)).expect("copied");
    }
    for (filter, label) in [("status:200", "--cdn"), ("method:GET", "--origin")] {
        for capture in names_in(&desk.path("captures")) {
            if !capture.ends_with("headwater.json") {
                let arguments = format!(
                    "label captures/{capture} --filter {filter} {label} --note why --tag t --by Jo"
                );
                desk.check(&arguments, 0);
            }
        }
    }
    desk
}

#[test]
fn two_processes_with_different_settings_write_the_same_bytes() {
    let first = labelled();
    let second = Desk::new();
    fs::create_dir(second.path("captures")).expect("a folder");
    for name in names_in(&first.path("captures")) {
        second.write(
            &format!("captures/{name}"),
            first.read(&format!("captures/{name}")),
        );
    }
    let ways = [Way::new(first, false), Way::new(second, true)];
    let mut n_exports = 0;
    for capture in CAPTURES {
        let name = capture.rsplit('/').next().expect("a name");
        for export in EXPORTS {
            let [one, other] = [&ways[0], &ways[1]].map(|way| way.export(export, name));
            for ((name, one), (_, other)) in one.iter().zip(&other) {
                assert!(!one.is_empty(), "{export} {capture}: {name}");
                assert!(one == other, "{export} {capture}: {name} differs");
            }
            assert_eq!(one.len(), other.len());
            n_exports += 1;
        }
    }
    say(&format!("{n_exports} exports, each twice"));
    assert!(50 <= n_exports);
}
