//! Evidence has to survive redaction: headers that say who serves, hosts, names of parameters, and the verdicts made of them.

use regex::Regex;
use serde_json::{Value, json};

use crate::program::Home;

/// Headers of responses that say who serves, with values as they are met.
const EVIDENCE: &[(&str, &str)] = &[
    (
        "Via",
        "1.1 a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6.cloudfront.net (CloudFront)",
    ),
    ("Server", "AmazonS3"),
    ("X-Cache", "Hit from cloudfront"),
    ("X-Cache-Hits", "1, 17"),
    ("X-Cache-Lookup", "HIT from proxy7.example:3128"),
    ("CF-Ray", "8d5f1b2c3a4e5f60-FRA"),
    ("CF-Cache-Status", "HIT"),
    ("CF-Mitigated", "challenge"),
    ("Age", "86123"),
    (
        "X-Served-By",
        "cache-iad-kjyo7100123-IAD, cache-fra-etou8220099-FRA",
    ),
    ("X-Timer", "S1714557600.123456,VS0,VE1"),
    (
        "X-Fastly-Request-Id",
        "0123456789abcdef0123456789abcdef01234567",
    ),
    (
        "Fastly-Debug-Digest",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    (
        "X-Amz-Cf-Id",
        "PaWnOEEyng3O4PBX2lab_qyD2DQ60VajC413wiIbt93eiNkaSKvpkQ==",
    ),
    ("X-Amz-Cf-Pop", "FRA56-P5"),
    ("X-Amz-Request-Id", "PW60JQ2MV5BE3XTJ"),
    (
        "X-Amz-Id-2",
        "Zx81kQpW0aLmT4vRyB7nHs2Ec+FgHiJkLmNoPqRsTuVwXyZ0123456789abcdef/GhIjKlMnOpQrStU=",
    ),
    ("X-Amz-Bucket-Region", "eu-west-1"),
    (
        "X-Amz-Version-Id",
        "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo",
    ),
    ("X-Amz-Server-Side-Encryption", "AES256"),
    ("X-Amzn-RequestId", "0b9d1f7e-2c3a-4d5e-a6f7-1234567890ab"),
    (
        "X-Amzn-Trace-Id",
        "Root=1-58337281-1d84f3d73c47ec4e58577259",
    ),
    (
        "X-Azure-Ref",
        "20260501T100000Z-178f4bd5c9bhC1FRAzx8m0000000abc0000000000q7v",
    ),
    (
        "X-MSEdge-Ref",
        "Ref A: 0123456789ABCDEF0123456789ABCDEF Ref B: FRA31EDGE0115 Ref C: 2026-05-01T10:00:00Z",
    ),
    ("x-ms-request-id", "5f6a7b8c-901e-0023-4d5e-6f7a8b000000"),
    ("x-ms-version", "2022-11-02"),
    ("x-ms-blob-type", "BlockBlob"),
    (
        "x-goog-hash",
        "crc32c=n03x6A==, md5=Ojk9c3dhfxgoKVVHYwFbHQ==",
    ),
    ("x-goog-generation", "1714557600123456"),
    (
        "x-guploader-uploadid",
        "ABPtcPpZx81kQpW0aLmT4vRyB7nHs2EcFgHiJkLmNoPqRsTuVwXyZ0123456789abcdef",
    ),
    (
        "Cache-Status",
        "\"Netlify Edge\"; fwd=miss, ExampleCache; hit; ttl=376",
    ),
    (
        "Server-Timing",
        "cdn-cache; desc=HIT, edge; dur=1, ak_p; desc=\"1714557600123_1234567890_987654321_12_3456_7_8_-\";dur=1",
    ),
    ("Alt-Svc", "h3=\":443\"; ma=86400"),
    ("ETag", "\"9f86d081884c7d659a2feaa0c55ad015\""),
    ("Last-Modified", "Fri, 01 May 2026 10:00:00 GMT"),
    ("Vary", "Accept-Encoding, X-Fastly-Country"),
    ("X-Akamai-Request-Id", "1a2b3c4d"),
    ("X-Akamai-Transformed", "9 - 0 pmb=mRUM,1"),
    ("X-Akamai-Staging", "ESSL"),
    ("Akamai-Grn", "0.8df01402.1714557600.1a2b3c4d"),
    ("X-Check-Cacheable", "YES"),
    (
        "x-vercel-id",
        "fra1::iad1::abcde-1714557600123-0123456789ab",
    ),
    ("x-vercel-cache", "HIT"),
    ("x-nf-request-id", "01HWX5Z9K3Q7V2M4N6P8R0S2T4"),
    (
        "X-Iinfo",
        "10-12345678-12345679 NNNN CT(0 0 0) RT(1714557600123 0) q(0 0 0 -1) r(0 0) U24",
    ),
    ("X-Sucuri-Id", "15015"),
    ("X-Edge-Location", "defr"),
    ("CDN-RequestId", "0123456789abcdef0123456789abcdef"),
    ("CDN-PullZone", "123456"),
    ("CDNUUID", "0b9d1f7e-2c3a-4d5e-a6f7-1234567890ab"),
    ("X-77-NZT", "Ad0D2k1mEvf/XQAAAA"),
    ("EagleId", "2ff6309b17145576001234567e"),
    ("x-oss-request-id", "5C3D9175B6FC201293AD4A98"),
    (
        "x-cos-request-id",
        "NjYzMTZkZTBfMjQ5Y2E3MDlfMmQ1XzFhMmIzYzQ=",
    ),
    ("Fly-Request-Id", "01HWX5Z9K3Q7V2M4N6P8R0S2T4-fra"),
    (
        "X-GitHub-Request-Id",
        "D2A4:1F3B:1A2B3C4D:1B2C3D4E:66316DE0",
    ),
    (
        "x-fb-debug",
        "Zx81kQpW0aLmT4vRyB7nHs2EcFgHiJkLmNoPqRsTuVwXyZ0123456789abcdefGhIjKlMnOpQrStUvWxYz012==",
    ),
    ("X-Hw", "1714557600.dop123.fr8.t,1714557600.cds045.fr8.c"),
    (
        "X-Bz-Content-Sha1",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    ),
    ("section-io-id", "0123456789abcdef0123456789abcdef"),
    (
        "opc-request-id",
        "fra-1:Zx81kQpW0aLmT4vRyB7nHs2EcFgHiJkLmNoPqRsTuVw",
    ),
    ("X-Qc-Pop", "EU-DE-FRA-312"),
    ("X-Li-Pop", "prod-lva1-x"),
    ("Cache-Control", "public, max-age=31536000, immutable"),
    ("Content-Type", "text/html; charset=utf-8"),
    ("Date", "Fri, 01 May 2026 10:00:00 GMT"),
];

/// One entry with these headers of the response.
fn entry(url: &str, request: &[(&str, &str)], response: &[(&str, &str)]) -> Value {
    let headers = |list: &[(&str, &str)]| -> Vec<Value> {
        list.iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect()
    };
    json!({
        "startedDateTime": "2026-05-01T10:00:00.123Z", "time": 5,
        "request": {"method": "GET", "url": url, "httpVersion": "h2", "cookies": [], "headers": headers(request), "queryString": [], "headersSize": -1, "bodySize": 0},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "h2", "cookies": [], "headers": headers(response), "content": {"size": 1, "mimeType": "text/plain"}, "redirectURL": "", "headersSize": -1, "bodySize": 1},
        "cache": {}, "timings": {"send": 0, "wait": 4, "receive": 1}, "serverIPAddress": "52.218.0.10",
    })
}

pub(crate) fn har(entries: &[Value]) -> String {
    let creator = json!({"name": "Test", "version": "1"});
    json!({"log": {"version": "1.2", "creator": creator, "entries": entries}}).to_string()
}

fn exported(home: &Home, file: &std::path::Path, level: &str) -> Value {
    let run = home.report(file, "har", level);
    serde_json::from_slice(&run.stdout).expect("the exported HAR is JSON")
}

/// A capture with all of them: together, each alone, and beside cookies and queries that hold the same words.
fn captures() -> Vec<Value> {
    let mut entries = vec![entry("https://www.shop.example/a", &[], EVIDENCE)];
    for header in EVIDENCE {
        let cookie = format!("key=AmazonS3; x=cloudfront; y=HIT; z={}", header.1);
        let request = [("Cookie", cookie.as_str())];
        let url = "https://cdn.shop.example/a?cache=HIT&region=eu-west-1&alg=sha256&token=AmazonS3";
        entries.push(entry(url, &request, &[*header]));
    }
    entries
}

#[test]
fn evidence_headers_keep_their_values_in_the_exported_har() {
    let home = Home::new();
    let file = home.write("trip.har", har(&captures()));
    // Strict keeps evidence, too: only what says where a request went is reduced to its shape.
    for level in ["balanced", "strict"] {
        let exported = exported(&home, &file, level);
        let entries = exported["log"]["entries"].as_array().expect("entries");
        let value = |entry: &Value, name: &str| {
            let headers = entry["response"]["headers"].as_array().cloned();
            let mut headers = headers.unwrap_or_default().into_iter();
            headers
                .find(|header| header["name"] == name)
                .map(|header| header["value"].clone())
        };
        let mut changed = Vec::new();
        for (idx, (name, expected)) in EVIDENCE.iter().enumerate() {
            for entry in [&entries[0], &entries[idx + 1]] {
                let found = value(entry, name);
                if found != Some(json!(expected)) {
                    changed.push(format!("{name}: {expected} became {found:?}"));
                }
            }
        }
        assert!(changed.is_empty(), "{level}: {changed:#?}");
    }
}

#[test]
fn evidence_headers_keep_their_values_in_columns() {
    let home = Home::new();
    let file = home.write("trip.har", har(&captures()));
    let columns: Vec<String> = EVIDENCE
        .iter()
        .map(|(name, _)| format!("response-header:{name}"))
        .collect();
    let columns = columns.join(",");
    let arguments = [
        "flows",
        file.to_str().expect("UTF-8"),
        "--as",
        "csv",
        "--columns",
        &columns,
    ];
    let run = home.run(&arguments);
    assert_eq!(run.code, Some(0), "{}", run.complaints());
    let mut reader = csv::Reader::from_reader(run.stdout.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("CSV")).collect();
    let mut changed = Vec::new();
    for (idx, (name, expected)) in EVIDENCE.iter().enumerate() {
        for row in [&rows[0], &rows[idx + 1]] {
            if row.get(idx) != Some(expected) {
                changed.push(format!("{name}: {expected} became {:?}", row.get(idx)));
            }
        }
    }
    assert!(changed.is_empty(), "{changed:#?}");
}

/// What `flows --as json` concludes about each flow.
pub(crate) fn conclusions(json: &Value) -> Vec<Value> {
    let flows = json["flows"].as_array().cloned().unwrap_or_default();
    let said = |flow: &Value, party: &str| {
        let found = &flow[party];
        json!([
            found["provider"],
            found["service"],
            found["region"],
            found["conclusiveness"]
        ])
    };
    // Placeholders may be numbered anew; a host that is wholly a token has one.
    let number = Regex::new(r"\[([a-z-]+)-[0-9]+\]").expect("a pattern");
    flows
        .iter()
        .map(|flow| {
            let host = flow["host"].as_str().unwrap_or_default();
            json!({
                "n": flow["n"], "host": number.replace_all(host, "[$1]"), "status": flow["status"], "role": flow["role"],
                "conclusiveness": flow["conclusiveness"], "edge": said(flow, "edge"), "origin": said(flow, "origin"),
            })
        })
        .collect()
}

fn flows(home: &Home, file: &std::path::Path) -> Value {
    let run = home.run(&["flows", file.to_str().expect("UTF-8"), "--as", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.complaints());
    serde_json::from_slice(&run.stdout).expect("JSON")
}

#[test]
fn verdicts_and_quotes_are_the_same_before_and_after() {
    let home = Home::new();
    let file = home.write("trip.har", har(&captures()));
    let before = flows(&home, &file);
    let written = home.report(&file, "har", "balanced").stdout;
    let exported = home.write("exported.har", written);
    let after = flows(&home, &exported);
    for (before, after) in conclusions(&before).iter().zip(conclusions(&after)) {
        assert_eq!(*before, after);
    }
    // What a verdict rests on is quoted as it stands in the capture.
    let evidence = |json: &Value, idx: usize| json["flows"][idx]["evidence"].clone();
    let mut n_quotes = 0;
    for (idx, (_, value)) in EVIDENCE.iter().enumerate() {
        for found in evidence(&before, idx + 1).as_array().into_iter().flatten() {
            if found["family"] == "header-chain" || found["family"] == "storage-id" {
                n_quotes += 1;
                let quote = found["quote"].as_str().unwrap_or_default();
                assert!(
                    value.contains(quote) || quote.contains(value),
                    "{quote} of {value}"
                );
            }
        }
    }
    assert!(5 < n_quotes, "only {n_quotes} quotes were compared");
}

#[test]
fn names_of_signed_parameters_and_hosts_stay() {
    const URLS: &[(&str, &[&str])] = &[
        (
            "https://bucket.s3.eu-west-1.amazonaws.com/a.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA2E7OSTIX4ZJPLMQ5%2F20260501%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260501T100000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Signature=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            &[
                "bucket.s3.eu-west-1.amazonaws.com",
                "X-Amz-Algorithm",
                "X-Amz-Credential",
                "X-Amz-Date",
                "X-Amz-Expires",
                "X-Amz-SignedHeaders",
                "X-Amz-Signature",
            ],
        ),
        (
            "https://storage.googleapis.com/bucket/a.zip?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=a%40b.iam.gserviceaccount.com%2F20260501&X-Goog-Signature=9f86d081884c7d65",
            &[
                "storage.googleapis.com",
                "X-Goog-Algorithm",
                "X-Goog-Credential",
                "X-Goog-Signature",
            ],
        ),
        (
            "https://account.blob.core.windows.net/box/a.zip?sv=2022-11-02&se=2026-05-02T10%3A00Z&sr=b&sp=r&sig=Zx81kQpW0aLmT4vRyB7nHs2EcFgHiJkL%3D",
            &[
                "account.blob.core.windows.net",
                "sv=",
                "se=",
                "sr=",
                "sp=",
                "sig=",
            ],
        ),
        (
            "https://d111111abcdef8.cloudfront.net/a.zip?Expires=1777777777&Signature=Zx81kQpW0aLmT4vRyB7n&Key-Pair-Id=K2JCJMDEHXQW5F",
            &[
                "d111111abcdef8.cloudfront.net",
                "Expires",
                "Signature",
                "Key-Pair-Id",
            ],
        ),
        (
            "https://media.shop.example/a.m3u8?hdnts=exp=1777777777~acl=/*~hmac=9f86d081884c7d659a2feaa0c55ad015",
            &["media.shop.example", "hdnts"],
        ),
        (
            "https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js?client=ca-pub&goog=1",
            &["pagead2.googlesyndication.com", "/pagead/js/adsbygoogle.js"],
        ),
    ];
    let home = Home::new();
    let entries: Vec<Value> = URLS
        .iter()
        .map(|(url, _)| entry(url, &[("Cookie", "a=goog; b=amazonaws; c=windows")], &[]))
        .collect();
    let file = home.write("trip.har", har(&entries));
    let exported = exported(&home, &file, "balanced");
    for (idx, (_, kept)) in URLS.iter().enumerate() {
        let url = exported["log"]["entries"][idx]["request"]["url"].to_string();
        for part in *kept {
            assert!(url.contains(part), "{part} is not in {url}");
        }
    }
    let html = home.report(&file, "html", "balanced").text();
    let json = home.report(&file, "json", "balanced").text();
    for host in URLS.iter().map(|(_, kept)| kept[0]) {
        assert!(html.contains(host) && json.contains(host), "{host}");
    }
}

#[test]
fn the_region_of_a_signature_stays() {
    // Which region signed a request is evidence; the key beside it is none.
    let url = "https://bigfiles.s3-accelerate.amazonaws.com/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA2E7OSTIX4ZJPLMQ5%2F20260501%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let scope = "AWS4-HMAC-SHA256 Credential=AKIA2E7OSTIX4ZJPLMQ5/20260501/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=9f86d081884c7d659a2feaa0c55ad015";
    let plain = "https://bigfiles.s3-accelerate.amazonaws.com/a";
    let home = Home::new();
    let entries = [
        entry(url, &[], &[("X-Amz-Request-Id", "PW60JQ2MV5BE3XTJ")]),
        entry(
            plain,
            &[("Authorization", scope)],
            &[("X-Amz-Request-Id", "PW60JQ2MV5BE3XTJ")],
        ),
    ];
    let file = home.write("trip.har", har(&entries));
    let before = conclusions(&flows(&home, &file));
    let written = home.report(&file, "har", "balanced").stdout;
    let text = String::from_utf8_lossy(&written).into_owned();
    assert!(!text.contains("AKIA2E7OSTIX4ZJPLMQ5") && !text.contains("9f86d081884c7d65"));
    let exported = home.write("exported.har", written);
    assert_eq!(before, conclusions(&flows(&home, &exported)));
}

#[test]
fn what_is_no_secret_stays() {
    const KEPT: &[&str] = &[
        "/assets/img/logo-2x.png",
        "/blog/2026/05/01/a-long-and-readable-article-title",
        "/v1.2.3/app.bundle.js",
        "/en-GB/products/12345",
        "page=2",
        "region=eu-west-1",
        "alg=sha256",
        "from=2024-05-01T10:00",
        "format=json",
        "width=1920",
        "lang=de",
        "v=1.2.3",
        "sort=price",
    ];
    let home = Home::new();
    let entries: Vec<Value> = KEPT
        .iter()
        .map(|part| {
            let rest = if part.starts_with('/') {
                (*part).to_owned()
            } else {
                format!("/?{part}")
            };
            entry(&format!("https://www.shop.example{rest}"), &[], &[])
        })
        .collect();
    let file = home.write("trip.har", har(&entries));
    for form in ["har", "json", "html", "csv"] {
        let text = home.report(&file, form, "balanced").text();
        let gone: Vec<&&str> = KEPT.iter().filter(|part| !text.contains(**part)).collect();
        assert!(gone.is_empty(), "{form}: {gone:?}");
    }
}
