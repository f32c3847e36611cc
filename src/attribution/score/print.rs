//! The score as text: aligned columns, and nothing of a capture that could steer a terminal.

use std::fmt::{self, Display, Formatter};

use super::{Report, Reviewed, Score, Tally};
use crate::base::text::{counted, escape_for_terminal};

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "precision {}  recall {}  abstention {}  ({} right, {} wrong, {} abstained, {} invented, {} extra)",
            Share(self.precision()),
            Share(self.recall()),
            Share(self.abstention()),
            self.right,
            self.wrong,
            self.abstained,
            self.invented,
            self.extra
        )
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let captures = counted(self.captures as u64, "capture");
        let replays = counted(u64::from(self.replays), "flow");
        writeln!(
            f,
            "{captures}; not counted, because they came over no network: {replays}\n"
        )?;
        writeln!(f, "edge by entry          {}", self.raw.by_entry)?;
        writeln!(f, "edge by (file, host)   {}", self.raw.by_host)?;
        let (raw, adjudicated) = (&self.raw, &self.adjudicated);
        if !self.overlay.is_empty() {
            writeln!(f, "adjudicated by entry   {}", adjudicated.by_entry)?;
            writeln!(f, "adjudicated by host    {}", adjudicated.by_host)?;
        }
        extras(f, "by entry", &raw.by_entry)?;
        extras(f, "by (file, host)", &raw.by_host)?;
        writeln!(f, "\nby provider of the label")?;
        for (provider, tally) in &raw.by_provider {
            writeln!(f, "  {:<12} {tally}", escape_for_terminal(provider))?;
        }
        let labels = if self.overlay.is_empty() {
            "raw"
        } else {
            "adjudicated"
        };
        calibration(f, adjudicated, labels)?;
        risk_and_coverage(f, adjudicated, labels)?;
        ablations(f, self)?;
        misses(f, adjudicated)?;
        overlay(f, &self.overlay)
    }
}

fn extras(f: &mut Formatter<'_>, by: &str, tally: &Tally) -> fmt::Result {
    let (share, unlabelled) = (Share(tally.extras()), tally.unlabelled);
    writeln!(
        f,
        "extra {by:<16} {} of {unlabelled} unlabelled ({share})",
        tally.extra
    )
}

/// How conclusive a call is against how often it agrees, and how often it promises to.
fn calibration(f: &mut Formatter<'_>, score: &Score, labels: &str) -> fmt::Result {
    writeln!(f, "\ncalibration, against the {labels} labels")?;
    writeln!(f, "  conclusiveness   calls  agree  agreement  promised")?;
    for (conclusiveness, calls) in score.calibration.iter().rev() {
        let promise = conclusiveness.promise();
        let is_broken = calls.agreement() < promise;
        writeln!(
            f,
            "  {:<15} {:>6} {:>6} {:>10} {:>9}{}",
            conclusiveness.word(),
            calls.all,
            calls.right,
            Share(calls.agreement()),
            Share(promise),
            if is_broken { "  not kept" } else { "" },
        )?;
    }
    Ok(())
}

/// From the surest calls down: what part of the labels is answered, and how often that errs.
fn risk_and_coverage(f: &mut Formatter<'_>, score: &Score, labels: &str) -> fmt::Result {
    writeln!(
        f,
        "\nrisk and coverage from the surest calls down, against the {labels} labels; 95 % intervals by site"
    )?;
    writeln!(
        f,
        "  down to                    calls  wrong  coverage   risk  interval        sites"
    )?;
    for point in &score.curve {
        let families = match point.families {
            1 => "1 family".to_owned(),
            n => format!("{n} families"),
        };
        let level = format!("{}, {families}", point.conclusiveness.word());
        let (low, high) = point.interval;
        writeln!(
            f,
            "  {level:<25} {:>6} {:>6} {:>9} {:>6}  {}–{} {:>9}",
            point.calls,
            point.wrong,
            Share(Some(point.coverage)),
            Share(Some(point.risk())),
            Share(Some(low)),
            Share(Some(high)),
            point.sites,
        )?;
    }
    Ok(())
}

fn ablations(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    writeln!(
        f,
        "\nwithheld        by entry: precision  recall  abstention   by host: precision  recall  abstention"
    )?;
    let all = report
        .ablations
        .iter()
        .map(|ablation| (ablation.withheld, &ablation.raw));
    for (withheld, score) in std::iter::once(("nothing", &report.raw)).chain(all) {
        let (entry, host) = (&score.by_entry, &score.by_host);
        writeln!(
            f,
            "  {withheld:<13} {:>19} {:>7} {:>11} {:>20} {:>7} {:>11}",
            Share(entry.precision()),
            Share(entry.recall()),
            Share(entry.abstention()),
            Share(host.precision()),
            Share(host.recall()),
            Share(host.abstention()),
        )?;
    }
    Ok(())
}

fn misses(f: &mut Formatter<'_>, score: &Score) -> fmt::Result {
    let n: u32 = score.misses.values().sum();
    writeln!(f, "\nnot met: {n}")?;
    let header = ["entries", "file", "host", "label", "answer"].map(str::to_owned);
    let rows = score.misses.iter().map(|(miss, n)| {
        [
            n.to_string(),
            miss.file.clone(),
            miss.host.clone(),
            miss.truth.to_string(),
            or_dash(&miss.answer),
        ]
    });
    table(f, header, rows.collect())
}

fn overlay(f: &mut Formatter<'_>, overlay: &[Reviewed]) -> fmt::Result {
    if overlay.is_empty() {
        return Ok(());
    }
    let met = overlay.iter().filter(|reviewed| reviewed.is_met()).count();
    writeln!(
        f,
        "\nadjudicated: {met} of {} answered rightly",
        overlay.len()
    )?;
    let header = [
        "file",
        "entry",
        "host",
        "raw label",
        "right",
        "answer",
        "conclusiveness",
        "",
        "reason",
    ];
    table(
        f,
        header.map(str::to_owned),
        overlay.iter().map(reviewed).collect(),
    )
}

fn reviewed(reviewed: &Reviewed) -> [String; 9] {
    let correction = &reviewed.correction;
    let answered = reviewed.answered.as_ref();
    let outcome = match answered {
        None => "absent",
        Some(_) if reviewed.is_met() => "ok",
        Some(_) => "differs",
    };
    [
        correction.file.clone(),
        correction.entry.to_string(),
        answered.map(|row| row.host.clone()).unwrap_or_default(),
        or_dash(answered.map_or("", |row| &row.label)),
        correction.truth.to_string(),
        or_dash(answered.map_or("", |row| &row.answer)),
        or_dash(answered.map_or("", |row| row.conclusiveness.word())),
        outcome.to_owned(),
        correction.reason.clone(),
    ]
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "-" } else { text }.to_owned()
}

/// Rows under a header, each column as wide as its widest cell.
fn table<const N: usize>(
    f: &mut Formatter<'_>,
    header: [String; N],
    mut rows: Vec<[String; N]>,
) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    rows.insert(0, header);
    let rows: Vec<_> = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| escape_for_terminal(cell)))
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    for row in &rows {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(f, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// A share with three decimals, or a dash for a share of nothing.
struct Share(Option<f64>);

impl Display for Share {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = self
            .0
            .map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"));
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_a_dash() {
        assert_eq!(
            format!("{:>5}|{:>7}", Share(None), Share(Some(2.0 / 3.0))),
            "    -|  0.667"
        );
    }

    #[test]
    fn columns_are_aligned_and_cannot_steer_a_terminal() {
        struct Table;
        impl Display for Table {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                let cells = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
                table(
                    f,
                    cells("host", "n"),
                    vec![cells("a\u{1b}[2J", "1"), cells("b", "22")],
                )
            }
        }
        assert_eq!(
            Table.to_string(),
            "  host        n\n  a\\u{1b}[2J  1\n  b           22\n"
        );
    }
}
