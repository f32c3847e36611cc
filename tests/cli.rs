//! The command line as a script sees it: exit codes, stdout, stderr, and what is written to disk.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// What the secrets in [`HAR`] have in common.
const SECRET: &str = "hunter2";
/// One good flow with secrets and control characters, one object with nothing in it, and one thing that is no object.
const HAR: &str = r#"{"log": {"version": "1.2", "creator": {"name": "Test\u001b[2J", "version": "1"}, "entries": [
    {"startedDateTime": "2026-01-02T03:04:05.678Z", "time": 12.5,
     "request": {"method": "GET", "url": "https://d1.cloudfront.net/a\u001b]0;b\u0007?token=hunter2token", "httpVersion": "HTTP/1.1",
                 "headers": [{"name": "Cookie", "value": "sid=hunter2cookie"},
                             {"name": "Authorization", "value": "Bearer hunter2bearer"}],
                 "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
     "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1",
                  "headers": [{"name": "X-Cache", "value": "Hit from cloudfront"},
                              {"name": "Set-Cookie", "value": "id=hunter2set"}],
                  "content": {"size": 7, "mimeType": "text/html", "text": "hunter2"},
                  "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": 7},
     "cache": {}, "timings": {"send": 0, "wait": 12.5, "receive": 0}},
    {}, 7]}}"#;

/// What a run left behind.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A folder with captures, in which the program runs without a display.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a temporary folder"));
        let sample = "assets/samples/wifi-proxy-2011.squid.log";
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join(sample);
        fs::copy(sample, desk.path("proxy.log")).expect("the sample is there");
        desk.write("good.har", HAR);
        desk.write("empty.har", r#"{"log": {"version": "1.2", "entries": []}}"#);
        desk.write("bad.har", "no capture at all");
        fs::create_dir(desk.path("empty-folder")).expect("a folder");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"));
        command
    }

    fn run_with(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command(arguments);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.stderr(Stdio::piped()).spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that does not read its input closes it.
        let _unread = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    fn run(&self, arguments: &str) -> Run {
        let words: Vec<&str> = arguments
            .split(' ')
            .filter(|word| !word.is_empty())
            .collect();
        self.run_with(&words, "")
    }

    /// Runs `arguments` and compares the exit code.
    fn check(&self, arguments: &str, code: i32) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(code), "{arguments}: {run:?}");
        run
    }

    /// The lines of a CSV without its header.
    fn rows(&self, arguments: &str) -> Vec<String> {
        let run = self.check(&format!("flows --as csv {arguments}"), 0);
        run.out.lines().skip(1).map(str::to_owned).collect()
    }
}

#[test]
fn exit_codes_tell_done_from_unusable_from_misused() {
    let desk = Desk::new();
    for (arguments, code) in [
        ("flows good.har", 0),
        ("flows good.har bad.har", 0),
        ("flows bad.har missing.har good.har", 0),
        ("flows empty.har --as json", 0),
        ("flows bad.har", 1),
        ("flows missing.har --as json", 1),
        ("flows .", 0),
        ("flows empty-folder", 1),
        ("explain good.har 1", 0),
        ("explain good.har 3", 1),
        ("explain bad.har 1", 1),
        ("report empty.har --as html", 0),
        ("report bad.har --as json", 1),
        ("score good.har", 0),
        ("score missing", 1),
        ("providers", 0),
        ("providers list", 0),
        ("formats", 0),
        ("flows", 2),
        ("flows good.har --as xml", 2),
        ("flows good.har --columns n,zap", 2),
        ("flows good.har --sort zap", 2),
        ("flows good.har --sort size:up", 2),
        ("flows good.har --filter status:abc", 2),
        ("flows bad.har --filter status:abc", 2),
        ("explain good.har one", 2),
        ("report good.har --as pdf", 2),
        ("report good.har", 2),
        ("label good.har --filter status:200", 2),
        ("label good.har --filter status:200 --cdn --origin", 2),
        ("label - --filter status:200 --cdn", 2),
        ("--no-such-option", 2),
    ] {
        desk.check(arguments, code);
    }
}

#[test]
fn problems_go_to_stderr_one_line_each_and_results_to_stdout() {
    let desk = Desk::new();
    let run = desk.check("flows good.har missing.har --as json", 0);
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines.len(), 3, "{run:?}");
    assert!(lines.iter().all(|line| line.starts_with("headwater: ")));
    assert!(lines[0].contains("good.har: entry 2, "), "{run:?}");
    assert!(
        lines[2].ends_with("missing.har: there is no such file"),
        "{run:?}"
    );
    run.json();
    for arguments in ["flows bad.har --as json", "report bad.har --as json"] {
        let found = desk.check(arguments, 1).json();
        assert_eq!(found["flows"], json!([]), "{arguments}");
        assert_eq!(found["captures"][0]["file"], "bad.har", "{arguments}");
        assert_eq!(found["captures"][0]["format"], Value::Null, "{arguments}");
        let problem = &found["captures"][0]["problems"][0];
        assert_eq!(problem["kind"], "unsupported", "{arguments}");
    }
    assert_eq!(
        desk.check("flows empty.har --as json", 0).json()["flows"],
        json!([])
    );
}

#[test]
fn flows_as_json_keep_the_contract() {
    let desk = Desk::new();
    let found = desk.check("flows proxy.log good.har --as json", 0).json();
    assert_eq!(found["headwater"], env!("CARGO_PKG_VERSION"));
    let capture = &found["captures"][1];
    assert_eq!(capture["file"], "good.har");
    assert_eq!(capture["format"], "har");
    assert_eq!(capture["bytes"], HAR.len());
    assert_eq!(capture["flows"], 2);
    assert_eq!(capture["sha256"].as_str().map(str::len), Some(64));
    let places: Vec<&Value> = capture["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|problem| &problem["entry"])
        .collect();
    assert_eq!(places, [&json!(2), &json!(3)]);

    let flows = found["flows"].as_array().expect("a list");
    assert_eq!(flows.len(), 10);
    assert_eq!(flows[0]["entry"], 2, "a log counts lines");
    assert_eq!(flows[0]["method"], "CONNECT");
    assert_eq!(flows[0]["scheme"], Value::Null);
    assert_eq!(flows[0]["path"], Value::Null);
    let good = &flows[8];
    let keys: Vec<&str> = good
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys.join(" "),
        "n capture entry start time_ms method url scheme host port path status type bytes_sent bytes_received \
         content_bytes server_ip party edge origin role conclusiveness chain evidence rivals would_settle_it label note by"
    );
    for (key, expected) in [
        ("n", json!(9)),
        ("capture", json!(1)),
        ("entry", json!(1)),
        ("start", json!("2026-01-02T03:04:05.678Z")),
        ("time_ms", json!(12.5)),
        ("host", json!("d1.cloudfront.net")),
        ("port", json!(443)),
        ("status", json!(200)),
        ("type", json!("text/html")),
        ("content_bytes", json!(7)),
        ("server_ip", Value::Null),
        ("origin", Value::Null),
        ("role", json!("cdn")),
        ("label", Value::Null),
        ("note", json!("")),
        ("by", json!("")),
    ] {
        assert_eq!(good[key], expected, "{key}");
    }
    assert_eq!(good["edge"]["provider"], "aws");
    assert_eq!(good["edge"]["service"], "cloudfront");
    assert_eq!(good["edge"]["region"], Value::Null);
    let evidence = &good["evidence"][0];
    assert_eq!(evidence["claim"], "edge=aws/cloudfront");
    for key in ["family", "rule", "speaks", "strength", "quote", "source"] {
        assert!(evidence[key].is_string(), "{key}: {evidence}");
    }
    let nothing = &flows[9];
    for key in [
        "start", "time_ms", "method", "url", "host", "status", "edge", "origin",
    ] {
        assert_eq!(nothing[key], Value::Null, "{key}");
    }
    assert_eq!(nothing["conclusiveness"], "insufficient");

    let bare = desk
        .check("flows good.har --as json --no-evidence", 0)
        .json();
    assert!(bare["flows"][0].get("evidence").is_none());
    assert!(bare["flows"][0].get("would_settle_it").is_some());
}

#[test]
fn filter_sort_and_columns_shape_the_output() {
    let desk = Desk::new();
    for (arguments, expected) in [
        ("--columns n,method --filter method:GET", "4,GET 5,GET"),
        (
            "--columns n --sort size:desc --filter host:amazonaws.com",
            "6 1",
        ),
        ("--columns n --sort size --filter host:amazonaws.com", "1 6"),
        ("--columns n --filter -method:CONNECT", "4 5"),
        ("--columns n,host --filter host=nothing.example", ""),
    ] {
        let rows = desk.rows(&format!("proxy.log {arguments}"));
        assert_eq!(rows.join(" "), expected, "{arguments}");
    }
    let log = desk.read("proxy.log");
    let run = desk.run_with(&["flows", "-", "--as", "csv", "--columns", "n"], &log);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.out.lines().count(), 9, "{run:?}");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let desk = Desk::new();
    let line = desk
        .read("proxy.log")
        .lines()
        .nth(1)
        .expect("a line")
        .to_owned();
    desk.write("long.log", &format!("{line}\n").repeat(5_000));
    let mut command = desk.command(&["flows", "long.log", "--as", "csv"]);
    let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("it starts");
    let mut first = [0];
    let mut out = child.stdout.take().expect("a pipe");
    out.read_exact(&mut first).expect("it writes");
    drop(out);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn labels_are_saved_beside_the_capture_and_shown_again() {
    let desk = Desk::new();
    let rows = |desk: &Desk| desk.rows("proxy.log --columns n,label,note,by --filter -label:none");
    let filter = "label proxy.log --filter host:amazonaws.com";
    assert!(rows(&desk).is_empty());
    desk.check(&format!("{filter} --origin --note checked --by Ann"), 0);
    assert_eq!(
        rows(&desk),
        ["1,origin,checked,Ann", "6,origin,checked,Ann"]
    );
    let sidecar: Value =
        serde_json::from_str(&desk.read("proxy.log.headwater.json")).expect("JSON");
    assert_eq!(sidecar["schema"], 1);
    desk.check("label proxy.log --filter host=nothing.example --cdn", 0);
    assert_eq!(rows(&desk).len(), 2, "nothing was asked for");
    let run = desk.check(&format!("{filter} --clear"), 0);
    assert!(run.out.contains("2 flows still labelled"), "{run:?}");
    desk.check(&format!("{filter} --clear --by Ann"), 0);
    let labels = desk.rows("proxy.log --columns n --filter label:origin");
    assert!(labels.is_empty(), "{labels:?}");
}

#[test]
fn groupings_beside_the_capture_decide_the_parties_and_labels_leave_them_alone() {
    let desk = Desk::new();
    let lines = |desk: &Desk| desk.check("verdicts good.har", 0).out;
    assert!(lines(&desk).starts_with("d1.cloudfront.net is delivered by Amazon CloudFront"));
    let sidecar = "good.har.headwater.json";
    let parties = json!({"cloudfront.net": "shop.example", "gone.example": "other.example"});
    let saved = json!({"schema": 1, "salt": "", "parties": parties, "annotations": []});
    desk.write(sidecar, &saved.to_string());
    assert!(lines(&desk).starts_with("shop.example is delivered by Amazon CloudFront"));
    let rows = desk.rows("good.har --columns n,party --filter party:shop.example");
    assert_eq!(rows, ["1,shop.example"]);

    desk.check("label good.har --filter status:200 --cdn", 0);
    let saved: Value = serde_json::from_str(&desk.read(sidecar)).expect("JSON");
    assert_eq!(saved["parties"], parties);
    assert_eq!(saved["annotations"][0]["label"], "cdn");
    assert!(lines(&desk).starts_with("shop.example is delivered by Amazon CloudFront"));
}

#[test]
fn a_report_replaces_neither_capture_nor_labels() {
    let desk = Desk::new();
    desk.check("label good.har --filter status:200 --cdn", 0);
    for name in ["good.har", "./good.har", "good.har.headwater.json"] {
        let before = desk.read(name);
        let run = desk.check(&format!("report good.har --as har --out {name}"), 1);
        assert!(run.err.contains("the export was refused"), "{run:?}");
        assert_eq!(desk.read(name), before);
    }
    let run = desk.check("report good.har --as har --out new.har", 0);
    assert_eq!(run.out, "", "{run:?}");
    assert_eq!(desk.rows("new.har --columns n,status"), ["1,200", "2,"]);
}

#[test]
fn no_output_holds_a_secret_or_a_raw_control_character() {
    let desk = Desk::new();
    desk.check(
        "label good.har --filter status:200 --cdn --note token=hunter2note",
        0,
    );
    for arguments in [
        "flows good.har",
        "flows good.har --columns url,path,note",
        "flows good.har --as csv --columns url,path,note",
        "flows good.har --as json",
        "hosts good.har",
        "hosts good.har --as csv --by party",
        "hosts good.har --as json --by file",
        "explain good.har 1",
        "report good.har --as html",
        "report good.har --as md",
        "report good.har --as csv",
        "report good.har --as tsv",
        "report good.har --as csv-raw",
        "report good.har --as json",
        "report good.har --as har",
        "good.har",
    ] {
        let run = desk.check(arguments, 0);
        let is_tsv = arguments.ends_with("tsv");
        for text in [&run.out, &run.err] {
            assert!(!text.contains(SECRET), "{arguments}: {text}");
            let raw = text
                .replace("\r\n", "\n")
                .chars()
                .find(|c| c.is_control() && *c != '\n' && (*c != '\t' || !is_tsv));
            assert_eq!(raw, None, "{arguments}: {text}");
        }
    }
    let run = desk.check("report good.har --as json --with-secrets", 0);
    assert!(run.out.contains(SECRET), "secrets stay when asked for");
}

#[test]
fn hosts_that_look_like_others_are_marked() {
    let desk = Desk::new();
    let har = HAR.replace("d1.cloudfront.net", "xn--80ak6aa92e.com");
    desk.write("fake.har", &har);
    let marked = "xn--80ak6aa92e.com (looks like apple.com)";
    let run = desk.check("flows fake.har", 0);
    assert!(run.out.contains(marked), "{run:?}");
    let run = desk.check("explain fake.har 1", 0);
    assert!(
        run.out.contains("\nhost         looks like apple.com\n"),
        "{run:?}"
    );
    let rows = desk.rows("fake.har --columns host --filter status:200");
    assert_eq!(rows, ["xn--80ak6aa92e.com"], "programs get the host alone");
}

#[test]
fn the_network_behind_an_address_is_named() {
    let desk = Desk::new();
    let request = "\"request\":";
    let own = HAR.replacen(request, "\"serverIPAddress\":\"17.0.0.1\",\"request\":", 1);
    let private = own.replace("17.0.0.1", "10.0.0.1");
    desk.write("own.har", &own);
    desk.write("private.har", &private);
    let run = desk.check("explain own.har 1", 0);
    let line = "\nnetwork      AS714 Apple Inc. (US), 17.0.0.1\n";
    assert!(run.out.contains(line), "{run:?}");
    let run = desk.check("explain private.har 1", 0);
    assert!(!run.out.contains("\nnetwork "), "{run:?}");
    let rows = desk.rows("own.har --columns n,asn,network --filter network:apple");
    assert_eq!(rows, ["1,AS714,Apple Inc. (US)"]);
    let run = desk.check("flows own.har --columns network,edge --redact strict", 0);
    assert!(run.out.contains("Apple Inc. (US)"), "{run:?}");
}

#[test]
fn without_a_display_the_summary_is_printed() {
    let desk = Desk::new();
    let run = desk.check("proxy.log", 0);
    assert!(run.err.contains("no display"), "{run:?}");
    assert!(
        run.out
            .starts_with("proxy.log: squid, Squid, 8 flows, 0 problems\n"),
        "{run:?}"
    );
    for word in ["AWS", "Azure", "Akamai", "Apple"] {
        assert!(run.out.contains(word), "{word}: {run:?}");
    }
    for (arguments, code) in [
        ("", 1),
        ("bad.har", 1),
        ("empty.har", 0),
        ("bad.har good.har", 0),
    ] {
        let run = desk.check(arguments, code);
        assert!(run.err.contains("no display"), "{run:?}");
    }
}

#[test]
fn lists_name_what_is_known() {
    let desk = Desk::new();
    let check = |arguments, words: &[&str]| {
        let run = desk.check(arguments, 0);
        assert_eq!(run.err, "", "{arguments}");
        for word in words {
            assert!(run.out.contains(word), "{arguments}: {word}");
        }
    };
    check("formats", &["har ", "squid "]);
    check(
        "providers list",
        &[
            "aws/s3 ",
            "aws/cloudfront ",
            "azure/blob-storage ",
            "akamai/cdn ",
        ],
    );
    check(
        "score good.har",
        &["edge by entry", "edge by (file, host)", "1 extra"],
    );
}
