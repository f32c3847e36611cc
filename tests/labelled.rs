//! Edges against captures that carry independent labels: the folder that `HEADWATER_LABELLED` names.

use std::path::{Path, PathBuf};

use headwater::attribution::Attribution;
use headwater::attribution::score::{Labelled, Score};
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::Capture;
use headwater::formats::{self, Watch};

fn captures(folder: &Path) -> Vec<(String, Capture, Attribution)> {
    let files = std::fs::read_dir(folder).expect("HEADWATER_LABELLED names a folder");
    let mut paths: Vec<PathBuf> = files
        .map(|file| file.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "har"))
        .collect();
    paths.sort();
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    paths
        .iter()
        .map(|path| {
            let capture = formats::open(path, &watch).expect("a readable HAR");
            let attribution = Attribution::of(&capture, watch.cancel, watch.progress);
            let name = path.file_name().expect("a file").to_string_lossy();
            (
                name.into_owned(),
                capture,
                attribution.expect("not cancelled"),
            )
        })
        .collect()
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the score, and what was not run, are for the reader of the log"
)]
fn edges_agree_with_independent_labels() {
    let Some(folder) = std::env::var_os("HEADWATER_LABELLED") else {
        println!("not run: HEADWATER_LABELLED does not name a folder of labelled captures");
        return;
    };
    let captures = captures(Path::new(&folder));
    for (file, capture, attribution) in &captures {
        for idx in 0..capture.len() {
            let found = attribution.examine(capture, idx);
            assert_eq!(found.verdict, attribution.verdict(idx), "{file} row {idx}");
            let is_named = found.verdict.terminating().is_some();
            assert!(!is_named || !found.evidence.is_empty(), "{file} row {idx}");
        }
    }
    let labelled: Vec<Labelled<'_>> = captures
        .iter()
        .map(|(file, capture, attribution)| Labelled {
            file,
            capture,
            attribution,
        })
        .collect();
    let score = Score::of(&labelled, &[]);
    println!("{score}");
    assert!(
        0.97 < score.by_entry.precision() && 0.90 < score.by_entry.recall(),
        "{score}"
    );
    assert!(
        0.97 < score.by_host.precision() && 0.90 < score.by_host.recall(),
        "{score}"
    );
}
