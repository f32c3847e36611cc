//! One HTML file for people: no script, nothing loaded from elsewhere, escaped by type-checked templates.
//!
//! The file is written section by section, the flows one by one, so that a report of a million flows needs no more memory
//! than its tables.

mod back;
mod flow;
mod front;
mod services;
mod tables;

use std::io;

use askama::Template;

use super::evidence::Evidence;
use super::hosts::Hosts;
use super::people::People;
use super::services::{Services, roles};
use super::strip::Strip;
use super::survey::Survey;
use super::{Report, ReportError, ReportInput};
use crate::attribution::{Conclusiveness, Role};
use crate::base::text::escape_within_lines;
use crate::capture::{FlowId, FlowSet};
use crate::redact::Redactor;

pub(super) struct Html;

impl Report for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn title(&self) -> &'static str {
        "HTML report"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn write(
        &self,
        input: &ReportInput<'_>,
        redactor: &mut Redactor,
        out: &mut dyn io::Write,
    ) -> Result<(), ReportError> {
        let survey = Survey::of(input);
        let hosts = Hosts::of(&survey);
        let evidence = Evidence::of(input, &hosts, redactor);
        let roles = roles(input)?;
        let told = Services::of(input, &roles, redactor);
        let people = People::of(input, redactor);
        let listed = input.listed_set();
        let links = Links(&listed);

        section(&front::Front::of(input, &survey, &told, redactor), out)?;
        section(&services::ServiceTable::of(&told), out)?;
        section(&tables::HostTable::of(&hosts, &evidence, redactor), out)?;
        section(&tables::PeopleTable::of(&people, links), out)?;
        section(&front::Timeline::of(Strip::of(input, &survey)), out)?;
        section(&services::Sheets::of(&told, links), out)?;
        flow::write_flows(input, &survey, listed.len(), redactor, out)?;
        section(&back::EvidenceTable::of(&evidence, links, redactor), out)?;
        section(
            &back::Back::of(input, &survey, &evidence, &told, redactor),
            out,
        )?;
        // The last section, since only now it is known how much was removed.
        section(&back::End::of(input, redactor), out)?;
        Ok(())
    }
}

/// Writes one section. HTML has no way to write control characters, and no use for them.
fn section(template: &impl Template, out: &mut dyn io::Write) -> io::Result<()> {
    let text = template.render().map_err(io::Error::other)?;
    out.write_all(escape_within_lines(&text).as_bytes())
}

/// The flows that the report lists, to which its other parts can point.
#[derive(Clone, Copy)]
struct Links<'a>(&'a FlowSet);

/// The number of a flow, and whether there is a row to point at.
struct FlowLink {
    n: u32,
    is_listed: bool,
}

impl Links<'_> {
    fn to(self, flow: FlowId) -> FlowLink {
        FlowLink {
            n: flow.n(),
            is_listed: self.0.contains(flow),
        }
    }

    fn to_all(self, flows: &[FlowId]) -> Vec<FlowLink> {
        flows.iter().map(|flow| self.to(*flow)).collect()
    }
}

/// How sure the machine is: the word, and the number of bars beside it.
struct Sure {
    word: &'static str,
    n_bars: u8,
}

impl Sure {
    const fn of(conclusiveness: Conclusiveness) -> Self {
        Self {
            word: conclusiveness.word(),
            n_bars: match conclusiveness {
                Conclusiveness::Conclusive => 4,
                Conclusiveness::Strong => 3,
                Conclusiveness::Suggestive => 2,
                Conclusiveness::Conflicting | Conclusiveness::Insufficient => 1,
            },
        }
    }
}

const fn role_title(role: Role) -> &'static str {
    match role {
        Role::Origin => "Origin",
        Role::Cdn => "CDN",
        Role::Unknown => "Unknown",
    }
}

/// A host or party for people.
fn named(text: String, otherwise: &str) -> String {
    if text.is_empty() {
        otherwise.to_owned()
    } else {
        text
    }
}
