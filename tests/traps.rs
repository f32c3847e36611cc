//! The traps that mislead tools which name a server from one sign: one test for each, with the answer that is right.

mod sketch;

use headwater::attribution::{Attribution, Claim, Conclusiveness, Examination, Family, Verdict};
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::Capture;
use headwater::formats::{Options, Watch, read_bytes};
use headwater::providers::catalogue;
use serde_json::{Value, json};

use sketch::{Sketch, capture, flow, judged};

const S3_ANSWER: &str = "Server: AmazonS3\nx-amz-request-id: 8D27C5AB14F1A0B3\nx-amz-id-2: vRXA9nX0kqD4wPzS1mT7bLhJ3cVfYgR6oUeN8iKaZ2xQ5tWpBlGrFjHdMsCyEuOvIqAz+P/k3c4=";

fn examine(flows: &[Sketch]) -> Vec<Examination> {
    let capture = capture(flows);
    examine_all(&capture, &judged(&capture))
}

fn examine_all(capture: &Capture, attribution: &Attribution) -> Vec<Examination> {
    let rows = 0..capture.len();
    rows.map(|row| attribution.examine(capture, row)).collect()
}

fn examine_one(text: &str) -> Examination {
    examine(&[flow(text)]).remove(0)
}

/// `edge > hop > origin, role conclusiveness`, with `-` for an edge or origin that is not known.
fn words(found: &Examination) -> String {
    let verdict = found.verdict;
    let path = |service| catalogue().path(service);
    let name = |part: Option<headwater::attribution::Carrier>| {
        part.map_or_else(|| "-".to_owned(), |part| path(part.service))
    };
    let ends = [verdict.edge, verdict.origin].map(|part| part.map(|part| part.service));
    let hops = found
        .chain
        .iter()
        .filter(|hop| !ends.contains(&Some(**hop)));
    let mut parts = vec![name(verdict.edge)];
    parts.extend(hops.map(|hop| path(*hop)));
    parts.push(name(verdict.origin));
    format!(
        "{}, {} {}",
        parts.join(" > "),
        verdict.role.word(),
        verdict.conclusiveness.word()
    )
}

fn check(text: &str, expected: &str) {
    assert_eq!(words(&examine_one(text)), expected, "{text}");
}

/// The rules that say that evidence of `family` is void.
fn voids(found: &Examination, family: Family) -> Vec<&str> {
    let void = found
        .evidence
        .iter()
        .filter(|item| item.claim == Claim::Void(family));
    void.map(|item| item.rule.as_str()).collect()
}

/// Seven unrelated sites, and one answer of each.
fn sites() -> Vec<Sketch> {
    vec![
        flow("GET https://bucket.s3.amazonaws.com/a 200").with(S3_ANSWER),
        flow("GET https://www.example.com/ 200 @104.64.74.82\nServer: Apache"),
        flow("GET https://www.example.org/ 200 @104.16.1.1\nCF-Ray: 8d5f1b2c3a4e5f60-FRA"),
        flow(
            "GET https://d111.cloudfront.net/ 200\nVia: 1.1 abc.cloudfront.net (CloudFront)\nX-Cache: Miss from cloudfront",
        ),
        flow("GET https://www.example.net/ 200 @192.0.2.1\nServer: nginx"),
        flow("GET https://www.google.com/ 200 @142.250.1.100\nServer: gws"),
        flow(
            "GET https://www.example.co.uk/ 200 @151.101.1.57\nX-Served-By: cache-fra19163-FRA\nX-Cache: MISS",
        ),
    ]
}

/// The same responses after a proxy of the client's side added `member` to each list header.
fn through(flows: &[Sketch], lists: &[(&str, &str)], others: &str) -> Vec<Sketch> {
    let hop = |flow: &Sketch| {
        let mut text = flow.text.clone();
        for (name, member) in lists {
            let head = format!("\n{name}: ");
            let Some(at) = text.find(&head) else {
                text = format!("{text}{head}{member}");
                continue;
            };
            let from = at + head.len();
            let end = text[from..].find('\n').map_or(text.len(), |end| from + end);
            text.insert_str(end, &format!(", {member}"));
        }
        Sketch {
            text: format!("{text}{others}"),
            ..flow.clone()
        }
    };
    flows.iter().map(hop).collect()
}

#[test]
fn trap_01_the_hop_of_a_corporate_proxy_is_no_server() {
    let plain = examine(&sites());
    for (lists, others) in [
        (
            &[
                ("Via", "1.1 proxy (squid/3.5)"),
                ("X-Cache", "MISS from proxy.corp"),
            ][..],
            "\nX-Cache-Lookup: MISS from proxy.corp:3128",
        ),
        (
            &[
                ("Via", "1.1 proxy (squid/3.5)"),
                ("X-Cache", "HIT from proxy.corp"),
            ][..],
            "\nX-Cache-Lookup: HIT from proxy.corp:3128\nAge: 30",
        ),
        (
            &[
                ("Via", "1.1 7f3a.corp (squid/6.6)"),
                ("Cache-Status", "7f3a.corp;hit;detail=match"),
            ][..],
            "\nAge: 30",
        ),
        (
            &[("Via", "1.1 localhost (Apache-HttpClient/4.5.13 (cache))")][..],
            "\nAge: 30",
        ),
        (&[][..], "\nX-BlueCoat-Via: 2c4fa8b1e6d90a37\nAge: 30"),
    ] {
        let hopped = examine(&through(&sites(), lists, others));
        for (plain, found) in plain.iter().zip(&hopped) {
            assert_eq!(words(plain), words(found), "{lists:?} {others}");
            assert_eq!(plain.verdict.conclusiveness, found.verdict.conclusiveness);
        }
        assert!(
            hopped
                .iter()
                .any(|found| voids(found, Family::HeaderChain).contains(&"gate/local-hop")),
            "nothing says that a hop was set aside: {lists:?} {others}"
        );
    }
}

#[test]
fn trap_01_the_proxy_of_one_site_is_not_the_clients() {
    let mut flows = sites();
    flows[4] = flows[4]
        .clone()
        .with("Via: 1.1 proxy (squid/3.5)\nX-Cache: HIT from proxy");
    let found = examine(&flows);
    assert_eq!(voids(&found[4], Family::HeaderChain), Vec::<&str>::new());
    assert_eq!(words(&found[4]), "own-cache/squid > -, cdn strong");
}

#[test]
fn trap_02_the_address_of_a_forward_proxy_is_not_the_servers() {
    for address in [
        "10.1.2.3",
        "172.20.0.9",
        "192.168.1.1",
        "127.0.0.1",
        "::1",
        "100.64.0.1",
        "fd00::1",
    ] {
        let found = examine_one(&format!(
            "GET https://www.example.com/ 200 @{address}\nServer: cloudflare\nCF-Ray: 8d5f1b2c3a4e5f60-FRA"
        ));
        assert_eq!(
            voids(&found, Family::Address),
            ["gate/private-address"],
            "{address}"
        );
        // The proxy's address is not held against Cloudflare either.
        assert_eq!(words(&found), "cloudflare/cdn > -, cdn strong", "{address}");
    }
}

#[test]
fn trap_02_one_address_for_every_host_is_a_proxy() {
    // One is nobody's, one lies in Amazon's EC2, one in Akamai's ranges.
    for address in ["198.51.100.7", "3.80.1.1", "104.64.74.82"] {
        let hosts = ["a.com", "b.net", "c.org", "d.de", "e.fr", "f.co.uk"];
        let flows: Vec<Sketch> = hosts
            .iter()
            .map(|host| {
                flow(&format!(
                    "GET https://{host}/ 200 @{address}\nServer: nginx"
                ))
            })
            .collect();
        for found in examine(&flows) {
            assert_eq!(
                voids(&found, Family::Address),
                ["gate/one-address-for-all"],
                "{address}"
            );
            assert_eq!(found.verdict, Verdict::UNKNOWN, "{address}");
        }
    }
}

/// A HAR with one entry: a response that bears every mark of Cloudflare, and the fields of `extra` on top.
fn har(extra: &Value, extra_of_response: &Value) -> Vec<u8> {
    let mut response = json!({
        "status": 200, "statusText": "OK", "httpVersion": "h2", "cookies": [], "redirectURL": "",
        "headers": [{"name": "CF-Ray", "value": "8d5f1b2c3a4e5f60-FRA"}, {"name": "Server", "value": "cloudflare"}],
        "content": {"size": 4, "mimeType": "text/plain", "text": "text"}, "headersSize": -1, "bodySize": 4,
    });
    let mut entry = json!({
        "startedDateTime": "2026-06-13T12:00:00.000Z", "time": 12,
        "request": {"method": "GET", "url": "https://www.example.com/", "httpVersion": "h2", "headers": [],
                    "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
        "cache": {}, "timings": {"send": 1, "wait": 10, "receive": 1},
    });
    let merge = |into: &mut Value, extra: &Value| {
        for (key, value) in extra.as_object().expect("an object") {
            into[key] = value.clone();
        }
    };
    merge(&mut response, extra_of_response);
    entry["response"] = response;
    merge(&mut entry, extra);
    let har = json!({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"},
                             "entries": [entry]}});
    serde_json::to_vec(&har).expect("JSON")
}

fn examine_har(bytes: Vec<u8>) -> Examination {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let watch = Watch {
        cancel: &cancel,
        progress: &progress,
        on_rows: &|_| {},
    };
    let capture = read_bytes("test.har", bytes, &Options::default(), &watch).expect("a HAR");
    examine_all(&capture, &judged(&capture)).remove(0)
}

#[test]
fn trap_03_a_replay_from_the_browser_is_no_answer_of_a_server() {
    let address = json!({"serverIPAddress": "104.16.1.1"});
    let answered = examine_har(har(&address, &json!({})));
    assert_eq!(words(&answered), "cloudflare/cdn > -, cdn conclusive");
    for (extra, extra_of_response) in [
        (json!({"_fromCache": "disk"}), json!({})),
        (
            json!({"_fromCache": "memory", "serverIPAddress": "104.16.1.1"}),
            json!({}),
        ),
        (json!({"_fetchType": "Disk Cache"}), json!({})),
        (json!({}), json!({"_fetchedViaServiceWorker": true})),
        (
            json!({"serverIPAddress": "104.16.1.1"}),
            json!({"_fetchedViaServiceWorker": true, "_transferSize": 0}),
        ),
        (
            json!({"serverIPAddress": "104.16.1.1"}),
            json!({"_fetchedViaServiceWorker": true, "_serviceWorkerResponseSource": "cache-storage"}),
        ),
        (
            json!({}),
            json!({"status": 307, "statusText": "Internal Redirect"}),
        ),
        (
            json!({}),
            json!({"status": 307, "headers": [{"name": "Non-Authoritative-Reason", "value": "Delegate"}]}),
        ),
        (
            json!({}),
            json!({"status": 0, "headers": [], "_error": "net::ERR_FAILED"}),
        ),
    ] {
        let found = examine_har(har(&extra, &extra_of_response));
        assert_eq!(
            found.verdict,
            Verdict::UNKNOWN,
            "{extra} {extra_of_response}"
        );
        let is_void = |claim| matches!(claim, Claim::Void(_));
        assert!(!found.evidence.is_empty(), "nothing says why: {extra}");
        assert!(
            found.evidence.iter().all(|item| is_void(item.claim)),
            "{extra}"
        );
    }
}

/// What a server pushes it has sent itself, and what came of an answer that was cut short did come from the server. A worker
/// that asks the network passes on what the server answered.
#[test]
fn trap_03_what_came_from_the_server_counts_however_it_ended() {
    for (extra, extra_of_response) in [
        (json!({"_was_pushed": 1}), json!({})),
        (json!({}), json!({"status": 0})),
        (json!({}), json!({"status": -1})),
        (json!({}), json!({"_error": "net::ERR_ABORTED"})),
        (json!({"_fetchType": "Network Load"}), json!({})),
        (
            json!({}),
            json!({"_fetchedViaServiceWorker": true, "_transferSize": 1_234}),
        ),
        (
            json!({}),
            json!({"_fetchedViaServiceWorker": true, "_serviceWorkerResponseSource": "network"}),
        ),
        (json!({"cache": {"afterRequest": null}}), json!({})),
    ] {
        let mut extra = extra;
        extra["serverIPAddress"] = json!("104.16.1.1");
        let found = examine_har(har(&extra, &extra_of_response));
        assert_eq!(
            words(&found),
            "cloudflare/cdn > -, cdn conclusive",
            "{extra} {extra_of_response}"
        );
    }
}

#[test]
fn trap_04_headers_that_pass_through_an_edge_do_not_make_it_theirs() {
    check(
        &format!(
            "GET https://assets.example.se/a 200 @104.64.74.82 2017\nX-Amz-Cf-Id: Xeh-SAfg0Y0TO2SowccwHBImIV4OR4C2StjhJHjAlEa==\n{S3_ANSWER}"
        ),
        "akamai/cdn > aws/cloudfront > aws/s3, cdn strong",
    );
    check(
        &format!(
            "GET https://assets.example.com/a 200 @151.101.1.57\nX-Served-By: cache-fra19163-FRA\nX-Cache: HIT\nX-Timer: S1700000000.123456,VS0,VE1\n{S3_ANSWER}"
        ),
        "fastly/cdn > aws/s3, cdn conclusive",
    );
    check(
        "GET https://assets.example.com/a 200
         X-Azure-Ref: 20260613T120000Z-15c4b8d5f7x
         Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0
         x-ms-request-id: 6a9f7d4e
         x-ms-version: 2009-09-19",
        "azure/front-door > azure/blob-storage, cdn strong",
    );
}

#[test]
fn trap_05_a_fossil_id_is_not_present_tense_evidence() {
    let hit = |second: u8, age: u8, id: &str| {
        flow(&format!(
            "GET https://assets.example.com/a 200 @- 12:00:{second:02}
             Via: 1.1 abc.cloudfront.net (CloudFront)
             X-Cache: Hit from cloudfront
             X-Amz-Cf-Id: {id}
             Akamai-GRN: 0.52a4c117.1718280000.1f2e3d4c
             Age: {age}"
        ))
    };
    let found = examine(&[
        hit(0, 7, "first-Xeh0Y0TO2S=="),
        hit(40, 47, "other-yow7018wjA=="),
    ]);
    for found in &found {
        let edge = found
            .verdict
            .edge
            .expect("CloudFront marks each answer anew");
        assert_eq!(catalogue().path(edge.service), "aws/cloudfront");
        assert_eq!(voids(found, Family::HeaderChain), ["gate/replayed-headers"]);
    }
    assert_eq!(
        words(&found[1]),
        "aws/cloudfront > akamai/cdn > -, cdn strong"
    );
}

#[test]
fn trap_05_a_replayed_id_shows_that_a_cache_answered() {
    let copy = |second: u8, age: u8| {
        flow(&format!(
            "GET https://files.example.com/a 200 @- 12:00:{second:02}\n{S3_ANSWER}\nAge: {age}"
        ))
    };
    for found in examine(&[copy(0, 7), copy(40, 47)]) {
        let mut evidence = found.evidence.iter();
        let copied = evidence.find(|item| item.rule == "behaviour/repeated-id");
        let copied = copied.expect("a cache stands between");
        assert!(copied.with.is_some(), "it takes two flows to see that");
        assert_eq!(words(&found), "own-cache/unnamed > aws/s3, cdn suggestive");
    }
}

#[test]
fn trap_06_a_miss_that_is_stored_with_a_hit_is_history() {
    let hubspot = "X-Cache: Miss from cloudfront\nX-Amz-Cf-Id: 8fWzy==\nCF-Cache-Status: HIT\nCF-Ray: 8d5f1b2c3a4e5f60-FRA";
    check(
        &format!("GET https://static.example.net/a 200 @104.16.1.1\n{hubspot}"),
        "cloudflare/cdn > aws/cloudfront > -, cdn strong",
    );
    let without = examine_one(&format!("GET https://static.example.net/a 200\n{hubspot}"));
    let edge = without
        .verdict
        .edge
        .expect("the cache that had the response");
    assert_eq!(catalogue().path(edge.service), "cloudflare/cdn");
    assert!(edge.conclusiveness < Conclusiveness::Conclusive);
    assert!(words(&without).starts_with("cloudflare/cdn > aws/cloudfront > -"));
}

#[test]
fn trap_07_balancers_platforms_and_stores_are_no_cdn() {
    for (host, expected) in [
        (
            "lb-1.us-west-2.elb.amazonaws.com",
            "- > aws/elb, origin strong",
        ),
        (
            "x1.execute-api.eu-central-1.amazonaws.com",
            "- > aws/api-gateway, origin strong",
        ),
        (
            "ec2-3-80-1-1.compute-1.amazonaws.com",
            "- > aws/ec2, origin strong",
        ),
        ("bucket.s3.amazonaws.com", "- > aws/s3, origin strong"),
        (
            "account.blob.core.windows.net",
            "- > azure/blob-storage, origin strong",
        ),
        (
            "shop.azurewebsites.net",
            "- > azure/app-service, origin strong",
        ),
        ("shop.trafficmanager.net", "- > -, unknown insufficient"),
        ("store.akadns.net", "- > -, unknown insufficient"),
    ] {
        check(&format!("GET https://{host}/ 200\nServer: nginx"), expected);
    }
    for text in [
        "GET https://www.example.com/ 200\nVia: 1.1 google",
        "GET https://shop.run.app/ 200 @142.250.1.100\nServer: Google Frontend",
        "GET https://shop.herokuapp.com/ 200\nVia: 1.1 vegur",
    ] {
        assert_ne!(examine_one(text).verdict.role.word(), "cdn", "{text}");
    }
}

#[test]
fn trap_08_an_address_of_nobody_is_unknown_and_not_direct() {
    check(
        "GET https://www.example.com/ 200 @192.0.2.1",
        "- > -, unknown insufficient",
    );
    check(
        &format!("GET https://www.example.com/ 200 @192.0.2.1\n{S3_ANSWER}"),
        "- > aws/s3, unknown insufficient",
    );
    // A customer may bring the prefix along: the marks stand, but less firmly.
    let brought = examine_one(
        "GET https://www.example.com/ 200 @192.0.2.1\nCF-Ray: 8d5f1b2c3a4e5f60-FRA\nServer: cloudflare",
    );
    let edge = brought.verdict.edge.expect("its own marks");
    assert_eq!(catalogue().path(edge.service), "cloudflare/cdn");
    assert!(edge.conclusiveness < Conclusiveness::Conclusive);
}

#[test]
fn trap_09_a_header_that_anybody_can_write_is_never_conclusive() {
    for headers in [
        "Server: cloudflare",
        "CF-Ray: 8d5f1b2c3a4e5f60-FRA",
        "CF-Ray: 8d5f1b2c3a4e5f60-FRA\nCF-Cache-Status: HIT\nServer: cloudflare",
        "Server: AmazonS3",
        "X-Amz-Cf-Id: 8fWzy==\nX-Amz-Cf-Pop: FRA56-C1\nVia: 1.1 abc.cloudfront.net (CloudFront)",
        "Server: AkamaiGHost",
        "Server: ECS (fcn/418E)",
        "Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0",
    ] {
        for address in ["", " @3.80.1.1", " @192.0.2.1"] {
            let found = examine_one(&format!(
                "GET https://www.example.com/ 200{address}\n{headers}"
            ));
            let parts = [found.verdict.edge, found.verdict.origin];
            for part in parts.into_iter().flatten() {
                assert!(
                    part.conclusiveness < Conclusiveness::Conclusive,
                    "{headers}{address}"
                );
            }
            assert_ne!(found.verdict.role.word(), "origin", "{headers}{address}");
        }
    }
}

#[test]
fn trap_10_a_redirect_belongs_to_who_sent_it() {
    let target = "https://release-assets.githubusercontent.com/a?sig=x&sr=b&sv=2021";
    let found = examine(&[
        flow(&format!(
            "GET https://git.example.com/releases/a 302 @192.0.2.1 12:00:00\nLocation: {target}\nServer: nginx"
        )),
        flow(&format!(
            "GET {target} 200 @151.101.1.57 12:00:01
             Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0
             x-ms-request-id: 6a9f7d4e
             x-ms-version: 2021-01-01
             X-Served-By: cache-fra19163-FRA
             X-Cache: HIT
             X-Timer: S1700000000.123456,VS0,VE1"
        )),
    ]);
    assert_eq!(words(&found[0]), "- > -, unknown insufficient");
    assert!(found[0].evidence.is_empty(), "{:?}", found[0].evidence);
    assert!(words(&found[1]).starts_with("fastly/cdn > azure/blob-storage, cdn "));
    let to_cdn = examine_one(
        "GET https://www.example.com/ 301\nLocation: https://d111.cloudfront.net/a\nServer: nginx",
    );
    assert_eq!(words(&to_cdn), "- > -, unknown insufficient");
}

#[test]
fn trap_11_a_certificate_may_cover_more_than_the_machine_that_shows_it() {
    let alone =
        examine_one("GET https://www.example.com/ 200\n~certificate-name: *.cloudfront.net");
    assert!(alone.verdict.conclusiveness <= Conclusiveness::Strong);
    // The name in the URL is not the one that the connection was made for.
    let fronted = examine_one(
        "GET https://bucket.s3.amazonaws.com/a 200 @104.64.74.82\n~certificate-subject: a248.e.akamai.net",
    );
    assert_ne!(fronted.verdict.role.word(), "origin", "{}", words(&fronted));
    assert!(
        fronted
            .verdict
            .origin
            .is_none_or(|part| part.conclusiveness < Conclusiveness::Conclusive)
    );
}

#[test]
fn trap_11_an_intercepted_certificate_is_no_evidence() {
    for issuer in [
        "CN=Zscaler Intermediate Root CA",
        "mitmproxy",
        "DO_NOT_TRUST_FiddlerRoot",
    ] {
        let found = examine_one(&format!(
            "GET https://www.example.com/ 200\n~certificate-subject: d111.cloudfront.net\n~certificate-issuer: {issuer}"
        ));
        assert_eq!(
            voids(&found, Family::Name),
            ["gate/intercepted-certificate"],
            "{issuer}"
        );
        assert_eq!(found.verdict, Verdict::UNKNOWN, "{issuer}");
    }
}

#[test]
fn trap_12_partitions_of_china_and_governments_have_names_of_their_own() {
    for (host, expected) in [
        (
            "bucket.s3.cn-north-1.amazonaws.com.cn",
            "- > aws/s3, origin strong",
        ),
        (
            "account.blob.core.chinacloudapi.cn",
            "- > azure/blob-storage, origin strong",
        ),
        (
            "account.blob.core.usgovcloudapi.net",
            "- > azure/blob-storage, origin strong",
        ),
    ] {
        check(&format!("GET https://{host}/a 200"), expected);
    }
    // The Chinese iCloud is run by another company, and its content front never says where the bytes lie.
    let china = examine_one("GET https://cvws.icloud-content.com.cn/B/a 200");
    assert_eq!(china.verdict.origin, None, "{}", words(&china));
    assert!(china.verdict.conclusiveness < Conclusiveness::Conclusive);
    // A name that only looks like such a partition.
    check(
        "GET https://bucket.s3.amazonaws.com.cn.example.com/a 200",
        "- > -, unknown insufficient",
    );
    check(
        "GET https://account.blob.core.windows.net.cn/a 200",
        "- > -, unknown insufficient",
    );
}

#[test]
fn trap_13_a_name_counts_only_whole_and_only_where_it_is_the_servers() {
    for host in [
        "notcloudfront.net",
        "notcloudfront.net.evil.test",
        "cloudfront.net.evil.test",
        "d111.cloudfront.net.evil.test",
        "s3.amazonaws.com.evil.test",
        "xs3.amazonaws.com.evil.test",
        "fastly.net-cdn.example",
        "akamaiedge.net.example",
    ] {
        check(
            &format!("GET https://{host}/a 200"),
            "- > -, unknown insufficient",
        );
    }
    for header in [
        "Access-Control-Expose-Headers: cf-ray, x-amz-cf-id",
        "Content-Security-Policy: img-src s3.amazonaws.com *.cloudfront.net",
        "Vary: X-Served-By",
        "Link: <https://d111.cloudfront.net/a>; rel=preload",
        "Server: not-cloudflare-at-all",
        "X-Note: Via: 1.1 abc.cloudfront.net (CloudFront)",
    ] {
        check(
            &format!("GET https://www.example.com/a 200\n{header}"),
            "- > -, unknown insufficient",
        );
    }
    // The same name in another case, with a final dot and a port, is still that name.
    check(
        "GET https://D111.CloudFront.NET.:443/a 200",
        "aws/cloudfront > -, cdn strong",
    );
}

#[test]
fn trap_01_two_corporate_proxies_in_a_row_are_both_set_aside() {
    let lists = [
        (
            "Via",
            "1.1 inner.corp (squid/3.5), 1.1 outer.corp (squid/3.5)",
        ),
        ("X-Cache", "HIT from inner.corp, MISS from outer.corp"),
    ];
    let hopped = examine(&through(&sites(), &lists, "\nAge: 30"));
    for (plain, found) in examine(&sites()).iter().zip(&hopped) {
        assert_eq!(words(plain), words(found));
    }
}

#[test]
fn trap_03_nothing_transferred_in_no_time_from_nowhere_is_a_replay() {
    let timings = json!({"blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 0, "receive": 0});
    let in_no_time = json!({"timings": timings, "time": 0});
    let nothing_sent = json!({"_transferSize": 0});
    let replay = examine_har(har(&in_no_time, &nothing_sent));
    assert_eq!(replay.verdict, Verdict::UNKNOWN);
    let kept = json!({"_transferSize": 0, "bodySize": 0, "content": {"size": 386_266, "mimeType": "text/css"}});
    assert_eq!(
        examine_har(har(&json!({}), &kept)).verdict,
        Verdict::UNKNOWN
    );
    // Any two of the three are no proof: tools leave out sizes, times and addresses.
    let address = json!({"serverIPAddress": "104.16.1.1"});
    let at_once = json!({"timings": timings, "time": 0, "serverIPAddress": "104.16.1.1"});
    for (extra, extra_of_response) in [
        (&at_once, &nothing_sent),
        (&json!({}), &nothing_sent),
        (&in_no_time, &json!({})),
        (&address, &json!({})),
    ] {
        let found = examine_har(har(extra, extra_of_response));
        assert!(found.verdict.edge.is_some(), "{extra} {extra_of_response}");
    }
}

#[test]
fn trap_11_a_certificate_that_two_providers_share_tells_neither() {
    let shared = examine_one(
        "GET https://www.example.com/ 200\n~certificate-name: *.cloudfront.net\n~certificate-name: *.azureedge.net",
    );
    let conclusiveness = shared.verdict.conclusiveness;
    assert!(
        conclusiveness < Conclusiveness::Strong,
        "{}",
        words(&shared)
    );
}
