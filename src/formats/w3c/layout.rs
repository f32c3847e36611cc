//! What the lines with a `#` say about the rows below them.

use std::sync::Arc;

use crate::base::time::Time;

/// Which program wrote the rows, as far as that decides how they are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Writer {
    #[default]
    Other,
    /// IIS and everything else of Microsoft's servers: blanks are written as `+`.
    Microsoft,
    /// A proxy of the clients: its own address is not that of the server.
    Proxy,
    /// Values are URL-encoded, durations are in seconds.
    CloudFront,
    /// Its `s-ip` is the server behind it.
    Incapsula,
}

/// Most columns of a file; nobody writes a fifth of this.
const MAX_FIELDS: usize = 256;

/// What the rows are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Subject {
    /// No `#Fields` yet.
    #[default]
    Unknown,
    Requests,
    Firewall,
    Exchange,
    Other,
}

/// How the rows are read, as the lines so far say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) software: String,
    /// The day on which the rows begin, for rows that have only a time.
    pub(super) date: Option<Time>,
    pub(super) fields: Arc<[Field]>,
    pub(super) writer: Writer,
    pub(super) subject: Subject,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// As the file names it.
    pub(super) name: String,
    pub(super) meaning: Meaning,
}

/// What a column says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Date,
    Time,
    /// Date and time, or seconds since the epoch, at the end of the request.
    Moment,
    /// Milliseconds since the epoch at the beginning of the request.
    Start,
    Duration,
    ClientIp,
    User,
    /// The address of the machine that wrote the row.
    OwnIp,
    OwnPort,
    /// The address that a proxy connected to.
    FarIp,
    FarHost,
    Method,
    Uri,
    Scheme,
    Host,
    Port,
    Path,
    Query,
    /// `HTTP/1.1`; for Incapsula, the scheme.
    Version,
    Status,
    BytesDown,
    BytesUp,
    Mime,
    RequestHeader(String),
    ResponseHeader(String),
    /// How a proxy dealt with it.
    Action,
    Fact,
}

impl Meaning {
    fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "date" => Self::Date,
            "time" => Self::Time,
            "timestamp" | "date-time" | "datetime" | "x-timestamp" => Self::Moment,
            "cs-start" => Self::Start,
            "time-taken" => Self::Duration,
            "c-ip" => Self::ClientIp,
            "cs-username" => Self::User,
            "s-ip" => Self::OwnIp,
            "s-port" => Self::OwnPort,
            "r-ip" | "s-supplier-ip" | "cs-uri-ip" => Self::FarIp,
            "r-host" => Self::FarHost,
            "cs-method" | "s-operation" => Self::Method,
            "cs-uri" => Self::Uri,
            "cs-uri-scheme" | "cs-protocol" => Self::Scheme,
            "cs-host" | "cs-uri-host" | "x-host-header" => Self::Host,
            "cs-uri-port" => Self::Port,
            "cs-uri-path" | "cs-uri-stem" => Self::Path,
            "cs-uri-query" => Self::Query,
            "cs-version" | "cs-protocol-version" => Self::Version,
            "sc-status" => Self::Status,
            "sc-bytes" | "bytes" => Self::BytesDown,
            "cs-bytes" => Self::BytesUp,
            "cs-mime-type" | "sc-content-type" | "rs(content-type)" | "sc(content-type)" => {
                Self::Mime
            }
            "c-agent" => Self::RequestHeader("User-Agent".to_owned()),
            "cs-referred" => Self::RequestHeader("Referer".to_owned()),
            // CloudFront sends these two to the client.
            "x-edge-location" => Self::ResponseHeader("X-Amz-Cf-Pop".to_owned()),
            "x-edge-request-id" => Self::ResponseHeader("X-Amz-Cf-Id".to_owned()),
            "s-action" | "s-object-source" => Self::Action,
            _ => Self::header(name).unwrap_or(Self::Fact),
        }
    }

    /// `cs(User-Agent)`: a header that the client sent to the server.
    fn header(name: &str) -> Option<Self> {
        let (prefix, rest) = name.split_once('(')?;
        let header = rest.strip_suffix(')')?.to_owned();
        match prefix.to_ascii_lowercase().as_str() {
            "cs" => Some(Self::RequestHeader(header)),
            "sc" | "rs" => Some(Self::ResponseHeader(header)),
            _ => None,
        }
    }
}

impl Layout {
    /// Takes over what a line such as `#Fields: date time` says.
    pub(super) fn declare(&mut self, line: &str) {
        let Some((name, value)) = line.strip_prefix('#').and_then(|line| line.split_once(':'))
        else {
            return;
        };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "software" => value.clone_into(&mut self.software),
            "date" | "start-date" => self.date = date(value).or(self.date),
            "log-type" => self.subject = Subject::Exchange,
            "fields" => {
                let names = value.split_ascii_whitespace();
                self.fields = names.take(MAX_FIELDS).map(Field::new).collect();
                self.subject = self.subject_of(value);
            }
            _ => {}
        }
        self.writer = self.writer();
    }

    /// The published columns of CloudFront, whose lines may stand without the header.
    pub(super) fn cloudfront() -> Self {
        let mut layout = Self::default();
        layout.declare(&format!("#Fields: {CLOUDFRONT}"));
        layout
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields
            .iter()
            .any(|field| field.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn has_meaning(&self, meaning: &Meaning) -> bool {
        self.fields.iter().any(|field| field.meaning == *meaning)
    }

    fn subject_of(&self, fields: &str) -> Subject {
        let has = |meaning| self.has_meaning(&meaning);
        let is_about_requests =
            has(Meaning::Uri) || has(Meaning::Path) || has(Meaning::Method) && has(Meaning::Status);
        if self.has("src-ip") && self.has("dst-ip") {
            Subject::Firewall
        } else if self.subject == Subject::Exchange || fields.starts_with("date-time,") {
            Subject::Exchange
        } else if is_about_requests {
            Subject::Requests
        } else {
            Subject::Other
        }
    }

    fn writer(&self) -> Writer {
        let says = |word: &str| self.software.contains(word);
        if self.has("x-edge-location") {
            Writer::CloudFront
        } else if says("Incapsula") || self.has("cs-clapp") {
            Writer::Incapsula
        } else if says("SGOS")
            || says("Blue Coat")
            || says("Threat Management")
            || says("ISA Server")
            || self.has_meaning(&Meaning::FarIp)
            || self.has_meaning(&Meaning::Action)
        {
            Writer::Proxy
        } else if says("Microsoft") {
            Writer::Microsoft
        } else {
            Writer::Other
        }
    }

    /// The program, as the file names it.
    pub(super) fn producer(&self) -> String {
        match self.writer {
            Writer::CloudFront if self.software.is_empty() => "Amazon CloudFront".to_owned(),
            _ => self.software.clone(),
        }
    }
}

impl Field {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            meaning: Meaning::of(name),
        }
    }
}

/// `2026-11-23 02:46:59`, also with remarks behind it, `23/Nov/2026 02:46:59` or `23-Nov-2026 02:46:59`.
fn date(text: &str) -> Option<Time> {
    let mut words = text.split_ascii_whitespace();
    let (day, clock) = (words.next()?, words.next().unwrap_or("00:00:00"));
    Time::parse_iso(&format!("{day}T{clock}"))
        .or_else(|| Time::parse_clf(&format!("{}:{clock} +0000", day.replace('-', "/"))))
        .or_else(|| Time::parse_iso(day))
}

const CLOUDFRONT: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status \
    cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol \
    cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version \
    fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len \
    sc-range-start sc-range-end";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dates_as_servers_write_them() {
        for text in [
            "2026-11-23 02:46:59",
            "2026-11-23 02:46:59  // when the log was created",
            "23/Nov/2026 02:46:59",
            "23-Nov-2026 02:46:59",
            "2026-11-23T02:46:59.000Z",
        ] {
            let time = date(text).expect(text);
            assert_eq!(time.to_iso(), "2026-11-23T02:46:59.000Z", "{text}");
        }
        assert_eq!(date("soon"), None);
    }

    #[test]
    fn tells_subjects_by_columns() {
        for (fields, expected) in [
            (
                "date time cs-method cs-uri-stem sc-status",
                Subject::Requests,
            ),
            ("time cs-method cs-uri", Subject::Requests),
            ("date time src-ip dst-ip action", Subject::Firewall),
            ("date-time,client-ip,source", Subject::Exchange),
            ("date time x-event", Subject::Other),
        ] {
            let mut layout = Layout::default();
            layout.declare(&format!("#Fields: {fields}"));
            assert_eq!(layout.subject, expected, "{fields}");
        }
    }
}
