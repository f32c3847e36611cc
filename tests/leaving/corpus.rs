//! Real captures: no export is refused, and verdicts, hosts and evidence are the same in what was exported.
//!
//! `HEADWATER_LABELLED` and `HEADWATER_CORPUS` name the folders. Of the corpus and what lies beside it every sixth file is
//! exported, since each takes seconds in a debug build; `HEADWATER_LEAVING=all` takes all of them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::evidence::conclusions;
use crate::program::{Home, Run};
use crate::secrets::in_two_threads;

/// Larger captures are only exported as HAR and JSON.
const MAX_FOR_ALL: u64 = 5_000_000;
/// Longest for one output of one capture, in a debug build.
const PATIENCE: Duration = Duration::from_mins(10);

/// Headers whose values are compared one by one.
const EVIDENCE: &[&str] = &[
    "via",
    "server",
    "x-cache",
    "x-cache-hits",
    "cf-ray",
    "cf-cache-status",
    "age",
    "x-served-by",
    "x-timer",
    "x-amz-cf-id",
    "x-amz-cf-pop",
    "x-amz-request-id",
    "x-amz-id-2",
    "x-azure-ref",
    "x-msedge-ref",
    "x-ms-request-id",
    "x-goog-hash",
    "x-guploader-uploadid",
    "cache-status",
    "server-timing",
    "alt-svc",
    "etag",
    "x-akamai-request-id",
    "x-fastly-request-id",
    "x-vercel-id",
    "x-nf-request-id",
    "x-iinfo",
    "x-amz-version-id",
    "x-goog-generation",
    "x-github-request-id",
    "x-hw",
    "cache-control",
    "last-modified",
    "date",
    "content-type",
];

#[test]
fn labelled_captures_agree_with_their_exports() {
    let Some(folder) = folder("HEADWATER_LABELLED") else {
        return;
    };
    let files = files_under(&folder);
    check(&files, &|_| true);
}

#[test]
fn no_export_of_a_real_capture_is_refused() {
    let Some(folder) = folder("HEADWATER_CORPUS") else {
        return;
    };
    // What lies beside the corpus is exported, too: labelled captures and cases.
    let parent = folder.parent().unwrap_or(&folder);
    let mut files = files_under(parent);
    let documents = ["md", "tsv", "txt", "toml", "rs", "py"].map(OsStr::new);
    files.retain(|file| {
        let is_document = file
            .extension()
            .is_some_and(|ending| documents.contains(&ending));
        !is_document || file.starts_with(&folder)
    });
    let n_all = files.len();
    if std::env::var_os("HEADWATER_LEAVING").is_none() {
        files = files.into_iter().step_by(6).collect();
        say(&format!(
            "{} of {n_all} files; not run: the others, which HEADWATER_LEAVING=all takes",
            files.len()
        ));
    }
    // Logs say less than a HAR of them can hold, so that only what a HAR said is compared.
    check(&files, &|file| {
        file.extension().is_some_and(|ending| ending == "har")
    });
}

fn folder(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(name).map(PathBuf::from);
    if folder.is_none() {
        say(&format!("not run: {name} is not set"));
    }
    folder
}

#[expect(
    clippy::print_stdout,
    reason = "what was not run is for the reader of the log"
)]
fn say(text: &str) {
    println!("{text}");
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder that can be listed") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

struct Check {
    home: Home,
    faults: Mutex<Vec<String>>,
    n_usable: AtomicUsize,
    n_flows: AtomicUsize,
}

#[expect(
    clippy::print_stdout,
    reason = "the counts are for the reader of the log"
)]
fn check(files: &[PathBuf], is_compared: &(dyn Fn(&Path) -> bool + Sync)) {
    let check = Check {
        home: Home::new(),
        faults: Mutex::default(),
        n_usable: AtomicUsize::new(0),
        n_flows: AtomicUsize::new(0),
    };
    let numbered: Vec<(usize, &PathBuf)> = files.iter().enumerate().collect();
    in_two_threads(&numbered, |(number, file)| {
        check.one(*number, file, is_compared(file));
    });
    println!(
        "{} files, {} of them captures with {} flows",
        files.len(),
        check.n_usable.into_inner(),
        check.n_flows.into_inner()
    );
    let faults = check.faults.into_inner().expect("no panic");
    assert!(faults.is_empty(), "{} faults: {faults:#?}", faults.len());
}

impl Check {
    fn one(&self, number: usize, file: &Path, is_compared: bool) {
        // A table says whether there is anything to export; nothing of it is searched or refused.
        let arguments = [
            "flows".as_ref(),
            file.as_os_str(),
            "--columns".as_ref(),
            "n,host".as_ref(),
        ];
        let run = self.home.run_within(&arguments, PATIENCE);
        let n_flows = run.text().lines().count().saturating_sub(1);
        if run.code != Some(0) || n_flows == 0 {
            return;
        }
        self.n_usable.fetch_add(1, Ordering::Relaxed);
        self.n_flows.fetch_add(n_flows, Ordering::Relaxed);
        let size = fs::metadata(file).map_or(0, |found| found.len());
        let before = self.output(file, &["flows", "--as", "json"]);
        let har = self.output(file, &["report", "--as", "har"]);
        self.output(file, &["report", "--as", "json", "--redact", "strict"]);
        if size < MAX_FOR_ALL {
            for form in ["html", "md", "csv"] {
                self.output(file, &["report", "--as", form]);
            }
        }
        if let (Some(before), Some(har)) = (before, har)
            && is_compared
        {
            let exported = self.home.write(&format!("{number}.har"), &har.stdout);
            if let Some(after) = self.output(&exported, &["flows", "--as", "json"]) {
                self.compare(file, &before, &after);
            }
            self.compare_headers(file, &har);
            fs::remove_file(exported).expect("removed again");
        }
    }

    /// One output, which must not be refused.
    fn output(&self, file: &Path, words: &[&str]) -> Option<Run> {
        let mut arguments: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        arguments.insert(1, file.as_os_str());
        let run = self.home.run_within(&arguments, PATIENCE);
        if run.code == Some(0) {
            return Some(run);
        }
        let complaints = run.complaints();
        let last = complaints.lines().next_back().unwrap_or_default();
        self.fault(
            file,
            &format!("{}: exit {:?}: {last}", words.join(" "), run.code),
        );
        None
    }

    fn compare(&self, file: &Path, before: &Run, after: &Run) {
        let [before, after] = [before, after].map(|run| {
            let json: Value = serde_json::from_slice(&run.stdout).expect("JSON");
            json
        });
        let rests_on_bodies = flows_that_rest_on_bodies(&before);
        let [before, after] = [before, after].map(|json| conclusions(&json));
        if before.len() != after.len() {
            self.fault(
                file,
                &format!("{} flows became {}", before.len(), after.len()),
            );
        }
        let differing: Vec<(&Value, &Value)> = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before != after && !rests_on_bodies.contains(&before["n"]))
            .collect();
        if let Some((before, after)) = differing.first() {
            let n = differing.len();
            self.fault(
                file,
                &format!("{n} flows differ, first {before} and {after}"),
            );
        }
    }

    /// Values of evidence headers, where both files are JSON that can be read at once.
    fn compare_headers(&self, file: &Path, har: &Run) {
        let original = fs::read(file).ok();
        let original = original.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let exported = serde_json::from_slice::<Value>(&har.stdout).ok();
        let (Some(original), Some(exported)) = (original, exported) else {
            return;
        };
        let [original, exported] = [&original, &exported].map(evidence_of);
        // The count of flows is compared elsewhere; an entry that could not be read has no counterpart.
        if original.len() != exported.len() {
            return;
        }
        for (original, exported) in original.iter().zip(&exported) {
            if let Some(lost) = original.difference(exported).next() {
                self.fault(file, &format!("evidence was lost: {lost:?}"));
                return;
            }
        }
    }

    #[expect(clippy::print_stdout, reason = "a long run says at once what is wrong")]
    fn fault(&self, file: &Path, fault: &str) {
        let fault: String = fault.chars().take(400).collect();
        let fault = format!("{}: {fault}", file.display());
        println!("{fault}");
        self.faults.lock().expect("no panic").push(fault);
    }
}

/// Numbers of the flows whose verdict rests on what an earlier response said: bodies do not leave, so it cannot be the same.
fn flows_that_rest_on_bodies(json: &Value) -> Vec<Value> {
    let mut flows = json["flows"].as_array().cloned().unwrap_or_default();
    flows.retain(|flow| {
        let evidence = flow["evidence"].as_array().cloned().unwrap_or_default();
        let mut families = evidence.iter().map(|found| &found["family"]);
        families.any(|family| family == "control-plane")
    });
    flows.iter().map(|flow| flow["n"].clone()).collect()
}

/// Of each entry, the evidence headers with their values.
fn evidence_of(har: &Value) -> Vec<BTreeSet<(String, String)>> {
    let entries = har["log"]["entries"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    entries
        .iter()
        .map(|entry| {
            let headers = entry["response"]["headers"].as_array().cloned();
            headers
                .unwrap_or_default()
                .iter()
                .filter_map(|header| {
                    let name = header["name"].as_str()?.to_ascii_lowercase();
                    let value = header["value"].as_str()?.to_owned();
                    EVIDENCE.contains(&name.as_str()).then_some((name, value))
                })
                .collect()
        })
        .collect()
}
