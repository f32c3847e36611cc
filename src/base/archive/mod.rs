//! Zip archives: chosen members decoded one behind the other into one spool. Nothing is ever extracted under its name.

mod recovered;

use std::fmt;
use std::io::{self, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use self::recovered::Member;
use crate::base::bytes::{ByteSource, SourceReader, Span};
use crate::base::limits::Limits;
use crate::base::spool::Spool;

/// A password, for as long as it is needed: never written anywhere, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes it over.
    pub const fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why an archive, or one of its members, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Members are encrypted and no password was given.
    #[error("it is protected by a password")]
    Locked,
    /// The password does not open a member.
    #[error("the password is wrong")]
    WrongPassword,
    /// A limit was reached; the text names it.
    #[error("{0}")]
    Limit(String),
    /// The structure of the archive or of a member is broken.
    #[error("{0}")]
    Broken(String),
    /// The file could not be read, or the spool not written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The table of contents of a zip archive.
#[derive(Debug)]
pub struct Archive<'s> {
    contents: Contents<'s>,
    names: Vec<String>,
    is_encrypted: bool,
    comment: String,
    damage: Option<String>,
}

#[derive(Debug)]
enum Contents<'s> {
    /// By the table of contents.
    Whole(ZipArchive<SourceReader<'s>>),
    /// By the headers of the members.
    Recovered(&'s ByteSource, Vec<Member>),
}

/// Members, decoded.
#[derive(Debug)]
pub struct Unpacked {
    /// The bytes of all members in the order asked for.
    pub source: ByteSource,
    /// Where each of them lies.
    pub spans: Vec<Span>,
    /// Which of them (its place in that order) is not complete, and why.
    pub faults: Vec<(usize, ArchiveError)>,
}

impl<'s> Archive<'s> {
    /// Reads the table of contents of `source`, or finds its members one by one when that is lost.
    ///
    /// Archives whose members share bytes are refused, because they are bombs.
    pub fn open(source: &'s ByteSource, limits: &Limits) -> Result<Self, ArchiveError> {
        match Self::open_whole(source, limits) {
            Err(ArchiveError::Broken(damage)) => Self::recover(source, limits, damage),
            opened => opened,
        }
    }

    fn recover(
        source: &'s ByteSource,
        limits: &Limits,
        damage: String,
    ) -> Result<Self, ArchiveError> {
        let members = recovered::members(source, limits)?;
        if members.is_empty() {
            return Err(ArchiveError::Broken(damage));
        }
        let names = members.iter().map(|member| member.name.replace('\\', "/"));
        Ok(Self {
            names: names.collect(),
            is_encrypted: members.iter().any(|member| member.is_encrypted),
            comment: String::new(),
            damage: Some(damage),
            contents: Contents::Recovered(source, members),
        })
    }

    fn open_whole(source: &'s ByteSource, limits: &Limits) -> Result<Self, ArchiveError> {
        let mut zip = ZipArchive::new(source.reader()).map_err(|error| broken(&error))?;
        if limits.members.is_passed_by(zip.len() as u64) {
            let message = format!("the archive has more than {} members", limits.members);
            return Err(ArchiveError::Limit(message));
        }
        if zip
            .has_overlapping_files()
            .map_err(|error| broken(&error))?
        {
            let message = "members of the archive share the same bytes, as in a zip bomb";
            return Err(ArchiveError::Limit(message.to_owned()));
        }
        let (mut names, mut is_encrypted) = (Vec::with_capacity(zip.len()), false);
        for idx in 0..zip.len() {
            let member = zip.by_index_data(idx).map_err(|error| broken(&error))?;
            is_encrypted |= member.encrypted();
            let name = String::from_utf8_lossy(member.name_raw());
            names.push(name.replace('\\', "/"));
        }
        Ok(Self {
            comment: String::from_utf8_lossy(zip.comment()).into_owned(),
            contents: Contents::Whole(zip),
            names,
            is_encrypted,
            damage: None,
        })
    }

    /// The comment of the archive as a whole; empty when there is none.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// What is wrong with the table of contents; the members were then found one by one.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// The names of all members in the order of the table of contents, with `/` between folders. Labels, never paths.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// True when a member needs a password.
    pub const fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// Decodes the members `wanted` (their places in [`Archive::names`]) one behind the other. A member that is damaged is
    /// kept as far as it goes; `Err` only for a password that is missing or wrong, and when the spool cannot be written.
    pub fn unpack(
        &mut self,
        wanted: &[usize],
        password: Option<&Password>,
        limits: &Limits,
    ) -> Result<Unpacked, ArchiveError> {
        let mut spool = Spool::new(limits.decoded.value);
        let (mut spans, mut faults) = (Vec::with_capacity(wanted.len()), Vec::new());
        for (place, idx) in wanted.iter().enumerate() {
            let start = spool.len();
            match self.unpack_one(*idx, password, limits, &mut spool) {
                Ok(()) => {}
                Err(error @ (ArchiveError::Locked | ArchiveError::WrongPassword)) => {
                    return Err(error);
                }
                Err(error) => faults.push((place, error)),
            }
            let len = u32::try_from(spool.len() - start).unwrap_or(u32::MAX);
            spans.push(Span::new(start, len));
        }
        Ok(Unpacked {
            source: spool.finish()?,
            spans,
            faults,
        })
    }

    fn unpack_one(
        &mut self,
        idx: usize,
        password: Option<&Password>,
        limits: &Limits,
        spool: &mut Spool,
    ) -> Result<(), ArchiveError> {
        let is_encrypted = self.is_encrypted;
        let member = match &mut self.contents {
            Contents::Whole(zip) => whole_reader(zip, idx, password.filter(|_| is_encrypted))?,
            Contents::Recovered(source, members) => match members.get(idx) {
                Some(member) => recovered::reader(source, member)?,
                None => return Ok(()),
            },
        };
        let start = spool.len();
        // Sizes that an archive declares are claims; what is decoded counts.
        let fault = spool.copy(member.take(limits.member.value))?;
        if spool.len() == limits.decoded.value {
            let message = format!("the members are larger than {} together", limits.decoded);
            return Err(ArchiveError::Limit(message));
        }
        if spool.len() - start == limits.member.value {
            let message = format!("the member is larger than {}", limits.member);
            return Err(ArchiveError::Limit(message));
        }
        match fault {
            // The check of ZipCrypto lets one wrong password in 256 pass; then the content makes no sense.
            Some(_) if password.is_some() && is_encrypted && start == 0 => {
                Err(ArchiveError::WrongPassword)
            }
            Some(reason) => Err(ArchiveError::Broken(reason)),
            None => Ok(()),
        }
    }
}

fn whole_reader<'z>(
    zip: &'z mut ZipArchive<SourceReader<'_>>,
    idx: usize,
    password: Option<&Password>,
) -> Result<Box<dyn io::Read + 'z>, ArchiveError> {
    let member = match password {
        Some(Password(text)) => zip.by_index_decrypt(idx, text.as_bytes()),
        None => zip.by_index(idx),
    };
    match member {
        Ok(member) => Ok(Box::new(member)),
        Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => Err(ArchiveError::Locked),
        Err(ZipError::InvalidPassword) => Err(ArchiveError::WrongPassword),
        Err(other) => Err(broken(&other)),
    }
}

fn broken(error: &ZipError) -> ArchiveError {
    ArchiveError::Broken(format!("the archive is damaged: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(members: &[(&str, &str)]) -> ByteSource {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, content) in members {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .expect("memory");
            writer.write_all(content.as_bytes()).expect("memory");
        }
        ByteSource::from_bytes(writer.finish().expect("memory").into_inner())
    }

    #[test]
    fn members_come_in_the_order_asked_for() {
        let source = archive(&[("../../a", "first"), ("raw\\2_c.txt", "second")]);
        let limits = Limits::default();
        let mut archive = Archive::open(&source, &limits).expect("an archive");
        assert_eq!(archive.names(), ["../../a", "raw/2_c.txt"]);
        let unpacked = archive.unpack(&[1, 0], None, &limits).expect("unpacked");
        let texts = unpacked.spans.iter().map(|span| {
            let bytes = unpacked.source.bytes(*span).expect("memory");
            String::from_utf8(bytes).expect("text")
        });
        assert_eq!(texts.collect::<Vec<_>>(), ["second", "first"]);
    }

    #[test]
    fn an_archive_without_its_end_still_gives_its_members() {
        let source = archive(&[
            ("raw/1_c.txt", "GET"),
            ("raw/1_s.txt", "HTTP"),
            ("last", "cut"),
        ]);
        let all = source.bytes(Span::new(0, 1_000)).expect("memory");
        let at = memchr::memmem::rfind(&all, b"PK\x03\x04").expect("the last member");
        let cut = ByteSource::from_bytes(all[..at + 20].to_vec());
        let limits = Limits::default();
        let mut archive = Archive::open(&cut, &limits).expect("two members");
        assert!(archive.damage().is_some());
        assert_eq!(archive.names(), ["raw/1_c.txt", "raw/1_s.txt"]);
        let unpacked = archive.unpack(&[0, 1], None, &limits).expect("unpacked");
        assert_eq!(
            unpacked.source.bytes(Span::new(0, 9)).expect("memory"),
            b"GETHTTP"
        );
        assert!(unpacked.faults.is_empty());
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let source = archive(&[("a", &"x".repeat(5_000)), ("b", "after")]);
        let mut limits = Limits::default();
        limits.set("member", "100").expect("a limit");
        let mut archive = Archive::open(&source, &limits).expect("an archive");
        let unpacked = archive.unpack(&[0, 1], None, &limits).expect("unpacked");
        assert_eq!(unpacked.spans[0].len, 100);
        assert_eq!(unpacked.spans[1].len, 5);
        let (place, reason) = &unpacked.faults[0];
        assert_eq!(*place, 0);
        assert!(reason.to_string().contains("limits.member"), "{reason}");
        limits.set("members", "1").expect("a limit");
        let refused = Archive::open(&source, &limits).expect_err("too many members");
        assert!(refused.to_string().contains("limits.members"), "{refused}");
    }
}
