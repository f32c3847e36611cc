//! Documents become reports: golden files, hostile text in every field, and secrets that must never leave.

use std::borrow::Cow;
use std::collections::BTreeSet;

use expect_test::expect_file;
use headwater::annotations::{Change, Label};
use headwater::attribution::Attribution;
use headwater::base::bytes::{ByteSource, Span};
use headwater::base::jobs::{Cancel, Pending, Progress};
use headwater::base::time::Time;
use headwater::capture::{
    Batch, CaptureBuilder, Exchange, FileInfo, FlowId, FlowRecord, HeaderRecord, Problem,
    ProblemKind, Side,
};
use headwater::document::Document;
use headwater::redact::Level;
use headwater::reports::{REPORTS, ReportInput, destination, render, report, save, suggested_name};
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use serde_json::{Value, json};

/// A document over a HAR whose entries are `entries`; rows are made from the same fields.
fn document(entries: &[Value]) -> Document {
    let mut source = br#"{"log":{"version":"1.2","creator":{"name":"t","version":"1"},"pages":[{"id":"p1","title":"Inbox of CANARY-title-01","startedDateTime":"2016-05-29T05:22:54Z","pageTimings":{}}],"entries":["#.to_vec();
    let mut batch = Batch::default();
    for (entry, number) in entries.iter().zip(1..) {
        let bytes = entry.to_string().into_bytes();
        let span = Span::new(source.len() as u64, bytes.len() as u32);
        source.extend_from_slice(&bytes);
        source.push(b',');
        batch.push(&record(entry, number, span));
    }
    let info = FileInfo {
        path: "trip.har".into(),
        name: "trip.har".to_owned(),
        format: "har",
        producer: "WebInspector 537.36".to_owned(),
        bytes: source.len() as u64,
        sha256: Pending::default(),
        carries: headwater::capture::Carries::ALL,
    };
    info.sha256.wait(|| "00ff".repeat(16));
    let source = ByteSource::from_bytes(source);
    let mut builder = CaptureBuilder::new(info, source, |_| Ok(Exchange::default()));
    builder.append(batch);
    builder.problem(
        Problem::new(ProblemKind::Syntax, "expected `,` or `}`")
            .at_entry(3)
            .at_byte(812),
    );
    let mut document = Document::new("Jo <jo@desk>");
    let capture = builder.finish();
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let attribution = Attribution::of(&capture, &cancel, &progress).expect("nobody cancels");
    document.push(capture, attribution);
    document
}

fn record(entry: &Value, number: u32, span: Span) -> FlowRecord<'_> {
    let text = |pointer: &str| {
        entry
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let headers = |side, pointer: &str| {
        let list = entry.pointer(pointer).and_then(Value::as_array);
        list.into_iter().flatten().map(move |header| HeaderRecord {
            side,
            name: Cow::Borrowed(header["name"].as_str().unwrap_or_default()),
            value: Cow::Borrowed(header["value"].as_str().unwrap_or_default()),
            span: Span::default(),
        })
    };
    FlowRecord {
        entry: number,
        span,
        start: Time::parse_iso(text("/startedDateTime")),
        time_ms: entry["time"].as_f64(),
        method: text("/request/method").into(),
        url: text("/request/url").into(),
        status: entry.pointer("/response/status").and_then(Value::as_i64),
        mime: text("/response/content/mimeType").into(),
        server_ip: text("/serverIPAddress").into(),
        headers: headers(Side::Request, "/request/headers")
            .chain(headers(Side::Response, "/response/headers"))
            .collect(),
        ..FlowRecord::default()
    }
}

fn entry(method: &str, url: &str, status: i64) -> Value {
    json!({
        "pageref": "p1",
        "startedDateTime": "2016-05-29T05:22:54.142Z",
        "time": 12.5,
        "request": {"method": method, "url": url, "httpVersion": "HTTP/1.1", "headers": [], "cookies": [], "queryString": [], "headersSize": -1, "bodySize": 0},
        "response": {
            "status": status, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [{"name": "Via", "value": "1.1 abc.cloudfront.net (CloudFront)"}, {"name": "X-Cache", "value": "Hit from cloudfront"}],
            "content": {"size": 4, "mimeType": "text/plain; charset=utf-8", "text": "body"}, "redirectURL": "", "headersSize": -1, "bodySize": 4,
        },
        "cache": {}, "timings": {"send": 1, "wait": 10, "receive": 1.5}, "serverIPAddress": "192.0.2.7",
    })
}

/// The small document of the golden files.
fn small() -> Document {
    let mut document = document(&[
        entry(
            "GET",
            "https://www.example.com/a/b.png?width=80&token=abc123",
            200,
        ),
        entry("PUT", "https://store.example.net/upload/photo.jpg", 201),
        entry("GET", "https://www.example.com/gone", 404),
        entry("CONNECT", "api.example.org:443", 0),
    ]);
    let at = Time(1_464_500_000_000_000);
    let says = |label, note: &str| headwater::annotations::Annotation {
        label,
        note: note.to_owned(),
        by: "Jo".to_owned(),
        at: Some(at),
        tags: vec!["reviewed twice".to_owned()],
        ..headwater::annotations::Annotation::default()
    };
    document.restore([
        (
            FlowId(0),
            says(Some(Label::Cdn), "cached: *twice* | see `via`"),
        ),
        (FlowId(1), says(Some(Label::Origin), "")),
        (FlowId(3), says(Some(Label::Unknown), "only a tunnel")),
    ]);
    document
}

fn rendered(document: &Document, id: &str) -> String {
    let input = ReportInput::new(document);
    let bytes = render(&input, report(id).expect(id)).expect(id);
    String::from_utf8(bytes).expect("reports are UTF-8")
}

#[test]
fn reports_look_as_they_did() {
    let document = small();
    for kind in REPORTS {
        let golden = format!("golden/small.{}", kind.id());
        // Golden files are compared by lines; CSV ends its lines as RFC 4180 says.
        let text = rendered(&document, kind.id()).replace("\r\n", "\n");
        expect_file![golden].assert_eq(&text);
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for kind in REPORTS {
        assert_eq!(rendered(&small(), kind.id()), rendered(&small(), kind.id()));
    }
}

#[test]
fn reports_follow_the_order_and_filter_of_the_view() {
    let document = small();
    let input = ReportInput {
        flows: vec![FlowId(2), FlowId(0)],
        filter: "host:www.example.com",
        ..ReportInput::new(&document)
    };
    let bytes = render(&input, report("json").expect("json")).expect("report");
    let value: Value = serde_json::from_slice(&bytes).expect("JSON");
    let numbers: Vec<_> = value["flows"]
        .as_array()
        .expect("flows")
        .iter()
        .map(|flow| flow["n"].as_u64())
        .collect();
    assert_eq!(numbers, [Some(3), Some(1)]);
    assert_eq!(value["integrity"]["filter"], "host:www.example.com");
}

#[test]
fn names_are_safe_to_save_under() {
    let document = small();
    let input = ReportInput {
        level: Level::Nothing,
        ..ReportInput::new(&document)
    };
    let html = report("html").expect("html");
    assert_eq!(
        suggested_name(html, &input),
        "trip.har-headwater-WITH-SECRETS.html"
    );
}

/// Texts that try to become something else than text.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "</style><script>x</script>",
    "</textarea></title><!-- ]]> &#x6a; ` ``` ",
    "=HYPERLINK(\"http://evil.example\")",
    "=cmd|'/c calc'!A1",
    "  +49 30 1",
    "\t@SUM(1)",
    "＝1+1",
    "-1",
    "[x](javascript:alert(1)) ![y](http://evil.example/t.png) <http://evil.example> http://evil.example",
    "| a | b\n\n# heading\n<b>bold</b> \\| `` x",
    "line\r\nbreak, \"quoted\"\u{202e}\u{0}end",
];

/// A document with `text` in every field that a capture or a person can fill.
fn hostile(text: &str) -> Document {
    let mut whole = entry(text, &format!("https://www.example.com/{text}"), 200);
    whole["response"]["content"]["mimeType"] = json!(text);
    whole["serverIPAddress"] = json!(text);
    whole["response"]["headers"] = json!([{"name": text, "value": text}]);
    let mut document = document(&[
        whole,
        entry("GET", text, 200),
        entry("GET", &format!("https://{text}/x"), 200),
    ]);
    document.set_reviewer(text);
    let flows: Vec<FlowId> = document.flows().map(|(id, _)| id).collect();
    document.edit(&flows, &Change::Note(text.to_owned()));
    document
}

/// Collects what a browser would make of a page.
#[derive(Default)]
struct Tags(std::cell::RefCell<Vec<Tag>>);

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token
            && tag.kind == TagKind::StartTag
        {
            self.0.borrow_mut().push(tag);
        }
        TokenSinkResult::Continue
    }
}

fn tags_of(html: &str) -> Vec<Tag> {
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(html.into());
    while !queue.is_empty() {
        drop(tokenizer.feed(&queue));
    }
    tokenizer.end();
    tokenizer.sink.0.take()
}

const ELEMENTS: &str = "html head meta title style body main header h1 h2 h3 p section figure svg defs pattern rect path text \
    div table caption thead tbody tr th td dl dt dd br span b i a ul li";
const ATTRIBUTES: &str = "lang charset http-equiv content name class id scope colspan href title viewBox preserveAspectRatio role aria-labelledby aria-hidden \
    width height patternUnits patternTransform fill fill-opacity stroke stroke-width stroke-dasharray d x y rx text-anchor";

#[test]
fn html_holds_nothing_that_runs_or_loads() {
    let elements: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
    let attributes: BTreeSet<String> = ATTRIBUTES
        .split_whitespace()
        .map(str::to_ascii_lowercase)
        .collect();
    for text in HOSTILE {
        let document = hostile(text);
        let input = ReportInput {
            filter: text,
            ..ReportInput::new(&document)
        };
        let bytes = render(&input, report("html").expect("html")).expect("report");
        let tags = tags_of(std::str::from_utf8(&bytes).expect("UTF-8"));
        assert!(40 < tags.len(), "{text}");
        for tag in tags {
            assert!(elements.contains(&*tag.name), "<{}> from {text}", tag.name);
            for attribute in &tag.attrs {
                let name = &*attribute.name.local;
                assert!(
                    attributes.contains(&name.to_ascii_lowercase()),
                    "{name} from {text}"
                );
                assert!(
                    name != "href" || attribute.value.starts_with('#'),
                    "{} from {text}",
                    &*attribute.value
                );
            }
        }
    }
}

#[test]
fn html_shows_hostile_text_as_it_is() {
    let html = rendered(&hostile(HOSTILE[0]), "html");
    assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
}

#[test]
fn reports_for_people_hold_no_format_character() {
    let hidden =
        "\u{ad}\u{61c}\u{70f}\u{180e}\u{200d}\u{202e}\u{2066}\u{206a}\u{feff}\u{fff9}\u{e0041}";
    let document = hostile(&format!("a{hidden}b"));
    for id in ["html", "md"] {
        let text = rendered(&document, id);
        assert_eq!(text.find(|c| hidden.contains(c)), None, "{id}");
    }
    let html = rendered(&document, "html");
    assert!(html.contains("a\\u{ad}\\u{61c}\\u{70f}\\u{180e}"), "{html}");
}

#[test]
fn csv_cells_are_never_formulas_and_round_trip() {
    for text in HOSTILE {
        // Redaction would change some of these texts; here only the table counts.
        let document = hostile(text);
        let input = ReportInput {
            level: Level::Nothing,
            ..ReportInput::new(&document)
        };
        let bytes = render(&input, report("csv").expect("csv")).expect("report");
        let csv = String::from_utf8(bytes).expect("UTF-8");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headers = reader.headers().expect("header").clone();
        let column = |name: &str| {
            headers
                .iter()
                .position(|header| header == name)
                .expect("column")
        };
        let mut n_rows = 0;
        for record in reader.records() {
            let record = record.expect("RFC 4180");
            n_rows += 1;
            for (cell, header) in record.iter().zip(&headers) {
                let is_number = cell.parse::<f64>().is_ok() && header != "note";
                let starts = cell.trim_start();
                assert!(
                    is_number || !starts.starts_with(['=', '+', '-', '@', '＝', '\t']),
                    "{header}: {cell}"
                );
            }
            let note = record.get(column("note")).expect("note");
            let plain = note.strip_prefix('\'').unwrap_or(note);
            let shown = text
                .replace('\0', "\\u{0}")
                .replace('\u{202e}', "\\u{202e}");
            assert_eq!(plain, shown, "the note survives, visibly");
            record
                .get(column("status"))
                .expect("status")
                .parse::<u16>()
                .expect("numbers stay numbers");
        }
        assert_eq!(n_rows, 3);
    }
}

#[test]
fn markdown_has_no_link_no_image_and_no_html() {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    for text in HOSTILE {
        let document = hostile(text);
        let input = ReportInput {
            filter: text,
            ..ReportInput::new(&document)
        };
        let bytes = render(&input, report("md").expect("md")).expect("report");
        let markdown = std::str::from_utf8(&bytes).expect("UTF-8");
        let (mut n_columns, mut n_cells, mut n_rows) = (0, 0, 0);
        let (mut is_heading, mut headings) = (false, Vec::new());
        for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => panic!("HTML {html} from {text}"),
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock) => {
                    panic!("live from {text}\n{markdown}")
                }
                Event::Start(Tag::Table(columns)) => n_columns = columns.len(),
                Event::Start(Tag::TableRow) => {
                    n_rows += 1;
                    n_cells = 0;
                }
                Event::Start(Tag::TableCell) => n_cells += 1,
                Event::End(TagEnd::TableRow) => {
                    assert_eq!(n_cells, n_columns, "{text}\n{markdown}");
                }
                Event::Start(Tag::Heading { .. }) => is_heading = true,
                Event::End(TagEnd::Heading(_)) => is_heading = false,
                Event::Text(words) if is_heading => headings.push(words.into_string()),
                _ => {}
            }
        }
        // Three flows, a row for each host that the text made of them, and one for what each party gets.
        assert!((5..=9).contains(&n_rows), "{n_rows} {text}\n{markdown}");
        headings.retain(|heading| !heading.starts_with("Who serves this traffic"));
        let mut known = HEADINGS.iter();
        for heading in &headings {
            let is_next = known.any(|known| known == heading);
            assert!(is_next, "{heading} from {text}\n{markdown}");
        }
        assert!(4 < headings.len(), "{headings:?} from {text}");
    }
}

/// All headings but the first, in their order.
const HEADINGS: &[&str] = &[
    "Services",
    "Hosts",
    "Why, relation by relation",
    "Storage, hosted there, or CDN only?",
    "What would settle it",
    "Why requests are not attributed",
    "Validity: what shows less about a server than it seems to",
    "Read with care",
    "Flows",
    "About this report",
];

/// A document with a secret in each place that can hold one; every secret contains `CANARY`.
fn full_of_secrets() -> Document {
    let mut whole = entry(
        "POST",
        "https://CANARY-user-1a:CANARY-pass-1b@www.example.com/reset/CANARY-path-1c;jsessionid=CANARY-matrix-1d?q=CANARY-query-1e&a%20b=CANARY%2Dquery-1f&CANARY-bare-1g99#CANARY-fragment-1h",
        302,
    );
    let header = |name: &str, value: &str| json!({"name": name, "value": value});
    whole["request"]["headers"] = json!([
        header("cookie", "sid=CANARY-cookie-2a; other=CANARY-cookie-2b"),
        header("AUTHORIZATION", "Bearer CANARY-bearer-2c"),
        header("Proxy-Authorization", "Basic Q0FOQVJZOkNBTkFSWQ=="),
        header("X-Amz-Security-Token", "CANARY-token-2d"),
        header("x-api-key", "CANARY-key-2e"),
        header("X-Forwarded-For", "CANARY-address-2f"),
        header("Referer", "https://www.example.com/?t=CANARY-referer-2g"),
        header("X-Odd", "session=CANARY-odd-2h"),
    ]);
    whole["request"]["cookies"] = json!([{"name": "sid", "value": "CANARY-cookie-2a"}]);
    whole["request"]["queryString"] =
        json!([{"name": "q", "value": "CANARY-query-1e", "comment": "CANARY-comment-2i"}]);
    whole["request"]["postData"] = json!({
        "mimeType": "application/json",
        "text": "{\"user\":{\"mail\":\"CANARY-mail-3a\",\"list\":[\"CANARY-list-3b\"]}}",
        "params": [{"name": "p", "value": "CANARY-param-3c", "fileName": "CANARY-file-3d"}],
    });
    whole["response"]["headers"] = json!([
        header(
            "Set-Cookie",
            "sid=CANARY-set-4a; Path=/\nb=CANARY-set-4b; Secure"
        ),
        header("Location", "/next?code=CANARY-code-4c"),
        header("Refresh", "0; url=/next?code=CANARY-code-4d"),
        header("Link", "<https://h.example/?t=CANARY-link-4e>; rel=next"),
        header("Via", "1.1 abc.cloudfront.net (CloudFront)"),
        header("X-Amz-Cf-Id", "Zx81kQpW0aLmT4vRyB7nHs2Ec"),
        header("Server", "AmazonS3"),
    ]);
    whole["response"]["cookies"] =
        json!([{"name": "sid", "value": "CANARY-set-4a", "expires": ""}]);
    whole["response"]["redirectURL"] = json!("/next?code=CANARY-code-4c");
    whole["response"]["content"] = json!({"size": 4, "mimeType": "text/html", "text": "<p>CANARY-body-5a", "comment": "CANARY-comment-5b"});
    whole["comment"] = json!("CANARY-comment-6a");
    whole["_custom"] = json!({"deep": ["CANARY-custom-6b"]});
    whole["_webSocketMessages"] =
        json!([{"type": "send", "opcode": 1, "data": "CANARY-socket-6c"}]);
    whole["_initiator"] =
        json!({"type": "script", "url": "https://h.example/?t=CANARY-initiator-6d"});
    let mut form = entry("POST", "https://www.example.com/login", 200);
    form["request"]["postData"] = json!({
        "mimeType": "application/x-www-form-urlencoded; charset=utf-8",
        "text": "user=CANARY-form-7a&password=CANARY-form-7b",
    });
    let mut binary = entry("PUT", "data:text/plain,CANARY-data-8a", 200);
    binary["request"]["postData"] = json!({"mimeType": "image/jpeg", "text": "CANARY-upload-8b"});
    let mut document = document(&[whole, form, binary]);
    document.edit(
        &[FlowId(0)],
        &Change::Note("password: CANARY-note-9a, and it came from CANARY-query-1e".to_owned()),
    );
    document
}

#[test]
fn no_secret_is_in_any_report() {
    let document = full_of_secrets();
    let input = ReportInput {
        filter: "url:token=CANARY-filter-9b",
        ..ReportInput::new(&document)
    };
    for kind in REPORTS {
        let bytes = render(&input, *kind).expect("no leak");
        let text = String::from_utf8(bytes).expect("UTF-8");
        for needle in ["CANARY", "Q0FOQVJZ", "%43ANARY"] {
            let at = text.find(needle);
            let context = at.map(|at| &text[at.saturating_sub(80)..(at + 40).min(text.len())]);
            assert_eq!(context, None, "{} in {}", needle, kind.id());
        }
        assert!(text.contains("[token"), "{}", kind.id());
    }
}

#[test]
fn evidence_survives_redaction() {
    let har = rendered(&full_of_secrets(), "har");
    for kept in [
        "1.1 abc.cloudfront.net (CloudFront)",
        "Zx81kQpW0aLmT4vRyB7nHs2Ec",
        "AmazonS3",
        "/reset/",
        "\"name\":\"X-Amz-Security-Token\"",
    ] {
        assert!(har.contains(kept), "{kept}: {har}");
    }
}

#[test]
fn with_secrets_everything_is_there_and_says_so() {
    let document = full_of_secrets();
    let input = ReportInput {
        level: Level::Nothing,
        ..ReportInput::new(&document)
    };
    let html = render(&input, report("html").expect("html")).expect("report");
    let html = String::from_utf8(html).expect("UTF-8");
    assert!(html.contains("CANARY-query-1e") && html.contains("This report holds secrets"));
    let har = render(&input, report("har").expect("har")).expect("report");
    let har: Value = serde_json::from_slice(&har).expect("JSON");
    assert_eq!(
        har.pointer("/log/entries/0/response/content/text"),
        Some(&json!("<p>CANARY-body-5a"))
    );
}

#[test]
fn the_exported_har_is_one_that_others_read() {
    let text = rendered(&small(), "har");
    let har: har::Har = har::from_str(&text).expect("HAR 1.2");
    let har::Spec::V1_2(log) = har.log else {
        panic!("version 1.2")
    };
    assert_eq!(log.entries.len(), 4);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        value.pointer("/log/entries/0/_headwater/label"),
        Some(&json!("cdn"))
    );
    assert_eq!(
        value.pointer("/log/entries/2/_headwater/label"),
        Some(&Value::Null)
    );
}

#[test]
fn a_capture_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.log");
    std::fs::write(&path, b"capture").expect("written");
    let info = FileInfo {
        path: path.clone(),
        name: "a.log".to_owned(),
        format: "squid",
        producer: String::new(),
        bytes: 7,
        sha256: Pending::default(),
        carries: headwater::capture::Carries::ALL,
    };
    let source = ByteSource::open(&path).expect("opened");
    let mut document = Document::new("");
    let builder = CaptureBuilder::new(info, source, |_| Ok(Exchange::default()));
    document.push(builder.finish(), Attribution::default());
    let input = ReportInput::new(&document);
    let export = |path: &std::path::Path| {
        let named = &[];
        let document = &document;
        let state = destination::check(destination::Inputs { document, named }, path)?;
        save(&input, report("csv").expect("csv"), path, state)
    };
    for other in [path.clone(), folder.path().join("./a.log")] {
        export(&other).expect_err("refused");
    }
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("link");
        export(&link).expect_err("refused");
    }
    assert_eq!(std::fs::read(&path).expect("read"), b"capture");
    let beside = folder.path().join("report");
    export(&beside).expect("saved");
    let written = std::fs::read(&beside).expect("read");
    assert_eq!(
        written,
        render(&input, report("csv").expect("csv")).expect("report")
    );
}
