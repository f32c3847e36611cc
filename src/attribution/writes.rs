//! Requests that change something at a server.

use crate::capture::Flow;

/// True for a request that changes something and succeeded.
pub(super) fn is_accepted_write(flow: Flow<'_>) -> bool {
    matches!(flow.method(), "PUT" | "POST" | "PATCH" | "DELETE")
        && matches!(flow.status(), Some(200..=299))
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
    if !matches!(flow.method(), "PUT" | "POST" | "PATCH") {
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
