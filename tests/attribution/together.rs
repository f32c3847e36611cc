//! What several flows show together, and what changes no verdict.

use headwater::attribution::{Attribution, Carrier, Groups};
use headwater::base::bytes::Span;
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::{Batch, FlowRecord, HeaderRecord, Side};

use crate::sketch::{Sketch, build, capture, flow, judged};
use crate::{S3_ANSWER, examine};

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
