//! Imports the range files that providers publish: each vendor's form in a file of its own, known by its content.
//!
//! Nothing is fetched: the user downloads a file and hands it over. A new form is one file here and one arm in [`read`].

mod aws;
mod azure;
mod google;
mod list;
mod small;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use super::block::Block;
use super::catalogue::{Catalogue, catalogue};
use super::flatten::{Row, flatten};
use super::folder::folder;
use super::pack::day;
use super::table::{self, TableHead};
use crate::base::atomic_file;
use crate::base::text::hexadecimal;

/// Largest file that is imported, in bytes.
pub const MAX_BYTES: u64 = 64 << 20;

/// A file as the user hands it over.
#[derive(Clone, Debug)]
pub struct RangeFile {
    /// Its name without folders.
    pub name: String,
    /// All its bytes.
    pub bytes: Vec<u8>,
    /// Day on which it was last changed, `YYYY-MM-DD`.
    pub changed: String,
}

/// What the user says about files that do not say it themselves.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Whose addresses a plain list holds: `aws/s3`.
    pub service: Option<String>,
    /// Day of the data, `YYYY-MM-DD`.
    pub date: Option<String>,
}

/// A table that is ready to be kept.
#[derive(Clone, Debug)]
pub struct ImportedTable {
    /// What the file is: `AWS ip-ranges.json`.
    pub source: String,
    /// Day of the data, `YYYY-MM-DD`.
    pub date: String,
    /// Number of ranges for each service, by its path.
    pub taken: BTreeMap<String, usize>,
    /// Number of ranges that were left out, by what the file calls them.
    pub ignored: BTreeMap<String, usize>,
    /// Name of the table's file.
    file_name: String,
    text: String,
}

/// What one file says, before overlaps are resolved.
#[derive(Debug, Default)]
struct Reading {
    /// What the file is.
    source: String,
    /// Name of the table that it becomes; a newer file of the same source replaces it.
    table: String,
    /// Day that the file names.
    date: Option<String>,
    rows: Vec<Row>,
    /// Ranges left out, by what the file calls them.
    ignored: BTreeMap<String, usize>,
}

impl Reading {
    fn new(source: &str, table: &str) -> Self {
        Self {
            source: source.to_owned(),
            table: table.to_owned(),
            ..Self::default()
        }
    }

    fn take(&mut self, block: Block, tag: &str, region: &str) {
        self.rows.push(Row {
            block,
            tag: tag.to_owned(),
            region: region.to_owned(),
        });
    }

    fn ignore(&mut self, what: &str) {
        *self.ignored.entry(what.to_owned()).or_default() += 1;
    }
}

/// Reads `files` together: one table or one message for each.
pub fn import(files: &[RangeFile], options: &ImportOptions) -> Vec<Result<ImportedTable, String>> {
    let catalogue = catalogue();
    let readings: Vec<_> = files
        .iter()
        .map(|file| read(file, options, catalogue))
        .collect();
    let known_clouds: Vec<Block> = readings
        .iter()
        .flatten()
        .flat_map(|reading| &reading.rows)
        .filter(|row| row.tag == google::CLOUD)
        .map(|row| row.block)
        .collect();
    readings
        .into_iter()
        .zip(files)
        .map(|(reading, file)| {
            let mut reading = reading?;
            google::leave_out_clouds(&mut reading, &known_clouds, catalogue);
            finish(reading, file, options, catalogue)
        })
        .collect()
}

/// The keys by which the forms are told apart.
#[derive(Deserialize)]
struct Probe {
    prefixes: Option<IgnoredAny>,
    #[serde(rename = "createDate")]
    create_date: Option<IgnoredAny>,
    values: Option<IgnoredAny>,
    regions: Option<IgnoredAny>,
    addresses: Option<IgnoredAny>,
    result: Option<IgnoredAny>,
}

fn read(
    file: &RangeFile,
    options: &ImportOptions,
    catalogue: &Catalogue,
) -> Result<Reading, String> {
    let text = std::str::from_utf8(&file.bytes)
        .map_err(|error| format!("byte {}: not UTF-8", error.valid_up_to()))?;
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with('{') {
        return list::read(text, options.service.as_deref(), catalogue);
    }
    if options.service.is_some() {
        return Err("--service is for plain lists; this file names its services".to_owned());
    }
    let probe: Probe = parse(text)?;
    match probe {
        Probe {
            create_date: Some(_),
            prefixes: Some(_),
            ..
        } => aws::read(text),
        Probe {
            prefixes: Some(_), ..
        } => google::read(text),
        Probe {
            values: Some(_), ..
        } => azure::read(text, &file.name),
        Probe {
            regions: Some(_), ..
        } => small::read_oracle(text),
        Probe {
            addresses: Some(_), ..
        } => small::read_fastly(text),
        Probe {
            result: Some(_), ..
        } => small::read_cloudflare(text),
        _ => Err("not a range file of AWS, Azure, Google, Cloudflare, Fastly or Oracle".to_owned()),
    }
}

/// Reads JSON; the message of an error ends with its line and column.
fn parse<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// The day with which a time begins; `None` when it does not begin with one.
fn day_of(time: &str) -> Option<String> {
    let text = time.get(..10)?;
    day(text).ok().flatten().map(|_| text.to_owned())
}

fn finish(
    reading: Reading,
    file: &RangeFile,
    options: &ImportOptions,
    catalogue: &Catalogue,
) -> Result<ImportedTable, String> {
    let rows = flatten(reading.rows);
    if rows.is_empty() {
        return Err("no address range in it is of use".to_owned());
    }
    let date = reading.date.or_else(|| options.date.clone());
    let head = TableHead {
        source: reading.source,
        file: file.name.clone(),
        date: date.unwrap_or_else(|| file.changed.clone()),
        sha256: hexadecimal(&Sha256::digest(&file.bytes)),
    };
    let mut taken = BTreeMap::new();
    for row in &rows {
        let service = catalogue.service_of_tag(&row.tag);
        let name = service.map_or_else(|| row.tag.clone(), |service| catalogue.path(service));
        *taken.entry(name).or_default() += 1;
    }
    Ok(ImportedTable {
        text: table::write(&head, &rows),
        source: head.source,
        date: head.date,
        taken,
        ignored: reading.ignored,
        file_name: format!("{}.tsv", reading.table),
    })
}

impl ImportedTable {
    /// Keeps the table in the user's folder, in the place of the former one of the same source; returns its path.
    pub fn keep(&self) -> Result<PathBuf, String> {
        let folder = folder().ok_or("the home folder is not known")?;
        self.keep_in(folder)
    }

    fn keep_in(&self, folder: &Path) -> Result<PathBuf, String> {
        let path = folder.join(&self.file_name);
        atomic_file::replace_in_new_folder(&path, self.text.as_bytes())
            .map_err(|error| error.to_string())?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::flatten::RANKS;
    use super::*;

    #[test]
    fn every_tag_that_a_file_can_give_belongs_to_a_service() {
        for (tag, _) in RANKS {
            assert!(catalogue().service_of_tag(tag).is_some(), "{tag}");
        }
    }

    #[test]
    fn hostile_files_end_in_a_message() {
        let block = "\"0.0.0.0/0\",".repeat(200_000);
        let many = format!("{{\"addresses\": [{block}\"::/0\"]}}");
        for (bytes, is_good) in [
            (many.into_bytes(), true),
            (b"\xff\xfe{".to_vec(), false),
            (b"{\"addresses\": 7}".to_vec(), false),
            (b"{\"values\": [{\"name\": \"\"}]}".to_vec(), false),
            (
                b"{\"createDate\": \"\x01\", \"prefixes\": []}".to_vec(),
                false,
            ),
            ("\u{e9}".repeat(9).into_bytes(), false),
        ] {
            let file = RangeFile {
                name: "ServiceTags_99999999.json".to_owned(),
                bytes,
                changed: "2026-11-22".to_owned(),
            };
            let tables = import(&[file], &ImportOptions::default());
            assert_eq!(tables[0].is_ok(), is_good, "{tables:?}");
        }
    }
}
