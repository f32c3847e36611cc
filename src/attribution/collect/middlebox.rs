//! Answers that a proxy, filter or portal on the way wrote under the name of a server.

use crate::attribution::context::void::is_interceptor;
use crate::attribution::evidence::{Claim, Family, OwnRule, Strength};
use crate::attribution::findings::Findings;
use crate::attribution::url::host_of;
use crate::capture::{Flow, Header};
use crate::providers::{ServiceId, ServiceKind, catalogue};

/// Something on the way answered, and says so.
pub(in crate::attribution) const MIDDLEBOX: OwnRule = OwnRule::new(
    "gate/middlebox",
    Family::HeaderChain,
    "A proxy, filter or portal on the way wrote this answer: it is none of the server's",
);
/// Something on the way answered in the name of a store.
pub(in crate::attribution) const UNSIGNED_STORE: OwnRule = OwnRule::new(
    "gate/unsigned-store",
    Family::Name,
    "This store marks every answer, and this one bears no mark of it: something on the way wrote it",
);

/// RFC 6585: the client must sign in to the network first.
const NETWORK_AUTHENTICATION_REQUIRED: u16 = 511;

/// Voids an answer whose headers name a middlebox; true when it does.
pub(super) fn void_answer<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) -> bool {
    let Some(status) = flow.status().filter(|status| 300 <= *status) else {
        return false;
    };
    let (quote, span) = match who_answered(flow, status) {
        Some(header) => (header.value, header.span),
        None if status == NETWORK_AUTHENTICATION_REQUIRED => ("511", flow.row().span),
        None => return false,
    };
    findings.list.clear();
    findings.void(&MIDDLEBOX, quote, span);
    true
}

/// The header in which a middlebox shows that it wrote the answer.
fn who_answered(flow: Flow<'_>, status: u16) -> Option<Header<'_>> {
    let header = |name| flow.response_header(name);
    let is_error = 400 <= status;
    let by_server = || header("server").filter(|server| is_interceptor(server.value));
    let to_gateway = || header("location").filter(|location| is_at_gateway(location.value));
    header("x-squid-error")
        .filter(|_| is_error)
        .or_else(by_server)
        .or_else(to_gateway)
}

/// True for the URL of a page that a security gateway shows.
fn is_at_gateway(url: &str) -> bool {
    let Some(host) = host_of(url) else {
        return false;
    };
    let rules = catalogue().host_rules(&host);
    let mut services = rules.iter().map(|found| found.rule.rule.service);
    services.any(|service| catalogue().service(service).kind == ServiceKind::Gateway)
}

/// Voids the name of a store that marks every answer, under an error, a redirect or a page that bears no mark of it.
pub(super) fn void_unsigned_store<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) {
    let is_page = flow
        .status()
        .is_some_and(|status| 300 <= status && status != 304)
        || flow.mime() == "text/html";
    // Readers keep the headers that are evidence; a page may bear none of them.
    let shows_headers =
        findings.has_headers || findings.carries.headers && flow.mime() == "text/html";
    if !is_page || !shows_headers {
        return;
    }
    let Some(store) = unsigned_store(findings) else {
        return;
    };
    let claim = Claim::Origin(store);
    findings
        .list
        .retain(|finding| finding.claim != claim || finding.family != Family::Name);
    findings.void(&UNSIGNED_STORE, flow.host(), flow.row().span);
}

/// The store that only its name speaks for, although it would have marked its answer.
fn unsigned_store(findings: &Findings<'_>) -> Option<ServiceId> {
    let named = findings.origins().find(|(service, finding)| {
        let service = catalogue().service(*service);
        let is_signing = service.kind == ServiceKind::Storage && service.signs_responses;
        let is_sure = Strength::Strong <= finding.strength;
        is_signing && is_sure && finding.family == Family::Name
    });
    let (store, _) = named?;
    let network = catalogue().network_of(store);
    let is_marked = findings.list.iter().any(|finding| match finding.claim {
        Claim::Edge(service) | Claim::Origin(service) => {
            finding.family == Family::StorageId
                || finding.family == Family::HeaderChain
                    && catalogue().network_of(service) == network
        }
        Claim::Void(family) => family == Family::StorageId,
    });
    (!is_marked).then_some(store)
}
