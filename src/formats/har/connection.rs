//! What measuring programs write down about a connection: aliases of the host and the names in the certificate.

use super::lean::span_of;
use crate::base::condense::Condensed;
use crate::base::json::Json;
use crate::capture::{HeaderRecord, Side};
use crate::providers::catalogue;

/// Most names of one certificate or alias chain that are kept.
const MAX_NAMES: usize = 16;

/// Facts about the connection of one entry, in file order.
pub(super) type Facts<'a> = Vec<HeaderRecord<'a>>;

/// `_dns_details` of WebPageTest: `{"A": {"cname": ["…"]}}`.
pub(super) fn dns_details<'a>(json: &mut Json<'a>, origin: &Condensed, facts: &mut Facts<'a>) {
    json.object(|json, _record_type| {
        json.object(|json, key| {
            if key == "cname" {
                json.array(|json| name(json, "cname", origin, facts));
            }
        });
    });
}

/// `_dns_info` of WebPageTest: `{"results": [{"alias_target": "…"}]}`.
pub(super) fn dns_info<'a>(json: &mut Json<'a>, origin: &Condensed, facts: &mut Facts<'a>) {
    json.object(|json, key| {
        if key == "results" {
            json.array(|json| {
                json.object(|json, key| {
                    if key == "alias_target" {
                        name(json, "cname", origin, facts);
                    }
                });
            });
        }
    });
}

/// `_securityDetails` of Chromium and of programs that drive it.
pub(super) fn security_details<'a>(json: &mut Json<'a>, origin: &Condensed, facts: &mut Facts<'a>) {
    json.object(|json, key| match key {
        "subjectName" => name(json, "certificate-subject", origin, facts),
        "issuer" => name(json, "certificate-issuer", origin, facts),
        "sanList" => {
            json.array(|json| name(json, "certificate-name", origin, facts));
        }
        _ => {}
    });
}

/// Keeps one name; further names of a certificate only where they belong to somebody, since it may hold hundreds.
fn name<'a>(json: &mut Json<'a>, fact: &'static str, origin: &Condensed, facts: &mut Facts<'a>) {
    let Some(text) = json.text() else { return };
    let value = json.decode(text);
    let is_telling = fact != "certificate-name" || {
        let host = value.trim_start_matches("*.").to_ascii_lowercase();
        !catalogue().host_rules(&host).is_empty()
    };
    if is_telling && facts.len() < MAX_NAMES {
        facts.push(HeaderRecord {
            side: Side::Connection,
            name: fact.into(),
            value,
            span: span_of(text, origin),
        });
    }
}
