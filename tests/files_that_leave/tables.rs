//! CSV and TSV, read back by readers that do not know each other.

use std::process::{Command, Stdio};

use headwater::reports::formula_safe;
use serde_json::json;

use super::{Desk, run, say};

/// Texts that try to become something else than a cell.
const NASTY: &[&str] = &[
    "plain",
    "=1+1",
    "=cmd|'/c calc'!A1",
    "+49 30 1",
    "-1",
    "@SUM(1)",
    "  =1",
    "＝1+1",
    "a,b;c",
    "\"quoted\"",
    "half \" of one",
    "'",
    "two\nlines",
    "two\r\nlines\r",
    "a\ttab",
    "ends with \\",
    "é 字 😀",
];

/// A desk with one flow for each of [`NASTY`], which stands in its note.
fn desk() -> Desk {
    let desk = Desk::new();
    let entries: Vec<_> = (0..NASTY.len())
        .map(|n| {
            json!({
                "startedDateTime": "2026-01-02T03:04:05.678Z", "time": 1,
                "request": {"method": "GET", "url": format!("https://a.example/{n}/"), "httpVersion": "HTTP/1.1", "headers": [], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
                "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": 4,
                    "content": {"size": 4, "mimeType": "text/html"}},
                "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0},
            })
        })
        .collect();
    let har = json!({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": entries}});
    desk.write("nasty.har", har.to_string());
    for (n, text) in NASTY.iter().enumerate() {
        let filter = format!("/{n}/");
        let filter = format!("path:{filter}");
        let note = format!("--note={text}");
        let arguments = ["label", "nasty.har", "--filter", &filter, "--cdn", &note];
        let run = run(&mut desk.command(&arguments));
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    desk
}

/// Reads by the rules of RFC 4180 and nothing else.
fn read_strictly(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut row = Vec::new();
        loop {
            let mut cell = String::new();
            if let Some(mut quoted) = rest.strip_prefix('"') {
                loop {
                    let at = quoted.find('"').expect("a closing quote");
                    cell.push_str(&quoted[..at]);
                    quoted = &quoted[at + 1..];
                    match quoted.strip_prefix('"') {
                        Some(behind) => {
                            cell.push('"');
                            quoted = behind;
                        }
                        None => break,
                    }
                }
                rest = quoted;
            } else {
                let at = rest.find([',', '\r']).expect("an end of the cell");
                cell.push_str(&rest[..at]);
                assert!(!cell.contains(['"', '\n']), "{cell}");
                rest = &rest[at..];
            }
            row.push(cell);
            match rest.strip_prefix(',') {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        rest = rest.strip_prefix("\r\n").expect("CRLF ends a row");
        rows.push(row);
    }
    rows
}

fn read_by_crate(bytes: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(bytes);
    let rows = reader.records();
    rows.map(|row| row.expect("a row").iter().map(str::to_owned).collect())
        .collect()
}

/// `None` where there is no Python.
fn read_by_python(desk: &Desk, name: &str) -> Option<Vec<Vec<String>>> {
    let script = "import csv, json, sys\n\
        with open(sys.argv[1], newline='', encoding='utf-8') as file:\n\
        \x20   delimiter = '\\t' if sys.argv[1].endswith('.tsv') else ','\n\
        \x20   print(json.dumps(list(csv.reader(file, strict=True, delimiter=delimiter))))";
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(desk.path(name))
        .stderr(Stdio::inherit())
        .output();
    let Ok(output) = output else {
        say("not read by Python: there is no python3");
        return None;
    };
    assert!(output.status.success(), "{name}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// The cells of the column `title`.
fn column<'a>(rows: &'a [Vec<String>], title: &str) -> Vec<&'a str> {
    let head = rows.first().expect("a header");
    let at = head
        .iter()
        .position(|cell| cell == title)
        .expect("a column");
    assert!(rows.iter().all(|row| row.len() == head.len()), "{rows:?}");
    rows[1..].iter().map(|row| &*row[at]).collect()
}

#[test]
fn csv_is_read_back_by_readers_that_do_not_know_each_other() {
    let desk = desk();
    for (form, name) in [("csv", "a.csv"), ("csv-raw", "raw.csv")] {
        desk.check(&format!("report nasty.har --as {form} --out {name}"), 0);
        let bytes = desk.read(name);
        let rows = read_by_crate(&bytes, b',');
        assert_eq!(
            rows,
            read_strictly(&String::from_utf8(bytes).expect("UTF-8"))
        );
        if let Some(found) = read_by_python(&desk, name) {
            assert_eq!(rows, found);
        }
        let expected: Vec<_> = NASTY
            .iter()
            .map(|text| match form {
                "csv" => formula_safe(text),
                _ => (*text).into(),
            })
            .collect();
        assert_eq!(column(&rows, "note"), expected, "{form}");
        let numbers: Vec<String> = (1..=NASTY.len()).map(|n| n.to_string()).collect();
        assert_eq!(column(&rows, "n"), numbers);
    }
}

#[test]
fn tsv_has_one_row_per_line() {
    let desk = desk();
    desk.check("report nasty.har --as tsv --out a.tsv", 0);
    let bytes = desk.read("a.tsv");
    let text = String::from_utf8(bytes.clone()).expect("UTF-8");
    assert_eq!(text.lines().count(), 1 + NASTY.len());
    assert!(!text.contains('\r'));
    let rows = read_by_crate(&bytes, b'\t');
    if let Some(found) = read_by_python(&desk, "a.tsv") {
        assert_eq!(rows, found);
    }
    for (line, row) in text.lines().zip(&rows) {
        assert_eq!(line.split('\t').count(), row.len());
        if !line.contains('"') {
            assert_eq!(line.split('\t').collect::<Vec<_>>(), *row);
        }
    }
    let notes = column(&rows, "note");
    for (note, text) in notes.iter().zip(NASTY) {
        let expected = formula_safe(text)
            .replace('\t', "\\u{9}")
            .replace('\n', "\\u{a}")
            .replace('\r', "\\u{d}");
        assert_eq!(*note, expected);
    }
}

#[test]
fn long_cells_are_cut_for_spreadsheets_and_whole_for_programs() {
    let desk = Desk::new();
    let path = "word/".repeat(8_000);
    let line = String::from_utf8(desk.read("proxy.log")).expect("UTF-8");
    let mut lines = line.lines();
    let line = lines.find(|line| line.contains("://")).expect("a URL");
    let fields: Vec<&str> = line.split_whitespace().collect();
    let url = format!("http://a.example/{path}");
    let fields: Vec<&str> = fields
        .iter()
        .map(|field| if field.contains("://") { &*url } else { *field })
        .collect();
    assert!(fields.contains(&&*url), "{line}");
    desk.write("long.log", format!("{}\n", fields.join(" ")));
    for (form, expected) in [("csv", true), ("tsv", true), ("csv-raw", false)] {
        let out = desk
            .check(&format!("report long.log --as {form} --columns url"), 0)
            .text();
        assert_eq!(out.contains("… [cut]"), expected, "{form}");
        assert_eq!(out.contains(&url), !expected, "{form}");
    }
}

#[test]
fn the_columns_can_be_chosen() {
    let desk = Desk::new();
    let arguments = "report trip.har --as csv-raw --columns n,host,response-header:server";
    let rows = read_by_crate(&desk.check(arguments, 0).out, b',');
    assert_eq!(rows[0], ["n", "host", "response-header:server"]);
    let servers = column(&rows, "response-header:server");
    assert!(servers.iter().any(|server| !server.is_empty()));
    let secrets = format!("{arguments} --with-secrets");
    let rows = read_by_crate(&desk.check(&secrets, 0).out, b',');
    assert_eq!(rows[0][3], "THIS FILE HOLDS SECRETS");
    assert!(rows.iter().all(|row| row.len() == 4));
    desk.check("report trip.har --as csv --columns n,zap", 2);
}
