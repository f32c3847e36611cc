//! Members of an archive whose table of contents is lost: found by the header in front of each of them.

use std::io::{self, Read, Seek as _, SeekFrom};

use flate2::read::DeflateDecoder;

use super::ArchiveError;
use crate::base::bytes::{ByteSource, Span};
use crate::base::limits::Limits;
use crate::base::window::find_all;

/// A member as its own header describes it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) is_encrypted: bool,
    is_deflated: bool,
    data_at: u64,
    /// `None` when the header does not say it, because it was written before the size was known.
    compressed: Option<u64>,
}

const SIGNATURE: &[u8] = b"PK\x03\x04";
/// Bytes of a header in front of the name.
const HEADER: u64 = 30;

/// All members from the beginning of `source` to where its end is lost.
pub(super) fn members(source: &ByteSource, limits: &Limits) -> io::Result<Vec<Member>> {
    let headers = find_all(source, SIGNATURE, |n| {
        !limits.members.is_passed_by(n as u64)
    })?;
    let mut members: Vec<Member> = Vec::new();
    let mut at = 0;
    // What lies within the data of a member is no header.
    for header_at in headers {
        if header_at < at {
            continue;
        }
        if let Some(member) = member(source, header_at)? {
            at = member
                .data_at
                .saturating_add(member.compressed.unwrap_or(0));
            members.push(member);
        }
    }
    Ok(members)
}

fn member(source: &ByteSource, at: u64) -> io::Result<Option<Member>> {
    let header = source.bytes(Span::new(at, HEADER as u32))?;
    let word = |at: usize| {
        header
            .get(at..at + 2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
    };
    let fields = || {
        Some((
            word(6)?,
            word(8)?,
            word(18)?,
            word(20)?,
            word(26)?,
            word(28)?,
        ))
    };
    let Some((flags, method, size_low, size_high, name_len, extra_len)) = fields() else {
        return Ok(None);
    };
    if !matches!(method, 0 | 8 | 99) {
        return Ok(None);
    }
    let name = source.bytes(Span::new(at + HEADER, u32::from(name_len)))?;
    let size = u64::from(size_low) | u64::from(size_high) << 16;
    let is_size_behind = flags & 1 << 3 != 0;
    Ok(Some(Member {
        name: String::from_utf8_lossy(&name).into_owned(),
        is_encrypted: flags & 1 != 0,
        is_deflated: method == 8,
        data_at: at + HEADER + u64::from(name_len) + u64::from(extra_len),
        compressed: (!is_size_behind).then_some(size),
    }))
}

/// The decoded bytes of `member`; what is stored without a size cannot be told from what follows.
pub(super) fn reader<'s>(
    source: &'s ByteSource,
    member: &Member,
) -> Result<Box<dyn Read + 's>, ArchiveError> {
    if member.is_encrypted {
        let message = "the archive is damaged, and this member is encrypted";
        return Err(ArchiveError::Broken(message.to_owned()));
    }
    let mut reader = source.reader();
    reader.seek(SeekFrom::Start(member.data_at))?;
    match (member.is_deflated, member.compressed) {
        (true, _) => Ok(Box::new(DeflateDecoder::new(io::BufReader::new(reader)))),
        (false, Some(size)) => Ok(Box::new(reader.take(size))),
        (false, None) => {
            let message = "the archive is damaged, and the size of this member is lost";
            Err(ArchiveError::Broken(message.to_owned()))
        }
    }
}
