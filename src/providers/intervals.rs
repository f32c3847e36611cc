//! What the embedded tables of addresses share: a head in JSON, integers of variable length, sorted intervals.

use std::io::Read;

use serde::Deserialize;

/// What is said of a table that cannot be read.
pub(super) const DAMAGED: &str = "the table of addresses is damaged";
/// Far more than a table needs; a damaged file must not ask for all memory.
const MAX_BODY: u64 = 64 << 20;

/// The line of JSON behind `magic`, and what follows it.
pub(super) fn head_and_rest<'a, Head: Deserialize<'a>>(
    bytes: &'a [u8],
    magic: &[u8],
) -> Result<(Head, &'a [u8]), String> {
    let rest = bytes
        .strip_prefix(magic)
        .ok_or("the table of addresses has an unknown form")?;
    let end = memchr::memchr(b'\n', rest).ok_or("the table of addresses has no head")?;
    let head = serde_json::from_slice(&rest[..end]).map_err(|error| error.to_string())?;
    Ok((head, &rest[end + 1..]))
}

/// All that a decompressor gives.
pub(super) fn unpacked(packed: impl Read) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    packed
        .take(MAX_BODY)
        .read_to_end(&mut body)
        .map_err(|error| error.to_string())?;
    Ok(body)
}

/// Integers of seven bits a byte, least significant first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Varints<'a> {
    /// What is not read yet.
    pub(super) bytes: &'a [u8],
}

impl Varints<'_> {
    /// The next number; `None` behind the last one, or where it has no end.
    pub(super) fn next(&mut self) -> Option<u128> {
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

    /// The next `n` numbers as a reader of their own; this one goes on behind them.
    pub(super) fn column(&mut self, n: usize) -> Option<Self> {
        let mut ends = (1..).zip(self.bytes).filter(|(_, byte)| **byte & 0x80 == 0);
        let end = match n.checked_sub(1) {
            Some(before) => ends.nth(before)?.0,
            None => 0,
        };
        let (bytes, rest) = self.bytes.split_at(end);
        self.bytes = rest;
        Some(Self { bytes })
    }
}

/// Sorted intervals of addresses that overlap nowhere, each with a mark.
#[derive(Debug)]
pub(super) struct Intervals<T, M> {
    first: Vec<T>,
    last: Vec<T>,
    marks: Vec<M>,
}

impl<T, M> Default for Intervals<T, M> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<T, M> Intervals<T, M> {
    fn with_capacity(n: usize) -> Self {
        Self {
            first: Vec::with_capacity(n),
            last: Vec::with_capacity(n),
            marks: Vec::with_capacity(n),
        }
    }

    /// The mark of each interval.
    pub(super) fn marks(&self) -> &[M] {
        &self.marks
    }
}

impl<T: Copy + Ord + TryFrom<u128>, M: Copy> Intervals<T, M> {
    /// Appends an interval, which lies behind all others.
    pub(super) fn push(&mut self, first: T, last: T, mark: M) {
        self.first.push(first);
        self.last.push(last);
        self.marks.push(mark);
    }

    /// The intervals whose mark is wanted.
    pub(super) fn marked(&self, is_wanted: impl Fn(M) -> bool) -> impl Iterator<Item = (T, T)> {
        let rows = self.first.iter().zip(&self.last).zip(&self.marks);
        rows.filter(move |(_, mark)| is_wanted(**mark))
            .map(|((first, last), _)| (*first, *last))
    }

    /// The mark of the interval that holds `address`.
    pub(super) fn find(&self, address: T) -> Option<M> {
        let at = self
            .first
            .partition_point(|first| *first <= address)
            .checked_sub(1)?;
        (address <= self.last[at]).then(|| self.marks[at])
    }

    /// Reads a table: its length, a column of gaps, one of lengths, and those that marks are made of. `None` for damage.
    pub(super) fn read<const N: usize>(
        reader: &mut Varints<'_>,
        mark_of: impl Fn([u128; N]) -> Option<M>,
    ) -> Option<Self> {
        let n = usize::try_from(reader.next()?).ok()?;
        let (mut gaps, mut lens) = (reader.column(n)?, reader.column(n)?);
        let mut columns = [Varints::default(); N];
        for column in &mut columns {
            *column = reader.column(n)?;
        }
        let mut table = Self::with_capacity(n);
        let mut at = 0_u128;
        for _ in 0..n {
            let first = at.checked_add(gaps.next()?)?;
            let last = first.checked_add(lens.next()?)?;
            at = last.wrapping_add(1);
            let mut mark = [0; N];
            for (number, column) in mark.iter_mut().zip(&mut columns) {
                *number = column.next()?;
            }
            table.push(
                T::try_from(first).ok()?,
                T::try_from(last).ok()?,
                mark_of(mark)?,
            );
        }
        Some(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_takes_its_numbers_and_no_more() {
        let mut reader = Varints {
            bytes: &[0x05, 0x80, 0x01, 0x07, 0x80],
        };
        assert_eq!(reader.column(0).map(|column| column.bytes.len()), Some(0));
        let mut column = reader.column(2).expect("two numbers");
        assert_eq!([column.next(), column.next()], [Some(5), Some(128)]);
        assert_eq!(column.next(), None);
        assert!(reader.column(2).is_none(), "the last number has no end");
        assert_eq!(reader.next(), Some(7));
        assert_eq!(reader.next(), None);
    }
}
