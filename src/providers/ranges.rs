//! Address ranges of providers: a sorted table of disjoint intervals, embedded or imported.
//!
//! The embedded one is made by `assets/providers/build_ranges.py`, which also describes its bytes.

use std::collections::HashMap;
use std::net::IpAddr;

use serde::Deserialize;

use super::block::Block;
use super::flatten::Row;
use super::intervals::{DAMAGED, Intervals, Varints, head_and_rest, unpacked};

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
    v4: Intervals<u32, Marks>,
    v6: Intervals<u128, Marks>,
}

/// Tag index and region index plus one.
type Marks = (u16, u16);

#[derive(Deserialize)]
struct Head {
    inputs: Vec<RangeInput>,
    tags: Vec<String>,
    regions: Vec<String>,
}

const MAGIC: &[u8] = b"headwater ranges 1\n";

impl Ranges {
    /// Decodes the bytes of `ranges.bin`.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let (head, packed): (Head, _) = head_and_rest(bytes, MAGIC)?;
        let body = unpacked(flate2::read::ZlibDecoder::new(packed))?;
        let mut reader = Varints { bytes: &body };
        let marks = |[tag, region]: [u128; 2]| Some((tag as u16, region as u16));
        let v4 = Intervals::read(&mut reader, marks).ok_or(DAMAGED)?;
        let v6 = Intervals::read(&mut reader, marks).ok_or(DAMAGED)?;
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
        for (tag, _) in self.v4.marks().iter().chain(self.v6.marks()) {
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
        self.v4.marks().len() + self.v6.marks().len()
    }

    /// Number of intervals with the tag at `tag`.
    pub(super) fn count(&self, tag: usize) -> usize {
        let marks = self.v4.marks().iter().chain(self.v6.marks());
        marks
            .filter(|(other, _)| usize::from(*other) == tag)
            .count()
    }

    /// The blocks with the tag at `tag`, sorted.
    pub(super) fn blocks(&self, tag: usize) -> impl Iterator<Item = Block> {
        let is_wanted = move |(other, _): Marks| usize::from(other) == tag;
        let of_v4 = self.v4.marked(is_wanted).map(|(first, last)| Block {
            is_v6: false,
            first: first.into(),
            last: last.into(),
        });
        let of_v6 = self.v6.marked(is_wanted).map(|(first, last)| Block {
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
