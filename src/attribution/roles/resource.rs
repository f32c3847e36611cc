//! What can be told apart within a service: buckets, accounts with containers, distributions, apps; else hosts.

use super::relation::ResourceKind;
use crate::attribution::url::registrable;
use crate::providers::{ServiceId, ServiceKind, catalogue};

/// Hosts of stores whose paths begin with the name of the bucket, or with words and then that name.
const PATH_STYLE: &[(&str, &str)] = &[
    ("storage.googleapis.com", "/upload/storage/v1/b/"),
    ("storage.googleapis.com", "/download/storage/v1/b/"),
    ("storage.googleapis.com", "/storage/v1/b/"),
    ("www.googleapis.com", "/upload/storage/v1/b/"),
    ("www.googleapis.com", "/storage/v1/b/"),
    ("firebasestorage.googleapis.com", "/v0/b/"),
];

/// The part of `path` that names the bucket or container at `store`, where the host does not.
pub(super) fn place_in_path<'p>(store: ServiceId, host: &str, path: &'p str) -> Option<&'p str> {
    let of_api = PATH_STYLE
        .iter()
        .filter(|(known, _)| *known == host)
        .find_map(|(_, prefix)| path.strip_prefix(prefix));
    let is_whole_host = is_without_bucket(host) || is_account(store);
    let rest = of_api.or_else(|| path.strip_prefix('/').filter(|_| is_whole_host))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let name = &rest[..end];
    (!name.is_empty() && end < rest.len() || of_api.is_some()).then_some(name)
}

/// True for a host of a store that all its customers share: `s3.amazonaws.com`, `s3-eu-west-1.amazonaws.com`,
/// `ACCOUNT.r2.cloudflarestorage.com`.
fn is_without_bucket(host: &str) -> bool {
    let first = host.split('.').next().unwrap_or_default();
    let is_s3 = first == "s3" || first.starts_with("s3-");
    let is_shared = matches!(
        host,
        "storage.googleapis.com" | "storage.cloud.google.com" | "commondatastorage.googleapis.com"
    );
    let is_account = host.ends_with(".r2.cloudflarestorage.com")
        && host.split('.').count() <= "ACCOUNT.eu.r2.cloudflarestorage.com".split('.').count();
    is_s3 && registrable(host) != host || is_shared || is_account
}

/// True for stores whose hosts name accounts, within which containers are told apart.
fn is_account(store: ServiceId) -> bool {
    catalogue().path(store) == "azure/blob-storage"
}

/// What `host` and `path` name within `service`. `is_lent` says that the host is one of the provider's own names.
pub(super) fn resource(
    service: ServiceId,
    host: &str,
    path: &str,
    is_lent: bool,
) -> (ResourceKind, String) {
    if !is_lent {
        return (ResourceKind::Host, host.to_owned());
    }
    let first = host.split('.').next().unwrap_or(host);
    match catalogue().service(service).kind {
        ServiceKind::Storage => match place_in_path(service, host, path) {
            Some(place) if is_account(service) => {
                (ResourceKind::Container, format!("{first}/{place}"))
            }
            Some(bucket) => (ResourceKind::Bucket, bucket.to_owned()),
            None if is_account(service) => (ResourceKind::Container, first.to_owned()),
            None if is_without_bucket(host) => (ResourceKind::Host, host.to_owned()),
            None => (ResourceKind::Bucket, bucket_of_host(host).to_owned()),
        },
        ServiceKind::Cdn => (ResourceKind::Distribution, first.to_owned()),
        ServiceKind::Platform | ServiceKind::Compute => (ResourceKind::App, first.to_owned()),
        ServiceKind::FrontEnd | ServiceKind::Gateway => (ResourceKind::Host, host.to_owned()),
    }
}

/// `my.bucket` of `my.bucket.s3.eu-west-1.amazonaws.com`: what stands before the label that names the store.
fn bucket_of_host(host: &str) -> &str {
    const STORES: [&str; 4] = [".s3.", ".s3-", ".storage.", ".oss-"];
    let ends = STORES.iter().filter_map(|store| host.find(store));
    let end = ends.min().or_else(|| host.find('.'));
    end.map_or(host, |end| &host[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(service: &str, host: &str, path: &str) -> (ResourceKind, String) {
        let service = catalogue().find(service).expect(service);
        resource(service, host, path, true)
    }

    #[test]
    fn buckets_are_found_in_hosts_and_in_paths() {
        for (service, host, path, kind, expected) in [
            (
                "aws/s3",
                "my.docs.s3.eu-west-1.amazonaws.com",
                "/a/b",
                ResourceKind::Bucket,
                "my.docs",
            ),
            (
                "aws/s3",
                "docs.s3-eu-west-1.amazonaws.com",
                "/a",
                ResourceKind::Bucket,
                "docs",
            ),
            (
                "aws/s3",
                "docs.s3-accelerate.amazonaws.com",
                "/a",
                ResourceKind::Bucket,
                "docs",
            ),
            (
                "aws/s3",
                "s3-eu-west-1.amazonaws.com",
                "/docs/a?b",
                ResourceKind::Bucket,
                "docs",
            ),
            (
                "aws/s3",
                "s3.amazonaws.com",
                "/",
                ResourceKind::Host,
                "s3.amazonaws.com",
            ),
            (
                "google/cloud-storage",
                "storage.googleapis.com",
                "/docs/a",
                ResourceKind::Bucket,
                "docs",
            ),
            (
                "google/cloud-storage",
                "storage.googleapis.com",
                "/upload/storage/v1/b/proj-media/o?uploadType=resumable",
                ResourceKind::Bucket,
                "proj-media",
            ),
            (
                "google/cloud-storage",
                "docs.storage.googleapis.com",
                "/a",
                ResourceKind::Bucket,
                "docs",
            ),
            (
                "azure/blob-storage",
                "acct.blob.core.windows.net",
                "/box/a?sig=1",
                ResourceKind::Container,
                "acct/box",
            ),
            (
                "azure/blob-storage",
                "acct.blob.core.windows.net",
                "",
                ResourceKind::Container,
                "acct",
            ),
            (
                "aws/cloudfront",
                "d111.cloudfront.net",
                "/a",
                ResourceKind::Distribution,
                "d111",
            ),
        ] {
            assert_eq!(
                named(service, host, path),
                (kind, expected.to_owned()),
                "{host}{path}"
            );
        }
    }
}
