//! Input that made a matcher or a list of suffixes explode: every output in time and memory.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use crate::evidence::har;
use crate::program::Home;
use crate::secrets::in_two_threads;

/// Longest that one output may take, in a debug build beside another one.
const MOST_TIME: Duration = Duration::from_secs(10);
const MOST_MIB: u64 = 600;

const KB: usize = 1_000;
const MB: usize = 1_000_000;

/// `text` over and over, up to `n` bytes.
fn run(text: &str, n: usize) -> String {
    text.repeat(n.div_ceil(text.len()))
}

/// A capture in which `text` is a value of the query, a header and a comment.
fn with_text(text: &str) -> String {
    let url = format!("https://a.example/?token=default&x={text}");
    capture(&url, &[("X-Foo-Bar", text)], text)
}

fn capture(url: &str, headers: &[(&str, &str)], comment: &str) -> String {
    let headers: Vec<Value> = headers
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let first = json!({
        "startedDateTime": "2024-05-01T10:00:00Z", "time": 1,
        "request": {"method": "GET", "url": "https://ok.example.com/", "headers": [{"name": "Cookie", "value": "a=bCdEfGh1"}]},
        "response": {"status": 200, "headers": [{"name": "Server", "value": "AmazonS3"}], "content": {}},
    });
    let second = json!({
        "startedDateTime": "2024-05-01T10:00:01Z", "time": 1, "comment": comment,
        "request": {"method": "GET", "url": url, "headers": headers},
        "response": {"status": 200, "headers": [{"name": "Server", "value": "AmazonS3"}], "content": {}},
    });
    har(&[first, second])
}

fn captures() -> Vec<(&'static str, String)> {
    let mut all: Vec<(&str, String)> = [
        ("a periodic value of 60 kB", "aB1", 60 * KB),
        ("a periodic value of 2 MB", "aB1", 2 * MB),
        ("eyJ over 15 kB", "eyJ", 15 * KB),
        ("eyJ over 1 MB", "eyJ", MB),
        ("eyJ. over 1 MB", "eyJhbGciOiJI.", MB),
        ("%25 over 1 MB", "%25", MB),
        ("%2525 over 1 MB", "%2525", MB),
        ("@ over 1 MB", "@", MB),
        ("a@a. over 1 MB", "a@a.", MB),
        ("+ over 1 MB", "+", MB),
        ("digits over 1 MB", "4111111111111111", MB),
        ("digits and blanks over 1 MB", "4 ", MB),
        ("a= over 1 MB", "a=", MB),
        ("token= over 1 MB", "token=", MB),
        ("pairs with ~ over 1 MB", "exp=1~hmac=ab~", MB),
        ("brackets over 1 MB", "(", MB),
        ("(555) over 1 MB", "(555) ", MB),
        ("JSON brackets over 1 MB", "[", MB),
        ("http:// over 1 MB", "http://", MB),
        ("slashes over 1 MB", "/", MB),
        ("semicolons over 1 MB", ";", MB),
        ("letters of base64 over 1 MB", "QUJD", MB),
        ("hex over 1 MB", "0123456789abcdef", MB),
        ("hyphens over 1 MB", "0b9d1f7e-2c3a-", MB),
        ("placeholders over 1 MB", "[token #1]", MB),
        (
            "BEGIN PRIVATE KEY over 1 MB",
            "-----BEGIN PRIVATE KEY-----",
            MB,
        ),
        ("é over 1 MB", "é", MB),
    ]
    .map(|(name, text, n)| (name, with_text(&run(text, n))))
    .into();
    let host = run("a.", 200 * KB);
    all.push((
        "a host of 100,000 labels",
        capture(&format!("https://{host}example/"), &[], ""),
    ));
    let cookies = (0..30_000).fold(String::new(), |mut text, n| {
        write!(text, "c{n}=v{n}Xy; ").expect("strings take everything");
        text
    });
    all.push((
        "30,000 cookies",
        capture("https://a.example/", &[("Cookie", &cookies)], ""),
    ));
    let query = cookies.replace("; ", "&");
    all.push((
        "30,000 parameters",
        capture(&format!("https://a.example/?{query}"), &[], ""),
    ));
    let nested = run("/?x=", 400 * KB);
    all.push((
        "URLs 100,000 deep",
        capture(
            &format!("https://a.example{nested}"),
            &[("Referer", &nested)],
            "",
        ),
    ));
    let nested = run("https://a.example/?u=", 400 * KB);
    all.push((
        "whole URLs 20,000 deep",
        capture(&nested, &[("Location", &nested)], ""),
    ));
    let deep = format!("{}1{}", run("{\"a\":", 500 * KB), run("}", 100 * KB));
    all.push((
        "JSON 100,000 deep",
        capture(
            &format!("https://a.example/?f={deep}"),
            &[("X-Foo-Bar", &deep)],
            &deep,
        ),
    ));
    all.push(("30,000 headers", many_headers()));
    all.push(("4,000 flows with values of their own", many_flows()));
    all
}

fn many_headers() -> String {
    let headers: Vec<(String, String)> = (0..30_000)
        .map(|n| (format!("X-H{n}"), format!("value{n}Xy")))
        .collect();
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    capture("https://a.example/", &headers, "")
}

/// Each with a secret that no other has: what is removed grows with the capture.
fn many_flows() -> String {
    let entries: Vec<Value> = (0..4_000_u64)
        .map(|n| {
            let token = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            json!({
                "startedDateTime": "2024-05-01T10:00:00Z", "time": 1,
                "request": {"method": "GET", "url": format!("https://a.example/s/{token:016x}?token={token:x}"), "headers": [{"name": "Cookie", "value": format!("sid={token:X}z")}]},
                "response": {"status": 200, "headers": [], "content": {}},
            })
        })
        .collect();
    har(&entries)
}

fn outputs(file: &Path) -> Vec<Vec<String>> {
    let file = file.to_str().expect("UTF-8");
    let columns =
        "url,path,query,request-header:x-foo-bar,request-header:cookie,request-header:referer";
    [
        vec!["report", file, "--as", "har"],
        vec!["report", file, "--as", "html"],
        vec!["report", file, "--as", "json", "--redact", "strict"],
        vec!["flows", file, "--as", "csv", "--columns", columns],
        vec!["explain", file, "2"],
    ]
    .map(|words| words.into_iter().map(str::to_owned).collect())
    .into()
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the times are for the reader of the log"
)]
fn nothing_takes_for_ever_or_all_memory() {
    let home = Home::new();
    let failures = Mutex::new(Vec::new());
    let lines = Mutex::new(Vec::new());
    let captures: Vec<(usize, (&str, String))> = captures().into_iter().enumerate().collect();
    in_two_threads(&captures, |(number, (name, text))| {
        let file = home.write(&format!("{number}.har"), text);
        for words in outputs(&file) {
            let run = home.run_within(&words, MOST_TIME);
            let output = format!("{} {}", words[0], words.get(3).map_or("", String::as_str));
            let line = format!(
                "{name}: {output}: {:.1} s, {} MiB, exit {:?}",
                run.took.as_secs_f64(),
                run.peak_mib,
                run.code
            );
            // However many values there are, the last of them is removed, too.
            let is_leaking = run.text().contains("v29999Xy");
            let fails =
                is_leaking || run.is_too_slow || MOST_MIB < run.peak_mib || run.code != Some(0);
            lines.lock().expect("no panic").push(line.clone());
            if fails {
                let complaint: String = run.complaints().chars().take(200).collect();
                failures
                    .lock()
                    .expect("no panic")
                    .push(format!("{line} {complaint}"));
                // The other outputs would most likely take as long.
                return;
            }
        }
    });
    println!("{}", lines.lock().expect("no panic").join("\n"));
    let failures = failures.lock().expect("no panic");
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn a_long_field_of_a_log_takes_no_time() {
    let home = Home::new();
    let field = run("eyJ", 70 * KB);
    let line = format!(
        "192.0.2.1, -, 11/23/2026, 2:46:59, W3SVC1, WEB01, 192.0.2.10, 4502, 163, 3223, 200, 0, GET, /DeptLogo.gif,{field},\n"
    );
    let file = home.write("jwt.log", line);
    for words in outputs(&file) {
        let words: Vec<String> = words
            .iter()
            .map(|word| {
                if word == "2" {
                    "1".to_owned()
                } else {
                    word.clone()
                }
            })
            .collect();
        let run = home.run_within(&words, MOST_TIME);
        assert_eq!(
            run.code,
            Some(0),
            "{words:?}: {:?} {}",
            run.took,
            run.complaints()
        );
    }
}
