//! Imported address tables: readable files of tab-separated columns with their source, date and digest in the head.
//!
//! ```text
//! # Headwater address table 1
//! # source    AWS ip-ranges.json
//! # file      ip-ranges.json
//! # date      2026-11-20
//! # sha256    9f86d0…
//! 13.32.0.0/15    aws-cloudfront
//! 52.95.170.0/24  aws-s3         eu-west-1
//! ```

use std::fmt::Write as _;

use super::block::Block;
use super::flatten::{Row, flatten};
use super::pack::day;
use super::ranges::{RangeInput, Ranges};

const MAGIC: &str = "# Headwater address table 1";
/// What stands in the place of a licence for data that the user fetched.
const IMPORTED: &str = "imported by the user";

/// Where a table comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TableHead {
    /// What the file is: `AWS ip-ranges.json`.
    pub(super) source: String,
    /// The name that it had.
    pub(super) file: String,
    /// Day of the data, `YYYY-MM-DD`.
    pub(super) date: String,
    /// SHA-256 of the file in hexadecimal digits.
    pub(super) sha256: String,
}

/// Writes a table; `rows` are sorted and overlap nowhere.
pub(super) fn write(head: &TableHead, rows: &[Row]) -> String {
    let mut text = format!("{MAGIC}\n");
    for (key, value) in [
        ("source", &head.source),
        ("file", &head.file),
        ("date", &head.date),
        ("sha256", &head.sha256),
    ] {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        writeln!(text, "# {key}\t{value}").expect("a string takes every line");
    }
    for row in rows {
        let line = match row.region.as_str() {
            "" => writeln!(text, "{}\t{}", row.block, row.tag),
            region => writeln!(text, "{}\t{}\t{region}", row.block, row.tag),
        };
        line.expect("a string takes every line");
    }
    text
}

/// Reads a table; the message names the line that is wrong.
pub(super) fn read(text: &str) -> Result<Ranges, String> {
    let mut lines = text.lines().zip(1..);
    if lines.next().is_none_or(|(line, _)| line != MAGIC) {
        return Err(format!("line 1: not `{MAGIC}`"));
    }
    let mut head = TableHead::default();
    let mut rows = Vec::new();
    for (line, number) in lines {
        match line.strip_prefix("# ") {
            Some(pair) => read_head(pair, &mut head),
            None if line.is_empty() => {}
            None => rows.push(read_row(line).ok_or_else(|| {
                format!("line {number}: not a block of addresses, a tab and a tag: {line}")
            })?),
        }
    }
    if day(&head.date).is_ok_and(|date| date.is_none()) || day(&head.date).is_err() {
        return Err(format!("the head holds no day: {}", head.date));
    }
    let input = RangeInput {
        package: head.source,
        version: head.file,
        date: head.date,
        licence: IMPORTED.to_owned(),
    };
    Ok(Ranges::from_rows(input, &flatten(rows)))
}

fn read_head(pair: &str, head: &mut TableHead) {
    let Some((key, value)) = pair.split_once('\t') else {
        return;
    };
    let place = match key {
        "source" => &mut head.source,
        "file" => &mut head.file,
        "date" => &mut head.date,
        "sha256" => &mut head.sha256,
        _ => return,
    };
    value.clone_into(place);
}

fn read_row(line: &str) -> Option<Row> {
    let mut columns = line.split('\t');
    let block = Block::parse(columns.next()?)?;
    let tag = columns.next().filter(|tag| !tag.is_empty())?.to_owned();
    let region = columns.next().unwrap_or_default().to_owned();
    columns
        .next()
        .is_none()
        .then_some(Row { block, tag, region })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> TableHead {
        TableHead {
            source: "AWS ip-ranges.json".to_owned(),
            file: "ip\n-ranges.json".to_owned(),
            date: "2026-11-20".to_owned(),
            sha256: "9f86".to_owned(),
        }
    }

    #[test]
    fn a_table_comes_back_as_it_was_written() {
        let row = |block: &str, tag: &str, region: &str| Row {
            block: Block::parse(block).expect("a block"),
            tag: tag.to_owned(),
            region: region.to_owned(),
        };
        let rows = [
            row("13.32.0.0/15", "aws-cloudfront", ""),
            row("52.95.170.0/24", "aws-s3", "eu-west-1"),
            row("2600:9000::/28", "aws-cloudfront", ""),
        ];
        let text = write(&head(), &rows);
        let ranges = read(&text).expect("a table");
        assert_eq!(ranges.len(), 3);
        assert_eq!(ranges.inputs()[0].date, "2026-11-20");
        assert_eq!(ranges.inputs()[0].version, "ip-ranges.json");
        let hit = ranges.find("52.95.170.9".parse().expect("an address"));
        assert_eq!(hit.expect("a hit").region, Some("eu-west-1"));
    }

    #[test]
    fn damage_is_named_with_its_line() {
        let good = write(&head(), &[]);
        for (text, wanted) in [
            (String::new(), "line 1: "),
            (format!("{good}nonsense\n"), "line 6: "),
            (format!("{good}10.0.0.0/8\n"), "line 6: "),
            (good.replace("2026-11-20", "soon"), "no day: soon"),
            (good.replace("2026-11-20", ""), "no day: "),
        ] {
            let problem = read(&text).expect_err("damaged");
            assert!(problem.contains(wanted), "{problem}");
        }
    }
}
