//! Saves what people say beside the captures that a command opened.

use super::Failure;
use super::load::Loaded;
use crate::annotations::sidecar::Saved;

/// Writes the sidecar of one capture, or says why not.
pub(super) fn save(loaded: &Loaded, capture_idx: usize) -> Result<Saved, Failure> {
    let document = &loaded.document;
    let open = document.captures().get(capture_idx);
    let (Some(open), Some(sidecar)) = (open, loaded.sidecars.get(capture_idx)) else {
        return Err(Failure::Refused("nothing usable was found".to_owned()));
    };
    let about = document.about_parties(capture_idx, &sidecar.about_parties());
    let annotations = document.annotations_of(capture_idx);
    sidecar
        .prepare(&open.capture, annotations, about, document.reviewer())
        .write()
        .map_err(|error| Failure::Refused(error.to_string()))
}

/// Refuses standard input, beside which nothing can be saved.
pub(super) fn needs_a_file(file: &std::path::Path) -> Result<(), Failure> {
    if file == std::path::Path::new("-") {
        let message = "labels are saved beside a file; standard input has no place for them";
        return Err(Failure::Usage(message.to_owned()));
    }
    Ok(())
}
