//! Filters that read entries again or ask about relations, and what may follow while one types.

use std::sync::Arc;

use headwater::attribution::Attribution;
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::{FlowId, Side};
use headwater::document::{Document, RereadCells};
use headwater::formats::{self, Watch};
use headwater::panels::services::model::Services;
use headwater::query::columns::{COLUMNS, Column, Value, header_column, unread};
use headwater::query::complete::{Typing, values};
use headwater::query::filter::Filter;
use headwater::query::search::{Hit, Pattern, Place, Wanted, search};
use headwater::query::{Query, SortKey, run};
use headwater::redact::Redactor;
use headwater::reports::{Copied, copied};
use headwater::session::Subject;

const HAR: &str = r#"{"log":{"version":"1.2","creator":{"name":"test","version":"1"},"entries":[
{"startedDateTime":"2026-05-01T10:00:00.000Z","time":30,"serverIPAddress":"104.64.74.82",
 "request":{"method":"GET","url":"https://www.example.com/first","headers":[{"name":"Cookie","value":"sid=abc; theme=dark"},{"name":"Accept","value":"text/html"}]},
 "response":{"status":200,"headers":[{"name":"X-Frame-Options","value":"DENY"},{"name":"Age","value":"120"},{"name":"X-Cache","value":"HIT"}],
  "content":{"mimeType":"text/html","size":14,"text":"<h1>Needle</h1>"}}},
{"startedDateTime":"2026-05-01T10:00:01.000Z","time":10,"serverIPAddress":"10.1.2.3",
 "request":{"method":"POST","url":"https://bucket.s3.amazonaws.com/second","headers":[],"postData":{"mimeType":"text/plain","text":"a needle was sent"}},
 "response":{"status":201,"headers":[{"name":"Set-Cookie","value":"id=9; Domain=.example.org; Secure"},{"name":"X-Frame-Options","value":"SAMEORIGIN"}],"content":{"mimeType":"","size":0}}},
{"startedDateTime":"2026-05-01T10:00:02.000Z","time":20,"serverIPAddress":"2001:db8::7",
 "request":{"method":"GET","url":"https://a.example.org/third","headers":[]},
 "_initiator":{"type":"script","stack":{"callFrames":[{"url":"https://a.example.org/app.js?token=s3cret","lineNumber":4}]}},
 "_securityDetails":{"protocol":"TLS 1.3"},
 "response":{"status":404,"headers":[],"content":{"mimeType":"application/json","size":12,"encoding":"base64","text":"eyJuZWVkbGUiOjF9"}}}]}}"#;

fn document() -> Document {
    read(HAR.as_bytes())
}

fn read(har: &[u8]) -> Document {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let watch = Watch {
        cancel: &cancel,
        progress: &progress,
        on_rows: &|_| {},
    };
    let options = formats::Options::default();
    let capture =
        formats::read_bytes("trip.har", har.to_vec(), &options, &watch).expect("a capture");
    let attribution = Attribution::of(&capture, &cancel, &progress).expect("nobody cancelled");
    let mut document = Document::new("me");
    document.push(capture, attribution);
    document
}

fn check(document: &Document, filter: &str, expected: &[u32]) {
    let query = Query {
        filter: filter.to_owned(),
        ..Query::default()
    };
    let rows = run(document, &query, &Cancel::default()).expect("nobody cancelled");
    let rows = rows.unwrap_or_else(|error| panic!("{filter}: {error}"));
    let kept: Vec<u32> = rows.flows.iter().map(|flow| flow.n()).collect();
    assert_eq!(kept, expected, "{filter}");
}

#[test]
fn headers_are_found_by_name_and_by_value() {
    let document = document();
    for (filter, expected) in [
        ("has-response-header:x-frame-options", &[1, 2][..]),
        ("has-response-header:x-frame", &[]),
        ("has-response-header:x-f*", &[1, 2]),
        ("has-request-header:accept", &[1]),
        ("header[X-Frame-Options]=deny", &[1]),
        ("response-header[x-frame-options]:same", &[2]),
        ("request-header[x-frame-options]", &[]),
        ("header:\"options: deny\"", &[1]),
        ("~hs sameorigin", &[2]),
        ("~hq sameorigin", &[]),
        ("-has-response-header:x-frame-options", &[3]),
    ] {
        check(&document, filter, expected);
    }
}

#[test]
fn bodies_and_cookies_are_searched_as_they_were_received() {
    let document = document();
    for (filter, expected) in [
        ("body:needle", &[1, 2, 3][..]),
        ("body-request:needle", &[2]),
        ("~bs needle", &[1, 3]),
        ("body:\"{\\\"needle\\\":1}\"", &[3]),
        ("contains(was sent)", &[2]),
        ("contains(third)", &[3]),
        ("contains(DENY)", &[1]),
        ("cookie-name:theme", &[1]),
        ("cookie-value=abc", &[1]),
        ("set-cookie-name:id", &[2]),
        ("set-cookie-domain:example.org", &[2]),
        ("status:404 body:needle", &[3]),
    ] {
        check(&document, filter, expected);
    }
}

#[test]
fn facts_about_caches_addresses_and_customers_can_be_asked_for() {
    let document = document();
    for (filter, expected) in [
        ("age>=100", &[1][..]),
        ("cache:hit", &[1]),
        ("cache:none", &[2, 3]),
        ("remote-ip:10.0.0.0/8", &[2]),
        ("ip:2001:db8::/32", &[3]),
        ("asn:20940", &[1]),
        ("asn:as20940", &[1]),
        ("asn=AS20940", &[1]),
        ("asn:209", &[]),
        ("asn:209*", &[1]),
        ("asn!=20940", &[2, 3]),
        ("asn:none", &[2, 3]),
        ("network:akamai", &[1]),
        ("network^=akamai", &[1]),
        ("network:\"B.V. (US)\"", &[1]),
        ("network:none", &[2, 3]),
        ("tenant:bucket", &[2]),
        ("evidence:akamai/blocks", &[1]),
        ("evidence:no-such-rule", &[]),
    ] {
        check(&document, filter, expected);
    }
}

#[test]
fn networks_are_cells_that_are_offered_and_sorted_by_number() {
    let har = HAR
        .replace("10.1.2.3", "17.0.0.1")
        .replace("2001:db8::7", "2001:4860:4860::8888");
    let document = read(har.as_bytes());
    let cells = |word| -> Vec<String> {
        let column = Column::named(word).expect(word);
        let flows = document.flows();
        flows
            .map(|(id, flow)| column.of(&document, id, flow).to_text().into_owned())
            .collect()
    };
    assert_eq!(cells("asn"), ["AS20940", "AS714", "AS15169"]);
    assert_eq!(
        cells("network"),
        [
            "Akamai International B.V. (US)",
            "Apple Inc. (US)",
            "Google LLC (US)"
        ]
    );
    let query = Query {
        sort: vec![SortKey {
            column: Column::named("asn").expect("a column").id,
            descending: false,
        }],
        ..Query::default()
    };
    let rows = run(&document, &query, &Cancel::default()).expect("nobody cancelled");
    let order: Vec<u32> = rows
        .expect("sorted")
        .flows
        .iter()
        .map(|id| id.n())
        .collect();
    assert_eq!(order, [2, 3, 1]);
    let offered = values(&document, "network", &Cancel::default()).expect("nobody cancelled");
    let typing = Typing::at("network:app", 11).expect("a value");
    let [offered] = &typing.completions(&offered)[..] else {
        panic!("one value is offered");
    };
    assert_eq!(offered.insert, "\"Apple Inc. (US)\" ");
    check(&document, &format!("network:{}", offered.insert), &[2]);
}

#[test]
fn any_header_is_a_column_once_it_was_read() {
    let mut document = document();
    let column = header_column(Side::Response, "X-Frame-Options").expect("a column");
    let wanted = unread(&document, column).expect("not read yet");
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let cells = RereadCells::read(&document, wanted, &cancel, &progress).expect("read");
    assert_eq!(progress.get(), (3, 3));
    document.set_reread(column.word, cells.into());
    assert_eq!(unread(&document, column), None);
    let texts: Vec<String> = document
        .flows()
        .map(|(id, flow)| column.of(&document, id, flow).to_text().into_owned())
        .collect();
    assert_eq!(texts, ["DENY", "SAMEORIGIN", ""]);
    check(&document, "response-header:deny", &[1]);
    let query = Query {
        sort: vec![SortKey {
            column: column.id,
            descending: true,
        }],
        ..Query::default()
    };
    let rows = run(&document, &query, &cancel)
        .expect("nobody cancelled")
        .expect("no filter");
    let order: Vec<u32> = rows.flows.iter().map(|flow| flow.n()).collect();
    assert_eq!(order, [2, 1, 3]);
    let in_memory = header_column(Side::Response, "x-cache").expect("a column");
    assert_eq!(unread(&document, in_memory), None);
    let (id, flow) = document.flows().next().expect("a flow");
    assert_eq!(in_memory.of(&document, id, flow), Value::Text("HIT".into()));
}

#[test]
fn a_filter_that_stops_in_the_middle_is_not_everything() {
    for filter in ["status:200 |", "| status:200", "()", "-()", "status:200 &"] {
        assert!(Filter::parse(filter).is_err(), "{filter}");
    }
    for filter in ["", "  ", "(status:200)"] {
        assert!(Filter::parse(filter).is_ok(), "{filter}");
    }
}

#[test]
fn no_secret_is_copied_from_any_column() {
    let secret = |n: u32| format!("s3cr3t{n}k9x8w7v6u5t4");
    let [header, cookie, set, query, page, initiator] = [1, 2, 3, 4, 5, 6].map(secret);
    let har = format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"t","version":"1"}},
        "pages":[{{"id":"p","title":"https://www.example.com/?token={page}","startedDateTime":"2026-05-01T10:00:00Z","pageTimings":{{}}}}],
        "entries":[{{"startedDateTime":"2026-05-01T10:00:00.000Z","time":30,"pageref":"p",
        "_initiator":"https://www.example.com/?token={initiator}",
        "request":{{"method":"GET","url":"https://www.example.com/a?token={query}",
        "headers":[{{"name":"Authorization","value":"Bearer {header}"}},{{"name":"Cookie","value":"sid={cookie}"}}]}},
        "response":{{"status":200,"headers":[{{"name":"Set-Cookie","value":"sid={set}"}}],"content":{{"mimeType":"","size":0}}}}}}]}}}}"#
    );
    let mut document = read(har.as_bytes());
    let headers = [
        header_column(Side::Request, "authorization"),
        header_column(Side::Request, "cookie"),
        header_column(Side::Response, "set-cookie"),
    ];
    let columns: Vec<&Column> = COLUMNS
        .iter()
        .chain(headers.into_iter().flatten())
        .collect();
    let cancel = Cancel::default();
    for column in &columns {
        if let Some(wanted) = unread(&document, column) {
            let cells = RereadCells::read(&document, wanted, &cancel, &Progress::default());
            document.set_reread(column.word, cells.expect("read").into());
        }
    }
    for column in columns {
        for what in [Copied::Rows(vec![column.id]), Copied::Cell(column.id)] {
            let text = copied(&document, vec![FlowId(0)], &what, &cancel).expect("not cancelled");
            let text = text.expect("it can be copied");
            assert!(!text.contains("s3cr3t"), "{}: {text}", column.word);
        }
    }
}

#[test]
fn what_sent_a_request_and_over_which_tls_are_columns() {
    let mut document = document();
    for (filter, expected) in [
        ("tls:1.3", &[3][..]),
        ("tls-version=\"TLS 1.3\"", &[3]),
        ("tls-version:none", &[1, 2]),
        ("initiator:script", &[3]),
        ("-initiator:app.js", &[1, 2]),
    ] {
        check(&document, filter, expected);
    }
    let column = Column::named("initiator").expect("a column");
    let wanted = unread(&document, column).expect("not read yet");
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let cells = RereadCells::read(&document, wanted, &cancel, &progress).expect("read");
    document.set_reread(column.word, cells.into());
    let (id, flow) = document.flows().nth(2).expect("a flow");
    let text = column.of(&document, id, flow).to_text().into_owned();
    assert_eq!(text, "script https://a.example.org/app.js?token=s3cret:5");
    let copied = column.redacted(flow, &text, &mut Redactor::default());
    assert!(
        copied.starts_with("script https://a.example.org/app.js"),
        "{copied}"
    );
    assert!(!copied.contains("s3cret"), "{copied}");
}

#[test]
fn values_are_offered_with_their_counts() {
    let document = document();
    let offered = |text: &str| {
        let typing = Typing::at(text, text.len()).expect("something is typed");
        let key = typing.key.clone().expect("a key");
        let seen = values(&document, &key, &Cancel::default()).expect("nobody cancelled");
        let words = typing.completions(&seen).into_iter();
        words.map(|one| (one.insert, one.about)).collect::<Vec<_>>()
    };
    let pair = |insert: &str, about: &str| (insert.to_owned(), about.to_owned());
    assert_eq!(offered("method:"), [pair("GET ", "2"), pair("POST ", "1")]);
    assert_eq!(offered("host:bu"), [pair("bucket.s3.amazonaws.com ", "1")]);
    assert_eq!(offered("status:4"), [pair("404 ", "1")]);
    assert_eq!(offered("label:no")[0], pair("none ", ""));
    assert!(offered("has-response-header:x-c").contains(&pair("x-cache ", "1")));
    let cancelled = Cancel::default();
    cancelled.cancel();
    assert_eq!(values(&document, "host", &cancelled), None);
}

#[test]
fn a_search_finds_places_in_the_order_asked_for_and_can_be_cancelled() {
    let document = document();
    let flows: Vec<FlowId> = [2, 1, 0].map(FlowId).to_vec();
    let found = |text: &str, change: fn(&mut Wanted)| {
        let mut wanted = Wanted {
            text: text.to_owned(),
            ..Wanted::default()
        };
        change(&mut wanted);
        let pattern = Pattern::of(&wanted).expect("a pattern");
        let (cancel, progress) = (Cancel::default(), Progress::default());
        let mut hits = Vec::new();
        let what = (&wanted, &pattern);
        let searched = search(&document, &flows, what, &cancel, &progress, |more| {
            hits.extend(more);
        });
        assert!(searched.is_complete);
        assert_eq!(progress.get(), (3, 3));
        let place = |hit: Hit| (hit.flow.n(), hit.place, hit.found);
        hits.into_iter().map(place).collect::<Vec<_>>()
    };
    let body = |n, side, at, found: &str| (n, Place::Body(side, at), found.to_owned());
    assert_eq!(
        found("needle", |_| {}),
        [
            body(3, Side::Response, 2, "needle"),
            body(2, Side::Request, 2, "needle"),
            body(1, Side::Response, 4, "Needle"),
        ]
    );
    let exact = found("Needle", |wanted| wanted.is_exact = true);
    assert_eq!(exact, [body(1, Side::Response, 4, "Needle")]);
    let header = Place::Header(Side::Request, "Cookie".to_owned());
    assert_eq!(
        found("/sid=\\w+/", |_| {}),
        [(1, header, "sid=abc".to_owned())]
    );
    assert_eq!(
        found("third", |_| {}),
        [(3, Place::Url, "third".to_owned())]
    );
    assert_eq!(found("needle", |wanted| wanted.in_bodies = false), []);

    let wanted = Wanted {
        text: "e".to_owned(),
        ..Wanted::default()
    };
    let pattern = Pattern::of(&wanted).expect("a pattern");
    let cancel = Cancel::default();
    cancel.cancel();
    let progress = Progress::default();
    let what = (&wanted, &pattern);
    let searched = search(&document, &flows, what, &cancel, &progress, |_| {
        panic!("nothing is told after a cancel");
    });
    assert!(!searched.is_complete);
}

/// A capture of 2011: one party, two stores, and no page or referer.
const SAMPLE: &[u8] = include_bytes!("../assets/samples/wifi-proxy-2011.har");

#[test]
fn relations_of_parties_can_be_asked_for() {
    let document = read(SAMPLE);
    for (filter, expected) in [
        ("relation:stores", &[2, 3, 8, 9][..]),
        ("relation:Stores", &[2, 3, 8, 9]),
        ("relation:stores provider:aws", &[3, 9]),
        ("-relation:stores party:icloud.com", &[1, 4, 7, 10]),
        ("relation!=stores party:icloud.com", &[1, 4, 7, 10]),
        ("whose:users", &[2, 3, 8, 9]),
        ("whose:not-seen", &[]),
        ("bucket:us-std", &[3, 9]),
        ("bucket=us-std", &[]),
        ("bucket=us-std-00001 or bucket:/MMS", &[2, 3, 8, 9]),
        ("bucket~=^mssngr", &[2, 8]),
        ("is:first-party or is:embedded", &[]),
        ("site:none n<3", &[1, 2]),
    ] {
        check(&document, filter, expected);
    }
    for (wrong, message) in [
        ("relation:foo", "expected one of delivers, stores"),
        ("whose:me", "expected one of users, party"),
        ("bucket>a", "`bucket` holds words"),
    ] {
        let error = Filter::parse(wrong).expect_err(wrong);
        assert!(error.message.starts_with(message), "{error}");
    }
    let cancel = Cancel::default();
    cancel.cancel();
    let asked = Filter::parse("a | -(relation:own)").expect("a filter");
    assert!(asked.clone().prepared(&read(SAMPLE), &cancel).is_none());
    assert!(asked.prepared(&document, &Cancel::default()).is_some());
}

#[test]
fn a_row_of_the_lens_by_service_opens_as_its_own_flows() {
    let document = read(SAMPLE);
    let cancel = Cancel::default();
    let roles = document.roles(&cancel).expect("nobody cancelled");
    let rows = run(&document, &Query::default(), &cancel);
    let rows = rows.expect("nobody cancelled").expect("no filter");
    let services = Services::of(&document, Arc::clone(&roles), &rows, &cancel);
    let services = services.expect("nobody cancelled");
    assert_ne!(roles.n_relations(), 0);
    for party in &roles.parties {
        for relation in &party.relations {
            let subject = Subject::of(&party.party, relation);
            let terms = services.terms([&subject].into_iter());
            let expected: Vec<u32> = relation.flows.iter().map(|flow| flow.n()).collect();
            check(&document, &terms.concat(), &expected);
            assert!(terms.concat().contains("party="), "{terms:?}");
            assert!(terms.concat().contains("relation:"), "{terms:?}");
        }
    }
}

#[test]
fn a_site_parts_what_is_its_own_from_what_is_embedded() {
    let entry = |url: &str, more: &str| {
        format!(
            r#"{{"startedDateTime":"2026-05-01T10:00:00.000Z","time":1,"request":{{"method":"GET","url":"{url}","headers":[{more}]}},"response":{{"status":200,"headers":[],"content":{{"mimeType":"","size":0}}}}}}"#
        )
    };
    let referer = r#"{"name":"Referer","value":"https://www.shop.example/"}"#;
    let entries = [
        entry("https://cdn.shop.example/a.js", referer),
        entry("https://stats.example/b.js", referer),
        entry("https://alone.example/", ""),
    ];
    let har = format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"t","version":"1"}},"entries":[{}]}}}}"#,
        entries.join(",")
    );
    let document = read(har.as_bytes());
    for (filter, expected) in [
        ("site:shop.example", &[1, 2][..]),
        ("site:none", &[3]),
        ("is:first-party", &[1]),
        ("is:embedded", &[2]),
        ("-is:first-party -is:embedded", &[3]),
    ] {
        check(&document, filter, expected);
    }
}

#[test]
fn words_of_relations_are_offered_with_counts() {
    let document = read(SAMPLE);
    let offered = |text: &str| {
        let typing = Typing::at(text, text.len()).expect("something is typed");
        let key = typing.key.clone().unwrap_or_default();
        let values = values(&document, &key, &Cancel::default()).unwrap_or_default();
        let found = typing.completions(&values).into_iter();
        found
            .map(|one| format!("{} {}", one.word, one.about).trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(offered("relation:sto"), ["stores 4"]);
    assert_eq!(offered("relation:own"), [""; 0]);
    assert_eq!(offered("relation:ho"), ["hosts"]);
    assert_eq!(offered("whose:u"), ["users 4"]);
    assert_eq!(offered("bucket:us"), ["us-std-00001 2"]);
    assert_eq!(
        offered("is:first")[0],
        "first-party of the site on which it was seen"
    );
    assert!(offered("rela")[0].starts_with("relation:"));
}
