//! No damage to a file ends in a panic or in endless reading: every prefix of a capture, and 2,000 changes of one byte.
//!
//! Five formats are tried each time. All of them:
//!
//! ```text
//! HEADWATER_DAMAGE=all cargo test --release --test damage -- --nocapture
//! ```

#![expect(clippy::print_stdout, reason = "a test that is left out says so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::{Capture, Problem};
use headwater::formats::{FORMATS, Options, Watch, read_bytes};

/// Changes of one byte per format.
const CHANGES: usize = 2_000;
/// Longer than this for a few kilobytes means that it hangs.
const LONGEST: Duration = Duration::from_secs(10);
/// Largest file of which every prefix is read.
const MAX_BYTES: u64 = 24 << 10;

fn read(bytes: Vec<u8>) -> Result<Capture, Problem> {
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    read_bytes("damaged", bytes, &Options::default(), &watch)
}

/// Reads everything that the window might ask for.
fn look_at_all(bytes: Vec<u8>, place: &str) -> u32 {
    let began = Instant::now();
    let Ok(capture) = read(bytes) else { return 0 };
    for flow in capture.flows() {
        let Ok(exchange) = capture.exchange(flow.idx()) else {
            continue;
        };
        let messages = [Some(&exchange.request), exchange.response.as_ref()];
        let bodies = messages
            .into_iter()
            .flatten()
            .filter_map(|message| message.body.as_ref());
        let socket = exchange.socket.iter().map(|message| &message.body);
        for body in bodies.chain(socket) {
            // That a damaged body cannot be decoded is expected.
            let _text = body.read(capture.source(), 1 << 16);
        }
        for header in flow.headers() {
            assert!(
                header.span.end() <= capture.source().len(),
                "{place}: {header:?}"
            );
        }
        assert!(flow.row().span.end() <= capture.source().len(), "{place}");
    }
    assert!(began.elapsed() < LONGEST, "{place}: {:?}", began.elapsed());
    capture.len()
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

/// The smallest fixture of a format with several flows, or that with the most flows when none has several.
fn fixture_of(format: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let listed = fs::read_dir(folder).expect("the fixtures can be listed");
    let mut paths: Vec<PathBuf> = listed
        .map(|entry| entry.expect("the fixtures can be listed").path())
        .filter(|path| {
            path.extension()
                .is_none_or(|extension| extension != "expect")
        })
        .filter(|path| {
            path.metadata()
                .is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_BYTES)
        })
        .collect();
    paths.sort();
    let flows = |path: &PathBuf| {
        let capture = read(fs::read(path).ok()?).ok()?;
        let size = path.metadata().ok()?.len();
        let is_whole = capture.problems().is_empty();
        (capture.info().format == format).then(|| (capture.len().min(4), is_whole, u64::MAX - size))
    };
    let best = paths
        .into_iter()
        .max_by_key(flows)
        .filter(|path| flows(path).is_some());
    best.unwrap_or_else(|| panic!("no fixture of {format} is small enough"))
}

fn damage(format: &str) {
    let path = fixture_of(format);
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let bytes = fs::read(&path).expect("a fixture can be read");
    let whole = look_at_all(bytes.clone(), &name);
    for cut in 0..bytes.len() {
        look_at_all(bytes[..cut].to_vec(), &format!("{name} cut at {cut}"));
    }
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let mut n_kept = 0_u64;
    for trial in 0..CHANGES {
        let mut bytes = bytes.clone();
        let (at, byte) = (dice.next(bytes.len()), dice.next(256) as u8);
        bytes[at] = byte;
        let n = look_at_all(
            bytes,
            &format!("{name}, trial {trial}: byte {at} is {byte}"),
        );
        n_kept += u64::from(n.min(whole));
    }
    let share = n_kept as f64 / (u64::from(whole) * CHANGES as u64) as f64 * 100.0;
    println!(
        "{format}: {name}, {} prefixes, {CHANGES} changes, {share:.2} % of {whole} flows kept",
        bytes.len()
    );
}

#[test]
fn har() {
    damage("har");
}

#[test]
fn saz() {
    damage("saz");
}

#[test]
fn mitmproxy() {
    damage("mitmproxy");
}

#[test]
fn squid() {
    damage("squid");
}

#[test]
fn burp() {
    damage("burp");
}

#[test]
fn all_formats() {
    if std::env::var_os("HEADWATER_DAMAGE").is_none_or(|wanted| wanted != "all") {
        println!("not run: HEADWATER_DAMAGE is not `all`, so only five formats were damaged");
        return;
    }
    for format in FORMATS {
        damage(format.id());
    }
}
