//! Bodies: found by their byte range, decoded on demand and never beyond a limit.

use std::io::Read;

use super::problem::{Problem, ProblemKind};
use crate::base::bytes::{ByteSource, GoOn, Span};
use crate::base::json;

/// Where a body lies and how it is written down there.
#[derive(Clone, Debug)]
pub struct Body {
    /// The file it lies in, when that is not the capture itself: an attachment beside it.
    pub attachment: Option<ByteSource>,
    /// Byte range in the source; with [`BodyForm::JsonString`] and [`BodyForm::JsonBase64`] without the quotes.
    pub span: Span,
    /// How the bytes are written.
    pub form: BodyForm,
    /// Content type as written; empty when unknown.
    pub mime: String,
    /// Codings that still lie on the bytes, in the order in which they were put on: `gzip, chunked`; empty when there is none.
    pub content_encoding: String,
}

/// How a body is written in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// The inside of a JSON string: text with escapes.
    JsonString,
    /// The inside of a JSON string: base64.
    JsonBase64,
    /// The bytes themselves.
    Raw,
    /// A WebSocket frame that the client masked with this key.
    Masked([u8; 4]),
}

/// A decoded body, or as much of it as the limit allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyText {
    /// The decoded bytes.
    pub bytes: Vec<u8>,
    /// True when there would have been more.
    pub is_cut: bool,
    /// What could not be decoded; the bytes are then as far as it went.
    pub problem: Option<Problem>,
}

impl Body {
    /// A body that lies at `span` of the capture itself, written as `form`.
    pub const fn at(span: Span, form: BodyForm) -> Self {
        Self {
            attachment: None,
            span,
            form,
            mime: String::new(),
            content_encoding: String::new(),
        }
    }

    /// Reads and decodes at most `limit` bytes; `source` is that of the capture.
    pub fn read(&self, source: &ByteSource, limit: usize) -> Result<BodyText, Problem> {
        self.read_watched(source, limit, &|_, _| true)
    }

    /// The same; a problem once `go_on` says no.
    pub fn read_watched(
        &self,
        source: &ByteSource,
        limit: usize,
        go_on: GoOn<'_>,
    ) -> Result<BodyText, Problem> {
        let source = self.attachment.as_ref().unwrap_or(source);
        // Six bytes of `\u0041` make one byte of text; base64 makes three of four.
        let raw_limit = match self.form {
            BodyForm::JsonString => limit.saturating_mul(6),
            BodyForm::JsonBase64 => limit.saturating_mul(2),
            // What is still encoded needs its frames as well.
            BodyForm::Raw if !self.content_encoding.is_empty() => {
                limit.saturating_mul(2).max(1 << 16)
            }
            BodyForm::Raw | BodyForm::Masked(_) => limit,
        };
        let raw_len = (self.span.len as usize).min(raw_limit);
        let raw = source
            .bytes_watched(Span::new(self.span.start, raw_len as u32), go_on)
            .map_err(|error| {
                Problem::new(
                    ProblemKind::Io,
                    format!("the body could not be read: {error}"),
                )
            })?;
        let is_raw_cut = raw_len < self.span.len as usize;
        let (mut bytes, problem) = match self.form {
            BodyForm::Raw => (raw, None),
            BodyForm::Masked(key) => {
                let plain = raw.iter().zip(key.iter().cycle());
                (plain.map(|(byte, key)| byte ^ key).collect(), None)
            }
            BodyForm::JsonString => (json::unescape(&raw).0.into_bytes(), None),
            BodyForm::JsonBase64 => decode_base64(&raw, is_raw_cut),
        };
        let mut text = if self.content_encoding.is_empty() {
            let is_cut = limit < bytes.len() || is_raw_cut;
            bytes.truncate(limit);
            BodyText {
                bytes,
                is_cut,
                problem: None,
            }
        } else {
            decode_content(&bytes, &self.content_encoding, limit)
        };
        text.problem = text.problem.or(problem);
        if is_raw_cut {
            // That the end is missing is no fault of the body.
            text.is_cut = true;
            text.problem = None;
        }
        Ok(text)
    }
}

/// Base64 as captures hold it: both alphabets, padding optional, white space and escaped slashes ignored.
fn decode_base64(raw: &[u8], is_cut: bool) -> (Vec<u8>, Option<Problem>) {
    let mut digits: Vec<u8> = raw
        .iter()
        .filter(|byte| !matches!(byte, b'\\' | b'=' | b' ' | b'\r' | b'\n' | b'\t'))
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    if is_cut || digits.len() % 4 == 1 {
        digits.truncate(digits.len() / 4 * 4);
    }
    let engine = base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
    match base64::Engine::decode(&engine, &digits) {
        Ok(bytes) => (bytes, None),
        Err(error) => {
            let message = format!("the body is not valid base64: {error}");
            (
                raw.to_vec(),
                Some(Problem::new(ProblemKind::Encoding, message)),
            )
        }
    }
}

const LENIENT: base64::engine::GeneralPurposeConfig = base64::engine::GeneralPurposeConfig::new()
    .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// Undoes `Content-Encoding` (`gzip`, `deflate`, `br`, `zstd`, several in a row) and `chunked`, at most `limit` bytes of it.
///
/// Falls back to the bytes as they are, with a problem, when they are not what the header says.
pub fn decode_content(bytes: &[u8], content_encoding: &str, limit: usize) -> BodyText {
    let mut text = BodyText {
        bytes: bytes.to_vec(),
        is_cut: false,
        problem: None,
    };
    for coding in content_encoding
        .rsplit(',')
        .map(|coding| coding.trim().to_ascii_lowercase())
    {
        let input = std::mem::take(&mut text.bytes);
        let decoded = match coding.as_str() {
            "gzip" | "x-gzip" => {
                read_limited(flate2::read::MultiGzDecoder::new(input.as_slice()), limit)
            }
            "deflate" => inflate(&input, limit),
            "br" => read_limited(brotli::Decompressor::new(input.as_slice(), 4096), limit),
            "zstd" => zstd::stream::read::Decoder::new(input.as_slice()).map_or_else(
                |error| (Vec::new(), false, Some(error)),
                |reader| read_limited(reader, limit),
            ),
            "chunked" => join_chunks(&input),
            _ => (input.clone(), false, None),
        };
        let (bytes, is_cut, error) = decoded;
        text.is_cut |= is_cut;
        match error {
            None => text.bytes = bytes,
            // As far as it went, the next coding may still be undone.
            Some(error) if !bytes.is_empty() => {
                text.problem = Some(undecodable(&coding, &error));
                text.bytes = bytes;
            }
            Some(error) => {
                text.problem = Some(undecodable(&coding, &error));
                text.bytes = input;
                break;
            }
        }
    }
    text.is_cut |= limit < text.bytes.len();
    text.bytes.truncate(limit);
    text
}

fn undecodable(coding: &str, error: &std::io::Error) -> Problem {
    let message = format!("the body is not valid {coding}: {error}");
    Problem::new(ProblemKind::Encoding, message)
}

type Limited = (Vec<u8>, bool, Option<std::io::Error>);

fn read_limited(mut reader: impl Read, limit: usize) -> Limited {
    let mut bytes = Vec::new();
    let error = reader
        .by_ref()
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .err();
    let is_cut = limit < bytes.len();
    bytes.truncate(limit);
    (bytes, is_cut, error)
}

/// `deflate` means zlib, but some servers send it without the zlib header.
fn inflate(input: &[u8], limit: usize) -> Limited {
    let zlib = read_limited(flate2::read::ZlibDecoder::new(input), limit);
    if zlib.2.is_none() {
        return zlib;
    }
    let raw = read_limited(flate2::read::DeflateDecoder::new(input), limit);
    if raw.2.is_none() { raw } else { zlib }
}

/// `5\r\nhello\r\n0\r\n\r\n` as `hello`. Bytes that are no chunks stay as they are: the program may have joined them already.
fn join_chunks(input: &[u8]) -> Limited {
    let (mut bytes, mut rest) = (Vec::new(), input);
    loop {
        let Some(len) = chunk_len(&mut rest) else {
            let is_whole = bytes.is_empty();
            let error = std::io::Error::other("a chunk has no length");
            return if is_whole {
                (input.to_vec(), false, None)
            } else {
                (bytes, false, Some(error))
            };
        };
        if len == 0 {
            return (bytes, false, None);
        }
        let n = len.min(rest.len());
        bytes.extend_from_slice(&rest[..n]);
        if n < len {
            let error = std::io::Error::other("the last chunk is not complete");
            return (bytes, false, Some(error));
        }
        rest = &rest[n..];
        rest = rest.strip_prefix(b"\r\n").unwrap_or(rest);
    }
}

/// Reads the line that gives the length of a chunk; extensions behind `;` are left out.
fn chunk_len(rest: &mut &[u8]) -> Option<usize> {
    let end = memchr::memchr(b'\n', rest).filter(|end| *end < 1_000)?;
    let line = std::str::from_utf8(&rest[..end]).ok()?;
    let digits = line.split(';').next().unwrap_or_default().trim();
    let len = usize::from_str_radix(digits, 16).ok()?;
    *rest = &rest[end + 1..];
    Some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: BodyForm, written: &str, expected: &str) {
        let source = ByteSource::from_bytes(written.as_bytes().to_vec());
        let span = Span::new(0, written.len() as u32);
        let body = Body::at(span, form);
        let text = body.read(&source, 1_000).expect("memory can be read");
        assert_eq!(String::from_utf8_lossy(&text.bytes), expected);
    }

    #[test]
    fn reads_every_way_of_writing_a_body() {
        check(BodyForm::Raw, "a\\n", "a\\n");
        check(
            BodyForm::JsonString,
            r#"a\n\"\u00e9\ud83d\ude00"#,
            "a\n\"é😀",
        );
        check(
            BodyForm::JsonString,
            r"x\ud83dy\udc00",
            "x\u{fffd}y\u{fffd}",
        );
        check(BodyForm::JsonBase64, r"Pz8\/Pz8_", "??????");
        check(BodyForm::JsonBase64, "aGVhZHdhdGVy", "headwater");
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &vec![0; 4 << 20]).expect("memory");
        let bomb = encoder.finish().expect("memory");
        let text = decode_content(&bomb, "gzip", 1_000);
        assert_eq!(text.bytes.len(), 1_000);
        assert!(text.is_cut);
    }

    #[test]
    fn chunks_are_joined_before_the_content_is_decoded() {
        let check = |written: &str, expected: &str, is_faulty: bool| {
            let text = decode_content(written.as_bytes(), "identity, chunked", 100);
            assert_eq!(String::from_utf8_lossy(&text.bytes), expected);
            assert_eq!(text.problem.is_some(), is_faulty, "{written}");
        };
        check(
            "4;x=y\r\nhead\r\n5\r\nwater\r\n0\r\n\r\n",
            "headwater",
            false,
        );
        check("headwater", "headwater", false);
        check("4\r\nhead\r\n9\r\nwat", "headwat", true);
        check("4\r\nhead\r\nffffffffffffffffff\r\nx", "head", true);
    }

    #[test]
    fn the_beginning_of_a_long_encoded_body_is_no_damaged_body() {
        let text = "headwater ".repeat(100_000);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut encoder, text.as_bytes()).expect("memory");
        let gzip = encoder.finish().expect("memory");
        let chunked = [
            format!("{:x}\r\n", gzip.len()).as_bytes(),
            &gzip,
            b"\r\n0\r\n\r\n",
        ]
        .concat();
        let body = Body {
            content_encoding: "gzip, chunked".to_owned(),
            ..Body::at(Span::new(0, chunked.len() as u32), BodyForm::Raw)
        };
        let source = ByteSource::from_bytes(chunked);
        let read = body.read(&source, 20).expect("memory");
        assert_eq!(read.bytes, b"headwater headwater ");
        assert!(read.is_cut && read.problem.is_none());
        let read = body.read(&source, 1 << 21).expect("memory");
        assert_eq!(read.bytes, text.as_bytes());
    }

    #[test]
    fn a_wrong_encoding_leaves_the_bytes() {
        let text = decode_content(b"plain", "gzip", 100);
        assert_eq!(text.bytes, b"plain");
        assert!(text.problem.is_some());
    }
}
