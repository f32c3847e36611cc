//! Edges against captures that carry independent labels: the folder that `HEADWATER_LABELLED` names.

use std::path::{Path, PathBuf};

use headwater::attribution::score::{Labelled, Report, Score, parse_adjudicated};
use headwater::attribution::{Attribution, Verdict, Withheld};
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::Capture;
use headwater::formats::{self, Watch};

/// Labels that the captures themselves correct.
const OVERLAY: &str = include_str!("adjudicated.tsv");

/// The labelled captures with their file names; `None`, and a line that says so, when there is no such folder.
#[expect(
    clippy::print_stdout,
    reason = "what was not run is for the reader of the log"
)]
fn captures() -> Option<Vec<(String, Capture)>> {
    let Some(folder) = std::env::var_os("HEADWATER_LABELLED") else {
        println!("not run: HEADWATER_LABELLED does not name a folder of labelled captures");
        return None;
    };
    let files = std::fs::read_dir(Path::new(&folder)).expect("HEADWATER_LABELLED names a folder");
    let mut paths: Vec<PathBuf> = files
        .map(|file| file.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "har"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "HEADWATER_LABELLED holds captures");
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    let captures = paths.iter().map(|path| {
        let capture =
            formats::open(path, &formats::Options::default(), &watch).expect("a readable HAR");
        let name = path.file_name().expect("a file").to_string_lossy();
        (name.into_owned(), capture)
    });
    Some(captures.collect())
}

fn judged(capture: &Capture, withheld: Withheld) -> Attribution {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    Attribution::withholding(capture, withheld, &cancel, &progress).expect("not cancelled")
}

fn report(captures: &[(String, Capture)]) -> Report {
    let labelled: Vec<Labelled<'_>> = captures
        .iter()
        .map(|(file, capture)| Labelled { file, capture })
        .collect();
    let overlay = parse_adjudicated(OVERLAY).expect("a well-formed overlay");
    Report::of(&labelled, overlay, &Cancel::default()).expect("not cancelled")
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the score is for the reader of the log"
)]
fn edges_agree_with_independent_labels() {
    let Some(captures) = captures() else { return };
    let report = report(&captures);
    println!("{report}");
    let is_met = |score: &Score| {
        let (entry, host) = (&score.by_entry, &score.by_host);
        let at_least = |bound: f64, share: Option<f64>| share.is_some_and(|share| bound <= share);
        at_least(0.999, entry.precision())
            && at_least(0.995, entry.recall())
            && at_least(0.99, host.precision())
            && at_least(0.97, host.recall())
    };
    assert!(is_met(&report.raw) && is_met(&report.adjudicated));
    for tally in [&report.raw.by_entry, &report.raw.by_host] {
        assert!(tally.extras().is_some_and(|share| share < 0.10), "{tally}");
    }
    for (level, calls) in &report.adjudicated.calibration {
        let promise = level.promise();
        assert!(
            promise <= calls.agreement(),
            "{} breaks its promise",
            level.word()
        );
    }
}

#[test]
fn corrected_labels_stand_in_the_captures_and_are_met() {
    let Some(captures) = captures() else { return };
    for reviewed in report(&captures).overlay {
        let is_here = captures
            .iter()
            .any(|(file, _)| *file == reviewed.correction.file);
        assert!(!is_here || reviewed.answered.is_some(), "{reviewed:?}");
        assert!(!is_here || reviewed.is_met(), "{reviewed:?}");
    }
}

#[test]
fn without_any_evidence_nobody_is_named() {
    let Some(captures) = captures() else { return };
    for (file, capture) in &captures {
        let attribution = judged(capture, Withheld::EVERYTHING);
        for row in 0..capture.len() {
            assert_eq!(
                attribution.verdict(row),
                Verdict::UNKNOWN,
                "{file} row {row}"
            );
        }
    }
}

#[test]
fn every_kind_of_evidence_adds_to_recall() {
    let Some(captures) = captures() else { return };
    let report = report(&captures);
    for ablation in &report.ablations {
        let (with, without) = (&report.raw.by_entry, &ablation.raw.by_entry);
        let withheld = ablation.withheld;
        assert!(without.recall() <= with.recall(), "without {withheld}");
        let is_precise = without.precision().is_none_or(|share| 0.95 <= share);
        assert!(is_precise, "without {withheld}: {without}");
    }
}

#[test]
fn a_verdict_is_found_again_with_its_evidence() {
    let Some(captures) = captures() else { return };
    for (file, capture) in &captures {
        let attribution = judged(capture, Withheld::default());
        for row in 0..capture.len() {
            let found = attribution.examine(capture, row);
            assert_eq!(found.verdict, attribution.verdict(row), "{file} row {row}");
            let is_named = found.verdict.terminating().is_some();
            assert!(!is_named || !found.evidence.is_empty(), "{file} row {row}");
        }
    }
}

/// A capture with a label that its own headers contradict, one that nothing contradicts, and a replay.
const SMALL: &str = r#"{"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": [
    {"startedDateTime": "2026-06-13T12:00:00Z", "_cdn_provider": "Akamai", "serverIPAddress": "104.16.1.1",
     "request": {"method": "GET", "url": "https://www.example.com/", "headers": []},
     "response": {"status": 200, "headers": [{"name": "CF-Ray", "value": "8d5f1b2c3a4e5f60-FRA"}]}},
    {"startedDateTime": "2026-06-13T12:00:01Z", "_cdn_provider": "Fastly",
     "request": {"method": "GET", "url": "https://www.example.org/", "headers": []},
     "response": {"status": 200, "headers": [{"name": "Server", "value": "nginx"}]}},
    {"startedDateTime": "2026-06-13T12:00:02Z", "_cdn_provider": "Fastly", "_fromCache": "disk",
     "request": {"method": "GET", "url": "https://www.example.org/a", "headers": []},
     "response": {"status": 200, "headers": []}}]}}"#;

/// Runs `score` over the small capture with `overlay`: the exit code, what it printed and what it complained about.
fn run_score(overlay: &str) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let (capture, corrected) = (
        folder.path().join("small.har"),
        folder.path().join("right.tsv"),
    );
    std::fs::write(&capture, SMALL).expect("written");
    std::fs::write(&corrected, overlay).expect("written");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_headwater"))
        .arg("score")
        .args([&capture, Path::new("--adjudicated"), &corrected])
        .output()
        .expect("runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (run.status.code(), text(run.stdout), text(run.stderr))
}

#[test]
fn the_overlay_is_printed_row_by_row_and_changes_the_score() {
    let overlay = "file\tentry\tright answer\treason\n\
        small.har\t0\tcloudflare\tits own CF-Ray from its own address\n\
        small.har\t1\takamai\tonly to differ\n\
        small.har\t9\tnone\tno such entry\n";
    let (code, out, err) = run_score(overlay);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let words = |line: &str| {
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let has = |wanted: &str| {
        let wanted = words(wanted);
        out.lines()
            .any(|line| words(line).windows(wanted.len()).any(|part| part == wanted))
    };
    for line in [
        "1 capture; not counted, because they came over no network: 1 flow",
        "edge by entry precision 0.000 recall 0.000 abstention 0.500 (0 right, 1 wrong, 1 abstained,",
        "adjudicated by entry precision 1.000 recall 0.500 abstention 0.500 (1 right, 0 wrong, 1 abstained,",
        "conclusive 1 1 1.000 0.999",
        "conclusive, 2 families 1 0 0.500 0.000 0.000–0.793 1",
        "everything - 0.000 1.000 - 0.000 1.000",
        "small.har 0 www.example.com Akamai cloudflare cloudflare conclusive ok its own CF-Ray",
        "small.har 1 www.example.org Fastly akamai - insufficient differs only to differ",
        "small.har 9 - none - - absent no such entry",
    ] {
        assert!(has(line), "no line with {line:?} in\n{out}");
    }
}

#[test]
fn a_broken_overlay_is_refused_with_its_line() {
    let (code, out, err) = run_score("small.har\t0\tcloudflare\n");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("line 1"), "{err}");
}
