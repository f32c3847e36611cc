//! The overlay: labels that a person corrected, each with its reason.

use super::label::Truth;

/// A corrected label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjudicated {
    /// File name.
    pub file: String,
    /// 0-based place in the file.
    pub entry: u32,
    /// The right answer.
    pub truth: Truth,
    /// What in the file shows that it is right.
    pub reason: String,
}

/// Reads an overlay: lines of file, 0-based entry, right provider id (or `none`) and reason, separated by tabs.
pub fn parse_adjudicated(text: &str) -> Result<Vec<Adjudicated>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().zip(1..).filter(|(line, _)| {
        let is_head = line.starts_with("file\t");
        !is_head && !line.trim().is_empty() && !line.starts_with('#')
    });
    let mut overlay: Vec<Adjudicated> = Vec::new();
    for (line, n) in lines {
        let correction = correction(line).map_err(|error| format!("line {n}: {error}"))?;
        let is_known = |known: &Adjudicated| {
            (&known.file, known.entry) == (&correction.file, correction.entry)
        };
        if overlay.iter().any(is_known) {
            return Err(format!("line {n}: the entry was corrected before"));
        }
        overlay.push(correction);
    }
    Ok(overlay)
}

fn correction(line: &str) -> Result<Adjudicated, &'static str> {
    let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [file, entry, answer, reason] = fields[..] else {
        return Err("expected file, entry, answer and reason");
    };
    if reason.is_empty() {
        return Err("a correction needs a reason");
    }
    Ok(Adjudicated {
        file: file.to_owned(),
        entry: entry
            .parse()
            .map_err(|_not_a_number| "the entry is not a number")?,
        truth: Truth::of_correction(answer)
            .ok_or("the answer names neither a provider nor `none`")?,
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_gives_a_reason_for_every_correction() {
        let text = "# seen by hand\nfile\tentry\tright answer\treason\na.har\t3\taws\tits own headers\nb.har\t0\tnone\tno edge at all\n";
        let overlay = parse_adjudicated(text).expect("well formed");
        assert_eq!(overlay.len(), 2);
        assert_eq!(
            (overlay[0].entry, overlay[0].truth.agrees("aws")),
            (3, true)
        );
        assert_eq!(overlay[1].truth, Truth::NoEdge);
        for bad in [
            "a.har\t3\taws",
            "a.har\tx\taws\twhy",
            "a.har\t3\taws\t ",
            "a.har\t3\t\twhy",
            "a.har\t3\taws\twhy\na.har\t3\tfastly\twhy not",
        ] {
            assert!(parse_adjudicated(bad).is_err(), "{bad:?}");
        }
    }
}
