//! Any capture becomes a HAR 1.2 that a strict reader accepts and that holds the same flows when it is read back.

#![expect(clippy::print_stdout, reason = "a test without its captures says so")]

use std::fs;
use std::path::{Path, PathBuf};

use headwater::attribution::Attribution;
use headwater::base::jobs::{Cancel, Progress};
use headwater::base::time::Time;
use headwater::capture::{Capture, Flow, Problem, Side};
use headwater::document::Document;
use headwater::formats::{Options, Watch, open, read_bytes};
use headwater::redact::Level;
use headwater::reports::{ReportInput, render, report};

fn read<T>(read: impl FnOnce(&Watch<'_>) -> T) -> T {
    read(&Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    })
}

/// What a HAR keeps of a flow.
fn describe(flow: Flow<'_>) -> String {
    let exchange = flow
        .capture()
        .exchange(flow.idx())
        .expect("a flow can be read again");
    let headers = |side| {
        let message = exchange.message(side);
        message.map_or(0, |message| message.headers.len())
    };
    format!(
        "{} {} {:?} {:?} {:?} {} {} {:?} {:?} {}+{} headers",
        flow.method(),
        flow.url(),
        flow.status(),
        flow.start().map(Time::to_iso),
        flow.time_ms(),
        flow.server_ip(),
        flow.mime(),
        flow.bytes_sent(),
        flow.content_bytes(),
        headers(Side::Request),
        headers(Side::Response),
    )
}

fn har_of(capture: Capture, level: Level) -> Vec<u8> {
    let mut document = Document::new("");
    capture.info().sha256.wait(|| "00".repeat(32));
    document.push(capture, Attribution::default());
    let input = ReportInput {
        level,
        ..ReportInput::new(&document)
    };
    render(&input, report("har").expect("a known report")).expect("a report")
}

/// What is wrong with the HAR made of the file at `path`; `None` too when the file is refused, as it should be.
fn fault(path: &Path) -> Option<String> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let opened: Result<Capture, Problem> = read(|watch| open(path, &Options::default(), watch));
    let capture = opened.ok()?;
    for level in [Level::Nothing, Level::Balanced] {
        let har = har_of(capture.clone(), level);
        match har::from_slice(&har) {
            Ok(har) => {
                let har::Spec::V1_2(log) = har.log else {
                    return Some(format!("{name}: not version 1.2"));
                };
                if log.entries.len() != capture.len() as usize {
                    return Some(format!(
                        "{name}: {} entries of {}",
                        log.entries.len(),
                        capture.len()
                    ));
                }
            }
            Err(error) => return Some(format!("{name}: {error}")),
        }
    }
    let har = har_of(capture.clone(), Level::Nothing);
    let again = read(|watch| read_bytes("again.har", har, &Options::default(), watch));
    let again = match again {
        Ok(again) => again,
        Err(problem) => return Some(format!("{name}: {problem}")),
    };
    capture.flows().zip(again.flows()).find_map(|(one, other)| {
        let (one, other) = (describe(one), describe(other));
        (one != other).then(|| format!("{name}:\n  {one}\n  {other}"))
    })
}

fn check(paths: &[PathBuf]) {
    let faults: Vec<String> = paths.iter().filter_map(|path| fault(path)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn every_fixture_becomes_a_standard_har() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let mut paths = files_below(&folder);
    paths.retain(|path| {
        path.extension()
            .is_none_or(|extension| extension != "expect")
    });
    assert!(60 <= paths.len(), "only {} fixtures", paths.len());
    check(&paths);
}

#[test]
fn every_real_capture_becomes_a_standard_har() {
    let Some(root) = std::env::var_os("HEADWATER_CORPUS") else {
        println!("not run: HEADWATER_CORPUS is not set, so no real capture was exported");
        return;
    };
    check(&files_below(Path::new(&root)));
}
