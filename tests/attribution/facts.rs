//! What is no evidence, and what captures say beside requests and responses.

use headwater::attribution::{Attribution, Examination};
use headwater::base::bytes::Span;
use headwater::capture::{Batch, Flags, FlowRecord, HeaderRecord, Side};

use crate::sketch::{build, flow, judged};
use crate::{S3_ANSWER, check, describe, examine};

#[test]
fn pages_of_middleboxes_are_none_of_the_servers() {
    let nobody = "edge=- origin=- role=unknown insufficient";
    let store = "GET https://bucket.s3.amazonaws.com/a";
    for (status, headers) in [
        (
            "403",
            "Server: squid/5.7\nX-Squid-Error: ERR_ACCESS_DENIED 0",
        ),
        (
            "307",
            "Server: Zscaler/6.2\nLocation: https://gateway.zscloud.net/a",
        ),
        ("511", "Server: nginx"),
        ("403", "Server: nginx"),
    ] {
        check(&flow(&format!("{store} {status}\n{headers}")), nobody);
    }
    let signed = "Server: AmazonS3\nx-amz-request-id: 8D27C5AB14F1A0B3";
    check(
        &flow(&format!("{store} 403\n{signed}")),
        "edge=- origin=aws/s3 conclusive role=origin conclusive",
    );
}

#[test]
fn void_evidence_says_nothing() {
    let nobody = "edge=- origin=- role=unknown insufficient";
    let cloudflare = "GET https://www.example.com/ 200 @104.16.1.1\nCF-Ray: 8d5f1b2c3a4e5f60-FRA";
    for flags in [
        Flags::FROM_CACHE,
        Flags::SERVICE_WORKER,
        Flags::INTERNAL,
        Flags::PROXY_CACHE,
        Flags::PROXY_ANSWER,
    ] {
        check(&flow(cloudflare).flagged(flags), nobody);
    }
    // A push comes from the server, and so does what was received before an answer was cut short.
    for flags in [Flags::PUSHED, Flags::ABORTED] {
        check(
            &flow(cloudflare).flagged(flags),
            "edge=cloudflare/cdn@FRA conclusive origin=- role=cdn conclusive",
        );
    }
    let nothing = flow("GET https://www.example.com/ 0");
    check(&nothing.flagged(Flags::ABORTED), nobody);
    check(
        &flow("GET https://www.example.com/ 200 @10.0.0.8\nServer: nginx"),
        nobody,
    );
    check(
        &flow("GET https://www.example.com/ 200 @100.64.3.1"),
        nobody,
    );
    check(
        &flow("GET https://bucket.s3.amazonaws.com/a 200 @127.0.0.1"),
        "edge=- origin=aws/s3 strong role=origin strong",
    );
}

/// A flow with what its capture says about the connection.
fn with_facts(facts: &[(&'static str, &'static str)]) -> (Attribution, Examination) {
    let mut batch = Batch::default();
    batch.push(&FlowRecord {
        entry: 1,
        method: "GET".into(),
        url: "https://www.shop.example/a".into(),
        status: Some(200),
        headers: facts
            .iter()
            .map(|(name, value)| HeaderRecord {
                side: Side::Connection,
                name: (*name).into(),
                value: (*value).into(),
                span: Span::default(),
            })
            .collect(),
        ..FlowRecord::default()
    });
    let capture = build(batch);
    let attribution = judged(&capture);
    let found = attribution.examine(&capture, 0);
    (attribution, found)
}

#[test]
fn the_log_of_an_edge_says_who_terminated_and_who_was_asked() {
    let by_cloudflare = ("log-written-by", "cloudflare/cdn");
    for (facts, expected) in [
        (
            &[by_cloudflare][..],
            "edge=cloudflare/cdn strong origin=- role=cdn strong",
        ),
        (
            &[by_cloudflare, ("origin-address", "52.218.52.116")],
            "edge=cloudflare/cdn strong origin=aws/s3@eu-west-1 strong role=cdn strong",
        ),
        // Another edge behind it is no origin, and an address of nobody is nobody's.
        (
            &[by_cloudflare, ("origin-address", "151.101.1.57")],
            "edge=cloudflare/cdn strong origin=- role=cdn strong",
        ),
        (
            &[by_cloudflare, ("origin-address", "10.0.0.8")],
            "edge=cloudflare/cdn strong origin=- role=cdn strong",
        ),
        (
            &[("log-written-by", "nobody/known")],
            "edge=- origin=- role=unknown insufficient",
        ),
    ] {
        let (attribution, found) = with_facts(facts);
        assert_eq!(describe(&attribution, &found), expected, "{facts:?}");
    }
}

#[test]
fn the_reason_of_a_failure_is_quoted_and_answered() {
    for (error, advice) in [
        ("net::ERR_BLOCKED_BY_CLIENT", "extension"),
        ("net::ERR_NAME_NOT_RESOLVED", "name of the host"),
        ("net::ERR_CERT_DATE_INVALID", "certificate"),
        ("net::ERR_CONNECTION_RESET", "repeat the request"),
    ] {
        let mut batch = Batch::default();
        batch.push(&FlowRecord {
            entry: 1,
            url: "https://www.shop.example/a".into(),
            flags: Flags::ABORTED,
            headers: vec![HeaderRecord {
                side: Side::Connection,
                name: "error".into(),
                value: error.into(),
                span: Span::default(),
            }],
            ..FlowRecord::default()
        });
        let capture = build(batch);
        let found = judged(&capture).examine(&capture, 0);
        assert_eq!(found.evidence[0].rule, "gate/no-response");
        assert_eq!(found.evidence[0].quote, error);
        assert!(found.would_settle_it[0].contains(advice), "{error}");
    }
}

#[test]
fn a_location_hands_out_a_url_whatever_the_status() {
    let store = "https://bucket.s3.eu-west-1.amazonaws.com/a";
    for (status, location, asked, is_handed_out) in [
        (200, store, store, true),
        (201, store, store, true),
        (202, store, store, true),
        (307, store, store, true),
        (204, store, store, false),
        (404, store, store, false),
        (202, "/a", "https://api.app.example/a", false),
        (
            202,
            "https://api.app.example/a",
            "https://api.app.example/a",
            false,
        ),
    ] {
        let (_, found) = examine(&[
            flow(&format!(
                "POST https://api.app.example/start {status}\nLocation: {location}"
            )),
            flow(&format!("put {asked} 200")).with(S3_ANSWER),
        ]);
        let has = |rule: &str| found[1].evidence.iter().any(|item| item.rule == rule);
        assert_eq!(
            has("control-plane/location"),
            is_handed_out,
            "{status} {location}"
        );
        // Some programs write methods in lower case.
        assert_eq!(
            has("store/accepted-write"),
            asked == store,
            "{status} {location}"
        );
    }
}

#[test]
fn a_tunnel_shows_at_most_a_hint() {
    check(
        &flow("CONNECT account.blob.core.windows.net:443 200"),
        "edge=- origin=azure/blob-storage suggestive role=unknown insufficient",
    );
    check(
        &flow("CONNECT d111.cloudfront.net:443 200 @13.32.1.1"),
        "edge=aws/cloudfront suggestive origin=- role=unknown insufficient",
    );
}

#[test]
fn the_label_of_a_measuring_program_is_no_evidence() {
    let mut batch = Batch::default();
    batch.push(&FlowRecord {
        method: "GET".into(),
        url: "https://www.example.com/".into(),
        status: Some(200),
        claimed_cdn: "Akamai".into(),
        ..FlowRecord::default()
    });
    let capture = build(batch);
    let found = judged(&capture).examine(&capture, 0);
    assert!(found.verdict.terminating().is_none() && found.evidence.is_empty());
}
