//! Time and private memory for opening a generated HAR of about 200 MB, beside `serde_json::Value` and the `har` crate.
//!
//! Each measurement runs in a process of its own, several rounds in turn; the table shows medians and ratios.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use headwater::attribution::Attribution;
use headwater::base::jobs::{Cancel, Progress};
use headwater::formats::{Options, Watch, open};
use serde_json::json;

/// Entries of the generated file.
const ENTRIES: u64 = 20_000;
/// Rounds per reader.
const ROUNDS: usize = 5;
/// Who reads, in the order of the table.
const READERS: [&str; 3] = ["headwater", "serde_json::Value", "har crate"];

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    if let [_, flag, reader, path, ..] = args.as_slice()
        && flag == "--measure"
    {
        return measure(reader, Path::new(path));
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("generated.har");
    generate(&path)?;
    let bytes = fs::metadata(&path)?.len();
    // One pass that is not counted brings the file into the page cache.
    black_box(fs::read(&path)?.len());
    let mut found: [Vec<Measured>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (reader, results) in READERS.iter().zip(&mut found) {
            results.push(run_child(reader, &path)?);
        }
    }
    print(bytes, &mut found)?;
    print_whole_process(&path)
}

/// The command line as a whole, start-up included, with a filter that keeps nothing.
#[expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
fn print_whole_process(path: &Path) -> Result<()> {
    let arguments = ["flows", "--as", "csv", "--filter", "host=nothing.example"];
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_headwater"))
        .args(arguments)
        .arg(path)
        .stdout(Stdio::null())
        .spawn()?;
    let mut peak_kb = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_kb = peak_kb.max(status_kb(&child.id().to_string(), "VmHWM:"));
        thread::sleep(Duration::from_millis(1));
    };
    ensure!(status.success(), "headwater flows ended with {status}");
    let millis = began.elapsed().as_millis();
    let command = arguments.join(" ");
    println!(
        "headwater {command}: {millis} ms, VmHWM {} MB",
        peak_kb / 1_000
    );
    Ok(())
}

/// What one child process saw.
#[derive(Clone, Copy)]
struct Measured {
    millis: f64,
    /// Most private memory at any moment (`RssAnon`), in kB.
    anon_kb: u64,
    /// Most memory at any moment, cached file pages included (`VmHWM`), in kB.
    peak_kb: u64,
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn print(bytes: u64, found: &mut [Vec<Measured>; 3]) -> Result<()> {
    println!(
        "{ENTRIES} entries, {} MB, {ROUNDS} rounds, medians",
        bytes / 1_000_000
    );
    println!("| reader | time | times headwater | RssAnon | VmHWM |");
    println!("|---|---:|---:|---:|---:|");
    let mut first = None;
    for (reader, results) in READERS.iter().zip(found) {
        results.sort_by(|a, b| a.millis.total_cmp(&b.millis));
        let median = results.get(ROUNDS / 2).context("no rounds")?;
        let peak = |of: fn(&Measured) -> u64| results.iter().map(of).max().unwrap_or(0) / 1_000;
        let base = *first.get_or_insert(median.millis);
        println!(
            "| {reader} | {:.0} ms | {:.1} | {} MB | {} MB |",
            median.millis,
            median.millis / base,
            peak(|measured| measured.anon_kb),
            peak(|measured| measured.peak_kb),
        );
    }
    Ok(())
}

fn run_child(reader: &str, path: &Path) -> Result<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--measure", reader])
        .arg(path)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [millis, anon_kb, peak_kb] = numbers.as_slice() else {
        bail!(
            "{reader} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    Ok(Measured {
        millis: *millis,
        anon_kb: *anon_kb as u64,
        peak_kb: *peak_kb as u64,
    })
}

/// Reads once and prints milliseconds, private memory and peak memory.
#[expect(clippy::print_stdout, reason = "the parent process reads it")]
fn measure(reader: &str, path: &Path) -> Result<()> {
    let is_done = AtomicBool::new(false);
    let anon = AtomicU64::new(0);
    let millis = thread::scope(|scope| -> Result<f64> {
        thread::Builder::new()
            .name("memory".to_owned())
            .spawn_scoped(scope, || {
                while !is_done.load(Ordering::Relaxed) {
                    anon.fetch_max(status_kb("self", "RssAnon:"), Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(2));
                }
            })?;
        let began = Instant::now();
        let read = read_with(reader, path);
        let millis = began.elapsed().as_secs_f64() * 1e3;
        is_done.store(true, Ordering::Relaxed);
        let n = read?;
        ensure!(n == ENTRIES, "{n} entries instead of {ENTRIES}");
        Ok(millis)
    })?;
    println!(
        "{millis} {} {}",
        anon.into_inner(),
        status_kb("self", "VmHWM:")
    );
    Ok(())
}

/// Reads the whole file and returns the number of entries; the result is still alive when its memory is sampled.
fn read_with(reader: &str, path: &Path) -> Result<u64> {
    match reader {
        "headwater" => {
            let (cancel, progress) = (Cancel::default(), Progress::default());
            let watch = Watch {
                cancel: &cancel,
                progress: &progress,
                on_rows: &|_| {},
            };
            let capture = open(path, &Options::default(), &watch)?;
            let attribution = Attribution::of(&capture, &cancel, &progress);
            ensure!(capture.problems().is_empty(), "{:?}", capture.problems());
            black_box(&attribution);
            Ok(u64::from(capture.len()))
        }
        "serde_json::Value" => {
            let value: serde_json::Value = serde_json::from_slice(&fs::read(path)?)?;
            let entries = value
                .pointer("/log/entries")
                .and_then(|entries| entries.as_array());
            Ok(entries.map_or(0, Vec::len) as u64)
        }
        "har crate" => {
            let har = har::from_slice(&fs::read(path)?)?;
            let n = match &har.log {
                har::Spec::V1_2(log) => log.entries.len(),
                har::Spec::V1_3(log) => log.entries.len(),
            };
            Ok(n as u64)
        }
        other => bail!("no such reader: {other}"),
    }
}

/// A line of the status of a process; 0 where the system has none.
fn status_kb(process: &str, key: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Writes a HAR as Chrome would: pretty-printed, about 30 headers per entry, a body of about 5 kB.
fn generate(path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(HEAD.as_bytes())?;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for n in 0..ENTRIES {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let entry = serde_json::to_string_pretty(&entry(n, seed >> 33))?;
        let comma = if n == 0 { "" } else { "," };
        write!(file, "{comma}\n      {}", entry.replace('\n', "\n      "))?;
    }
    file.write_all(b"\n    ]\n  }\n}\n")?;
    Ok(file.flush()?)
}

const HEAD: &str = r#"{
  "log": {
    "version": "1.2",
    "creator": {"name": "WebInspector", "version": "537.36"},
    "pages": [{"startedDateTime": "2026-01-02T03:04:05.678Z", "id": "page_1", "title": "https://www.example.com/",
      "pageTimings": {"onContentLoad": 300.5, "onLoad": 900.25}}],
    "entries": ["#;

fn entry(n: u64, random: u64) -> serde_json::Value {
    let host = format!(
        "{}{}.cdn.example.net",
        ["img", "static", "api", "www"][(random % 4) as usize],
        random % 50
    );
    let url = format!(
        "https://{host}/assets/{:x}/chunk-{n}.js?v={random}",
        random % 4_096
    );
    let mime = [
        "application/javascript",
        "text/html; charset=utf-8",
        "application/json",
    ][(random % 3) as usize];
    let headers = |prefix: &str| -> Vec<serde_json::Value> {
        let extra = (0..14).map(|idx| json!({"name": format!("{prefix}-field-{idx}"), "value": format!("value {random} of {idx}")}));
        let usual = [
            ("server", "nginx"),
            ("via", "1.1 varnish"),
            ("age", "12"),
            ("x-cache", "HIT"),
        ];
        extra
            .chain(
                usual
                    .iter()
                    .map(|(name, value)| json!({"name": name, "value": value})),
            )
            .collect()
    };
    let line = format!("function f{random}(a, b) {{ return \"{n}\" + a[b] / {random}; }}\n\t");
    let body = line.repeat((2_500 + random as usize % 5_000) / line.len());
    json!({
        "_connectionId": format!("{}", random % 1_000),
        "_initiator": {"type": "script", "stack": {"callFrames": [{"functionName": "load", "url": url, "lineNumber": 12}]}},
        "_priority": "High",
        "_resourceType": "script",
        "cache": {},
        "pageref": "page_1",
        "request": {
            "method": "GET", "url": url, "httpVersion": "h2", "headers": headers("q"),
            "queryString": [{"name": "v", "value": format!("{random}")}],
            "cookies": [{"name": "id", "value": "xxxxxxxx", "path": "/", "domain": ".example.net", "expires": null}],
            "headersSize": -1, "bodySize": 0,
        },
        "response": {
            "status": 200, "statusText": "OK", "httpVersion": "h2", "headers": headers("p"), "cookies": [],
            "content": {"size": body.len(), "mimeType": mime, "text": body},
            "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": body.len() / 3, "_error": null,
        },
        "serverIPAddress": format!("192.0.2.{}", random % 256),
        "startedDateTime": format!("2026-01-02T03:{:02}:{:02}.{:03}Z", n / 60 % 60, n % 60, random % 1_000),
        "time": random as f64 / 1e7,
        "timings": {"blocked": 1.5, "dns": -1, "ssl": -1, "connect": -1, "send": 0.25, "wait": 20.5, "receive": 3.75, "_blocked_queueing": 0.5},
    })
}
