//! Who is named, in which role and how conclusively: each common case in one line.

use crate::sketch::flow;
use crate::{S3_ANSWER, check, check_chain, examine};

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
