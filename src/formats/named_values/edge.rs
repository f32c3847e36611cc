//! Logs that an edge writes itself, told by names that only its logs have.

use super::fields::Fields;

/// The log of one edge.
struct Writer {
    /// `provider/service` in the catalogue.
    service: &'static str,
    /// One of these is there …
    any: &'static [&'static str],
    /// … and all of these.
    all: &'static [&'static str],
}

const WRITERS: [Writer; 7] = [
    Writer {
        service: "cloudflare/cdn",
        any: &[
            "CacheCacheStatus",
            "ClientRequestHost",
            "EdgeStartTimestamp",
        ],
        all: &["EdgeResponseStatus"],
    },
    Writer {
        service: "aws/cloudfront",
        any: &["x-edge-location", "x-edge-result-type"],
        all: &[],
    },
    Writer {
        service: "fastly/cdn",
        any: &["fastly_server", "fastly_is_edge", "fastly_info_state"],
        all: &[],
    },
    // DataStream 2.
    Writer {
        service: "akamai/cdn",
        any: &["edgeIP", "cacheStatus", "reqTimeSec", "cp"],
        all: &["reqHost", "reqPath", "statusCode"],
    },
    Writer {
        service: "azure/front-door",
        any: &["properties.trackingReference"],
        all: &["properties.requestUri"],
    },
    Writer {
        service: "azure/front-door",
        any: &["trackingReference", "trackingReference_s"],
        all: &["requestUri"],
    },
    // Google's load balancers look into their cache only where Cloud CDN is switched on.
    Writer {
        service: "google/cloud-cdn",
        any: &["httpRequest.cacheLookup", "httpRequest.cacheHit"],
        all: &["httpRequest.requestUrl"],
    },
];

/// The edge that wrote a line with these names; `None` when it may have been anybody.
pub(super) fn writer(fields: &Fields<'_>) -> Option<&'static str> {
    let is_set = |name: &&str| !matches!(&*fields.get(name), "" | "false");
    let found = WRITERS
        .iter()
        .find(|writer| writer.any.iter().any(is_set) && writer.all.iter().all(is_set));
    let is_balancer = || fields.get("resource.type") == "http_load_balancer";
    found
        .map(|writer| writer.service)
        .or_else(|| is_balancer().then_some("google/load-balancer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_whose_log_it_is() {
        for (line, expected) in [
            (
                r#"{"ClientRequestHost":"a.example","EdgeResponseStatus":200,"RayID":"87a1"}"#,
                Some("cloudflare/cdn"),
            ),
            (
                r#"{"x-edge-location":"FRA60-P8","sc-status":"200"}"#,
                Some("aws/cloudfront"),
            ),
            (
                r#"{"url":"/","status":200,"fastly_is_edge":true}"#,
                Some("fastly/cdn"),
            ),
            (
                r#"{"reqHost":"a.example","reqPath":"/a","statusCode":"200","cacheStatus":"1"}"#,
                Some("akamai/cdn"),
            ),
            (
                r#"{"properties":{"trackingReference":"0x","requestUri":"https://a.example/"}}"#,
                Some("azure/front-door"),
            ),
            (
                r#"{"httpRequest":{"requestUrl":"https://a.example/","cacheLookup":true}}"#,
                Some("google/cloud-cdn"),
            ),
            (
                r#"{"httpRequest":{"requestUrl":"https://a.example/","cacheHit":false},"resource":{"type":"http_load_balancer"}}"#,
                Some("google/load-balancer"),
            ),
            (
                r#"{"httpRequest":{"requestUrl":"https://a.example/"}}"#,
                None,
            ),
            (
                r#"{"request":"GET / HTTP/1.1","status":200,"RayID":"x"}"#,
                None,
            ),
        ] {
            let fields = Fields::of(line).expect(line);
            assert_eq!(writer(&fields), expected, "{line}");
        }
    }
}
