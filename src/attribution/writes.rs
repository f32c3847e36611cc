//! Requests that change something at a server.

use crate::capture::Flow;

/// True when a program made the answer to `flow` for it alone: the result of a write, a passing redirect, an
/// acknowledgement, a pixel that counts visits, or data. Caches seldom keep such answers.
pub(super) fn is_made_for_this_request(flow: Flow<'_>) -> bool {
    let is_answer = matches!(flow.status(), Some(204 | 302 | 303 | 307));
    let is_data = flow.mime().ends_with("json");
    let is_read = flow.has_method(&["GET", "HEAD"]);
    let is_pixel =
        flow.mime() == "image/gif" && flow.content_bytes().is_some_and(|n| n <= MAX_PIXEL);
    is_answer || flow.status().is_some() && (is_data || is_pixel || !is_read)
}

/// Bytes of an image of one pixel: it only acknowledges what its URL reports.
const MAX_PIXEL: u64 = 100;

/// True for a request that changes something, whatever came of it.
pub(super) fn is_write(flow: Flow<'_>) -> bool {
    flow.has_method(&["PUT", "POST", "PATCH", "DELETE"])
}

/// True for a request that changes something and succeeded.
pub(super) fn is_accepted_write(flow: Flow<'_>) -> bool {
    is_write(flow) && matches!(flow.status(), Some(200..=299))
}

/// Parts of an object or bucket, and operations on it, that hold none of the user's bytes.
const WITHOUT_BYTES: [&str; 24] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "delete",
    "encryption",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "tagging",
    "versioning",
    "website",
];

/// True for requests that bring bytes to keep, and not only words about them.
pub(super) fn stores_bytes(flow: Flow<'_>) -> bool {
    if !flow.has_method(&["PUT", "POST", "PATCH"]) {
        return false;
    }
    let query = flow.url().split_once('?').map_or("", |(_, query)| query);
    query.split('&').all(|pair| match pair.split_once('=') {
        // Azure Storage: only these operations carry content.
        Some(("comp", operation)) => {
            matches!(
                operation,
                "block" | "blocklist" | "appendblock" | "page" | "range"
            )
        }
        Some((name, _)) => !WITHOUT_BYTES.contains(&name),
        None => !WITHOUT_BYTES.contains(&pair),
    })
}
