//! Flows grouped by host, party and so on: what the rows say, and the command that prints them.

mod sketch;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use headwater::annotations::{Change, Label};
use headwater::attribution::{Conclusiveness, Role};
use headwater::base::jobs::Cancel;
use headwater::capture::{FlowId, FlowSet};
use headwater::document::Document;
use headwater::providers::catalogue;
use headwater::query::hosts::{By, HostColumn, HostRow, HostSort, HostTable, order};
use headwater::query::{Query, run};
use serde_json::Value;
use sketch::{Sketch, flow};
use tempfile::TempDir;

/// A site at CloudFront with a bucket behind one of its answers, a bucket of its own, and a stranger.
fn flows() -> Vec<Sketch> {
    let cloudfront = |path: &str, time: &str| {
        flow(&format!(
            "GET https://www.shop.example/{path} 200 @13.224.0.1 {time}"
        ))
        .with("X-Amz-Cf-Id: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOP==")
        .with("Via: 1.1 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)")
        .with("X-Cache: Hit from cloudfront")
    };
    vec![
        cloudfront("a", "12:00:00"),
        cloudfront("b", "12:00:10"),
        cloudfront("c", "12:00:20")
            .with("Server: AmazonS3")
            .with("x-amz-request-id: 0123456789ABCDEF"),
        flow("GET https://shop-data.s3.eu-west-1.amazonaws.com/x 200 @52.218.36.10 12:00:30")
            .with("Server: AmazonS3")
            .with("x-amz-request-id: FEDCBA9876543210"),
        flow("GET https://img.shop.example/y 404 @192.0.2.1 12:00:47"),
        flow("GET /nowhere 200 @- 12:00:48"),
    ]
}

fn document(flows: &[Sketch]) -> Document {
    let capture = sketch::capture(flows);
    let attribution = sketch::judged(&capture);
    let mut document = Document::new("ada");
    document.push(capture, attribution);
    document
}

fn all(document: &Document) -> Vec<FlowId> {
    document.flows().map(|(id, _)| id).collect()
}

fn table(document: &Document, by: By) -> HostTable {
    HostTable::of(document, &all(document), by, &Cancel::default()).expect("nobody cancels")
}

fn row<'a>(table: &'a HostTable, key: &str) -> &'a HostRow {
    let mut rows = table.rows.iter();
    rows.find(|row| row.key == key)
        .unwrap_or_else(|| panic!("no {key} in {:?}", keys(table)))
}

fn keys(table: &HostTable) -> Vec<&str> {
    table.rows.iter().map(|row| row.key.as_str()).collect()
}

#[test]
fn a_row_adds_up_the_flows_of_its_host() {
    let mut document = document(&flows());
    document.edit(&[FlowId(0)], &Change::Label(Some(Label::Cdn)));
    document.edit(&[FlowId(1)], &Change::Label(Some(Label::Unknown)));
    let table = table(&document, By::Host);
    assert_eq!(
        keys(&table),
        [
            "www.shop.example",
            "shop-data.s3.eu-west-1.amazonaws.com",
            "img.shop.example",
            ""
        ]
    );
    let www = row(&table, "www.shop.example");
    assert_eq!((www.n_flows(), www.n_hosts, www.n_errors), (3, 1, 0));
    assert_eq!(table.flows_of(www), [FlowId(0), FlowId(1), FlowId(2)]);
    assert_eq!(www.role, Role::Cdn);
    assert!(Conclusiveness::Strong <= www.conclusiveness);
    let (edge, origin) = (www.edge.expect("an edge"), www.origin.expect("an origin"));
    let path = |named: headwater::query::hosts::Named| catalogue().path(named.service);
    assert_eq!(
        (path(edge).as_str(), edge.n, edge.n_others),
        ("aws/cloudfront", 3, 0)
    );
    assert_eq!((path(origin).as_str(), origin.n), ("aws/s3", 1));
    assert_eq!(www.labels, [0, 1, 1]);
    assert_eq!(www.n_labelled(), 2);
    let starts: Vec<usize> = (0..www.starts.len())
        .filter(|idx| www.starts[*idx] != 0)
        .collect();
    assert_eq!(starts, [0, 10, 20]);
    let bucket = row(&table, "shop-data.s3.eu-west-1.amazonaws.com");
    assert_eq!((bucket.n_errors, bucket.role), (0, Role::Origin));
    assert_eq!(row(&table, "img.shop.example").n_errors, 1);
    assert_eq!(table.region(bucket), "eu-west-1");
    assert_eq!(table.row_of(FlowId(4)), Some(2));
    assert_eq!(table.row_of(FlowId(99)), None);
    let some = FlowSet::from([FlowId(4), FlowId(1), FlowId(0)]);
    assert_eq!(table.rows_with(&some), [0, 2]);
}

#[test]
fn every_flow_is_in_one_row_whatever_it_is_grouped_by() {
    let document = document(&flows());
    for by in By::ALL {
        let table = table(&document, by);
        let mut seen: Vec<FlowId> = table
            .rows
            .iter()
            .flat_map(|row| table.flows_of(row).to_vec())
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, all(&document), "{by:?}");
        for (idx, row) in table.rows.iter().enumerate() {
            let flows = table.flows_of(row);
            assert!(flows.iter().all(|flow| table.row_of(*flow) == Some(idx)));
        }
        assert_eq!(table.summary.n_hosts, 4, "{by:?}");
    }
}

#[test]
fn the_filter_of_a_row_keeps_just_its_flows() {
    // One host lies below another one, which the filter of the upper one must not take along.
    let mut flows = flows();
    flows.push(flow("GET https://shop.example/z 200 @192.0.2.1 12:00:50"));
    let document = document(&flows);
    for by in By::ALL {
        let table = table(&document, by);
        for row in &table.rows {
            let query = Query {
                filter: table.filter(row),
                ..Query::default()
            };
            let kept = run(&document, &query, &Cancel::default()).expect("nobody cancels");
            let kept = kept.unwrap_or_else(|error| panic!("{}: {error}", query.filter));
            assert_eq!(kept.flows, table.flows_of(row), "{by:?}: {}", query.filter);
        }
    }
}

#[test]
fn rows_are_sorted_by_any_column_with_missing_values_last() {
    let document = document(&flows());
    let table = table(&document, By::Host);
    let sorted = |column, descending| -> Vec<&str> {
        let order = order(&table, &[HostSort { column, descending }]);
        let rows = order.iter().map(|idx| &table.rows[*idx as usize]);
        rows.map(|row| row.key.as_str()).collect()
    };
    let by_key = [
        "img.shop.example",
        "shop-data.s3.eu-west-1.amazonaws.com",
        "www.shop.example",
        "",
    ];
    assert_eq!(sorted(HostColumn::Key, false), by_key);
    let down = sorted(HostColumn::Key, true);
    assert_eq!((down[0], down[3]), ("www.shop.example", ""));
    assert_eq!(sorted(HostColumn::Requests, true)[0], "www.shop.example");
    assert_eq!(sorted(HostColumn::Errors, true)[0], "img.shop.example");
    for column in HostColumn::ALL {
        assert_eq!(sorted(column, true).len(), table.rows.len(), "{column:?}");
    }
}

#[test]
fn the_summary_counts_hosts_whatever_the_rows_are() {
    let document = document(&flows());
    for by in [By::Host, By::File, By::Service] {
        let summary = table(&document, by).summary;
        assert_eq!(summary.party, Some(("shop.example".to_owned(), 2)));
        assert_eq!((summary.cdn.n_hosts, summary.cdn.n_flows), (1, 3));
        assert_eq!((summary.origin.n_hosts, summary.unknown.n_hosts), (1, 2));
    }
}

#[test]
fn nothing_is_grouped_to_no_rows_and_a_cancelled_table_is_none() {
    let nothing = Document::default();
    for by in By::ALL {
        let table = table(&nothing, by);
        assert!(table.rows.is_empty() && table.span.is_none(), "{by:?}");
        assert_eq!(order(&table, &[HostSort::default()]), [0_u32; 0]);
    }
    let document = document(&flows());
    let cancel = Cancel::default();
    cancel.cancel();
    let flows = all(&document);
    assert_eq!(HostTable::of(&document, &flows, By::Host, &cancel), None);
}

/// A folder in which the program runs without a display.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
        let sample = sample.join("wifi-proxy-2011.har");
        fs::copy(sample, desk.path("trip.har")).expect("the sample is there");
        let empty = r#"{"log": {"version": "1.2", "entries": []}}"#;
        fs::write(desk.path("empty.har"), empty).expect("written");
        fs::write(desk.path("bad.har"), "no capture at all").expect("written");
        let odd = r#"{"log": {"version": "1.2", "entries": [
            {"request": {"method": "GET", "url": "https://=cmd.example\u001b[2J.evil.example/x"}}, {}]}}"#;
        fs::write(desk.path("odd.har"), odd).expect("written");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &str) -> (Option<i32>, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .args(arguments.split(' '))
            .current_dir(self.0.path())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_CONFIG_HOME", self.path("config"))
            .output()
            .expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (status.code(), text(stdout), text(stderr))
    }

    fn json(&self, arguments: &str) -> Value {
        let (_, out, err) = self.run(arguments);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
    }
}

#[test]
fn the_command_lists_hosts_as_table_csv_and_json() {
    let desk = Desk::new();
    let (code, table, _) = desk.run("hosts trip.har");
    assert_eq!(code, Some(0));
    let heads: Vec<&str> = table
        .lines()
        .next()
        .expect("heads")
        .split_whitespace()
        .collect();
    assert_eq!(heads[..4], ["host", "party", "edge", "origin"]);
    let json = desk.json("hosts trip.har --as json");
    assert_eq!(json["schema"], 1);
    assert_eq!(json["by"], "host");
    assert_eq!(json["captures"][0]["file"], "trip.har");
    let hosts = json["hosts"].as_array().expect("a list");
    assert_eq!(hosts.len(), table.lines().count() - 1);
    let n_flows: u64 = hosts
        .iter()
        .filter_map(|host| host["requests"].as_u64())
        .sum();
    assert_eq!(Some(n_flows), json["captures"][0]["flows"].as_u64());
    let sizes: Vec<u64> = hosts
        .iter()
        .filter_map(|host| host["requests"].as_u64())
        .collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    let (_, csv, _) = desk.run("hosts trip.har --as csv --sort host");
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let names: Vec<String> = rows
        .records()
        .map(|record| record.expect("a record")[0].to_owned())
        .collect();
    assert_eq!(names.len(), hosts.len());
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn rows_are_grouped_filtered_and_sorted_as_asked() {
    let desk = Desk::new();
    for by in By::ALL {
        let json = desk.json(&format!("hosts trip.har --as json --by {}", by.word()));
        assert_eq!(json["by"], by.word());
        assert_ne!(json["hosts"].as_array().map_or(0, Vec::len), 0, "{by:?}");
    }
    let azure = desk.json("hosts trip.har --as json --by provider --filter provider:azure");
    let keys: Vec<&Value> = azure["hosts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|host| &host["key"])
        .collect();
    assert_eq!(keys, ["azure"]);
    assert_eq!(azure["hosts"][0]["name"], "Azure");
    let (code, _, err) = desk.run("hosts trip.har --by colour");
    assert_eq!(code, Some(2));
    assert!(
        err.contains("host, domain, party, provider, service"),
        "{err}"
    );
    let (code, _, err) = desk.run("hosts trip.har --sort colour");
    assert_eq!(code, Some(2));
    assert!(
        err.contains("no column `colour`") && err.contains("requests"),
        "{err}"
    );
    let (code, _, err) = desk.run("hosts trip.har --filter status:>");
    assert_eq!(
        (code, err.contains("in the filter")),
        (Some(2), true),
        "{err}"
    );
}

#[test]
fn empty_unknown_and_hostile_captures_behave() {
    let desk = Desk::new();
    let empty = desk.json("hosts empty.har --as json");
    assert_eq!(empty["hosts"], serde_json::json!([]));
    let (code, out, _) = desk.run("hosts empty.har");
    assert_eq!((code, out.lines().count()), (Some(0), 1));
    let (code, out, err) = desk.run("hosts bad.har --as json");
    assert_eq!(code, Some(1));
    assert!(err.contains("bad.har"), "{err}");
    assert!(out.contains("\"hosts\":["), "{out}");
    let both = desk.json("hosts bad.har trip.har --as json");
    assert_eq!(both["captures"].as_array().map(Vec::len), Some(2));
    let (_, table, _) = desk.run("hosts odd.har");
    assert!(
        !table.contains('\u{1b}') && table.contains("(not known)"),
        "{table}"
    );
    let (_, csv, _) = desk.run("hosts odd.har --as csv");
    assert!(!csv.contains('\u{1b}'), "{csv}");
    assert!(!csv.lines().any(|line| line.starts_with('=')), "{csv}");
    let json = desk.json("hosts odd.har --as json");
    let keys = json["hosts"].as_array().expect("a list").iter();
    assert!(keys.map(|host| &host["key"]).any(Value::is_null), "{json}");
}
