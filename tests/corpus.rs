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
use headwater::formats::{Options, Watch, open};
use serde_json::Value;

fn read(path: &Path) -> Result<Capture, Problem> {
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    open(path, &Options::default(), &watch)
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
        // On the wire a request may name the path only.
        let has_path = flow.path().is_some_and(|path| request_line.contains(path));
        assert!(
            request_line.contains(flow.url()) || has_path,
            "{place}: {request_line}"
        );
        for header in flow.headers() {
            if header.side == Side::Connection {
                continue; // in the raw entry, not among the headers
            }
            let message = exchange.message(header.side).expect(&place);
            let is_same = message.headers.iter().any(|field| {
                field.span == header.span
                    && field.name.eq_ignore_ascii_case(header.name)
                    && holds(&field.value, header.value)
            });
            assert!(is_same, "{place}: {header:?}");
        }
    }
}

/// True when the row has all of a header, or, where line feeds join several values, one of them or their list.
fn holds(written: &str, in_row: &str) -> bool {
    let mut parts = written.split('\n').map(str::trim);
    let list: Vec<&str> = parts.clone().collect();
    written == in_row || parts.any(|part| part == in_row) || list.join(", ") == in_row
}

#[test]
fn no_entry_of_a_labelled_har_is_lost() {
    check("HEADWATER_LABELLED", "");
}

/// What is expected of one file of the corpus: a line of `tests/corpus.tsv`.
#[derive(Debug)]
struct Expected<'t> {
    path: &'t str,
    /// Id of the format, and the number of flows; `None` when the file is refused.
    opened: Option<(&'t str, u32)>,
    /// How the message begins when it is refused.
    message: &'t str,
}

impl<'t> Expected<'t> {
    fn parse(line: &'t str) -> Self {
        let cells: Vec<&str> = line.split('\t').collect();
        let [path, format, flows, message, how] = cells[..] else {
            panic!("five cells: {line}");
        };
        assert!(!how.is_empty(), "how was it counted? {line}");
        let opened = (format != "-").then(|| (format, flows.parse().expect(line)));
        assert_eq!(opened.is_none(), !message.is_empty(), "{line}");
        Self {
            path,
            opened,
            message,
        }
    }

    /// What is wrong with what was read.
    fn fault(&self, read: &Result<Capture, Problem>) -> Option<String> {
        let found = match (read, self.opened) {
            (Ok(capture), Some((format, flows))) => {
                let found = (capture.info().format, capture.len());
                (found != (format, flows)).then(|| format!("{found:?}"))
            }
            (Ok(capture), None) => Some(format!("opened with {} flows", capture.len())),
            (Err(problem), None) => {
                let is_expected = problem.message.starts_with(self.message);
                (!is_expected).then(|| problem.to_string())
            }
            (Err(problem), Some(_)) => Some(problem.to_string()),
        };
        found.map(|found| format!("{}: {found}, expected {self:?}", self.path))
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).expect("the corpus can be listed") {
        let path = entry.expect("the corpus can be listed").path();
        if path.is_dir() {
            paths.extend(files_below(&path));
        } else {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}

/// `tests/corpus.tsv` says what every file is: how many flows it holds, counted by other means, or why it is refused.
#[test]
fn every_real_file_opens_as_expected_or_is_refused_by_name() {
    let Some(root) = std::env::var_os("HEADWATER_CORPUS") else {
        println!("not run: HEADWATER_CORPUS is not set, so no real capture was opened");
        return;
    };
    let root = Path::new(&root);
    let expectations = include_str!("corpus.tsv").lines();
    let expectations: Vec<Expected<'_>> = expectations
        .filter(|line| !line.starts_with('#'))
        .map(Expected::parse)
        .collect();
    let (mut faults, mut n_flows, mut n_refused) = (Vec::new(), 0, 0);
    let mut unknown = files_below(root);
    for expected in &expectations {
        let path = root.join(expected.path);
        if !path.is_file() {
            println!("not run: {} is not in this corpus", expected.path);
            continue;
        }
        unknown.retain(|other| *other != path);
        let read = read(&path);
        faults.extend(expected.fault(&read));
        match &read {
            Ok(capture) => {
                n_flows += capture.len();
                check_details(capture, &path);
            }
            Err(_) => n_refused += 1,
        }
    }
    // Nothing is known of these, but they must not end in a panic.
    for path in unknown
        .iter()
        .filter(|path| path.extension().is_none_or(|ext| ext != "tsv"))
    {
        match read(path) {
            Ok(capture) => {
                check_details(&capture, path);
                println!("unknown: {}: {} flows", path.display(), capture.len());
            }
            Err(problem) => println!("unknown: {}: {problem}", path.display()),
        }
    }
    println!(
        "{} files, {n_flows} flows, {n_refused} refused",
        expectations.len()
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
