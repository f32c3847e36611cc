//! What of a cell of the table may leave the program.

use super::Redactor;
use crate::document::Reread;
use crate::query::columns::{Column, ColumnId};

impl Redactor {
    /// The text of a cell of `column`, secrets removed.
    pub fn cell(&mut self, column: &Column, text: &str) -> String {
        if let Some(Reread::Header(_, name)) = column.reread {
            return self.header(name, text);
        }
        match column.id {
            ColumnId::Url | ColumnId::Path | ColumnId::Page => self.url(text),
            ColumnId::Query => {
                let url = self.url(&format!("/?{text}"));
                url.strip_prefix("/?").unwrap_or(&url).to_owned()
            }
            ColumnId::Server | ColumnId::Via => self.header(column.word, text),
            // The kind, and where the page or script lies.
            ColumnId::Initiator => {
                let words = text.split(' ').map(|word| self.url(word));
                words.collect::<Vec<_>>().join(" ")
            }
            ColumnId::Host
            | ColumnId::Party
            | ColumnId::RemoteIp
            | ColumnId::Method
            | ColumnId::Type
            | ColumnId::File => self.shown(text),
            _ => self.text(text),
        }
    }
}
