//! Several people on one capture, through the command line: nobody's answer replaces another's, and nothing is lost on disk.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

/// What a run left behind.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A folder with two captures: a shop with a CDN of its own and a stranger's script, and the stranger alone.
struct Desk(TempDir);

fn entry(url: &str, page: &str, extra: &str) -> String {
    format!(
        r#"{{"startedDateTime": "2026-01-02T03:04:05.678Z", "time": 12.5, "request": {{"method": "GET", "url": "{url}",
        "httpVersion": "HTTP/1.1", "headers": [{{"name": "Referer", "value": "{page}"}}], "queryString": [], "cookies": [],
        "headersSize": -1, "bodySize": 0}}, "response": {{"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1",
        "headers": [], "content": {{"size": 7, "mimeType": "text/html"}}, "cookies": [], "redirectURL": "",
        "headersSize": -1, "bodySize": 7}}, "cache": {{}}, "timings": {{"send": 0, "wait": 12.5, "receive": 0}}{extra}}}"#
    )
}

fn har(entries: &[String]) -> String {
    let entries = entries.join(",");
    format!(
        r#"{{"log": {{"version": "1.2", "creator": {{"name": "T", "version": "1"}}, "entries": [{entries}]}}}}"#
    )
}

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        let page = "https://www.shop.example/";
        let shop = har(&[
            entry(page, "", ""),
            entry("https://img.cdn-shop.example/a.png", page, ""),
            entry("https://img.cdn-shop.example/b.png", page, ""),
            entry("https://bucket.s3.amazonaws.com/c", page, ""),
            entry("https://stats.g.doubleclick.net/d", page, ""),
            entry("https://www.google.com/e", page, ""),
            entry("https://www.google.com/f", page, ""),
        ]);
        desk.write("shop.har", &shop);
        let other = har(&[entry("https://www.other.example/", "", "")]);
        desk.write("other.har", &other);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    fn json(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.path(name)).expect(name);
        serde_json::from_str(&text).expect("JSON")
    }

    /// Runs arguments that are separated by `|` where they hold spaces, and by spaces otherwise.
    fn check(&self, arguments: &str, code: i32) -> Run {
        let between = if arguments.contains('|') { '|' } else { ' ' };
        let output = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .args(arguments.split(between).filter(|word| !word.is_empty()))
            .current_dir(self.0.path())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .output()
            .expect("it runs");
        let run = Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        };
        assert_eq!(run.code, Some(code), "{arguments}: {run:?}");
        run
    }

    fn rows(&self, filter: &str) -> Vec<String> {
        let arguments =
            format!("flows shop.har --as csv --columns n,label,note,by --filter {filter}");
        let out = self.check(&arguments, 0).out;
        out.lines().skip(1).map(str::to_owned).collect()
    }
}

const SIDECAR: &str = "shop.har.headwater.json";

#[test]
fn a_second_person_overwrites_neither_label_nor_note() {
    let desk = Desk::new();
    let label = "label shop.har --filter host:amazonaws.com";
    desk.check(&format!("{label} --origin --note seen --by Ann"), 0);
    desk.check(&format!("{label} --cdn --by Bo"), 0);
    let said = desk.json(SIDECAR)["annotations"][0].clone();
    assert_eq!((&said["label"], &said["by"]), (&json!("cdn"), &json!("Bo")));
    assert_eq!(said["others"][0]["label"], "origin");
    assert_eq!(said["others"][0]["note"], "seen");
    assert_eq!(said["others"][0]["by"], "Ann");
    assert!(said["others"][0]["at"].is_string());
    assert_eq!(desk.rows("is:disagreed"), ["4,cdn,seen,\"Bo, Ann\""]);
    assert_eq!(desk.rows("by:Ann").len(), 1);

    let json: Value = {
        let out = desk.check("report shop.har --as json", 0).out;
        serde_json::from_str(&out).expect("JSON")
    };
    assert_eq!(json["labels"][0]["others"][0]["by"], "Ann");
    assert_eq!(json["integrity"]["coverage"]["disputed"]["flows"], 1);
    for (form, words) in [
        ("md", "`Origin by Ann`"),
        ("html", "But: Origin by Ann"),
        ("html", "Ann: Origin, seen"),
        ("csv", "Ann: Origin, seen, 20"),
        ("har", "Ann: Origin, seen"),
    ] {
        let out = desk.check(&format!("report shop.har --as {form}"), 0).out;
        assert!(out.contains(words), "{form}: {words}: {out}");
    }

    // Who takes their own answer back leaves that of the other one.
    let run = desk.check(&format!("{label} --clear --by Cy"), 0);
    assert!(
        run.out.contains("1 flow still labelled by somebody else"),
        "{run:?}"
    );
    desk.check(&format!("{label} --clear --by Bo"), 0);
    assert_eq!(desk.rows("label:origin"), ["4,origin,seen,Ann"]);
    let said = desk.json(SIDECAR)["annotations"][0].clone();
    assert_eq!(said["past"][0]["by"], "Bo");
    desk.check(&format!("{label} --clear --by Ann"), 0);
    assert!(desk.rows("label:origin").is_empty());
}

#[test]
fn a_file_of_the_version_before_is_read_and_written_without_loss() {
    let desk = Desk::new();
    desk.check(
        "label shop.har --filter n=4 --origin --note seen --tag odd --by Ann",
        0,
    );
    // As the version before wrote it, with what a later one might add.
    let mut old = desk.json(SIDECAR);
    assert!(old["annotations"][0].get("others").is_none());
    assert!(old.get("relations").is_none());
    old["annotations"][0]["past"] =
        json!([{"label": "unknown", "by": "Cy", "at": "2026-01-01T00:00:00.000Z"}]);
    old["annotations"][0]["how"] = json!("bulk");
    old["annotations"][0]["colour"] = json!("red");
    old["parties"] = json!({"gone.example": "Gone", "strange": 7});
    old["later"] = json!([1]);
    desk.write(SIDECAR, &old.to_string());

    desk.check("label shop.har --filter n=4 --cdn --by Bo", 0);
    let new = desk.json(SIDECAR);
    let said = &new["annotations"][0];
    assert_eq!(said["others"][0]["by"], "Ann");
    assert_eq!(said["others"][0]["label"], "origin");
    assert_eq!(said["others"][0]["note"], "seen");
    assert_eq!(said["others"][0]["at"], old["annotations"][0]["at"]);
    for key in ["past", "how", "colour", "tags", "strong"] {
        assert_eq!(said[key], old["annotations"][0][key], "{key}");
    }
    for key in ["parties", "later", "salt", "schema"] {
        assert_eq!(new[key], old[key], "{key}");
    }
    // Written again without a change, it stays as it is, and so do unknown fields of the others.
    let mut later = new.clone();
    later["annotations"][0]["others"][0]["sure"] = json!(0.5);
    desk.write(SIDECAR, &later.to_string());
    desk.check("label shop.har --filter n=1 --unknown --by Bo", 0);
    let again = desk.json(SIDECAR);
    let said = again["annotations"].as_array().expect("a list");
    let said = said.iter().find(|one| one["locator"]["entry"] == 4);
    assert_eq!(said, Some(&later["annotations"][0]));
}

#[test]
fn an_entry_that_names_one_person_twice_loses_neither() {
    let desk = Desk::new();
    desk.check(
        "label shop.har --filter n=4 --origin --note seen --by Ann",
        0,
    );
    let mut file = desk.json(SIDECAR);
    let before = json!([{"label": "cdn", "note": "first", "by": "Ann", "at": "2020-01-01T00:00:00Z"},
                        {"label": "unknown", "note": "", "by": "Bo", "at": "2020-01-01T00:00:00Z"}]);
    file["annotations"][0]["others"] = before;
    desk.write(SIDECAR, &file.to_string());
    desk.check("label shop.har --filter n=1 --cdn", 0);
    let file = desk.json(SIDECAR);
    let said = file["annotations"].as_array().expect("a list");
    let said = said
        .iter()
        .find(|one| one["locator"]["entry"] == 4)
        .expect("it");
    assert_eq!(said["label"], "origin");
    assert_eq!(said["note"], "seen\nfirst");
    assert_eq!(said["past"][0]["label"], "cdn");
    assert_eq!(said["others"][0]["by"], "Bo");
}

#[test]
fn opinions_on_a_relation_stand_side_by_side_beside_every_capture_of_the_party() {
    let desk = Desk::new();
    let party = desk
        .check("flows shop.har --as csv --columns party --filter n=4", 0)
        .out;
    let party = party.lines().nth(1).expect("a row").to_owned();
    let about =
        format!("opinion|shop.har|other.har|--party|{party}|--service|aws/s3|--role|stores");
    let run = desk.check(&format!("{about}|--agree|--note|its own|--by|Ann"), 0);
    assert!(run.out.contains("Ann: agrees (its own)"), "{run:?}");
    assert!(!desk.path("other.har.headwater.json").exists());
    desk.check(
        &format!("{about}|--disagree|it only links there|--by|Bo"),
        0,
    );
    desk.check(&format!("{about}|--undecided|--by|Ann"), 0);
    let run = desk.check(&format!("{about}|--undecided|--by|Ann"), 0);
    assert!(run.out.contains("nothing was changed"), "{run:?}");

    let mut file = desk.json(SIDECAR);
    let said = file["relations"].as_array().expect("a list").clone();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0]["by"], "Ann");
    assert_eq!(said[0]["opinion"], "undecided");
    assert_eq!(said[0]["note"], "its own");
    assert_eq!(said[0]["past"][0]["opinion"], "agree");
    assert_eq!(said[1]["instead"], "it only links there");

    // Other commands keep them, with what this version does not know.
    let strange = json!({"party": "x.example", "service": "aws/s3", "role": "stores", "opinion": "maybe", "n": 1});
    file["relations"][0]["sure"] = json!(0.5);
    file["relations"]
        .as_array_mut()
        .expect("a list")
        .push(strange.clone());
    desk.write(SIDECAR, &file.to_string());
    desk.check("label shop.har --filter n=1 --cdn --by Cy", 0);
    desk.check(
        "group shop.har bucket.s3.amazonaws.com --under elsewhere.example",
        0,
    );
    let file = desk.json(SIDECAR);
    assert_eq!(file["relations"][0]["sure"], 0.5);
    assert_eq!(file["relations"][1], said[1]);
    assert_eq!(file["relations"][2], strange);
    desk.check("group shop.har bucket.s3.amazonaws.com --clear", 0);

    for (form, words) in [
        ("md", "`disagrees: it only links there` **disputed**"),
        ("html", "disagrees: it only links there"),
        ("json", "\"instead\":\"it only links there\""),
    ] {
        let out = desk.check(&format!("report shop.har --as {form}"), 0).out;
        let out = out.replace("\": \"", "\":\"");
        assert!(out.contains(words), "{form}: {words}: {out}");
    }

    desk.check(&format!("{about}|--clear|--by|Bo"), 0);
    let file = desk.json(SIDECAR);
    assert_eq!(file["relations"][0]["by"], "Ann");
    assert_eq!(file["relations"][1], strange);
}

#[test]
fn what_several_people_say_leaves_without_secrets() {
    let desk = Desk::new();
    let label = "label shop.har --filter n=4";
    desk.check(
        &format!("{label} --origin --note token=hunter2note --by Ann"),
        0,
    );
    desk.check(
        &format!("{label} --cdn --note token=hunter2other --by Bo"),
        0,
    );
    let about = "opinion shop.har --party shop.example --service aws/s3 --role stores";
    let said = "--disagree token=hunter2instead --note token=hunter2opinion";
    let run = desk.check(&format!("{about} {said} --by Ann"), 0);
    assert!(
        run.out.contains("disagrees") && !run.out.contains("hunter2"),
        "{run:?}"
    );
    desk.check(&format!("{about} --agree --by Ann"), 0);
    let n_kept = desk.json(SIDECAR).to_string().matches("hunter2").count();
    assert_eq!(
        n_kept, 5,
        "the file with the labels keeps what was typed, and what it replaced"
    );
    for form in ["html", "md", "csv", "tsv", "csv-raw", "json", "har"] {
        let run = desk.check(&format!("report shop.har --as {form}"), 0);
        assert!(
            run.out.contains("token="),
            "{form}: nothing was said at all"
        );
        assert!(!run.out.contains("hunter2"), "{form}: {}", run.out);
    }
}

#[test]
fn opinions_on_what_is_not_there_are_refused() {
    let desk = Desk::new();
    let tail = "--role stores --agree --by Ann";
    for (arguments, code, reason) in [
        (
            "--party nobody.example --service aws/s3",
            1,
            "no flow here counts under",
        ),
        (
            "--party shop.example --service aws/s33",
            2,
            "no service is called",
        ),
    ] {
        let run = desk.check(&format!("opinion shop.har {arguments} {tail}"), code);
        assert!(run.err.contains(reason), "{run:?}");
    }
    for misused in [
        "opinion shop.har --party shop.example --service aws/s3 --role stores --agree",
        "opinion shop.har --party shop.example --service aws/s3 --role keeps --agree --by A",
        "opinion shop.har --party shop.example --service aws/s3 --role stores --by A",
        "opinion shop.har --party shop.example --service aws/s3 --role stores --agree --clear --by A",
        "opinion - --party shop.example --service aws/s3 --role stores --agree --by A",
        "group shop.har",
        "group shop.har img.cdn-shop.example",
        "group shop.har --under shop.example",
        "group shop.har a.example --list",
        "group shop.har a.example --clear --under b.example",
        "group - a.example --clear",
    ] {
        desk.check(misused, 2);
    }
    assert!(!desk.path(SIDECAR).exists());
}

#[test]
fn hosts_are_grouped_listed_and_taken_out_again() {
    let desk = Desk::new();
    let run = desk.check("group shop.har --list", 0);
    assert!(run.out.contains("no host is counted"), "{run:?}");
    let hosts = "*.cdn-shop.example https://bucket.s3.amazonaws.com/c gone.example";
    let run = desk.check(&format!("group shop.har {hosts} --under Shop"), 0);
    assert_eq!(
        run.out,
        "2 hosts now count under Shop: 3 flows\nsaved in shop.har.headwater.json\n"
    );
    assert_eq!(run.err, "headwater: gone.example is in no flow\n");
    let saved = json!({"cdn-shop.example": "Shop", "bucket.s3.amazonaws.com": "Shop"});
    assert_eq!(desk.json(SIDECAR)["parties"], saved);
    let run = desk.check("flows shop.har --as csv --columns n --filter party=Shop", 0);
    assert_eq!(run.out.lines().count(), 4, "{run:?}");
    let run = desk.check("group shop.har --list", 0);
    assert_eq!(
        run.out,
        "bucket.s3.amazonaws.com\tShop\ncdn-shop.example\tShop\n"
    );
    let run = desk.check("group shop.har cdn-shop.example --under Shop", 0);
    assert_eq!(run.out, "nothing was changed\n");
    let run = desk.check("group shop.har cdn-shop.example never.example --clear", 0);
    assert_eq!(
        run.out,
        "1 host counts as the machine says again: 2 flows\nsaved in shop.har.headwater.json\n"
    );
    assert!(
        run.err.contains("never.example is counted under no party"),
        "{run:?}"
    );
    let run = desk.check("group shop.har --list", 0);
    assert_eq!(run.out, "bucket.s3.amazonaws.com\tShop\n");
}

#[test]
fn suggestions_come_with_the_command_that_applies_each() {
    let desk = Desk::new();
    let run = desk.check("group shop.har --suggest", 0);
    let expected = "\
cdn-shop.example carries the name of shop.example and is loaded by no other site: 2 flows
  headwater group shop.har cdn-shop.example --under shop.example
third-party-web 0.30.0 lists it under Google, like google.com: 1 flow
  headwater group shop.har doubleclick.net --under google.com
";
    assert_eq!(run.out, expected);
    assert!(!desk.path(SIDECAR).exists(), "nothing is applied");
    let commands = run
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("  headwater "));
    for command in commands {
        desk.check(command, 0);
    }
    assert_eq!(
        desk.check("group shop.har --suggest", 0).out,
        "nothing to suggest\n"
    );
    let saved = json!({"cdn-shop.example": "shop.example", "doubleclick.net": "google.com"});
    assert_eq!(desk.json(SIDECAR)["parties"], saved);
}

#[test]
fn what_one_certificate_names_is_suggested_and_strangers_are_not() {
    let desk = Desk::new();
    let of =
        |name: &str| format!(r#", "_securityDetails": {{"subjectName": "{name}", "sanList": []}}"#);
    let text = har(&[
        entry("https://www.news.example/", "", &of("news.example")),
        entry("https://a.paper.example/1", "", &of("*.news.example")),
        entry("https://www.news.example/2", "", &of("news.example")),
        entry("https://stranger.example/", "", &of("d1.cloudfront.net")),
        entry("https://d1.cloudfront.net/", "", &of("*.cloudfront.net")),
    ]);
    desk.write("tls.har", &text);
    let run = desk.check("group tls.har --suggest", 0);
    let expected = "\
One certificate names both paper.example and news.example: 1 flow
  headwater group tls.har paper.example --under news.example
";
    assert_eq!(run.out, expected);
}
