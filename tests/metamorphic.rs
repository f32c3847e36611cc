//! What must not change a verdict, and what may only weaken it: captures before and after a known change.
//!
//! The relations hold for captures made here and for every HAR in the folders that `HEADWATER_LABELLED` and
//! `HEADWATER_CORPUS` name.

mod sketch;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use headwater::attribution::{
    Attribution, Carrier, Claim, Conclusiveness, Examination, Family, Role, Speaks,
};
use headwater::base::jobs::{Cancel, Progress};
use headwater::base::time::Time;
use headwater::capture::{Capture, Flags, Flow};
use headwater::formats::{Options, Watch, read_bytes};
use headwater::providers::{ServiceId, catalogue};
use serde_json::{Value, json};

/// Larger files of the corpus repeat what smaller ones show.
const MAX_BYTES: u64 = 1_500_000;

/// A HAR with a name for messages.
struct Source {
    name: String,
    har: Value,
}

/// A capture with its verdicts.
struct Judged {
    capture: Capture,
    attribution: Attribution,
}

impl Judged {
    fn of(har: &Value) -> Self {
        let (cancel, progress) = (Cancel::default(), Progress::default());
        let watch = Watch {
            cancel: &cancel,
            progress: &progress,
            on_rows: &|_| {},
        };
        let bytes = serde_json::to_vec(har).expect("JSON");
        let capture = read_bytes("test.har", bytes, &Options::default(), &watch).expect("a HAR");
        let attribution = Attribution::of(&capture, &cancel, &progress).expect("not cancelled");
        Self {
            capture,
            attribution,
        }
    }

    fn rows(&self) -> std::ops::Range<u32> {
        0..self.capture.len()
    }

    /// True when somebody answered.
    fn is_answered(&self, row: u32) -> bool {
        self.capture
            .flow(row)
            .is_some_and(|flow| flow.status().is_some())
    }

    fn examine(&self, row: u32) -> Examination {
        self.attribution.examine(&self.capture, row)
    }

    /// The verdict in words, regions by name: two captures may number them differently.
    fn words(&self, row: u32) -> String {
        let verdict = self.attribution.verdict(row);
        let part = |part: Option<Carrier>| {
            part.map_or_else(String::new, |part| {
                let region = part.region.map_or("", |id| self.attribution.region(id));
                let service = catalogue().path(part.service);
                format!("{service}@{region} {}", part.conclusiveness.word())
            })
        };
        let (edge, origin) = (part(verdict.edge), part(verdict.origin));
        let (role, conclusiveness) = (verdict.role.word(), verdict.conclusiveness.word());
        format!("edge={edge} origin={origin} {role} {conclusiveness}")
    }

    /// The role with the provider of the party that has it; `None` when the role is unknown.
    fn call(&self, row: u32) -> Option<(Role, &'static str, Conclusiveness)> {
        let verdict = self.attribution.verdict(row);
        let party = match verdict.role {
            Role::Cdn => verdict.edge,
            Role::Origin => verdict.origin,
            Role::Unknown => None,
        }?;
        Some((
            verdict.role,
            provider(party.service),
            verdict.conclusiveness,
        ))
    }

    fn header(&self, row: u32, name: &str) -> bool {
        let flow = self.capture.flow(row).expect("a row");
        flow.response_header(name).is_some()
    }

    /// Unrelated sites that answered.
    fn n_domains(&self) -> usize {
        let flows = self.capture.flows().filter(|flow| {
            let local = Flags::FROM_CACHE
                .with(Flags::SERVICE_WORKER)
                .with(Flags::PUSHED);
            flow.status().is_some() && !flow.row().flags.intersects(local)
        });
        let domains = flows.map(|flow| psl::domain_str(flow.host()).unwrap_or_else(|| flow.host()));
        domains.collect::<HashSet<_>>().len()
    }
}

fn provider(service: ServiceId) -> &'static str {
    &catalogue().provider(catalogue().provider_of(service)).id
}

/// One entry: `GET https://… 200 @192.0.2.1`, then a header in each line.
fn entry(text: &str) -> Value {
    let mut lines = text.lines().map(str::trim);
    let words: Vec<&str> = lines.next().expect("a first line").split(' ').collect();
    let headers: Vec<Value> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let mut entry = json!({
        "startedDateTime": "2026-06-13T12:00:00.000Z", "time": 12,
        "request": {"method": words[0], "url": words[1], "httpVersion": "h2", "headers": [], "queryString": [],
                    "cookies": [], "headersSize": -1, "bodySize": 0},
        "response": {"status": words[2].parse::<u16>().expect("a status"), "statusText": "", "httpVersion": "h2",
                     "headers": headers, "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": 4,
                     "content": {"size": 4, "mimeType": "text/plain"}},
        "cache": {}, "timings": {"send": 1, "wait": 10, "receive": 1},
    });
    if let Some(address) = words.get(3) {
        entry["serverIPAddress"] = json!(address.trim_start_matches('@'));
    }
    entry
}

fn har(entries: &[Value]) -> Value {
    json!({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}})
}

const S3_ANSWER: &str = "Server: AmazonS3\nx-amz-request-id: 8D27C5AB14F1A0B3\nx-amz-id-2: vRXA9nX0kqD4wPzS1mT7bLhJ3cVfYgR6oUeN8iKaZ2xQ5tWpBlGrFjHdMsCyEuOvIqAz+P/k3c4=\nDate: Sat, 13 Jun 2026 12:00:00 GMT";

/// Edges, chains, stores and nobody, on unrelated sites.
fn made() -> Source {
    let entries = [
        &format!("GET https://bucket.s3.eu-west-1.amazonaws.com/a 200 @52.218.1.1\n{S3_ANSWER}"),
        "GET https://www.example.com/ 200 @104.64.74.82\nServer: Apache",
        "GET https://www.example.org/ 200 @104.16.1.1\nCF-Ray: 8d5f1b2c3a4e5f60-FRA\nServer: cloudflare",
        "GET https://d111.cloudfront.net/ 200 @13.32.1.1\nVia: 1.1 abc.cloudfront.net (CloudFront)\nX-Cache: Miss from cloudfront\nX-Amz-Cf-Id: 8fWzy==",
        "GET https://www.example.net/ 200 @192.0.2.1\nServer: nginx",
        "GET https://www.google.com/ 200 @142.250.1.100\nServer: gws",
        "GET https://www.example.co.uk/ 200 @151.101.1.57\nX-Served-By: cache-ams21033-AMS, cache-fra19163-FRA\nX-Cache: MISS, HIT\nVia: 1.1 varnish, 1.1 varnish",
        "GET https://updates.cdn-apple.com/a 200\nServer: AmazonS3\nX-Cache: Hit from cloudfront, hit-fresh\nVia: 1.1 abc.cloudfront.net (CloudFront), http/1.1 nlams2-edge-bx-013.ts.apple.com (acdn/268.16440)\nCDNUUID: 8d0b6c4e-1",
        "GET https://account.blob.core.windows.net/c/a 200\nServer: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0\nx-ms-request-id: 6a9f7d4e\nx-ms-version: 2021-01-01",
        "GET https://static.example.se/a 200\nX-Cache: Miss from cloudfront\nCF-Cache-Status: HIT\nCF-Ray: 8d5f1b2c3a4e5f60-FRA",
        "GET https://shop.example.de/ 200 @3.80.1.1\nServer: cloudflare\nCF-Ray: 8d5f1b2c3a4e5f60-FRA",
    ];
    let entries: Vec<Value> = entries.iter().map(|text| entry(text)).collect();
    Source {
        name: "made here".to_owned(),
        har: har(&entries),
    }
}

/// The capture made here, and every HAR of the folders that are set.
#[expect(
    clippy::print_stdout,
    reason = "what was not run is for the reader of the log"
)]
fn sources() -> Vec<Source> {
    let mut sources = vec![made()];
    for (variable, folder) in [("HEADWATER_LABELLED", ""), ("HEADWATER_CORPUS", "har")] {
        let Some(root) = std::env::var_os(variable) else {
            println!("not run: {variable} is not set, so none of its captures was tried");
            continue;
        };
        let files = std::fs::read_dir(Path::new(&root).join(folder)).expect("a folder of captures");
        let mut paths: Vec<PathBuf> = files.map(|file| file.expect("readable").path()).collect();
        paths.sort();
        for path in paths
            .iter()
            .filter(|path| path.extension().is_some_and(|ext| ext == "har"))
        {
            match strict(path) {
                Some(har) => sources.push(Source {
                    name: path.display().to_string(),
                    har,
                }),
                None => println!("not run: too large, or no strict JSON: {}", path.display()),
            }
        }
    }
    sources
}

/// The HAR in `path`, when it is small and a reader without any tolerance understands it.
fn strict(path: &Path) -> Option<Value> {
    let is_small = path.metadata().is_ok_and(|file| file.len() <= MAX_BYTES);
    let bytes = std::fs::read(path).ok().filter(|_| is_small)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let har: Value = serde_json::from_slice(bytes).ok()?;
    let entries = har.pointer("/log/entries")?.as_array()?;
    entries.iter().all(Value::is_object).then_some(har)
}

fn entries(har: &mut Value) -> &mut Vec<Value> {
    har["log"]["entries"].as_array_mut().expect("entries")
}

fn response_headers(entry: &mut Value) -> Option<&mut Vec<Value>> {
    entry.pointer_mut("/response/headers")?.as_array_mut()
}

/// `har` after `change` of each of its entries.
fn changed(har: &Value, mut change: impl FnMut(&mut Value)) -> Value {
    let mut har = har.clone();
    entries(&mut har).iter_mut().for_each(&mut change);
    har
}

fn without_address(entry: &mut Value) {
    if let Some(entry) = entry.as_object_mut() {
        entry.remove("serverIPAddress");
        entry.remove("_ip_addr");
    }
}

/// A new line at the end: what a proxy adds is a member of its own (RFC 9110, section 5.3).
fn add_header(entry: &mut Value, name: &str, value: &str) {
    if let Some(headers) = response_headers(entry) {
        headers.push(json!({"name": name, "value": value}));
    }
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "how much was tried is for the reader of the log"
)]
fn a_corporate_hop_on_every_response_changes_no_verdict() {
    let hops: [&[(&str, &str)]; 2] = [
        &[
            ("Via", "1.1 proxy.corp (squid/3.5)"),
            ("X-Cache", "HIT from proxy.corp"),
            ("X-Cache-Lookup", "HIT from proxy.corp:3128"),
        ],
        &[
            ("Via", "1.1 7f3a.corp (squid/6.6)"),
            ("Cache-Status", "7f3a.corp;hit"),
        ],
    ];
    let mut n = 0;
    for source in sources() {
        let plain = Judged::of(&source.har);
        // Fewer unrelated sites than that do not tell the client's hop from the server's.
        if plain.n_domains() < 5 {
            continue;
        }
        for hop in hops {
            let hopped = changed(&source.har, |entry| {
                for (name, value) in hop {
                    add_header(entry, name, value);
                }
            });
            let hopped = Judged::of(&hopped);
            for row in plain.rows() {
                // What nobody answered passed no hop.
                if !plain.is_answered(row) {
                    continue;
                }
                n += 1;
                let (before, after) = (plain.words(row), hopped.words(row));
                let place = format!("{} row {row}: {before} became {after}", source.name);
                if plain.header(row, "age") {
                    // The Age may be the proxy's, so what it showed is void, and nothing else.
                    only_weaker(&plain, &hopped, row, &place);
                } else {
                    assert_eq!(before, after, "{}, row {row}", source.name);
                }
            }
        }
    }
    println!("{n} flows behind a corporate hop");
}

/// What is said of `row` is the same after the change or less conclusive, and about nobody who was not there before.
fn only_weaker(before: &Judged, after: &Judged, row: u32, place: &str) {
    let found = before.examine(row);
    let verdict = after.attribution.verdict(row);
    if let Some(edge) = verdict.edge {
        let party = provider(edge.service);
        // A cache of the site's own comes to light once the address no longer says which CDN stands before it.
        if catalogue().is_software(edge.service) {
            return;
        }
        let was_there = found.chain.iter().any(|hop| provider(*hop) == party);
        assert!(was_there, "names somebody new: {place}");
        let same = found
            .verdict
            .edge
            .filter(|before| provider(before.service) == party);
        assert!(
            same.is_none_or(|before| edge.conclusiveness <= before.conclusiveness),
            "a more conclusive edge: {place}"
        );
    }
    let Some((_, party, conclusiveness)) = after.call(row) else {
        return;
    };
    let was_there = found.chain.iter().any(|hop| provider(*hop) == party);
    assert!(was_there, "names somebody new: {place}");
    let called = before
        .call(row)
        .map_or(Conclusiveness::Insufficient, |call| call.2);
    assert!(conclusiveness <= called, "more conclusive: {place}");
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "how much was tried is for the reader of the log"
)]
fn an_address_removed_only_weakens_a_verdict() {
    let mut n = 0;
    for source in sources() {
        let with = Judged::of(&source.har);
        let without = Judged::of(&changed(&source.har, without_address));
        for row in with.rows() {
            let found = with.examine(row);
            // An address that contradicts the rest made the verdict weaker: then its loss may strengthen it.
            let is_contradicted = found.evidence.iter().any(|item| {
                item.family == Family::Address
                    && item.speaks == Speaks::Against
                    && !matches!(item.claim, Claim::Void(_))
            });
            if !is_contradicted {
                n += 1;
                let place = format!(
                    "{} row {row}: {} became {}",
                    source.name,
                    with.words(row),
                    without.words(row)
                );
                only_weaker(&with, &without, row, &place);
            }
        }
    }
    println!("{n} flows without their address");
}

/// Shuffles the lines of `headers`; lines of the same name keep their order, because they are one list.
fn shuffle(headers: &mut [Value], seed: &mut u64) {
    let name = |header: &Value| {
        header["name"]
            .as_str()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let originals = headers.to_vec();
    for at in (1..headers.len()).rev() {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        headers.swap(at, (*seed >> 33) as usize % (at + 1));
    }
    let names: Vec<String> = headers.iter().map(name).collect();
    let mut left = originals;
    for (header, wanted) in headers.iter_mut().zip(names) {
        let first = left.iter().position(|header| name(header) == wanted);
        *header = left.remove(first.expect("each line once"));
    }
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "how much was tried is for the reader of the log"
)]
fn the_order_of_header_lines_changes_nothing() {
    let (mut seed, mut n) = (0x9e37_79b9_7f4a_7c15, 0);
    for source in sources() {
        let plain = Judged::of(&source.har);
        let shuffled = changed(&source.har, |entry| {
            if let Some(headers) = response_headers(entry) {
                shuffle(headers, &mut seed);
            }
        });
        let shuffled = Judged::of(&shuffled);
        for row in plain.rows() {
            n += 1;
            assert_eq!(
                plain.words(row),
                shuffled.words(row),
                "{} row {row}",
                source.name
            );
            let (before, after) = (plain.examine(row), shuffled.examine(row));
            assert_eq!(before.chain, after.chain, "{} row {row}", source.name);
            assert_eq!(rules(&before), rules(&after), "{} row {row}", source.name);
            assert_eq!(before.rivals, after.rivals, "{} row {row}", source.name);
        }
    }
    println!("{n} flows with their header lines shuffled");
}

/// The evidence without its order. Of two ids that came back together, the one that stands first is quoted.
fn rules(found: &Examination) -> Vec<(&str, &'static str, &'static str)> {
    let mut rules: Vec<_> = found
        .evidence
        .iter()
        .map(|item| (item.rule.as_str(), item.speaks.word(), item.strength.word()))
        .collect();
    rules.sort_unstable();
    rules
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "how much was tried is for the reader of the log"
)]
fn a_store_under_a_vanity_name_is_not_known_to_be_reached_directly() {
    let mut n = 0;
    for source in sources() {
        // The address of a store would show by itself that it was reached.
        let named = Judged::of(&changed(&source.har, without_address));
        let is_named = |row: u32| {
            let origin = named.attribution.verdict(row).origin;
            named.call(row).is_some_and(|call| call.0 == Role::Origin)
                && origin.is_some_and(|origin| catalogue().path(origin.service) == "aws/s3")
        };
        let by_entry = |entry: u32| named.capture.flows().find(|flow| flow.row().entry == entry);
        let mut place = 0;
        let renamed = Judged::of(&changed(&source.har, |entry| {
            place += 1;
            without_address(entry);
            if let Some(flow) = by_entry(place).filter(|flow| is_named(flow.idx())) {
                let url = flow.url().replacen(flow.host(), "files.vanity.example", 1);
                entry["request"]["url"] = json!(url);
            }
        }));
        for row in named.rows().filter(|row| is_named(*row)) {
            n += 1;
            let verdict = renamed.attribution.verdict(row);
            let (before, after) = (named.words(row), renamed.words(row));
            assert_eq!(
                verdict.role,
                Role::Unknown,
                "{} row {row}: {before} became {after}",
                source.name
            );
            let origin = verdict
                .origin
                .map(|origin| catalogue().path(origin.service));
            assert!(
                origin.is_none_or(|origin| origin == "aws/s3"),
                "{} row {row}: {after}",
                source.name
            );
        }
    }
    assert!(0 < n, "the capture made here holds a store");
    println!("{n} stores under a vanity name");
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "how much was tried is for the reader of the log"
)]
fn a_storage_id_that_comes_back_shows_a_cached_copy() {
    let mut n = 0;
    for source in sources() {
        let once = Judged::of(&source.har);
        let stores: Vec<u32> = once
            .rows()
            .filter(|row| is_answer_of_s3(&once, *row))
            .collect();
        let mut twice = source.har.clone();
        for row in &stores {
            let place = once.capture.flow(*row).expect("a row").row().entry as usize - 1;
            let mut copy = entries(&mut twice)[place].clone();
            add_header(&mut entries(&mut twice)[place], "Age", "5");
            add_header(&mut copy, "Age", "65");
            copy["startedDateTime"] = json!(a_minute_later(&copy));
            entries(&mut twice).push(copy);
        }
        let twice = Judged::of(&twice);
        for (row, copy) in stores.iter().zip(once.capture.len()..) {
            n += 1;
            for row in [*row, copy] {
                let found = twice.examine(row);
                let shows_copy = found.evidence.iter().any(|item| {
                    item.family == Family::Behaviour
                        && item.rule == "behaviour/repeated-id"
                        && item.with.is_some()
                });
                let place = format!("{} row {row}: {}", source.name, twice.words(row));
                assert!(shows_copy, "{place}");
                // A copy was not given by the store itself.
                assert_ne!(found.verdict.role, Role::Origin, "{place}");
            }
        }
    }
    assert!(0 < n, "the capture made here holds a store");
    println!("{n} storage ids repeated");
}

/// True for a successful GET of the S3 store that carries its request id, and no `Age` yet.
fn is_answer_of_s3(judged: &Judged, row: u32) -> bool {
    let flow = judged.capture.flow(row).expect("a row");
    let origin = judged.attribution.verdict(row).origin;
    flow.method() == "GET"
        && flow.status() == Some(200)
        && flow.start().is_some()
        && judged.header(row, "x-amz-request-id")
        && !judged.header(row, "age")
        && origin.is_some_and(|origin| catalogue().path(origin.service) == "aws/s3")
}

fn a_minute_later(entry: &Value) -> String {
    let start = entry["startedDateTime"].as_str().and_then(Time::parse_iso);
    Time(start.expect("a start").0 + 60_000_000).to_iso()
}

#[test]
fn a_large_capture_is_judged_alike_in_all_its_parts() {
    // Later flows name known regions in another order, far behind the first ones.
    let regions = |row: usize| match row {
        0..40_000 => ["eu-west-1", "us-west-2", "ap-south-1"][row % 3],
        _ => ["sa-east-1", "ap-south-1", "eu-west-1"][row % 3],
    };
    let url = |row: usize| format!("https://bucket.s3.{}.amazonaws.com/{row}", regions(row));
    let flows: Vec<_> = (0..70_000)
        .map(|row| sketch::flow(&format!("GET {} 200", url(row))))
        .collect();
    let capture = sketch::capture(&flows);
    let attribution = sketch::judged(&capture);
    for row in capture.flows().map(Flow::idx) {
        let origin = attribution.verdict(row).origin.expect("S3 by its name");
        let region = origin.region.map(|region| attribution.region(region));
        assert_eq!(region, Some(regions(row as usize)), "row {row}");
    }
    for row in (0..capture.len()).step_by(997) {
        assert_eq!(
            attribution.examine(&capture, row).verdict,
            attribution.verdict(row),
            "row {row}"
        );
    }
}
