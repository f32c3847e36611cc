//! What readers make of every file in `tests/fixtures/formats`, and how they take damage.
//!
//! Beside each capture lies what is expected of it: `x.har` ↔ `x.har.expect`. `UPDATE_EXPECT=1 cargo test` writes it anew.
//! `x.log.logformat` is the line by which Squid wrote `x.log`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use expect_test::expect_file;
use headwater::base::jobs::{Cancel, Progress};
use headwater::base::time::Time;
use headwater::capture::{Capture, Flags, Flow, Problem, ProblemKind};
use headwater::formats::{FORMATS, Options, Password, Watch, capture_sha256, open, read_bytes};

fn read(name: &str, bytes: Vec<u8>) -> Result<Capture, Problem> {
    read_with(name, bytes, &Options::default())
}

fn read_with(name: &str, bytes: Vec<u8>, options: &Options) -> Result<Capture, Problem> {
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    read_bytes(name, bytes, options, &watch)
}

fn open_path(path: &Path) -> Result<Capture, Problem> {
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    open(path, &options(path), &watch)
}

/// What a user would say of a fixture: `x.log.logformat` is the line by which Squid wrote `x.log`.
fn options(path: &Path) -> Options {
    let mut beside = path.to_path_buf().into_os_string();
    beside.push(".logformat");
    Options {
        logformat: fs::read_to_string(beside).ok(),
        ..Options::default()
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats")
}

/// All captures among the fixtures.
fn captures() -> Vec<PathBuf> {
    let listed = fs::read_dir(fixtures()).expect("the fixtures can be listed");
    let mut paths: Vec<PathBuf> = listed
        .map(|entry| entry.expect("the fixtures can be listed").path())
        .filter(|path| {
            path.extension()
                .is_none_or(|extension| extension != "expect" && extension != "logformat")
        })
        .collect();
    paths.sort();
    paths
}

const FLAGS: [(Flags, &str); 11] = [
    (Flags::FROM_CACHE, "from-cache"),
    (Flags::SERVICE_WORKER, "service-worker"),
    (Flags::PUSHED, "pushed"),
    (Flags::ABORTED, "aborted"),
    (Flags::TUNNEL, "tunnel"),
    (Flags::RECOVERED, "recovered"),
    (Flags::INCOMPLETE, "incomplete"),
    (Flags::WEBSOCKET, "websocket"),
    (Flags::PROXY_CACHE, "proxy-cache"),
    (Flags::PROXY_ANSWER, "proxy-answer"),
    (Flags::INTERNAL, "internal"),
];

/// `name=value` for everything that the flow knows.
fn describe(flow: Flow<'_>) -> String {
    let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    let flags: Vec<&str> = FLAGS
        .iter()
        .filter(|(flag, _)| flow.row().flags.contains(*flag))
        .map(|(_, name)| *name)
        .collect();
    let facts = [
        ("method", flow.method().to_owned()),
        ("status", number(flow.status().map(u64::from))),
        ("scheme", flow.scheme().unwrap_or_default().to_owned()),
        ("host", flow.host().to_owned()),
        ("port", number(flow.port().map(u64::from))),
        ("path", flow.path().unwrap_or_default().to_owned()),
        ("start", flow.start().map(Time::to_iso).unwrap_or_default()),
        (
            "time",
            flow.time_ms().map(|ms| ms.to_string()).unwrap_or_default(),
        ),
        ("type", flow.mime().to_owned()),
        ("ip", flow.server_ip().to_owned()),
        ("version", flow.http_version().to_owned()),
        ("sent", number(flow.bytes_sent())),
        ("received", number(flow.bytes_received())),
        ("content", number(flow.content_bytes())),
        ("page", flow.page().to_owned()),
        ("claimed", flow.claimed_cdn().to_owned()),
        ("flags", flags.join("+")),
    ];
    let known = facts.iter().filter(|(_, value)| !value.is_empty());
    let words: Vec<String> = known
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{} {}", flow.row().entry, words.join(" "))
}

/// The whole capture as text: producer, flows, what the detail panel shows of each, problems.
fn render(read: &Result<Capture, Problem>) -> String {
    let capture = match read {
        Ok(capture) => capture,
        Err(problem) => return format!("refused: {problem}\n"),
    };
    let mut text = format!(
        "{} by {:?}\n",
        capture.info().format,
        capture.info().producer
    );
    for flow in capture.flows() {
        let exchange = capture
            .exchange(flow.idx())
            .expect("a flow can be read again");
        let response = exchange.response.as_ref();
        let bodies = [Some(&exchange.request), response].into_iter().flatten();
        let bodies: Vec<String> = bodies
            .filter_map(|message| message.body.as_ref())
            .map(|body| {
                let text = body.read(capture.source(), 40).expect("a body can be read");
                format!("{:?}", String::from_utf8_lossy(&text.bytes))
            })
            .collect();
        let line = response.map_or("none", |response| &response.start_line);
        let n_headers = exchange.request.headers.len() + response.map_or(0, |r| r.headers.len());
        writeln!(text, "{}", describe(flow)).expect("memory");
        writeln!(
            text,
            "    {line:?}, {n_headers} headers, bodies [{}]",
            bodies.join(", ")
        )
        .expect("memory");
        for message in &exchange.socket {
            let arrow = if message.is_from_client { "→" } else { "←" };
            let time = message.time.map(Time::to_iso).unwrap_or_default();
            let body = message.body.read(capture.source(), 40);
            let body = body.expect("a message can be read").bytes;
            let body = String::from_utf8_lossy(&body);
            writeln!(text, "    {arrow} {} {time} {body:?}", message.opcode).expect("memory");
        }
    }
    for problem in capture.problems() {
        writeln!(text, "! {} {problem}", problem.kind.word()).expect("memory");
    }
    text
}

#[test]
fn every_fixture_reads_as_expected() {
    let paths = captures();
    assert!(30 <= paths.len(), "only {} fixtures", paths.len());
    for path in paths {
        let mut expected = path.clone().into_os_string();
        expected.push(".expect");
        expect_file![expected].assert_eq(&render(&open_path(&path)));
    }
}

#[test]
fn the_name_of_a_file_does_not_matter() {
    for path in captures() {
        let bytes = fs::read(&path).expect("a fixture can be read");
        let by_path = render(&open_path(&path));
        let by_content = read_with("x.bin", bytes, &options(&path));
        assert_eq!(render(&by_content), by_path, "{}", path.display());
    }
}

#[test]
fn bodies_that_lie_beside_a_har_are_read_from_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let har = folder.path().join("attach.har");
    let body = |file: &str| format!(r#"{{"mimeType":"text/plain","_file":"{file}"}}"#);
    let entry = |url: &str, sent: &str, received: &str| {
        let (sent, received) = (body(sent), body(received));
        format!(
            r#"{{"request":{{"method":"POST","url":"{url}","postData":{sent}}},"response":{{"status":200,"content":{received}}}}}"#
        )
    };
    let entries = [
        entry("https://a.example/", "sent.txt", "received.txt"),
        entry("https://b.example/", "lost.txt", "../attach.har"),
    ];
    let text = format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(","));
    fs::write(&har, text).expect("written");
    fs::write(folder.path().join("sent.txt"), "a question").expect("written");
    fs::write(folder.path().join("received.txt"), "an answer").expect("written");
    let capture = open_path(&har).expect("it is a HAR");
    let bodies = |idx| {
        let exchange = capture.exchange(idx).expect("it can be read again");
        let response = exchange.response.expect("it has a response");
        [exchange.request.body, response.body].map(|body| {
            let text = body.map(|body| body.read(capture.source(), 100).expect("a body"));
            text.map(|text| String::from_utf8_lossy(&text.bytes).into_owned())
        })
    };
    let both = ["a question", "an answer"].map(|text| Some(text.to_owned()));
    assert_eq!(bodies(0), both);
    assert_eq!(bodies(1), [None, None]);
    let lost: Vec<Option<u32>> = capture.problems().iter().map(|lost| lost.entry).collect();
    assert_eq!(lost, [Some(2), Some(2)]);
}

#[test]
fn every_format_has_a_fixture() {
    let formats: Vec<&str> = captures()
        .iter()
        .filter_map(|path| Some(open_path(path).ok()?.info().format))
        .collect();
    for format in FORMATS {
        assert!(
            formats.contains(&format.id()),
            "no fixture for {}",
            format.id()
        );
    }
}

#[test]
fn an_encrypted_archive_opens_with_its_password_only() {
    let plain = render(&open_path(&fixtures().join("saz-classic.saz")));
    for name in ["saz-encrypted-aes.saz", "saz-encrypted-zipcrypto.saz"] {
        let open = |password: Option<&str>| {
            let options = Options {
                password: password.map(|password| Password::new(password.to_owned())),
                ..Options::default()
            };
            assert!(!format!("{options:?}").contains("secret"));
            let watch = Watch {
                cancel: &Cancel::default(),
                progress: &Progress::default(),
                on_rows: &|_| {},
            };
            open(&fixtures().join(name), &options, &watch)
        };
        let with_password = render(&open(Some("secret")));
        let flows = |text: &str| {
            text.lines()
                .skip(1)
                .map(ToOwned::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(flows(&with_password), flows(&plain), "{name}");
        for (password, reason) in [
            (None, "the archive is protected by a password"),
            (Some("wrong"), "the password does not open the archive"),
        ] {
            let problem = open(password).expect_err("it is encrypted");
            assert_eq!(
                (problem.kind, problem.message.as_str()),
                (ProblemKind::Locked, reason)
            );
        }
    }
}

/// `tests/fixtures/SOURCES.tsv` says of every fixture whether a real program wrote it, and which.
#[test]
fn every_fixture_says_where_it_comes_from() {
    let sources = include_str!("fixtures/SOURCES.tsv");
    let lines = sources.lines().filter(|line| !line.starts_with('#'));
    let listed: Vec<&str> = lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [name, how, program, what] = cells[..] else {
                panic!("four cells: {line}");
            };
            assert!(matches!(how, "recorded" | "written"), "{line}");
            assert_eq!(how == "recorded", program != "-", "{line}");
            assert!(!what.is_empty(), "{line}");
            name
        })
        .collect();
    let found: Vec<String> = captures()
        .iter()
        .map(|path| {
            path.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let mut sorted = listed.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, found);
}

#[test]
fn what_is_no_file_is_refused_with_a_reason() {
    let check = |path: &Path, reason: &str| {
        let problem = open_path(path).expect_err("it cannot be opened");
        assert!(problem.message.starts_with(reason), "{problem}");
    };
    check(&fixtures(), "this is a folder");
    check(&fixtures().join("missing.har"), "there is no such file");
    #[cfg(unix)]
    check(Path::new("/dev/null"), "this is not a regular file");
}

#[test]
fn the_checksum_is_that_of_the_file_as_it_lies_there() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::io::Write::write_all(&mut file, b"abc").expect("written");
    let found = capture_sha256(file.path()).expect("it can be read");
    assert_eq!(
        found,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    let capture = read("x", br#"{"log":{"entries":[]}}"#.to_vec()).expect("a HAR");
    assert_eq!(capture.info().sha256.get().map(String::len), Some(64));
}

/// A HAR of `n` entries as Chrome writes them, pretty-printed, with bodies that look like entries.
fn sample(n: usize) -> String {
    let entries: Vec<String> = (0..n)
        .map(|idx| {
            let entry = serde_json::json!({
                "_initiator": {"type": "parser", "url": "https://a.example/"},
                "request": {
                    "method": "GET", "url": format!("https://a.example/{idx}?q=[{{"), "httpVersion": "h2",
                    "headers": [{"name": "Accept", "value": "*/*"}, {"name": "Cookie", "value": "a=\"b\""}],
                    "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0,
                },
                "response": {
                    "status": 200, "statusText": "OK", "httpVersion": "h2",
                    "headers": [{"name": "Server", "value": "nginx"}, {"name": "Via", "value": "1.1 x"}],
                    "content": {
                        "size": 60, "mimeType": "text/html",
                        "text": format!("<p>\"{idx}\"</p>\n}},{{\"startedDateTime\": \"never\", \"request\": {{}}}}").repeat(8),
                    },
                    "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 90,
                },
                "serverIPAddress": "192.0.2.1",
                "startedDateTime": "2026-01-02T03:04:05.678Z",
                "time": 12.5,
                "timings": {"blocked": 1, "dns": -1, "connect": -1, "send": 0.5, "wait": 10, "receive": 1},
            });
            serde_json::to_string_pretty(&entry).expect("a value can be written")
        })
        .collect();
    let entries = entries.join(",\n");
    format!(
        "{{\"log\": {{\"version\": \"1.2\", \"creator\": {{\"name\": \"t\"}}, \"entries\": [\n{entries}\n]}}}}\n"
    )
}

/// Offsets behind the end of each entry of [`sample`].
fn entry_ends(text: &str) -> Vec<usize> {
    // Entries are written with their brackets at the beginning of a line, and nothing else is.
    text.match_indices("\n}").map(|(at, _)| at + 2).collect()
}

#[test]
fn a_har_cut_anywhere_keeps_all_entries_before_the_cut() {
    let text = sample(4);
    let ends = entry_ends(&text);
    assert_eq!(ends.len(), 4);
    let document_end = text.trim_end().len();
    for cut in 1..text.len() {
        let complete = ends.iter().filter(|end| **end <= cut).count();
        match read("cut.har", text.as_bytes()[..cut].to_vec()) {
            Ok(capture) => {
                assert_eq!(capture.len() as usize, complete, "cut at {cut}");
                let n_problems = usize::from(cut < document_end);
                assert_eq!(capture.problems().len(), n_problems, "cut at {cut}");
            }
            Err(problem) => assert_eq!(complete, 0, "cut at {cut}: {problem}"),
        }
    }
}

#[test]
fn what_stands_before_a_cut_is_kept() {
    for name in [
        "charles-session.chlsj",
        "charles-session.chlsx",
        "mitmproxy-2.0.2.flow",
        "mitmproxy-orphan-websocket.flow",
    ] {
        let bytes = fs::read(fixtures().join(name)).expect("a fixture can be read");
        let whole = read(name, bytes.clone()).expect("a fixture");
        let ends: Vec<u64> = whole.flows().map(|flow| flow.row().span.end()).collect();
        for cut in (0..bytes.len()).step_by(3) {
            let complete = ends.iter().filter(|end| **end <= cut as u64).count();
            let found = read(name, bytes[..cut].to_vec()).map_or(0, |capture| capture.len());
            assert_eq!(found as usize, complete, "{name} cut at {cut}");
        }
    }
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

#[test]
fn one_damaged_byte_costs_almost_nothing() {
    const ENTRIES: usize = 14;
    const TRIALS: usize = 2_000;
    let text = sample(ENTRIES);
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let (mut n_kept, mut n_invented) = (0, 0);
    for trial in 0..TRIALS {
        let mut bytes = text.clone().into_bytes();
        let (at, byte) = (dice.next(bytes.len()), dice.next(256) as u8);
        bytes[at] = byte;
        let Ok(capture) = read("damaged.har", bytes) else {
            continue;
        };
        let intact = capture
            .flows()
            .filter(|flow| flow.host() == "a.example")
            .count();
        n_kept += intact.min(ENTRIES);
        n_invented += (capture.len() as usize).saturating_sub(ENTRIES);
        for flow in capture.flows() {
            capture
                .exchange(flow.idx())
                .unwrap_or_else(|problem| panic!("trial {trial}: {problem}"));
        }
    }
    let share = n_kept as f64 / (ENTRIES * TRIALS) as f64;
    assert!(0.97 <= share, "only {share} of all entries were kept");
    assert_eq!(n_invented, 0);
}

#[test]
fn deep_nesting_needs_no_stack() {
    let run = || {
        for open in ["[", "{\"a\":"] {
            let deep = open.repeat(500_000);
            for text in [
                deep.clone(),
                format!(r#"{{"log":{{"entries":[{{"request":{{"url":"http://a/"}},"_x":{deep}"#),
                format!(r#"{{"log":{{"_x":{deep}"#),
            ] {
                let capture = read("deep.har", text.into_bytes());
                assert!(capture.is_err() || capture.is_ok_and(|capture| capture.len() <= 1));
            }
        }
        let closed = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
        let text = format!(r#"{{"log":{{"entries":[{{"_x":{closed},"time":1}}]}}}}"#);
        let capture = read("deep.har", text.into_bytes()).expect("it is a HAR");
        let flow = capture.flow(0).expect("its entry");
        assert_eq!(flow.time_ms(), Some(1.0));
        capture.exchange(0).expect("it can be read again");
    };
    let thread = std::thread::Builder::new()
        .name("small-stack".to_owned())
        .stack_size(256 << 10)
        .spawn(run)
        .expect("a thread");
    thread.join().expect("no overflow and no panic");
}

#[test]
fn rows_appear_while_reading_and_in_order() {
    let text = sample(3_000);
    let seen = Mutex::new(Vec::new());
    let progress = Progress::default();
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &progress,
        on_rows: &|capture| seen.lock().expect("not poisoned").push(capture.len()),
    };
    let capture =
        read_bytes("x.har", text.into_bytes(), &Options::default(), &watch).expect("it is a HAR");
    assert_eq!(capture.len(), 3_000);
    assert!(
        capture
            .flows()
            .all(|flow| flow.path() == Some(&format!("/{}?q=[{{", flow.idx())))
    );
    let (done, total) = progress.get();
    assert_eq!(done, total);
    let seen = seen.into_inner().expect("not poisoned");
    assert!(seen.first().is_some_and(|first| *first < 3_000), "{seen:?}");
    assert!(seen.is_sorted(), "{seen:?}");
}

#[test]
fn a_cancelled_read_says_so() {
    let cancel = Cancel::default();
    cancel.cancel();
    let watch = Watch {
        cancel: &cancel,
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    let capture = read_bytes(
        "x.har",
        sample(3_000).into_bytes(),
        &Options::default(),
        &watch,
    )
    .expect("what was read");
    assert!(capture.len() < 3_000);
    assert_eq!(capture.problems().len(), 1);
}

#[test]
fn a_huge_body_is_found_but_not_read() {
    let body = "<p>\\\"</p>".repeat(1_000_000);
    let huge = format!(
        r#"{{"request":{{"method":"GET","url":"http://huge.example/","headers":[]}},
            "response":{{"status":200,"content":{{"size":1,"mimeType":"text/html","text":"{body}"}},
            "headers":[{{"name":"Server","value":"AmazonS3"}}]}},"time":"x"}}"#
    );
    let text = format!(r#"{{"log":{{"entries":[{{"time":1}},{huge},{{"time":3}}]}}}}"#);
    let capture = read("huge.har", text.clone().into_bytes()).expect("it is a HAR");
    assert_eq!(capture.len(), 3);
    let flow = capture.flow(1).expect("the huge one");
    let header = flow.response_header("server").expect("its header");
    let at = header.span.start as usize;
    assert_eq!(&text[at..at + 8], "AmazonS3");
    let exchange = capture.exchange(1).expect("it can be read again");
    let body = exchange
        .response
        .and_then(|response| response.body)
        .expect("its body");
    let start = body
        .read(capture.source(), 8)
        .expect("the body can be read");
    assert_eq!(
        (start.bytes.as_slice(), start.is_cut),
        (b"<p>\"</p>".as_slice(), true)
    );
    let wrong = capture
        .problems()
        .iter()
        .find(|problem| problem.entry == Some(2));
    let at = wrong
        .and_then(|problem| problem.byte)
        .expect("the time is no number") as usize;
    assert_eq!(&text[at..at + 3], "\"x\"");
}
