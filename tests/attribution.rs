//! Who serves a flow: every common case has its name, and every trap that misleads other tools is one line here.

mod sketch;

use headwater::attribution::{Attribution, Carrier, Examination, Groups, Speaks, own_rule};
use headwater::base::bytes::Span;
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::{Batch, Flags, FlowRecord, HeaderRecord, Side};
use headwater::providers::catalogue;
use sketch::{Sketch, build, capture, flow, judged};

/// `edge=aws/cloudfront@FRA strong origin=aws/s3 strong role=cdn strong`.
fn describe(attribution: &Attribution, found: &Examination) -> String {
    let part = |part: Option<Carrier>| {
        part.map_or_else(
            || "-".to_owned(),
            |part| {
                let region = part.region.map_or_else(String::new, |region| {
                    format!("@{}", attribution.region(region))
                });
                let path = catalogue().path(part.service);
                format!("{path}{region} {}", part.conclusiveness.word())
            },
        )
    };
    format!(
        "edge={} origin={} role={} {}",
        part(found.verdict.edge),
        part(found.verdict.origin),
        found.verdict.role.word(),
        found.verdict.conclusiveness.word()
    )
}

fn examine(flows: &[Sketch]) -> (Attribution, Vec<Examination>) {
    let capture = capture(flows);
    let attribution = judged(&capture);
    let found: Vec<Examination> = (0..capture.len())
        .map(|idx| attribution.examine(&capture, idx))
        .collect();
    for (found, idx) in found.iter().zip(0..) {
        assert_eq!(found.verdict, attribution.verdict(idx), "row {idx}");
        let is_named = found.verdict.terminating().is_some();
        let has_reason = found.evidence.iter().any(|item| item.speaks == Speaks::For);
        assert!(
            !is_named || has_reason,
            "row {idx} names somebody without evidence"
        );
        for item in &found.evidence {
            let is_known = catalogue().rule(&item.rule).is_some() || own_rule(&item.rule).is_some();
            assert!(is_known, "no rule {}", item.rule);
        }
    }
    (attribution, found)
}

fn check(flow: &Sketch, expected: &str) {
    let (attribution, found) = examine(std::slice::from_ref(flow));
    assert_eq!(describe(&attribution, &found[0]), expected, "{}", flow.text);
}

fn check_chain(flow: &Sketch, expected: &str) {
    let (_, found) = examine(std::slice::from_ref(flow));
    let chain: Vec<String> = found[0]
        .chain
        .iter()
        .map(|id| catalogue().path(*id))
        .collect();
    assert_eq!(chain.join(" "), expected, "{}", flow.text);
}

const S3_ANSWER: &str = "Server: AmazonS3\nx-amz-request-id: 8D27C5AB14F1A0B3\nx-amz-id-2: vRXA9nX0kqD4wPzS1mT7bLhJ3cVfYgR6oUeN8iKaZ2xQ5tWpBlGrFjHdMsCyEuOvIqAz+P/k3c4=";

#[test]
fn stores_that_are_reached_directly_are_origins() {
    let s3 = flow("GET https://bucket.s3.eu-west-1.amazonaws.com/a 200").with(S3_ANSWER);
    check(
        &s3,
        "edge=- origin=aws/s3@eu-west-1 conclusive role=origin conclusive",
    );
    check(
        &flow("GET https://bucket.s3.amazonaws.com/a 200"),
        "edge=- origin=aws/s3 strong role=origin strong",
    );
    let blob = "GET https://account.blob.core.windows.net/c/a 200 @ 2011
        Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0
        x-ms-request-id: 6a9f7d4e
        x-ms-version: 2009-09-19
        ETag: 0x8CB14C3E29B7E82";
    check(
        &flow(blob),
        "edge=- origin=azure/blob-storage conclusive role=origin conclusive",
    );
    check(
        &flow(
            "GET https://storage.googleapis.com/bucket/a 200 @142.250.1.128\nServer: UploadServer",
        ),
        "edge=- origin=google/cloud-storage strong role=origin strong",
    );
    check(
        &flow("GET https://zone.storage.bunnycdn.com/a 200"),
        "edge=- origin=bunny/storage strong role=origin strong",
    );
}

#[test]
fn a_store_behind_a_cdn_is_origin_and_the_cdn_is_edge() {
    let cloudfront = "GET https://d111.cloudfront.net/a 200 @13.32.1.1
        Via: 1.1 abc.cloudfront.net (CloudFront)
        X-Cache: Hit from cloudfront
        X-Amz-Cf-Pop: FRA56-C1
        X-Amz-Cf-Id: 8fWzy==";
    check(
        &flow(cloudfront).with(S3_ANSWER),
        "edge=aws/cloudfront@FRA conclusive origin=aws/s3 strong role=cdn conclusive",
    );
    check(
        &flow(cloudfront),
        "edge=aws/cloudfront@FRA conclusive origin=- role=cdn conclusive",
    );
    let akamai =
        flow("GET https://assets.example.se/a 200 @104.64.74.82 2017\nX-Amz-Cf-Id: 8fWzy==")
            .with(S3_ANSWER);
    check(
        &akamai,
        "edge=akamai/cdn strong origin=aws/s3 strong role=cdn strong",
    );
    check_chain(&akamai, "akamai/cdn aws/cloudfront aws/s3");
}

#[test]
fn cdns_are_recognised_by_address_or_by_header() {
    check(
        &flow("GET https://www.example.com/ 200 @104.64.74.82 2017\nServer: Apache"),
        "edge=akamai/cdn strong origin=- role=cdn strong",
    );
    check(
        &flow("GET https://www.example.com/ 200 @8.254.1.1 2016\nServer: Apache"),
        "edge=lumen/cdn strong origin=- role=cdn strong",
    );
    check(
        &flow("GET https://www.example.com/ 200\nServer: cloudflare\nCF-Ray: 8d5f1b2c3a4e5f60-FRA"),
        "edge=cloudflare/cdn@FRA strong origin=- role=cdn strong",
    );
    let fastly = "GET https://www.example.com/ 200 @151.101.1.57
        Via: 1.1 varnish
        X-Served-By: cache-ams21033-AMS, cache-fra19163-FRA
        X-Cache: MISS, HIT
        X-Timer: S1700000000.123456,VS0,VE1";
    check(
        &flow(fastly),
        "edge=fastly/cdn@FRA conclusive origin=- role=cdn conclusive",
    );
    check(
        &flow("GET https://www.example.com/ 200\nServer: ECS (fcn/418E)\n\n".trim_end())
            .with("Date: x"),
        "edge=- origin=- role=unknown insufficient",
    );
    check(
        &flow("GET https://www.example.com/ 200 @ 2017\nServer: ECS (fcn/418E)"),
        "edge=edgio/cdn@fcn strong origin=- role=cdn strong",
    );
    check(
        &flow("GET https://www.example.com/ 200\nX-Azure-Ref: 0abc"),
        "edge=azure/front-door strong origin=- role=cdn strong",
    );
}

#[test]
fn compute_is_an_origin_from_strong_on() {
    check(
        &flow("GET https://www.example.com/ 200 @3.80.1.1\nServer: nginx"),
        "edge=- origin=aws/ec2@us-east-1 suggestive role=unknown insufficient",
    );
    check(
        &flow("GET https://lb-1.us-west-2.elb.amazonaws.com/ 200"),
        "edge=- origin=aws/elb@us-west-2 strong role=origin strong",
    );
    check(
        &flow("GET https://x1.execute-api.eu-central-1.amazonaws.com/v1 200"),
        "edge=- origin=aws/api-gateway@eu-central-1 strong role=origin strong",
    );
    check(
        &flow("GET https://shop.azurewebsites.net/ 200"),
        "edge=- origin=azure/app-service strong role=origin strong",
    );
}

#[test]
fn front_ends_and_platforms_are_named_but_are_no_cdn_by_themselves() {
    check(
        &flow("GET https://www.google.com/ 200 @142.250.1.100\nServer: gws"),
        "edge=google/front-end conclusive origin=google/web strong role=origin strong",
    );
    check(
        &flow("GET https://fonts.gstatic.com/f 200 @142.250.1.94\nServer: sffe\nAge: 3600"),
        "edge=google/front-end conclusive origin=google/web strong role=origin strong",
    );
    check(
        &flow("GET https://www.example.com/ 200 @157.240.1.35"),
        "edge=meta/front-end strong origin=- role=unknown insufficient",
    );
    check(
        &flow("GET https://site.vercel.app/ 200\nServer: Vercel\nX-Vercel-Id: fra1::abc"),
        "edge=vercel/platform@fra1 conclusive origin=vercel/platform@fra1 conclusive role=origin conclusive",
    );
}

#[test]
fn nobody_is_named_without_reason() {
    let nobody = "edge=- origin=- role=unknown insufficient";
    check(
        &flow("GET https://www.example.com/ 200 @192.0.2.1\nServer: nginx"),
        nobody,
    );
    check(
        &flow("GET https://notcloudfront.net.evil.test/ 200"),
        nobody,
    );
    check(
        &flow("GET https://www.example.com/ 200\nAccess-Control-Expose-Headers: cf-ray"),
        nobody,
    );
    check(&flow("GET https://shop.trafficmanager.net/ 200"), nobody);
    check(&flow("GET /no/host 200"), nobody);
}

#[test]
fn caches_of_a_sites_own_are_edges_without_a_provider() {
    let hit = "Via: 1.1 varnish\nAge: 12\nX-Cache: HIT";
    for (request, headers, expected) in [
        // Without an address an edge that leaves no header cannot be excluded.
        (
            "GET https://www.example.com/ 200",
            hit,
            "edge=own-cache/varnish suggestive origin=- role=cdn suggestive",
        ),
        (
            "GET https://www.example.com/ 200 @192.0.2.1",
            hit,
            "edge=own-cache/varnish strong origin=- role=cdn strong",
        ),
        (
            "GET https://www.example.com/ 200 @192.0.2.1",
            "Age: 12",
            "edge=own-cache/unnamed strong origin=- role=cdn strong",
        ),
        (
            "GET https://www.example.com/ 200 @192.0.2.1",
            "Via: NS-CACHE-10.0: 240",
            "edge=own-cache/netscaler suggestive origin=- role=cdn suggestive",
        ),
        // At a private address it is a cache of the client's side.
        (
            "GET https://www.example.com/ 200 @10.0.0.8",
            hit,
            "edge=- origin=- role=unknown insufficient",
        ),
        // Nobody puts a cache of his own before a store's own name: it is one on the client's side, and its copy.
        (
            "GET https://bucket.s3.amazonaws.com/a 200",
            hit,
            "edge=- origin=aws/s3 strong role=unknown insufficient",
        ),
    ] {
        check(&flow(&format!("{request}\n{headers}")), expected);
    }
}

#[test]
fn a_network_that_no_pack_knows_is_the_sites_own_or_its_hosts() {
    check(
        &flow("GET https://www.example.com/ 200 @4.0.0.1"),
        "edge=- origin=own-network/servers@Level 3 Communications, Inc. suggestive role=origin suggestive",
    );
    check(
        &flow("GET https://image2.pubmatic.com/a 200 @104.36.115.10"),
        "edge=- origin=own-network/servers@PubMatic, Inc. strong role=origin strong",
    );
    // Who took over the range of a network that ended is not told by its name today.
    check(
        &flow("GET https://www.example.com/ 200 @8.254.1.1"),
        "edge=- origin=- role=unknown insufficient",
    );
}

#[test]
fn answers_made_for_one_request_show_a_machine_at_work() {
    let unknown = "edge=- origin=aws/ec2@us-east-1 suggestive role=unknown insufficient";
    let origin = "edge=- origin=aws/ec2@us-east-1 suggestive role=origin suggestive";
    for (request, expected) in [
        ("GET https://www.example.com/ 200 @3.80.1.1", unknown),
        ("GET https://www.example.com/ 302 @3.80.1.1", origin),
        ("GET https://www.example.com/ 204 @3.80.1.1", origin),
        ("POST https://www.example.com/ 200 @3.80.1.1", origin),
        ("GET https://www.example.com/ 301 @3.80.1.1", unknown),
    ] {
        check(&flow(request), expected);
    }
}

#[test]
fn whoever_signed_an_answer_comes_before_whose_name_it_bears() {
    let cloudflare = "Server: cloudflare\nCF-Ray: 8d5f1b2c3a4e5f60-FRA";
    let vercel = "X-Vercel-Id: fra1::abc";
    for (one, other) in [(cloudflare, vercel), (vercel, cloudflare)] {
        check(
            &flow(&format!("GET https://www.example.com/ 200\n{one}\n{other}")),
            "edge=cloudflare/cdn@FRA strong origin=vercel/platform@fra1 strong role=cdn strong",
        );
    }
    check(
        &flow(&format!("GET https://x.com/ 200\n{cloudflare}")),
        "edge=cloudflare/cdn@FRA strong origin=- role=cdn strong",
    );
    // A table of today does not outvote who signed an answer years ago.
    check(
        &flow(&format!(
            "GET https://www.example.com/ 200 @162.247.243.149 2016\n{cloudflare}"
        )),
        "edge=cloudflare/cdn@FRA strong origin=- role=cdn strong",
    );
}

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
fn a_name_alone_makes_nobody_the_origin_of_what_another_answers() {
    let image = "GET http://images.apple.com/home/images/icloud_title.png 200";
    check(
        &flow(&format!("{image} @96.17.70.51 2011")),
        "edge=akamai/cdn strong origin=- role=cdn strong",
    );
    check(
        &flow(&format!("{image} @52.95.1.1")),
        "edge=- origin=aws/other@us-east-2 suggestive role=unknown insufficient",
    );
    check(
        &flow(image),
        "edge=- origin=apple/services suggestive role=unknown insufficient",
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
fn headers_alone_show_a_store_but_not_that_it_was_reached() {
    check(
        &flow("GET https://files.example.com/a 200").with(S3_ANSWER),
        "edge=- origin=aws/s3 strong role=unknown insufficient",
    );
    check(
        &flow("GET https://bucket.s3.eu-central-1.wasabisys.com/a 200").with(S3_ANSWER),
        "edge=- origin=wasabi/storage@eu-central-1 strong role=origin strong",
    );
}

#[test]
fn addresses_of_clouds_age_and_those_of_cdns_do_not() {
    let at = |year| {
        flow(&format!(
            "GET https://files.example.com/a 200 @52.216.1.1 {year}"
        ))
    };
    check(
        &at(2026),
        "edge=- origin=aws/s3@us-east-1 strong role=origin strong",
    );
    check(
        &at(2011),
        "edge=- origin=aws/s3@us-east-1 suggestive role=unknown insufficient",
    );
    check(
        &flow("GET https://www.example.com/ 200 @104.64.74.82 2011"),
        "edge=akamai/cdn strong origin=- role=cdn strong",
    );
}

#[test]
fn an_address_elsewhere_speaks_against_an_edge() {
    check(
        &flow("GET https://www.example.com/ 200 @3.80.1.1\nCF-Ray: 8d5f1b2c3a4e5f60-FRA"),
        "edge=cloudflare/cdn@FRA suggestive origin=- role=cdn suggestive",
    );
    check(
        &flow("GET https://www.example.com/ 200 @104.16.1.1\nServer: nginx"),
        "edge=cloudflare/cdn suggestive origin=- role=cdn suggestive",
    );
}

#[test]
fn an_answer_that_leaves_headers_out_speaks_against_nobody() {
    check(
        &flow("GET https://www.example.com/ 304 @104.16.1.1\nServer: nginx"),
        "edge=cloudflare/cdn strong origin=- role=cdn strong",
    );
}

#[test]
fn a_store_of_one_provider_may_stand_behind_the_edge_of_another() {
    check(
        &flow(
            "GET https://release-assets.githubusercontent.com/a 200 @151.101.1.57
            Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0
            x-ms-blob-type: BlockBlob
            X-Served-By: cache-fra19163-FRA
            X-Cache: HIT",
        ),
        "edge=fastly/cdn@FRA conclusive origin=azure/blob-storage strong role=cdn conclusive",
    );
    let layered = flow(
        "GET https://static.example.com/a 200 @104.16.1.1
        X-Cache: Miss from cloudfront
        CF-Cache-Status: HIT",
    );
    check(
        &layered,
        "edge=cloudflare/cdn strong origin=- role=cdn strong",
    );
    check_chain(&layered, "cloudflare/cdn aws/cloudfront");
}

#[test]
fn the_order_of_a_chain_comes_from_via_or_stays_open() {
    let both = "GET https://www.example.com/ 200
        X-Served-By: cache-fra19163-FRA
        X-Cache: Miss from cloudfront
        X-Amz-Cf-Id: 8fWzy==";
    check_chain(
        &flow(both).with("Via: 1.1 varnish, 1.1 abc.cloudfront.net (CloudFront)"),
        "aws/cloudfront fastly/cdn",
    );
    check_chain(
        &flow(both).with("Via: 1.1 abc.cloudfront.net (CloudFront), 1.1 varnish"),
        "fastly/cdn aws/cloudfront",
    );
    let open = flow(
        "GET https://www.example.com/ 200\nCF-Ray: 8d5f1b2c3a4e5f60-FRA\nX-Amz-Cf-Pop: FRA56-P1",
    );
    let (_, found) = examine(&[open]);
    assert_eq!(found[0].verdict.conclusiveness.word(), "conflicting");
    assert!(!found[0].rivals.is_empty());
}

#[test]
fn apple_in_front_of_amazon_is_told_from_amazon_in_front_of_apple() {
    let download = flow(
        "GET https://updates.cdn-apple.com/a 200
        Server: AmazonS3
        X-Cache: Hit from cloudfront, hit-fresh, hit-fresh
        Via: 1.1 abc.cloudfront.net (CloudFront), http/1.1 nlams2-edge-bx-013.ts.apple.com (acdn/268.16440)
        CDNUUID: 8d0b6c4e-1",
    );
    check_chain(&download, "apple/cdn aws/cloudfront aws/s3");
    check(
        &download,
        "edge=apple/cdn strong origin=aws/s3 strong role=cdn strong",
    );
}

#[test]
fn a_write_that_a_store_accepts_is_evidence_of_its_own() {
    let put = flow("PUT https://bucket.s3.amazonaws.com/new 200").with(S3_ANSWER);
    let (_, found) = examine(&[put]);
    assert!(
        found[0]
            .evidence
            .iter()
            .any(|item| item.rule == "store/accepted-write")
    );
    let through_edge = flow("PUT https://d111.cloudfront.net/new 200").with(S3_ANSWER);
    let (_, found) = examine(&[through_edge]);
    assert!(
        !found[0]
            .evidence
            .iter()
            .any(|item| item.rule == "store/accepted-write")
    );
}

#[test]
fn signed_urls_name_service_and_region() {
    let url = "https://files.example.com/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260613%2Feu-north-1%2Fs3%2Faws4_request&X-Amz-Signature=00";
    check(
        &flow(&format!("GET {url} 200")),
        "edge=- origin=aws/s3@eu-north-1 strong role=unknown insufficient",
    );
    check(
        &flow(&format!("GET {url} 403")),
        "edge=- origin=- role=unknown insufficient",
    );
}

/// Five sites and one of their answers each, from different servers.
fn five_sites() -> Vec<Sketch> {
    vec![
        flow("GET https://bucket.s3.amazonaws.com/a 200").with(S3_ANSWER),
        flow("GET https://www.example.com/ 200 @104.64.74.82\nServer: Apache"),
        flow("GET https://www.example.org/ 200\nCF-Ray: 8d5f1b2c3a4e5f60-FRA"),
        flow("GET https://d111.cloudfront.net/ 200\nVia: 1.1 abc.cloudfront.net (CloudFront)"),
        flow("GET https://www.example.net/ 200 @192.0.2.1\nServer: nginx"),
        flow("GET https://www.example.co.uk/ 200 @142.250.1.100\nVia: 1.1 google\nServer: gws"),
    ]
}

#[test]
fn a_corporate_hop_on_all_flows_changes_no_verdict() {
    let (_, plain) = examine(&five_sites());
    let hopped: Vec<Sketch> = five_sites()
        .into_iter()
        .map(|flow| {
            let text = flow
                .text
                .replace("(CloudFront)", "(CloudFront), 1.1 proxy.corp (squid/3.5)");
            let text = text.replace("1.1 google", "1.1 google, 1.1 proxy.corp (squid/3.5)");
            let has_via = text.contains("Via: ");
            let flow = Sketch { text, ..flow };
            let flow = if has_via {
                flow
            } else {
                flow.with("Via: 1.1 proxy.corp (squid/3.5)")
            };
            flow.with("X-Cache: HIT from proxy.corp").with("Age: 30")
        })
        .collect();
    let (_, found) = examine(&hopped);
    for (plain, found) in plain.iter().zip(&found) {
        assert_eq!(plain.verdict, found.verdict);
    }
}

#[test]
fn one_address_for_all_sites_is_a_proxy() {
    let through = |address: &str| -> Vec<Sketch> {
        ["a.com", "b.net", "c.org", "d.de", "e.fr"]
            .iter()
            .map(|site| flow(&format!("GET https://{site}/ 200 @{address}")))
            .collect()
    };
    for address in ["3.80.1.1", "104.64.74.82"] {
        let (_, found) = examine(&through(address));
        for found in found {
            assert!(found.verdict.terminating().is_none());
            assert_eq!(found.evidence[0].rule, "gate/one-address-for-all");
        }
    }
}

#[test]
fn an_address_removed_only_lowers_conclusiveness() {
    for (at, rest) in [
        (
            "13.32.1.1",
            "https://d111.cloudfront.net/ 200\nX-Amz-Cf-Id: 8fWzy==",
        ),
        (
            "104.16.1.1",
            "https://www.example.com/ 200\nCF-Ray: 8d5f1b2c3a4e5f60-FRA",
        ),
        (
            "104.64.74.82",
            "https://www.example.com/ 200\nServer: Apache",
        ),
        (
            "52.216.1.1",
            "https://bucket.s3.amazonaws.com/a 200\nServer: AmazonS3",
        ),
        ("142.250.1.100", "https://www.google.com/ 200\nServer: gws"),
    ] {
        let with = flow(&format!(
            "GET {}",
            rest.replacen(" 200", &format!(" 200 @{at}"), 1)
        ));
        let (_, found) = examine(&[with, flow(&format!("GET {rest}"))]);
        let (with, without) = (found[0].verdict, found[1].verdict);
        assert!(without.conclusiveness <= with.conclusiveness, "{rest}");
        let service = |part: Option<Carrier>| part.map(|part| part.service);
        let is_same = service(without.edge) == service(with.edge);
        assert!(is_same || without.edge.is_none(), "{rest}");
    }
}

#[test]
fn the_order_of_header_lines_changes_nothing() {
    let lines = [
        "CF-Ray: 8d5f1b2c3a4e5f60-FRA",
        "Server: cloudflare",
        "x-amz-request-id: 1",
        "x-amz-id-2: 2",
        "Age: 4",
    ];
    let first = "GET https://www.example.com/ 200 @104.16.1.1";
    let forth = lines.iter().fold(flow(first), |flow, line| flow.with(line));
    let back = lines
        .iter()
        .rev()
        .fold(flow(first), |flow, line| flow.with(line));
    let (_, found) = examine(&[forth, back]);
    assert_eq!(found[0].verdict, found[1].verdict);
    assert_eq!(found[0].verdict.role.word(), "cdn");
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

#[test]
fn parties_are_sites_and_not_those_who_carry_them() {
    let check = |text: &str, expected: &str| {
        let capture = capture(&[flow(text)]);
        let attribution = judged(&capture);
        assert_eq!(
            attribution.party(&capture, 0, &Groups::default()),
            expected,
            "{text}"
        );
    };
    check("GET https://p05-content.icloud.com/x 200", "icloud.com");
    check("GET https://shop.example.co.uk/ 200", "example.co.uk");
    check(
        "GET https://bucket.s3.amazonaws.com/ 200",
        "bucket.s3.amazonaws.com",
    );
    check(
        "GET https://bucket.s3.amazonaws.com/ 200\n> Referer: https://www.example.com/page",
        "example.com",
    );
    check("GET https://www.google.com/ 200", "google.com");
    check("GET http://192.0.2.7/ 200", "192.0.2.7");
    check("GET /x 200", "");
}

proptest::proptest! {
    #[test]
    fn no_flow_can_stop_the_program(
        url in ".{0,60}",
        host in "[a-z.é-]{0,30}",
        address in "[0-9a-f.:]{0,40}",
        value in ".{0,60}",
        hop in "[ ,a-z.]{0,30}",
    ) {
        let mut batch = Batch::default();
        for url in [url.clone(), format!("https://{host}/?{url}"), format!("https://{host}.amazonaws.com/")] {
            let header = |name: &'static str, value: &str| HeaderRecord {
                side: Side::Response,
                name: name.into(),
                value: value.to_owned().into(),
                span: Span::default(),
            };
            let names = ["via", "x-cache", "server", "x-served-by", "etag", "cache-status"];
            let mut headers: Vec<_> = names.iter().map(|name| header(name, &value)).collect();
            headers.push(header("via", &hop));
            batch.push(&FlowRecord {
                method: "GET".into(),
                url: url.into(),
                status: Some(200),
                server_ip: address.clone().into(),
                headers,
                ..FlowRecord::default()
            });
        }
        let capture = build(batch);
        let attribution = judged(&capture);
        let groups = Groups::default();
        for idx in 0..capture.len() {
            let found = attribution.examine(&capture, idx);
            proptest::prop_assert_eq!(found.verdict, attribution.verdict(idx));
            let _party = attribution.party(&capture, idx, &groups);
        }
    }
}

#[test]
fn nothing_is_said_before_it_was_judged() {
    let capture = capture(&five_sites());
    let found = Attribution::default().examine(&capture, 0);
    assert!(found.evidence.is_empty() && found.verdict.terminating().is_none());
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(Attribution::of(&capture, &cancel, &Progress::default()).is_none());
}
