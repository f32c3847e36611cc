//! Nothing is overwritten by mistake.

use super::{Desk, fs};

/// Expects a refusal with `reason`, and that the folder is as before.
fn refused(desk: &Desk, arguments: &str, reason: &str) {
    let before = desk.names();
    let run = desk.check(&format!("report {arguments}"), 1);
    assert!(run.err.contains(reason), "{arguments}: {run:?}");
    assert_eq!(desk.names(), before, "{arguments}");
}

#[test]
fn what_was_named_is_never_written_to() {
    let desk = Desk::new();
    desk.check("label trip.har --filter status:200 --cdn", 0);
    desk.write("broken.har", "no capture at all");
    desk.write("labels.headwater.json", "{}");
    let names = ["trip.har", "broken.har", "trip.har.headwater.json"];
    let before = names.map(|name| desk.read(name));
    for out in [
        "trip.har",
        "./trip.har",
        "../{folder}/trip.har",
        "broken.har",
        "trip.har.headwater.json",
        "broken.har.headwater.json",
        "labels.headwater.json",
        "NEW.Headwater.JSON",
    ] {
        let folder = desk.0.path().file_name().expect("a name");
        let out = out.replace("{folder}", &folder.to_string_lossy());
        for force in ["", " --force"] {
            let arguments = format!("trip.har broken.har --as json --out {out}{force}");
            refused(&desk, &arguments, "the export was refused");
        }
    }
    assert_eq!(names.map(|name| desk.read(name)), before);
}

#[test]
fn a_file_in_a_folder_that_was_named_stays_and_a_new_one_may_be_added() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("all/deep")).expect("a folder");
    desk.write("all/a.log", desk.read("proxy.log"));
    desk.write("all/deep/notes.txt", "mine");
    for out in ["all/a.log", "all/deep/notes.txt", "./all/deep/../a.log"] {
        refused(
            &desk,
            &format!("all --as csv --out {out} --force"),
            "refused",
        );
    }
    assert_eq!(desk.read("all/deep/notes.txt"), b"mine");
    desk.check("report all --as csv --out all/new.csv", 0);
}

#[test]
fn the_files_in_which_a_har_keeps_bodies_stay() {
    let desk = Desk::new();
    let har = r#"{"log": {"version": "1.2", "creator": {"name": "Playwright", "version": "1"}, "entries": [
        {"startedDateTime": "2026-01-02T03:04:05.678Z", "time": 1,
         "request": {"method": "GET", "url": "https://a.example/", "httpVersion": "HTTP/1.1", "headers": [], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
         "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": 4,
                      "content": {"size": 4, "mimeType": "text/html", "_file": "2b1a.html"}},
         "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0}}]}}"#;
    desk.write("attached.har", har);
    desk.write("2b1a.html", "body");
    desk.write("other.html", "mine");
    let arguments = "attached.har --as html --out 2b1a.html --force";
    refused(&desk, arguments, "a capture keeps a body in it");
    assert_eq!(desk.read("2b1a.html"), b"body");
    desk.check("report attached.har --as html --out other.html --force", 0);
    assert_ne!(desk.read("other.html"), b"mine");
}

#[test]
fn a_file_is_replaced_only_when_a_person_says_so() {
    let desk = Desk::new();
    desk.write("old.md", "old");
    refused(
        &desk,
        "proxy.log --as md --out old.md",
        "--force replaces it",
    );
    assert_eq!(desk.read("old.md"), b"old");
    desk.check("report proxy.log --as md --out old.md --force", 0);
    let report = desk.check("report proxy.log --as md", 0).out;
    assert_eq!(desk.read("old.md"), report);
    let run = desk.check("report proxy.log --as md --out -", 0);
    assert_eq!(run.out, report);
    assert!(!desk.path("-").exists());
}

#[cfg(unix)]
#[test]
fn only_plain_files_are_written_and_links_stay_links() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let desk = Desk::new();
    fs::create_dir(desk.path("folder")).expect("a folder");
    let socket = std::os::unix::net::UnixListener::bind(desk.path("socket")).expect("a socket");
    symlink("nowhere", desk.path("dangling")).expect("a link");
    symlink("trip.har", desk.path("to-the-capture")).expect("a link");
    symlink("folder", desk.path("to-a-folder")).expect("a link");
    fs::hard_link(desk.path("trip.har"), desk.path("hard")).expect("a link");
    for out in [
        "folder",
        "folder/",
        "to-a-folder",
        "socket",
        "/dev/null",
        "/dev/full",
        "dangling",
        "to-the-capture",
        "hard",
    ] {
        refused(
            &desk,
            &format!("trip.har --as json --out {out} --force"),
            "the export was refused",
        );
    }
    drop(socket);
    desk.write("target.md", "old");
    symlink("target.md", desk.path("link.md")).expect("a link");
    desk.check("report trip.har --as md --out link.md --force", 0);
    let link = fs::symlink_metadata(desk.path("link.md")).expect("it is there");
    assert!(link.is_symlink());
    assert_ne!(desk.read("target.md"), b"old");
    let mode = fs::metadata(desk.path("target.md")).expect("it is there");
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_place_that_does_not_exist_is_an_error() {
    let desk = Desk::new();
    refused(
        &desk,
        "trip.har --as md --out no/such/place.md",
        "could not",
    );
    refused(
        &desk,
        "trip.har --as bundle --out no/such/place",
        "No such file",
    );
    refused(
        &desk,
        "trip.har --as md --out trip.har/x.md",
        "Not a directory",
    );
}
