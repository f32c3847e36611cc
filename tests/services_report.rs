//! What leaves about services: verdicts as JSON of schema 2 and as text, tables, and what the clipboard takes.

use headwater::attribution::Attribution;
use headwater::attribution::roles::Roles;
use headwater::base::jobs::{Cancel, Progress};
use headwater::document::Document;
use headwater::formats::{self, Watch};
use headwater::reports::{
    CsvTable, ReportInput, party_text, relation_text, render, report, write_answer_text,
    write_verdicts_json, write_verdicts_text,
};
use serde_json::Value;

/// The document of one capture, fully judged.
fn document(name: &str, bytes: Vec<u8>) -> Document {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let watch = Watch {
        cancel: &cancel,
        progress: &progress,
        on_rows: &|_| {},
    };
    let options = formats::Options::default();
    let capture = formats::read_bytes(name, bytes, &options, &watch).expect("a capture");
    let attribution = Attribution::of(&capture, &cancel, &progress)
        .and_then(|first| first.with_bodies(&capture, &cancel, &progress))
        .expect("nobody cancels");
    let mut document = Document::new("");
    document.push(capture, attribution);
    document
}

/// A sample of 2011: the HAR, or the log of the proxy that saw tunnels only.
fn sample(name: &str) -> Document {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples/");
    let bytes = std::fs::read(format!("{folder}{name}")).expect("the sample is there");
    document(name, bytes)
}

fn har() -> Document {
    sample("wifi-proxy-2011.har")
}

fn roles(document: &Document) -> std::sync::Arc<Roles> {
    document.roles(&Cancel::default()).expect("nobody cancels")
}

fn verdicts(document: &Document) -> Value {
    let mut bytes = Vec::new();
    write_verdicts_json(&ReportInput::new(document), &[], &mut bytes).expect("written");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn text(document: &Document) -> String {
    let mut bytes = Vec::new();
    write_verdicts_text(&ReportInput::new(document), &mut bytes).expect("written");
    String::from_utf8(bytes).expect("UTF-8")
}

/// The rows of a table of `form`, without the titles.
fn rows(document: &Document, form: &str, table: CsvTable) -> Vec<Vec<String>> {
    let input = ReportInput {
        table,
        ..ReportInput::new(document)
    };
    let bytes = render(&input, report(form).expect(form)).expect("report");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if form == "tsv" { b'\t' } else { b',' })
        .from_reader(&bytes[..]);
    let rows = reader.records().map(|row| row.expect("RFC 4180"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

fn keys(value: &Value) -> String {
    let keys = value.as_object().expect("an object").keys();
    keys.map(String::as_str).collect::<Vec<_>>().join(" ")
}

#[test]
fn verdicts_as_json_keep_the_contract() {
    let found = verdicts(&har());
    assert_eq!(keys(&found), "headwater schema captures parties");
    assert_eq!(found["schema"], 2);
    assert_eq!(found["captures"][0]["file"], "wifi-proxy-2011.har");
    let party = &found["parties"][0];
    assert_eq!(
        keys(party),
        "party sites first_party flows bytes hosts summary relations question_2011 not_attributed validity caveats"
    );
    assert_eq!(party["party"], "icloud.com");
    assert_eq!(party["first_party"], Value::Null, "no page, no Referer");
    assert_eq!(party["flows"], 8);
    let relation = &party["relations"][0];
    assert_eq!(
        keys(relation),
        "provider service name role resources flows bytes regions conclusiveness levels for against behind \
         origin_not_seen whose would_settle_it"
    );
    assert_eq!(
        keys(&relation["resources"][0]),
        "id kind flows bytes conclusiveness"
    );
    assert_eq!(
        keys(&relation["whose"]),
        "answer conclusiveness lean for against"
    );
    assert_eq!(
        keys(&party["question_2011"][0]),
        "provider answer conclusiveness lean reason hypotheses would_settle_it"
    );
    assert_eq!(keys(&party["not_attributed"]), "flows bytes why");
}

#[test]
fn the_answers_of_2011_are_in_json() {
    let found = verdicts(&har());
    let at = |pointer: &str| found.pointer(pointer).expect(pointer).clone();
    assert_eq!(at("/parties/0/relations/0/role"), "stores");
    assert_eq!(at("/parties/0/relations/0/resources/0/id"), "us-std-00001");
    assert_eq!(at("/parties/0/relations/0/whose/answer"), "users");
    assert_eq!(at("/parties/0/relations/1/resources/0/kind"), "container");
    assert_eq!(at("/parties/0/question_2011/0/answer"), "backend-storage");
    assert_eq!(at("/parties/1/relations/0/whose"), Value::Null);
    assert_eq!(at("/parties/1/relations/0/origin_not_seen"), 2);
    assert_eq!(at("/parties/1/question_2011/0/answer"), "cdn-only");
    let mut ids = at("/parties/1/question_2011/0/hypotheses");
    let ids = ids.as_array_mut().expect("a list").iter();
    let ids: Vec<_> = ids.map(|it| it["id"].as_str().expect("an id")).collect();
    assert_eq!(ids, ["backend-storage", "hosted-there", "cdn-only"]);
}

#[test]
fn what_is_open_leans_and_says_what_would_settle_it() {
    let found = verdicts(&sample("wifi-proxy-2011.squid.log"));
    let question = &found["parties"][0]["question_2011"][0];
    assert_eq!(question["answer"], "inconclusive");
    assert_eq!(question["lean"], "backend-storage");
    assert_ne!(question["would_settle_it"], serde_json::json!([]));
    let text = text(&sample("wifi-proxy-2011.squid.log"));
    let open =
        "Storage, hosted there, or CDN only at AWS? Inconclusive, leaning to backend\n  storage";
    assert!(text.contains(open), "{text}");
    assert!(text.contains("Would settle it\n"), "{text}");
}

#[test]
fn the_text_answers_first_and_fits_a_terminal() {
    let text = text(&har());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("icloud.com keeps its users' data in Amazon S3"));
    for part in [
        "\nicloud.com: 8 requests, 614.1 kB, 3 hosts\n",
        "\n  Amazon S3: stores, conclusive\n",
        "\n    bucket us-std-00001\n",
        "\n    Whose data: users' data, conclusive, #3 → #9\n      + Write, party/upload, #3\n",
        "\n  Storage, hosted there, or CDN only at AWS? Backend storage, conclusive\n",
        "\n    behind it, not seen: 2 requests\n",
        "\nKeep in mind\n  one capture shows one configuration at one time\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches("address ranges are of").count(), 1);
    // Only what cannot be broken may be longer.
    for line in lines {
        let is_one_word = !line.trim().contains(' ');
        assert!(line.chars().count() <= 80 || is_one_word, "{line}");
    }
}

#[test]
fn every_way_out_says_the_same_sentences() {
    let document = har();
    let roles = roles(&document);
    let input = ReportInput::new(&document);
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let verdicts = flat(&text(&document));
    let mut summary = Vec::new();
    write_answer_text(&input, &mut summary).expect("written");
    let summary = flat(&String::from_utf8(summary).expect("UTF-8"));
    let html = render(&input, report("html").expect("html")).expect("report");
    let html = String::from_utf8(html)
        .expect("UTF-8")
        .replace("&#39;", "'");
    for answer in &roles.answer {
        for out in [&verdicts, &summary, &html] {
            assert!(out.contains(answer), "{answer}: {out}");
        }
    }
    for party in &roles.parties {
        assert!(verdicts.contains(&party.summary), "{}", party.summary);
        let copied = party_text(&document, party);
        assert!(copied.contains(&party.summary), "{copied}");
        for relation in &party.relations {
            assert!(html.contains(&relation.sentence), "{}", relation.sentence);
            let copied = relation_text(&document, party, relation);
            assert!(copied.starts_with(&relation.sentence), "{copied}");
        }
    }
    assert!(summary.contains(&roles.parties[1].summary), "{summary}");
}

#[test]
fn the_clipboard_takes_a_relation_with_its_evidence_and_question() {
    let document = har();
    let roles = roles(&document);
    let party = &roles.parties[0];
    let store = relation_text(&document, party, &party.relations[0]);
    for part in [
        "bucket us-std-00001\n",
        "Whose data: users' data, conclusive, #3 → #9\n",
        "Storage, hosted there, or CDN only at AWS? Backend storage, conclusive\n",
    ] {
        assert!(store.contains(part), "{part}: {store}");
    }
    assert!(!store.contains("Azure"), "{store}");
}

#[test]
fn the_table_of_services_has_a_row_for_each_relation() {
    let document = har();
    for form in ["csv", "tsv", "csv-raw"] {
        let rows = rows(&document, form, CsvTable::Services);
        let about: Vec<String> = rows
            .iter()
            .map(|row| [0, 3, 4, 5, 8, 10, 15].map(|at| row[at].as_str()).join("|"))
            .collect();
        assert_eq!(
            about,
            [
                "icloud.com|Amazon S3|stores|us-std-00001|users|conclusive|2",
                "icloud.com|Azure Blob Storage|stores|mssngrdata01/mms|users|conclusive|2",
                "icloud.com|Apple services|own|p01-content.icloud.com||conclusive|4",
                "apple.com|Akamai CDN|delivers|images.apple.com||conclusive|2",
            ]
        );
    }
}

#[test]
fn what_is_not_attributed_has_a_row_with_its_reason() {
    let line = "1600000000.000     12 192.0.2.9 TCP_MISS/200 4512 GET http://www.a.example/ - HIER_DIRECT/192.0.2.80 text/html\n";
    let document = document("access.log", line.as_bytes().to_vec());
    let rows = rows(&document, "csv", CsvTable::Services);
    assert_eq!(rows.len(), 1);
    let first: Vec<&str> = rows[0][..5].iter().map(String::as_str).collect();
    assert_eq!(
        first,
        ["a.example", "the site itself", "", "", "not attributed"]
    );
    assert_eq!(rows[0][14..17], ["1", "1", "4512"]);
    assert!(!rows[0][18].is_empty());
    let html = render(&ReportInput::new(&document), report("html").expect("html"));
    let html = String::from_utf8(html.expect("report")).expect("UTF-8");
    assert!(html.contains("Not attributed, because …"), "{html}");
    assert!(html.contains(&rows[0][18].replace('\'', "&#39;")), "{html}");
}

#[test]
fn the_table_of_hosts_has_party_edge_origin_and_role() {
    let rows = rows(&har(), "csv", CsvTable::Hosts);
    let first: Vec<&str> = rows[0].iter().map(String::as_str).collect();
    assert_eq!(
        first[..7],
        [
            "icloud.com",
            "p01-content.icloud.com",
            "",
            "Apple services",
            "origin",
            "conclusive",
            "4"
        ]
    );
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[3][2], "Akamai CDN");
}

#[test]
fn a_filter_leaves_parties_out_that_it_does_not_show() {
    let document = har();
    let input = ReportInput {
        flows: vec![headwater::capture::FlowId(4)],
        filter: "host:images.apple.com",
        ..ReportInput::new(&document)
    };
    let json = render(&input, report("json").expect("json")).expect("report");
    let json: Value = serde_json::from_slice(&json).expect("JSON");
    let parties = json["parties"].as_array().expect("a list");
    assert_eq!(parties.len(), 1);
    // It is judged over all of its flows nevertheless.
    assert_eq!(parties[0]["party"], "apple.com");
    assert_eq!(parties[0]["flows"], 2);
    let html = render(&input, report("html").expect("html")).expect("report");
    let html = String::from_utf8(html).expect("UTF-8");
    assert!(html.contains("<p class=\"first\">apple.com: Akamai delivers apple.com"));
    assert!(!html.contains("us-std-00001"), "{html}");
}

#[test]
fn a_report_of_many_parties_counts_those_that_it_leaves_out() {
    use std::fmt::Write as _;
    let mut log = String::new();
    for n in 0..350 {
        // Those with the least bytes are left out.
        let bytes = 10_000 - n;
        for host in [format!("d{n}x.cloudfront.net"), format!("www.a{n}.example")] {
            writeln!(
                log,
                "16000000{:02}.000     12 192.0.2.9 TCP_MISS/200 {bytes} GET http://{host}/ - HIER_DIRECT/192.0.2.80 text/html",
                n % 60
            )
            .expect("a string takes everything");
        }
    }
    let document = document("access.log", log.into_bytes());
    let html = render(&ReportInput::new(&document), report("html").expect("html"));
    let html = String::from_utf8(html.expect("report")).expect("UTF-8");
    for said in [
        "150 more parties with less traffic left out: 150 requests",
        "250 more parties of which nothing is attributed left out: 250 requests",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert_eq!(rows(&document, "csv", CsvTable::Services).len(), 700);
}
