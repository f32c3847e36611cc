//! A bundle can be checked by a stranger, and a hostile manifest leads nowhere.

use std::path::Path;

use headwater::base::text::hexadecimal;
use headwater::reports::bundle::{Outcome, verify};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Desk, Dice, fs};

fn with_bundle() -> Desk {
    let desk = Desk::new();
    desk.check("report trip.har proxy.log --as bundle --out bundle", 0);
    desk
}

/// The manifest of the bundle, changed by `change`, with a checksum of itself that fits.
fn forge(desk: &Desk, change: impl FnOnce(&mut Value)) {
    let mut manifest: Value =
        serde_json::from_slice(&desk.read("bundle/manifest.json")).expect("JSON");
    change(&mut manifest);
    let mut content = manifest.clone();
    let fields = content.as_object_mut().expect("an object");
    fields.remove("manifest_sha256");
    content.sort_all_objects();
    let digest = hexadecimal(&Sha256::digest(content.to_string()));
    manifest["manifest_sha256"] = json!(digest);
    desk.write("bundle/manifest.json", format!("{manifest:#}\n"));
}

#[test]
fn a_bundle_passes_wherever_it_lies() {
    let desk = with_bundle();
    let names = super::names_in(&desk.path("bundle"));
    let expected = "annotated.har flows.csv hosts.csv manifest.json report.html report.json report.md services.csv";
    assert_eq!(names.join(" "), expected);
    for (name, report) in [
        ("report.html", "html"),
        ("annotated.har", "har"),
        ("flows.csv", "csv"),
        ("hosts.csv", "csv --table hosts"),
        ("services.csv", "csv --table services"),
    ] {
        let alone = desk.check(&format!("report trip.har proxy.log --as {report}"), 0);
        assert_eq!(desk.read(&format!("bundle/{name}")), alone.out, "{name}");
    }
    desk.check("verify bundle", 0);
    desk.check("verify bundle/manifest.json", 0);
    desk.check("verify bundle/manifest.json trip.har proxy.log", 0);
    // The captures were renamed and given; or lie in the bundle.
    fs::rename(desk.path("trip.har"), desk.path("renamed.har")).expect("renamed");
    desk.check("verify bundle", 1);
    desk.check("verify bundle renamed.har", 0);
    fs::rename(desk.path("renamed.har"), desk.path("bundle/trip.har")).expect("moved");
    fs::create_dir(desk.path("elsewhere")).expect("a folder");
    fs::rename(desk.path("proxy.log"), desk.path("bundle/proxy.log")).expect("moved");
    fs::rename(desk.path("bundle"), desk.path("elsewhere/b")).expect("moved");
    desk.check("verify elsewhere/b", 0);
}

#[test]
fn any_flipped_byte_is_found() {
    let desk = with_bundle();
    let mut dice = Dice(2026);
    let is_same = || verify(&desk.path("bundle"), &[]).is_ok_and(|found| found.is_same());
    assert!(is_same());
    let mut names = super::names_in(&desk.path("bundle"));
    for name in &mut names {
        name.insert_str(0, "bundle/");
    }
    names.extend(["trip.har".to_owned(), "proxy.log".to_owned()]);
    for name in names {
        let whole = desk.read(&name);
        // Every byte of the manifest, some of the others.
        let places: Vec<usize> = if name.ends_with("manifest.json") {
            (0..whole.len()).collect()
        } else {
            let n = whole.len() as u64;
            let some = (0..20).map(|_| dice.below(n) as usize);
            some.chain([0, whole.len() - 1]).collect()
        };
        for at in places {
            let mut changed = whole.clone();
            changed[at] ^= 1 << dice.below(8);
            desk.write(&name, changed);
            assert!(!is_same(), "{name} at {at}");
        }
        for changed in [
            &whole[..whole.len() - 1],
            &[&whole[..], b"\n"].concat(),
            b"",
        ] {
            desk.write(&name, changed);
            assert!(!is_same(), "{name}");
        }
        desk.write(&name, &whole);
        assert!(is_same(), "{name}");
    }
}

#[test]
fn what_differs_is_missing_or_unexpected_is_named() {
    let desk = with_bundle();
    desk.write("bundle/flows.csv", "other");
    fs::remove_file(desk.path("bundle/report.md")).expect("removed");
    desk.write("bundle/more\u{1b}[2J.txt", "new");
    fs::create_dir(desk.path("bundle/folder")).expect("a folder");
    fs::remove_file(desk.path("proxy.log")).expect("removed");
    desk.write("stranger.har", "{}");
    let run = desk.check("verify bundle trip.har stranger.har nowhere.har", 1);
    let out = run.text();
    let lines: Vec<&str> = out.lines().collect();
    for expected in [
        "same        report.html",
        "differs     flows.csv: 5 bytes instead of ",
        "missing     report.md",
        "same        capture trip.har",
        "missing     capture proxy.log",
        "unexpected  capture stranger.har",
        "differs     capture nowhere.har: it cannot be read: ",
        "unexpected  folder",
        "unexpected  more\\u{1b}[2J.txt",
    ] {
        let is_there = lines.iter().any(|line| line.starts_with(expected));
        assert!(is_there, "{expected}: {out}");
    }
    assert!(!out.contains('\u{1b}'));
}

#[cfg(unix)]
#[test]
fn links_and_devices_are_not_followed() {
    use std::os::unix::fs::symlink;
    let desk = with_bundle();
    let moved = desk.path("flows.csv");
    fs::rename(desk.path("bundle/flows.csv"), &moved).expect("moved");
    symlink(&moved, desk.path("bundle/flows.csv")).expect("a link");
    let out = desk.check("verify bundle", 1).text();
    assert!(
        out.contains("differs     flows.csv: it is not a regular file"),
        "{out}"
    );
    fs::remove_file(desk.path("bundle/flows.csv")).expect("removed");
    fs::rename(&moved, desk.path("bundle/flows.csv")).expect("moved");
    desk.check("verify bundle", 0);
    fs::remove_file(desk.path("bundle/manifest.json")).expect("removed");
    symlink("/dev/zero", desk.path("bundle/manifest.json")).expect("a link");
    let run = desk.check("verify bundle", 1);
    assert!(run.err.contains("it is not a regular file"), "{run:?}");
    desk.check("verify bundle trip.har /dev/zero", 1);
}

#[test]
fn hostile_manifests_are_refused() {
    let desk = with_bundle();
    let good = desk.read("bundle/manifest.json");
    forge(&desk, |_| {});
    assert_eq!(desk.read("bundle/manifest.json"), good, "forging works");
    let refused = |what: &str| {
        let run = desk.check("verify bundle", 1);
        assert!(
            run.err.contains("the manifest is refused"),
            "{what}: {run:?}"
        );
        assert_eq!(run.out, b"", "{what}");
        let is_clean = |c: char| !c.is_control() || c == '\n';
        assert!(run.err.chars().all(is_clean), "{what}: {run:?}");
    };
    for name in [
        "",
        ".",
        "..",
        "../trip.har",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "C:x",
        ".hidden",
        "nul\u{0}",
        "\u{1b}[2J",
        "\u{202e}lmth",
        "manifest.json",
        "Manifest.JSON",
        "report.MD",
        "é",
    ] {
        forge(&desk, |manifest| manifest["files"][0]["name"] = json!(name));
        refused(name);
        desk.write("bundle/manifest.json", &good);
    }
    for (place, value) in [
        ("/schema", json!(2)),
        ("/schema", json!(-1)),
        ("/files", json!({})),
        ("/files/0/bytes", json!(1e300)),
        ("/files/0/bytes", json!(-5)),
        ("/captures", Value::Null),
        ("/captures/0/file", json!([])),
    ] {
        forge(&desk, |manifest| {
            *manifest.pointer_mut(place).expect(place) = value;
        });
        refused(place);
        desk.write("bundle/manifest.json", &good);
    }
    let text = String::from_utf8(good.clone()).expect("UTF-8");
    let twice = text.replacen("\"files\"", "\"files\": [],\n  \"files\"", 1);
    let deep = "[".repeat(100_000);
    for bytes in [
        "",
        "no JSON",
        "{}",
        "[]",
        "null",
        &deep,
        &twice,
        &text.replace('\n', " "),
    ] {
        desk.write("bundle/manifest.json", bytes);
        refused(&bytes[..bytes.len().min(20)]);
    }
    desk.write("bundle/manifest.json", b"{\"schema\": \"\xff\"}");
    refused("no UTF-8");
    desk.write("bundle/manifest.json", vec![b' '; 17 << 20]);
    refused("huge");
}

#[test]
fn sizes_and_names_of_captures_lead_nowhere() {
    let desk = with_bundle();
    let good = desk.read("bundle/manifest.json");
    forge(&desk, |manifest| {
        manifest["files"][0]["bytes"] = json!(u64::MAX);
    });
    let found = verify(&desk.path("bundle"), &[]).expect("it is a manifest");
    assert!(matches!(found.findings[0].outcome, Outcome::Differs(_)));
    for name in [
        "../proxy.log",
        "/etc/passwd",
        "..",
        "",
        "a/../proxy.log",
        "\u{1b}[2J",
    ] {
        desk.write("bundle/manifest.json", &good);
        forge(&desk, |manifest| {
            manifest["captures"][1]["file"] = json!(name);
        });
        let found = verify(&desk.path("bundle"), &[]).expect("it is a manifest");
        let captures: Vec<_> = found
            .findings
            .iter()
            .filter(|found| found.is_capture)
            .collect();
        assert_eq!(captures[1].outcome, Outcome::Missing, "{name}");
        let given = verify(&desk.path("bundle"), &[desk.path("proxy.log")]);
        assert!(given.is_ok_and(|found| found.is_same()), "{name}");
    }
    desk.write("bundle/manifest.json", &good);
    forge(&desk, |manifest| {
        manifest["captures"][0]["sha256"] = Value::Null;
    });
    desk.check("verify bundle", 1);
}

#[test]
fn a_bundle_takes_nobodys_place() {
    let desk = with_bundle();
    let before = desk.read("bundle/manifest.json");
    let run = desk.check("report trip.har --as bundle --out bundle", 1);
    assert!(run.err.contains("the folder is not empty"), "{run:?}");
    desk.check("report trip.har --as bundle --out bundle --force", 1);
    assert_eq!(desk.read("bundle/manifest.json"), before);
    desk.check("report trip.har --as bundle --out trip.har", 1);
    desk.check("report trip.har --as bundle", 2);
    desk.check("report trip.har --as bundle --out -", 2);
    fs::create_dir(desk.path("empty")).expect("a folder");
    desk.check("report trip.har --as bundle --out empty", 0);
    desk.check("verify empty", 0);
}

#[test]
fn a_refused_bundle_leaves_no_folder() {
    let desk = Desk::new();
    desk.write("bad.har", "no capture at all");
    desk.check("report bad.har --as bundle --out bundle", 1);
    desk.check(
        "report trip.har --as bundle --out bundle --filter status:abc",
        2,
    );
    assert!(!Path::exists(&desk.path("bundle")));
}
