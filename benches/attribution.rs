//! Time and private memory of the first pass of attribution over a million flows of five thousand hosts, made in memory;
//! then the time it takes to judge what every provider is to every party.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use headwater::attribution::roles::judge;
use headwater::attribution::{Attribution, Conclusiveness, Groups, Judged};
use headwater::base::bytes::{ByteSource, Span};
use headwater::base::jobs::{Cancel, Pending, Progress};
use headwater::base::time::Time;
use headwater::capture::{
    Batch, Capture, CaptureBuilder, Carries, FileInfo, FlowId, FlowRecord, HeaderRecord, Problem,
    ProblemKind, Side,
};
use headwater::providers::{catalogue, is_evidence_header};

/// Flows of the capture.
const FLOWS: u32 = 1_000_000;
/// Distinct hosts.
const HOSTS: u64 = 5_000;
/// Distinct paths on each host; with the hosts, every URL comes twice on average.
const PATHS: u64 = 100;
/// Flows that one worker would read at a time.
const BATCH: u32 = 10_000;
/// Measured passes.
const ROUNDS: usize = 5;
/// Between two flows.
const STEP_MICROS: i64 = 3_600;

#[expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
fn main() -> Result<()> {
    black_box(catalogue());
    let capture = capture();
    ensure!(capture.len() == FLOWS, "{} flows", capture.len());
    let before_kb = private_kb();
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let mut seconds = Vec::with_capacity(ROUNDS);
    let mut kept_kb = 0;
    let mut named = 0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let attribution = Attribution::of(&capture, &cancel, &progress).context("cancelled")?;
        seconds.push(began.elapsed().as_secs_f64());
        kept_kb = private_kb().saturating_sub(before_kb);
        named = (0..FLOWS)
            .filter(|row| Conclusiveness::Insufficient < attribution.verdict(*row).conclusiveness)
            .count();
    }
    ensure!(0 < named, "no flow was told anything about");
    seconds.sort_by(f64::total_cmp);
    let median = seconds.get(ROUNDS / 2).context("no rounds")?;
    println!("{FLOWS} flows, {HOSTS} hosts, {named} of them with a verdict; {ROUNDS} rounds");
    println!(
        "median {median:.2} s, from {:.2} to {:.2} s",
        seconds[0],
        seconds[ROUNDS - 1]
    );
    println!(
        "kept by the verdicts {} MB beside {} MB of the capture",
        kept_kb / 1_000,
        before_kb / 1_000
    );
    time_roles(&capture)
}

/// Judges the parties several times and prints how long that takes.
#[expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
fn time_roles(capture: &Capture) -> Result<()> {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let attribution = Attribution::of(capture, &cancel, &progress).context("cancelled")?;
    let session = [Judged {
        capture,
        attribution: &attribution,
        first: FlowId(0),
    }];
    let mut seconds = Vec::with_capacity(ROUNDS);
    let mut counts = (0, 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let roles = judge(&session, &Groups::default(), &cancel).context("cancelled")?;
        seconds.push(began.elapsed().as_secs_f64());
        counts = (roles.parties.len(), roles.n_relations());
    }
    ensure!(0 < counts.1, "no relation was found");
    seconds.sort_by(f64::total_cmp);
    println!(
        "{} parties with {} relations: median {:.2} s, from {:.2} to {:.2} s",
        counts.0,
        counts.1,
        seconds[ROUNDS / 2],
        seconds[0],
        seconds[ROUNDS - 1]
    );
    Ok(())
}

/// Private memory of this process in kB; 0 where the system does not say.
fn private_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

fn capture() -> Capture {
    let info = FileInfo {
        path: "made.har".into(),
        name: "made.har".to_owned(),
        format: "har",
        producer: String::new(),
        bytes: 0,
        sha256: Pending::default(),
        carries: Carries::default(),
    };
    let mut builder = CaptureBuilder::new(info, ByteSource::from_bytes(Vec::new()), |_| {
        Err(Problem::new(ProblemKind::Missing, "made in memory"))
    });
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for first in (0..FLOWS).step_by(BATCH as usize) {
        let mut batch = Batch::default();
        for n in first..FLOWS.min(first + BATCH) {
            push(&mut batch, n, &mut random);
        }
        builder.append(batch);
    }
    builder.finish()
}

/// A linear congruential generator: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

fn push(batch: &mut Batch, n: u32, random: &mut Random) {
    let host = random.below(HOSTS);
    let site = site(host, random);
    let path = random.below(PATHS);
    let url = format!(
        "https://{}/assets/{host:x}/{path:x}/bundle.js?v={path}",
        site.host
    );
    let mut at = u64::from(n) * 4_096;
    let shared = [
        ("Date", "Sat, 13 Jun 2026 12:00:00 GMT".to_owned()),
        ("ETag", format!("\"{:016x}\"", host << 16 | path)),
        ("Last-Modified", "Mon, 01 Jun 2026 08:00:00 GMT".to_owned()),
    ];
    let headers = site
        .headers
        .into_iter()
        .chain(shared)
        .filter(|(name, _)| is_evidence_header(name));
    let headers = headers.map(|(name, value)| {
        at += 64;
        HeaderRecord {
            side: Side::Response,
            name: name.into(),
            span: Span::new(at, value.len() as u32),
            value: value.into(),
        }
    });
    batch.push(&FlowRecord {
        entry: n + 1,
        span: Span::new(u64::from(n) * 4_096, 4_000),
        start: Time::parse_iso("2026-06-13T12:00:00Z")
            .map(|first| Time(first.0 + i64::from(n) * STEP_MICROS)),
        time_ms: Some(20.0),
        method: "GET".into(),
        url: url.into(),
        status: Some(if path == 0 { 304 } else { 200 }),
        mime: "application/javascript".into(),
        server_ip: site.address.into(),
        http_version: "h2".into(),
        headers: headers.collect(),
        ..FlowRecord::default()
    });
}

/// Where a host is served, and what it answers.
struct Site {
    host: String,
    address: String,
    headers: Vec<(&'static str, String)>,
}

/// One host in ten for each kind of server, and three in ten that show nobody.
fn site(host: u64, random: &mut Random) -> Site {
    let (low, high) = (host % 200 + 1, host / 200 % 200 + 1);
    let id = random.next() << 31 | random.next();
    let age = ("Age", random.below(86_400).to_string());
    match host % 10 {
        0..=3 => at_cdn(host, (high, low), id, age),
        _ => elsewhere(host, (high, low), id, age),
    }
}

/// A host behind Cloudflare, CloudFront, Fastly or Akamai.
fn at_cdn(host: u64, (high, low): (u64, u64), id: u64, age: (&'static str, String)) -> Site {
    match host % 10 {
        0 => named(
            "www",
            host,
            format!("104.16.{high}.{low}"),
            vec![
                ("Server", "cloudflare".to_owned()),
                ("CF-Ray", format!("{id:016x}-FRA")),
                (
                    "CF-Cache-Status",
                    ["HIT", "MISS", "DYNAMIC"][(id % 3) as usize].to_owned(),
                ),
                age,
            ],
        ),
        1 => Site {
            host: format!("d{host:x}.cloudfront.net"),
            address: format!("13.32.{high}.{low}"),
            headers: vec![
                ("Server", "AmazonS3".to_owned()),
                (
                    "Via",
                    format!("1.1 {:032x}.cloudfront.net (CloudFront)", u128::from(id)),
                ),
                (
                    "X-Cache",
                    ["Hit from cloudfront", "Miss from cloudfront"][(id % 2) as usize].to_owned(),
                ),
                (
                    "X-Amz-Cf-Id",
                    format!("{id:x}Xeh0Y0TO2SowccwHBImIV4OR4C2StjhJHjAlEa=="),
                ),
                ("X-Amz-Cf-Pop", "FRA56-C1".to_owned()),
                (
                    "x-amz-version-id",
                    "OuUDZJKP3laSfKm3xR_X9PhnqD3xAOfu".to_owned(),
                ),
                age,
            ],
        },
        2 => named(
            "static",
            host,
            format!("151.101.{high}.{low}"),
            vec![
                ("Via", "1.1 varnish, 1.1 varnish".to_owned()),
                (
                    "X-Served-By",
                    "cache-ams21033-AMS, cache-fra19163-FRA".to_owned(),
                ),
                ("X-Cache", "MISS, HIT".to_owned()),
                ("X-Cache-Hits", "0, 3".to_owned()),
                (
                    "X-Timer",
                    format!("S1700000000.{:06},VS0,VE1", id % 1_000_000),
                ),
                age,
            ],
        ),
        _ => named(
            "media",
            host,
            format!("104.64.{high}.{low}"),
            vec![("Server", "Apache".to_owned())],
        ),
    }
}

/// A host at a store, at a front end, or of nobody.
fn elsewhere(host: u64, (high, low): (u64, u64), id: u64, age: (&'static str, String)) -> Site {
    match host % 10 {
        4 => Site {
            host: format!("bucket{host}.s3.eu-west-1.amazonaws.com"),
            address: format!("52.218.{high}.{low}"),
            headers: vec![
                ("Server", "AmazonS3".to_owned()),
                ("x-amz-request-id", format!("{id:016X}")),
                (
                    "x-amz-id-2",
                    format!(
                        "{id:x}tTVTp4DohEi4cR5PxnbjXrMwVfkkc0gnu96d1d7eNMw+7VBZ5DLrGmVV7SOPO1UIvqVX9W="
                    ),
                ),
            ],
        },
        5 => Site {
            host: format!("account{host}.blob.core.windows.net"),
            address: String::new(),
            headers: vec![
                (
                    "Server",
                    "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0".to_owned(),
                ),
                ("x-ms-request-id", format!("{id:016x}-001e-0042")),
                ("x-ms-version", "2021-08-06".to_owned()),
                ("x-ms-blob-type", "BlockBlob".to_owned()),
            ],
        },
        6 => Site {
            host: format!("lh{host}.googleusercontent.com"),
            address: format!("142.250.{high}.{low}"),
            headers: vec![("Server", "fife".to_owned()), age],
        },
        _ => named(
            "api",
            host,
            format!("198.51.100.{low}"),
            vec![("Server", "nginx".to_owned())],
        ),
    }
}

/// A site with a name of its own.
fn named(name: &str, host: u64, address: String, headers: Vec<(&'static str, String)>) -> Site {
    Site {
        host: format!("{name}{host}.example{}.com", host % 997),
        address,
        headers,
    }
}
