//! Every real capture opens, and none of its entries is lost.
//!
//! The captures lie outside of the project: `HEADWATER_CORPUS` and `HEADWATER_LABELLED` name their folders. The number of
//! entries is counted a second time by a reader that shares no code with the first.

#![expect(clippy::print_stdout, reason = "a test without its captures says so")]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::{Capture, Problem, Side};
use headwater::formats::{Watch, open};
use serde_json::Value;

fn read(path: &Path) -> Result<Capture, Problem> {
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    open(path, &watch)
}

/// The files of `folder` in the folder that `variable` names; `None`, and a word about it, when it is not set.
fn files(variable: &str, folder: &str) -> Option<Vec<PathBuf>> {
    let Some(root) = std::env::var_os(variable) else {
        println!("not run: {variable} is not set, so no capture in {folder:?} was opened");
        return None;
    };
    let listed = fs::read_dir(Path::new(&root).join(folder)).expect("the corpus can be listed");
    let mut paths: Vec<PathBuf> = listed
        .map(|entry| entry.expect("the corpus can be listed").path())
        .filter(|path| path.is_file() && path.extension().is_none_or(|ext| ext != "tsv"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no file in {folder:?} of {variable}");
    Some(paths)
}

/// The text of a capture, whatever it is wrapped in, decoded without any code of Headwater.
fn decoded(path: &Path) -> String {
    let bytes = fs::read(path).expect("the capture can be read");
    let mut plain = Vec::new();
    let bytes = match bytes.as_slice() {
        [0x1f, 0x8b, ..] => {
            flate2::read::MultiGzDecoder::new(bytes.as_slice())
                .read_to_end(&mut plain)
                .expect("gzip");
            plain
        }
        [0x78, ..] => {
            flate2::read::ZlibDecoder::new(bytes.as_slice())
                .read_to_end(&mut plain)
                .expect("zlib");
            plain
        }
        [0xff, 0xfe, rest @ ..] => {
            let units = rest
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            char::decode_utf16(units)
                .map(|c| c.unwrap_or('?'))
                .collect::<String>()
                .into_bytes()
        }
        _ => bytes,
    };
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Counts the objects in `log.entries`: with `serde_json` where the text is valid, by brackets where it is not.
fn count_entries(text: &str) -> usize {
    let inner = text.find('{').map_or("", |at| &text[at..]);
    let inner = inner.trim_end_matches(|c: char| c != '}');
    match serde_json::from_str::<Value>(inner) {
        Ok(value) => {
            let entries = value.pointer("/log/entries").and_then(Value::as_array);
            // One entry alone, without a log around it, is a flow as well.
            let is_single = value.get("request").is_some() && value.get("response").is_some();
            entries.map_or_else(
                || usize::from(is_single),
                |entries| entries.iter().filter(|entry| entry.is_object()).count(),
            )
        }
        Err(_) => count_by_brackets(text),
    }
}

/// Complete objects directly within the array behind `"entries"`.
fn count_by_brackets(text: &str) -> usize {
    let Some(at) = text.find("\"entries\"") else {
        return 0;
    };
    let Some(start) = text[at..].find('[') else {
        return 0;
    };
    let (mut depth, mut n) = (0, 0);
    let (mut is_string, mut is_escaped) = (false, false);
    for c in text[at + start..].chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => is_escaped = true,
            '"' => is_string = !is_string,
            _ if is_string => {}
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth -= 1;
                if depth == 1 && c == '}' {
                    n += 1;
                }
                if depth == 0 {
                    break;
                }
            }
            _ => {}
        }
    }
    n
}

/// Opens every file of `folder` and compares the number of flows.
fn check(variable: &str, folder: &str) {
    let Some(paths) = files(variable, folder) else {
        return;
    };
    let (mut n_entries, mut failures) = (0, Vec::new());
    for path in &paths {
        let expected = count_entries(&decoded(path));
        n_entries += expected;
        let found = match read(path) {
            Ok(capture) => {
                check_details(&capture, path);
                capture.len() as usize
            }
            Err(problem) if expected == 0 => {
                println!("{}: {problem}", path.display());
                0
            }
            Err(problem) => {
                failures.push(format!("{}: {problem}", path.display()));
                continue;
            }
        };
        if found != expected {
            let name = path.display();
            failures.push(format!("{name}: {found} flows, expected {expected}"));
        }
    }
    println!("{folder:?}: {} files, {n_entries} entries", paths.len());
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(0 < n_entries, "no entry at all in {folder:?}");
}

/// Every flow can be read again in full, and what is read then agrees with its row.
fn check_details(capture: &Capture, path: &Path) {
    for flow in capture.flows() {
        let place = format!("{} flow {}", path.display(), flow.idx() + 1);
        let exchange = capture.exchange(flow.idx()).expect(&place);
        let request_line = &exchange.request.start_line;
        assert!(request_line.starts_with(flow.method()), "{place}");
        assert!(request_line.contains(flow.url()), "{place}");
        for header in flow.headers() {
            if header.side == Side::Connection {
                continue; // in the raw entry, not among the headers
            }
            let message = exchange.message(header.side).expect(&place);
            let is_same = message.headers.iter().any(|field| {
                field.span == header.span
                    && field.name.eq_ignore_ascii_case(header.name)
                    && field.value == header.value
            });
            assert!(is_same, "{place}: {header:?}");
        }
    }
}

#[test]
fn no_entry_of_a_real_har_is_lost() {
    check("HEADWATER_CORPUS", "har");
}

#[test]
fn no_entry_of_a_damaged_har_is_lost() {
    check("HEADWATER_CORPUS", "har-derived");
}

#[test]
fn no_entry_of_a_labelled_har_is_lost() {
    check("HEADWATER_LABELLED", "");
}

/// Everything else opens or is refused with a reason, and nothing panics.
#[test]
fn other_files_open_or_are_refused_by_name() {
    for folder in [
        "log",
        "mitmproxy",
        "netlog",
        "burp-xml",
        "charles-chlsj",
        "fiddler-saz",
        "zap-exim",
    ] {
        for path in files("HEADWATER_CORPUS", folder).unwrap_or_default() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_squid = name.starts_with("live__squid")
                && !name.contains("rich")
                && !name.contains("jsonish");
            match read(&path) {
                Ok(capture) => {
                    assert!(is_squid, "{name} was taken for {}", capture.info().format);
                    assert!(!capture.is_empty(), "{name}");
                    check_details(&capture, &path);
                    println!(
                        "{name}: {} flows, {} problems",
                        capture.len(),
                        capture.problems().len()
                    );
                }
                Err(problem) => {
                    assert!(!is_squid, "{name}: {problem}");
                    println!("{name}: {problem}");
                }
            }
        }
    }
}
