//! The captures that ship with the program.

use include_dir::{Dir, include_dir};

use super::opening::Source;

static SAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/samples");

/// All samples, by name.
pub(super) fn samples() -> Vec<Source> {
    let mut samples: Vec<Source> = SAMPLES
        .files()
        .filter_map(|file| {
            let name = file.path().file_name()?.to_str()?;
            let extension = file.path().extension()?;
            let is_capture = extension == "har" || extension == "log";
            is_capture.then(|| Source::Sample(name, file.contents()))
        })
        .collect();
    samples.sort_by_key(Source::name);
    samples
}
