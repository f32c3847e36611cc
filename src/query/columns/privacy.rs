//! What of a cell of the table may leave the program.

use super::{Column, ColumnId};
use crate::capture::Flow;
use crate::document::Reread;
use crate::redact::{Level, Redactor};

/// What the cells of a column hold, as far as redaction cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Privacy {
    /// Words and numbers of our own: verdicts, labels, quantities.
    Own,
    /// Shown on purpose: hosts, addresses of servers, methods, media types.
    Shown,
    /// A URL, or the path of one.
    Url,
    /// The query of a URL, without its question mark.
    Query,
    /// What led to a request: its kind, then the URL of a page or script.
    Initiator,
    /// Names of buckets, which the host or the path gave.
    Bucket,
    /// The value of the header with this name.
    Header(&'static str),
    /// Text of the capture or of a person.
    Text,
}

impl Column {
    /// `text`, the cell of this column for `flow`, with secrets removed.
    pub fn redacted(&self, flow: Flow<'_>, text: &str, redactor: &mut Redactor) -> String {
        match self.privacy() {
            // The path of a file alone does not say that it is one.
            Privacy::Url if self.id == ColumnId::Path && flow.scheme() == Some("file") => {
                redactor.file_path(text)
            }
            Privacy::Own => text.to_owned(),
            Privacy::Shown => redactor.shown(text),
            Privacy::Url => redactor.url(text),
            Privacy::Query => {
                let url = redactor.url(&format!("/?{text}"));
                url.strip_prefix("/?").unwrap_or(&url).to_owned()
            }
            Privacy::Initiator => {
                let words = text.split(' ').map(|word| {
                    if word.contains([':', '/']) {
                        redactor.url(word)
                    } else {
                        redactor.text(word)
                    }
                });
                words.collect::<Vec<_>>().join(" ")
            }
            Privacy::Bucket if flow.host().contains(text) => redactor.shown(text),
            Privacy::Bucket if redactor.level() == Level::Strict => "[path]".to_owned(),
            Privacy::Header(name) => redactor.header(name, text),
            Privacy::Text | Privacy::Bucket => redactor.text(text),
        }
    }

    fn privacy(&self) -> Privacy {
        match self.id {
            ColumnId::N
            | ColumnId::Label
            | ColumnId::Start
            | ColumnId::Status
            | ColumnId::Provider
            | ColumnId::Service
            | ColumnId::Role
            | ColumnId::Conclusive
            | ColumnId::Size
            | ColumnId::Time
            | ColumnId::Port
            | ColumnId::Edge
            | ColumnId::Origin
            | ColumnId::Sent
            | ColumnId::Content
            | ColumnId::Colour
            | ColumnId::Kind
            | ColumnId::Wait
            // Of public addresses, which stay as well; private ones are in no network.
            | ColumnId::Asn
            | ColumnId::Network
            | ColumnId::Cache
            | ColumnId::Age
            | ColumnId::Relation
            | ColumnId::Whose
            | ColumnId::EvidenceCount => Privacy::Own,
            ColumnId::Method
            | ColumnId::Host
            | ColumnId::Type
            | ColumnId::Protocol
            | ColumnId::Scheme
            | ColumnId::RemoteIp
            | ColumnId::Region
            | ColumnId::Party
            | ColumnId::Site
            | ColumnId::By
            | ColumnId::File
            | ColumnId::Tenant
            | ColumnId::Cname
            | ColumnId::Issuer
            | ColumnId::TlsVersion => Privacy::Shown,
            ColumnId::Path | ColumnId::Url | ColumnId::Page => Privacy::Url,
            ColumnId::Query => Privacy::Query,
            ColumnId::Initiator => Privacy::Initiator,
            ColumnId::Bucket => Privacy::Bucket,
            ColumnId::Server => Privacy::Header("server"),
            ColumnId::Via => Privacy::Header("via"),
            ColumnId::Note | ColumnId::Tags | ColumnId::Rival => Privacy::Text,
            // A header column without a header does not exist; text is judged at least.
            ColumnId::Header(_) => match self.reread {
                Some(Reread::Header(_, name)) => Privacy::Header(name),
                _ => Privacy::Text,
            },
        }
    }
}
