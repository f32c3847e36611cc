//! Every payload in every field of a capture and of a label, in every output: text stays text.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::markup::{
    control_characters, csv_faults, html_faults, markdown_faults, unsafe_characters,
};
use crate::payloads::{LONE_HALF, all_format_characters, payloads};
use crate::program::Home;
use crate::secrets::in_two_threads;

/// Flows for each payload: in all fields, as host, and as the URL.
const FLOWS_EACH: usize = 3;

const MIN_PAYLOADS: usize = 200;

/// Columns whose cells are numbers and stay numbers.
const NUMBERS: &[&str] = &[
    "n",
    "entry",
    "status",
    "size",
    "time",
    "time_ms",
    "port",
    "sent",
    "content",
    "wait",
    "age",
    "evidence-count",
    "bytes_sent",
    "bytes_received",
    "content_bytes",
    "span",
];

const COLUMNS: &str = "n,label,start,method,status,host,path,provider,service,role,conclusive,type,size,time,note,protocol,\
    scheme,port,remote-ip,edge,origin,region,party,sent,content,by,file,url,tag,color,kind,query,wait,asn,network,tenant,server,via,\
    cache,age,cname,issuer,tls-version,initiator,page,evidence-count,rival,response-header:x-odd,response-header:location,\
    request-header:referer,request-header:cookie,response-header:set-cookie";

fn entry(number: usize, url: &str, payload: &str) -> Value {
    let header = |name: &str, value: &str| json!({"name": name, "value": value});
    json!({
        "pageref": format!("page_{number}"), "startedDateTime": "2026-05-01T10:00:00.123Z", "time": 5,
        "comment": payload, "connection": payload, "_initiator": {"type": payload, "url": payload},
        "request": {
            "method": payload, "url": url, "httpVersion": payload,
            "cookies": [{"name": payload, "value": payload}],
            "headers": [header(payload, payload), header("Referer", payload), header("Cookie", &format!("{payload}={payload}")), header("Host", payload)],
            "queryString": [{"name": payload, "value": payload}], "headersSize": -1, "bodySize": 0,
            "postData": {"mimeType": payload, "text": payload},
        },
        "response": {
            "status": 200, "statusText": payload, "httpVersion": payload, "cookies": [],
            "headers": [
                header(payload, payload), header("Server", payload), header("Via", payload), header("X-Cache", payload), header("X-Odd", payload),
                header("Location", payload), header("Set-Cookie", payload), header("Age", payload),
                header("X-Amz-Cf-Pop", payload), header("Server-Timing", payload), header("Content-Type", payload),
            ],
            "content": {"size": 1, "mimeType": payload, "text": payload}, "redirectURL": payload, "headersSize": -1, "bodySize": 1,
        },
        "cache": {}, "timings": {"send": 0, "wait": 4, "receive": 1}, "serverIPAddress": payload,
        "_securityDetails": {"protocol": payload, "issuer": payload, "subjectName": payload},
    })
}

/// A HAR with three flows for each payload.
fn capture(payloads: &[String]) -> String {
    let mut entries = Vec::new();
    let mut pages = Vec::new();
    for (number, payload) in payloads.iter().enumerate() {
        let urls = [
            format!("https://www.shop.example/{payload}?{payload}={payload}#{payload}"),
            format!("https://{payload}/x"),
            payload.clone(),
        ];
        entries.extend(urls.iter().map(|url| entry(number, url, payload)));
        pages.push(json!({
            "id": format!("page_{number}"), "title": payload, "startedDateTime": "2026-05-01T10:00:00.123Z", "pageTimings": {}, "comment": payload,
        }));
    }
    let all = payloads.concat();
    let creator = json!({"name": all, "version": all, "comment": all});
    let har = json!({"log": {"version": "1.2", "creator": creator, "browser": creator, "pages": pages, "entries": entries, "comment": all}});
    // No writer of JSON writes half a character, but captures hold such.
    har.to_string().replace(LONE_HALF, "\\ud83d")
}

/// Labels every flow, each with another payload as note, tag and name of the reviewer.
fn label(home: &Home, file: &Path, payloads: &[String]) {
    let marks = [
        "--note",
        "NOTE-MARK",
        "--tag",
        "TAG-MARK",
        "--by",
        "BY-MARK",
    ];
    let mut arguments: Vec<OsString> = ["label", "--filter", "", "--cdn"]
        .map(OsString::from)
        .into();
    arguments.extend(marks.map(OsString::from));
    arguments.insert(1, file.into());
    let run = home.run(&arguments);
    assert_eq!(run.code, Some(0), "{}", run.complaints());
    let mut path = file.as_os_str().to_owned();
    path.push(".headwater.json");
    let text = std::fs::read_to_string(&path).expect("a sidecar");
    let mut sidecar: Value = serde_json::from_str(&text).expect("JSON");
    let marks = marks_in(&mut sidecar);
    assert!(
        payloads.len() * FLOWS_EACH < marks.len(),
        "only {} marks",
        marks.len()
    );
    for (idx, mark) in marks.into_iter().enumerate() {
        // Each flow has three marks.
        *mark = json!(payloads[idx / 3 % payloads.len()]);
    }
    std::fs::write(&path, sidecar.to_string()).expect("written");
}

/// All strings of `value` that are one of the marks.
fn marks_in(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::String(text) if text.ends_with("-MARK") => vec![value],
        Value::Array(list) => list.iter_mut().flat_map(marks_in).collect(),
        Value::Object(map) => map.values_mut().flat_map(marks_in).collect(),
        _ => Vec::new(),
    }
}

/// What is wrong with one output.
fn check_output(words: &[OsString], stdout: &str, n_flows: usize) -> Vec<String> {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let form = words.iter().skip_while(|word| *word != "--as").nth(1);
    match form.map_or("", |form| &**form) {
        "html" => html_faults(stdout),
        "md" => markdown_faults(stdout),
        "csv" => {
            // How many services and hosts there are, no test knows beforehand.
            let of_flows = !words.iter().any(|word| word == "--table");
            csv_faults(stdout, of_flows.then_some(n_flows), NUMBERS)
        }
        "csv-raw" | "tsv" => unsafe_characters(stdout, &['\n', '\t', '\r']),
        "json" | "har" => {
            let mut faults = control_characters(stdout);
            if let Err(error) = serde_json::from_str::<Value>(stdout) {
                faults.push(format!("no JSON: {error}"));
            }
            faults
        }
        _ => unsafe_characters(stdout, &['\n']),
    }
}

fn commands(file: &Path) -> Vec<Vec<OsString>> {
    let mut all = Vec::new();
    let mut add = |words: &[&str]| {
        let words = words.iter().map(|word| match *word {
            "FILE" => file.as_os_str().to_owned(),
            word => OsString::from(word),
        });
        all.push(words.collect::<Vec<OsString>>());
    };
    for form in ["html", "md", "csv", "json", "har"] {
        for level in ["none", "balanced", "strict"] {
            add(&["report", "FILE", "--as", form, "--redact", level]);
        }
    }
    for form in ["table", "csv", "json"] {
        add(&["flows", "FILE", "--as", form, "--columns", COLUMNS]);
    }
    for table in ["services", "hosts"] {
        for form in ["csv", "tsv", "csv-raw"] {
            add(&["report", "FILE", "--as", form, "--table", table]);
        }
    }
    add(&["verdicts", "FILE", "--as", "text"]);
    add(&["verdicts", "FILE", "--as", "json"]);
    add(&["FILE"]);
    all
}

#[derive(Default)]
struct Faults(Mutex<Vec<String>>);

impl Faults {
    fn add(&self, words: &[OsString], found: Vec<String>) {
        let words: Vec<String> = words
            .iter()
            .map(|word| word.to_string_lossy().chars().take(60).collect())
            .collect();
        let mut all = self.0.lock().expect("no panic");
        all.extend(
            found
                .into_iter()
                .map(|fault| format!("{}: {fault}", words.join(" "))),
        );
    }

    fn run(&self, home: &Home, words: &[OsString], n_flows: usize) {
        let run = home.run(words);
        let mut found = match String::from_utf8(run.stdout) {
            Ok(stdout) if run.code == Some(0) => check_output(words, &stdout, n_flows),
            Ok(stdout) => unsafe_characters(&stdout, &['\n']),
            Err(error) => vec![format!("no UTF-8: {error}")],
        };
        if run.code != Some(0) && 1 < words.len() {
            let complaint: String = String::from_utf8_lossy(&run.stderr)
                .chars()
                .take(300)
                .collect();
            found.push(format!("exit {:?}: {complaint:?}", run.code));
        }
        let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
        found.extend(unsafe_characters(&stderr, &['\n']));
        self.add(words, found);
    }

    /// Fails when there is any fault, with some of each command.
    fn check(self) {
        const SHOWN: usize = 8;
        let all = self.0.into_inner().expect("no panic");
        let mut of_command: BTreeMap<&str, usize> = BTreeMap::new();
        let shown: Vec<&String> = all
            .iter()
            .filter(|fault| {
                let command = fault.split(": ").next().unwrap_or_default();
                let n = of_command.entry(command).or_default();
                *n += 1;
                *n <= SHOWN
            })
            .collect();
        assert!(all.is_empty(), "{} faults, such as {shown:#?}", all.len());
    }
}

#[test]
fn nothing_of_a_capture_or_a_label_is_ever_live() {
    let home = Home::new();
    let payloads = payloads();
    assert!(
        MIN_PAYLOADS <= payloads.len(),
        "{} are too few",
        payloads.len()
    );
    let file = home.write("trip.har", capture(&payloads));
    label(&home, &file, &payloads);
    let faults = Faults::default();
    let n_flows = payloads.len() * FLOWS_EACH;
    in_two_threads(&commands(&file), |words| faults.run(&home, words, n_flows));
    faults.check();
    // Text that is not there would be safe, too.
    let html = home.report(&file, "html", "none").text();
    let n_shown = html.matches("alert(1)").count();
    assert!(
        payloads.len() < n_shown,
        "only {n_shown} payloads are shown"
    );
}

#[test]
fn explaining_a_flow_is_safe_in_a_terminal() {
    let home = Home::new();
    // Those that a terminal or a spreadsheet would act on; each run explains one flow.
    let payloads: Vec<String> = payloads()
        .into_iter()
        .filter(|text| text.chars().any(char::is_control) || text.contains(LONE_HALF))
        .collect();
    let file = home.write("trip.har", capture(&payloads));
    let runs: Vec<Vec<OsString>> = (0..payloads.len() * FLOWS_EACH)
        .step_by(2)
        .map(|idx| {
            vec![
                "explain".into(),
                file.clone().into(),
                (idx + 1).to_string().into(),
            ]
        })
        .collect();
    let faults = Faults::default();
    in_two_threads(&runs, |words| faults.run(&home, words, 0));
    faults.check();
}

/// Names that a file can have here.
const FILE_NAMES: &[&str] = &[
    "<script>alert(1)<",
    "\"><img src=x onerror=alert(1)>",
    "=cmd|'",
    "-rf",
    "--help",
    "@SUM(1)",
    "[x](javascript:alert(1))",
    "![x](y) www.evil.example jo@evil.example",
    "a|b`c",
    "\u{1b}]0;title\u{7}",
    "exa\u{202e}rah.elpm",
    "a\nb",
    "a\u{9b}2J\u{ad}\u{e0041}",
    "{{7*7}}${7*7}%s",
    " leading",
    "CON",
];

#[test]
fn names_of_files_are_safe_everywhere() {
    let home = Home::new();
    let har = capture(&["plain".to_owned()]);
    let files: Vec<PathBuf> = FILE_NAMES
        .iter()
        .enumerate()
        .map(|(number, name)| home.write(&format!("{number}/{name}.har"), &har))
        .collect();
    let faults = Faults::default();
    let mut runs = Vec::new();
    for file in &files {
        let mut words = commands(file);
        // One level and no data for programs: names of files are no secret of the capture.
        let left_out = ["strict", "none", "har", "json"];
        words.retain(|words| {
            words
                .iter()
                .all(|word| left_out.iter().all(|out| word != out))
        });
        runs.extend(words);
        runs.push(vec!["explain".into(), file.into(), "1".into()]);
        let out = file.with_extension("out");
        runs.push(vec![
            "report".into(),
            file.into(),
            "--as".into(),
            "txt".into(),
        ]);
        runs.push(vec![
            "report".into(),
            file.into(),
            "--as".into(),
            "md".into(),
            "--out".into(),
            out.into(),
        ]);
    }
    in_two_threads(&runs, |words| {
        let run = home.run(words);
        let is_out = words.iter().any(|word| word == "--out");
        let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
        let mut found = if run.code == Some(0) && !is_out {
            check_output(words, &stdout, FLOWS_EACH)
        } else {
            Vec::new()
        };
        found.extend(unsafe_characters(
            &String::from_utf8_lossy(&run.stderr),
            &['\n'],
        ));
        faults.add(words, found);
    });
    faults.check();
}

#[test]
fn filters_and_wrong_arguments_are_safe_everywhere() {
    let home = Home::new();
    let file = home.write("trip.har", capture(&["plain".to_owned()]));
    let faults = Faults::default();
    let mut runs: Vec<Vec<OsString>> = Vec::new();
    let texts = payloads();
    // Some of them: each is a run of its own.
    let mut some: Vec<String> = texts.into_iter().step_by(24).collect();
    some.retain(|text| !text.contains('\0'));
    some.push(all_format_characters());
    some.push("\u{1b}[2J\u{7}\r\u{9b}x\u{7f}y\nz".to_owned());
    for text in &some {
        let quoted = text.replace(['"', '\\'], "");
        let filter = format!("NOT note:\"{quoted}\"");
        for form in ["html", "md", "json"] {
            let words = ["report", "FILE", "--as", form, "--filter", &filter];
            runs.push(words.iter().map(OsString::from).collect());
        }
        runs.push(
            ["flows", "FILE", "--filter", text]
                .map(OsString::from)
                .into(),
        );
        runs.push(
            ["flows", "FILE", "--columns", text]
                .map(OsString::from)
                .into(),
        );
        runs.push(["report", "FILE", "--as", text].map(OsString::from).into());
        runs.push(["flows", text].map(OsString::from).into());
    }
    for words in &mut runs {
        for word in words.iter_mut().filter(|word| *word == "FILE") {
            *word = file.clone().into();
        }
    }
    in_two_threads(&runs, |words| {
        let run = home.run(words);
        let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
        let mut found = if run.code == Some(0) {
            check_output(words, &stdout, FLOWS_EACH)
        } else {
            unsafe_characters(&stdout, &['\n'])
        };
        found.extend(unsafe_characters(
            &String::from_utf8_lossy(&run.stderr),
            &['\n'],
        ));
        faults.add(words, found);
    });
    faults.check();
}
