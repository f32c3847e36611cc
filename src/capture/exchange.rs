//! The whole of one exchange, read again from the file when somebody looks at it.

use std::sync::Arc;

use super::body::Body;
use super::problem::Problem;
use super::{Flow, Phases, Side};
use crate::base::bytes::Span;
use crate::base::time::Time;

/// How a format reads one flow again, with what it knows of the whole file. Set by the reader that made the capture.
pub type ReadExchange = Arc<dyn Fn(&Flow<'_>) -> Result<Exchange, Problem> + Send + Sync>;

/// Request, response and circumstances of one flow.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// The request, as far as the file has it.
    pub request: Message,
    /// The response; `None` when there was none.
    pub response: Option<Message>,
    /// What went over the connection after it had become a WebSocket, in order of time.
    pub socket: Vec<SocketMessage>,
    /// Durations of the phases.
    pub phases: Phases,
    /// Further facts for the connection pane, in file order: name and value. Readers name them as they stand in the file,
    /// but for [`Exchange::TLS_VERSION`] and [`Exchange::INITIATOR`], which are columns.
    pub facts: Vec<(String, String)>,
    /// The entry exactly as it lies in the file.
    pub raw: Span,
}

impl Exchange {
    /// The fact with the TLS version between the peer that answered and whoever asked it.
    pub const TLS_VERSION: &str = "TLS version";
    /// The fact that says what made the client send the request.
    pub const INITIATOR: &str = "initiator";

    /// The first fact that is called `name`.
    pub fn fact(&self, name: &str) -> Option<&str> {
        let mut facts = self.facts.iter();
        let found = facts.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// One side of an exchange.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// `GET https://a.example/ HTTP/1.1` or `HTTP/1.1 200 OK`, rebuilt from the fields.
    pub start_line: String,
    /// All headers in file order.
    pub headers: Vec<HeaderField>,
    /// Where the body lies; `None` when the file has none.
    pub body: Option<Body>,
    /// Cookies that the file lists beside the headers: name and value.
    pub cookies: Vec<(String, String)>,
    /// Fields of a form that the file lists beside the body: name and value.
    pub fields: Vec<(String, String)>,
}

/// One message of a WebSocket.
#[derive(Clone, Debug)]
pub struct SocketMessage {
    /// True when the client sent it.
    pub is_from_client: bool,
    /// What the frame was: 1 = text, 2 = binary, 8 = close, 9 = ping, 10 = pong; as RFC 6455 numbers them.
    pub opcode: u8,
    /// When it was seen.
    pub time: Option<Time>,
    /// Its content.
    pub body: Body,
}

/// One header as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderField {
    /// Name as written.
    pub name: String,
    /// Value as written, unescaped.
    pub value: String,
    /// Where the value lies in the source; empty when unknown.
    pub span: Span,
}

impl Exchange {
    /// One side; `None` for a response that is not there, and for the connection, which is no message.
    pub fn message(&self, side: Side) -> Option<&Message> {
        match side {
            Side::Request => Some(&self.request),
            Side::Response => self.response.as_ref(),
            Side::Connection => None,
        }
    }
}

impl Message {
    /// The value of the first header called `name`, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }
}
