//! Address ranges of providers: a sorted table of disjoint intervals, embedded or imported.
//!
//! The embedded one is made by `assets/providers/build_ranges.py`, which also describes its bytes.

use std::collections::HashMap;
use std::io::Read as _;
use std::net::IpAddr;

use serde::Deserialize;

use super::block::Block;
use super::flatten::Row;

/// One package or file that the table was built from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RangeInput {
    /// Name in its registry, or what the file is: `AWS ip-ranges.json`.
    pub package: String,
    /// Version, or the name of the file.
    pub version: String,
    /// Day of the data, `YYYY-MM-DD`.
    pub date: String,
    /// Licence, with whom to credit.
    pub licence: String,
}

/// What the table says of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeHit<'a> {
    /// Index of the tag in [`Ranges::tags`].
    pub tag: usize,
    /// Region as the provider calls it.
    pub region: Option<&'a str>,
}

/// The decoded table: 12 bytes for each IPv4 interval, 36 for each IPv6 interval.
#[derive(Debug, Default)]
pub struct Ranges {
    inputs: Vec<RangeInput>,
    tags: Vec<String>,
    regions: Vec<String>,
    /// Number of intervals for each tag.
    counts: Vec<usize>,
    v4: Table<u32>,
    v6: Table<u128>,
}

#[derive(Debug)]
struct Table<T> {
    first: Vec<T>,
    last: Vec<T>,
    /// Tag index and region index plus one.
    marks: Vec<(u16, u16)>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            first: Vec::new(),
            last: Vec::new(),
            marks: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct Head {
    inputs: Vec<RangeInput>,
    tags: Vec<String>,
    regions: Vec<String>,
}

const MAGIC: &[u8] = b"headwater ranges 1\n";
/// Far more than the table needs; a damaged file must not ask for all memory.
const MAX_BODY: u64 = 64 << 20;

impl Ranges {
    /// Decodes the bytes of `ranges.bin`.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or("the table of address ranges has an unknown form")?;
        let end = memchr::memchr(b'\n', rest).ok_or("the table of address ranges has no head")?;
        let head: Head = serde_json::from_slice(&rest[..end]).map_err(|error| error.to_string())?;
        let mut body = Vec::new();
        flate2::read::ZlibDecoder::new(&rest[end + 1..])
            .take(MAX_BODY)
            .read_to_end(&mut body)
            .map_err(|error| error.to_string())?;
        let mut reader = Varints { bytes: &body };
        let v4 = Table::read(&mut reader)?;
        let v6 = Table::read(&mut reader)?;
        let ranges = Self {
            inputs: head.inputs,
            tags: head.tags,
            regions: head.regions,
            counts: Vec::new(),
            v4,
            v6,
        };
        Ok(ranges.counted())
    }

    /// A table of rows that are sorted and overlap nowhere, all from `input`.
    pub(super) fn from_rows(input: RangeInput, rows: &[Row]) -> Self {
        let mut ranges = Self {
            inputs: vec![input],
            ..Self::default()
        };
        let (mut tags, mut regions) = (HashMap::new(), HashMap::new());
        for row in rows {
            let tag = number_of(&row.tag, &mut tags, &mut ranges.tags);
            let region = match row.region.as_str() {
                "" => 0,
                region => number_of(region, &mut regions, &mut ranges.regions).saturating_add(1),
            };
            let (block, marks) = (row.block, (tag, region));
            if block.is_v6 {
                ranges.v6.push(block.first, block.last, marks);
            } else {
                ranges.v4.push(block.first as u32, block.last as u32, marks);
            }
        }
        ranges.counted()
    }

    fn counted(mut self) -> Self {
        self.counts = vec![0; self.tags.len()];
        for (tag, _) in self.v4.marks.iter().chain(&self.v6.marks) {
            if let Some(n) = self.counts.get_mut(usize::from(*tag)) {
                *n += 1;
            }
        }
        self
    }

    /// What the table was built from; in the embedded one the first holds services, the second networks.
    pub fn inputs(&self) -> &[RangeInput] {
        &self.inputs
    }

    /// What `tag` comes from.
    pub(super) fn input_of(&self, tag: &str) -> Option<&RangeInput> {
        self.inputs.get(usize::from(tag.starts_with("as-")))
    }

    /// All tags: `aws-s3`, `as-20940` …
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// Number of intervals.
    pub fn len(&self) -> usize {
        self.v4.marks.len() + self.v6.marks.len()
    }

    /// Number of intervals with the tag at `tag`.
    pub(super) fn count(&self, tag: usize) -> usize {
        let marks = self.v4.marks.iter().chain(&self.v6.marks);
        marks
            .filter(|(other, _)| usize::from(*other) == tag)
            .count()
    }

    /// The blocks with the tag at `tag`, sorted.
    pub(super) fn blocks(&self, tag: usize) -> impl Iterator<Item = Block> {
        let of_v4 = self.v4.with_tag(tag).map(|(first, last)| Block {
            is_v6: false,
            first: first.into(),
            last: last.into(),
        });
        let of_v6 = self.v6.with_tag(tag).map(|(first, last)| Block {
            is_v6: true,
            first,
            last,
        });
        of_v4.chain(of_v6)
    }

    /// True when there is no interval.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The interval that holds `address`.
    pub fn find(&self, address: IpAddr) -> Option<RangeHit<'_>> {
        let (tag, region) = match address.to_canonical() {
            IpAddr::V4(address) => self.v4.find(address.to_bits())?,
            IpAddr::V6(address) => self.v6.find(address.to_bits())?,
        };
        Some(RangeHit {
            tag: tag as usize,
            region: (region as usize)
                .checked_sub(1)
                .and_then(|at| self.regions.get(at))
                .map(String::as_str),
        })
    }
}

/// The number of `text`, a new one when it has none; texts beyond the 65,535th share the last number.
fn number_of(text: &str, known: &mut HashMap<String, u16>, texts: &mut Vec<String>) -> u16 {
    if let Some(number) = known.get(text) {
        return *number;
    }
    if texts.len() < usize::from(u16::MAX) {
        texts.push(text.to_owned());
    }
    let number = (texts.len() - 1) as u16;
    known.insert(text.to_owned(), number);
    number
}

impl<T: Copy + Ord + TryFrom<u128>> Table<T> {
    fn push(&mut self, first: T, last: T, marks: (u16, u16)) {
        self.first.push(first);
        self.last.push(last);
        self.marks.push(marks);
    }

    fn with_tag(&self, tag: usize) -> impl Iterator<Item = (T, T)> {
        let rows = self.first.iter().zip(&self.last).zip(&self.marks);
        rows.filter(move |(_, (other, _))| usize::from(*other) == tag)
            .map(|((first, last), _)| (*first, *last))
    }

    fn read(reader: &mut Varints<'_>) -> Result<Self, String> {
        const BAD: &str = "the table of address ranges is damaged";
        let n = usize::try_from(reader.next().ok_or(BAD)?).map_err(|_too_large| BAD)?;
        if reader.bytes.len() < n {
            return Err(BAD.to_owned());
        }
        let mut column = || (0..n).map(|_| reader.next()).collect::<Option<Vec<u128>>>();
        let (gaps, lens) = (column().ok_or(BAD)?, column().ok_or(BAD)?);
        let (tags, regions) = (column().ok_or(BAD)?, column().ok_or(BAD)?);
        let mut table = Self::default();
        let mut at = 0_u128;
        for ((gap, len), (tag, region)) in gaps.iter().zip(&lens).zip(tags.iter().zip(&regions)) {
            let first = at.checked_add(*gap).ok_or(BAD)?;
            let last = first.checked_add(*len).ok_or(BAD)?;
            at = last.wrapping_add(1);
            let first = T::try_from(first).map_err(|_too_large| BAD)?;
            let last = T::try_from(last).map_err(|_too_large| BAD)?;
            table.push(first, last, (*tag as u16, *region as u16));
        }
        Ok(table)
    }

    fn find(&self, address: T) -> Option<(u16, u16)> {
        let at = self
            .first
            .partition_point(|first| *first <= address)
            .checked_sub(1)?;
        (address <= self.last[at]).then(|| self.marks[at])
    }
}

/// Integers of seven bits a byte, least significant first.
struct Varints<'a> {
    bytes: &'a [u8],
}

impl Varints<'_> {
    fn next(&mut self) -> Option<u128> {
        let mut number = 0_u128;
        for shift in (0..128).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let whole = include_bytes!("../../assets/providers/ranges.bin");
        for len in [
            0,
            5,
            MAGIC.len(),
            MAGIC.len() + 40,
            whole.len() / 2,
            whole.len() - 9,
        ] {
            assert!(Ranges::decode(&whole[..len]).is_err(), "{len} bytes");
        }
        assert!(Ranges::decode(whole).is_ok());
    }
}
