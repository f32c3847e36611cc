//! What a report for people says, in which order, and what it says about itself.

use std::fmt::Write as _;

use headwater::annotations::{Annotation, Change, Label, PastLabel};
use headwater::attribution::Attribution;
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::FlowId;
use headwater::document::Document;
use headwater::formats::{self, Watch};
use headwater::reports::{FlowsListed, ReportInput, render, report};

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
    let mut document = Document::new("ada");
    document.push(capture, attribution);
    document
}

/// The sample of 2011 with labels: flow 5 contradicts the machine, flow 6 another person.
fn sample() -> Document {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/assets/samples/wifi-proxy-2011.har"
    );
    let bytes = std::fs::read(path).expect("the sample is there");
    let mut document = document("wifi-proxy-2011.har", bytes);
    document.edit(&[FlowId(1)], &Change::Label(Some(Label::Origin)));
    document.edit(&[FlowId(4)], &Change::Label(Some(Label::Origin)));
    document.edit(&[FlowId(2)], &Change::Note("ask the vendor".to_owned()));
    let said = Annotation {
        label: Some(Label::Cdn),
        by: "ada".to_owned(),
        past: vec![PastLabel {
            label: Label::Origin,
            by: "kim".to_owned(),
            at: None,
        }],
        ..Annotation::default()
    };
    document.restore([(FlowId(5), said)]);
    document
}

fn rendered(input: &ReportInput<'_>, id: &str) -> String {
    let bytes = render(input, report(id).expect(id)).expect(id);
    String::from_utf8(bytes).expect("reports are UTF-8")
}

/// Fails unless `parts` stand in `text` in this order.
fn assert_order(text: &str, parts: &[&str]) {
    let mut from = 0;
    for part in parts {
        let at = text[from..].find(part);
        let at = at.unwrap_or_else(|| panic!("`{part}` is missing or too early in {text}"));
        from += at + part.len();
    }
}

#[test]
fn html_answers_first_and_proves_later() {
    let document = sample();
    let html = rendered(&ReportInput::new(&document), "html");
    assert_order(
        &html,
        &[
            "icloud.com keeps its users&#39; data in Amazon S3 (conclusive, #3 → #9) and Azure Blob Storage",
            "apple.com is delivered by Akamai.",
            "Providers by role",
            "<caption>Services",
            "icloud.com",
            "Amazon S3 <span class=\"quiet\">us-std-00001</span>",
            "users&#39; data",
            "apple.com",
            "Akamai CDN",
            "not seen 2",
            "Hosts by party",
            "What people said",
            "Overview of time",
            "Why, relation by relation",
            "party/read-back",
            "The question of 2011",
            "icloud.com at AWS: Backend storage, conclusive",
            "icloud.com at Azure: Backend storage, conclusive",
            "apple.com at Akamai: CDN only, strong",
            "<caption>Flows",
            "Evidence by host",
            "What would settle it",
            "Rules that were cited",
            "party/upload",
            "What the words mean",
            "What a service does for a party",
            "Whose data a store holds",
            "Coverage",
            "Read with care",
            "SHA-256",
            "Address data",
            "What was removed",
        ],
    );
}

#[test]
fn markdown_has_the_same_order_in_brief() {
    let document = sample();
    let markdown = rendered(&ReportInput::new(&document), "md");
    assert_order(
        &markdown,
        &[
            "# Who serves this traffic",
            "`icloud.com` keeps its users' data in Amazon S3 (conclusive, `#3` → `#9`)",
            "## Services",
            "| Azure Blob Storage `mssngrdata01/mms` | stores | users' data | conclusive |",
            "## Hosts",
            "## What people said",
            "**by the machine**",
            "## Why, relation by relation",
            "whose data: users' data, conclusive",
            "## Storage, hosted there, or CDN only?",
            "**`icloud.com` at AWS: Backend storage, conclusive**",
            "## What would settle it",
            "## Read with care",
            "## Flows",
            "## About this report",
            "SHA-256",
            "- Removed",
        ],
    );
}

#[test]
fn labels_that_contradict_are_marked() {
    let document = sample();
    let html = rendered(&ReportInput::new(&document), "html");
    assert_order(
        &html,
        &["What people said", "2 flows disputed", "Disagrees"],
    );
    assert!(html.contains("Before: Origin by kim"), "{html}");
    let row = |n: u32| {
        let begin = html.find(&format!("<tr id=\"f{n}\"")).expect("a row");
        let end = html[begin..].find("</tr>").expect("an end");
        &html[begin..begin + end]
    };
    assert!(row(5).contains("Disagrees"), "{}", row(5));
    // Flow 2 is labelled as the machine says; flow 6 contradicts a person only.
    assert!(!row(2).contains("Disagrees"), "{}", row(2));
    assert!(!row(6).contains("Disagrees"), "{}", row(6));
    assert_order(&html, &["of these: disputed</td><td class=\"num\">2<"]);
}

#[test]
fn gaps_and_filters_are_said_at_the_top() {
    let document = sample();
    let input = ReportInput {
        filter: "host:images.apple.com",
        flows: vec![FlowId(4), FlowId(5)],
        gaps: vec!["2 labels match no flow here; they are kept in the file".to_owned()],
        ..ReportInput::new(&document)
    };
    assert_order(
        &rendered(&input, "html"),
        &[
            "filtered to host:images.apple.com</title>",
            "<h1>Who serves this traffic: <span class=\"filter\">host:images.apple.com</span></h1>",
            "2 flows of 10",
            "What is missing",
            "2 labels match no flow here",
            "Akamai delivers",
        ],
    );
    assert_order(
        &rendered(&input, "md"),
        &[
            "# Who serves this traffic, filtered to `host:images.apple.com`",
            "What is missing",
            "2 labels match no flow here",
            "Akamai delivers",
        ],
    );
}

#[test]
fn a_shorter_list_says_so_and_points_only_at_its_rows() {
    let document = sample();
    let listed = |flows_listed| {
        let input = ReportInput {
            flows_listed,
            ..ReportInput::new(&document)
        };
        let html = rendered(&input, "html");
        let rows = html.matches("<tr id=\"f").count();
        let mut links = html.split("href=\"#").skip(1);
        let dead = links.find(|link| {
            let target = link.split('"').next().unwrap_or_default();
            !html.contains(&format!("id=\"{target}\""))
        });
        assert_eq!(dead, None);
        (rows, html)
    };
    let (rows, html) = listed(FlowsListed::All);
    assert_eq!(rows, 10);
    assert!(html.contains("All 10 flows of this report"));
    let (rows, html) = listed(FlowsListed::First(3));
    assert_eq!(rows, 3);
    assert!(html.contains("The first 3 of 10 flows; tables and charts cover all of them"));
    let (rows, html) = listed(FlowsListed::Labelled);
    assert_eq!(rows, 4);
    assert!(html.contains("a label, a note or a tag: 4 of 10 flows"));
    assert!(html.contains("ask the vendor"));
}

#[test]
fn evidence_stands_once_for_each_host_and_rule() {
    let document = sample();
    let html = rendered(&ReportInput::new(&document), "html");
    let from = html.find("Evidence by host").expect("the section");
    let to = html
        .find("Rules that were cited")
        .expect("the next section");
    let mut n_blocks = 0;
    for block in html[from..to].split("class=\"group\"").skip(1) {
        n_blocks += 1;
        let mut rules: Vec<&str> = block
            .split("class=\"rule\">")
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .collect();
        let n = rules.len();
        rules.sort_unstable();
        rules.dedup();
        assert_eq!(rules.len(), n, "{block}");
    }
    assert_eq!(n_blocks, 4);
    // The Server header of the store is in both answers about it.
    assert_order(
        &html[from..to],
        &[
            "us-std-00001.s3.amazonaws.com",
            "aws/header-server-s3</td><td class=\"num\">2</td>",
        ],
    );
}

#[test]
fn a_large_report_says_how_many_flows_it_examined() {
    let mut log = String::new();
    for n in 0..10_001 {
        writeln!(
            log,
            "{}.{:03}     12 192.0.2.9 TCP_MISS/200 4512 GET http://d1.cloudfront.net/{n} - HIER_DIRECT/192.0.2.80 text/html",
            1_600_000_000 + n / 1_000,
            n % 1_000
        )
        .expect("a string takes everything");
    }
    let document = document("access.log", log.into_bytes());
    assert_eq!(document.n_flows(), 10_001);
    let input = ReportInput {
        flows_listed: FlowsListed::First(5),
        ..ReportInput::new(&document)
    };
    let html = rendered(&input, "html");
    assert_order(
        &html,
        &[
            "10,001 requests",
            "Evidence by host",
            "10,001 requests, 3 of them examined",
            "aws/host-cloudfront.net",
        ],
    );
}
