//! A program that is killed while it saves leaves the old file, the whole new one, or nothing.

use std::fs;
use std::time::{Duration, Instant};

use super::{Desk, Dice, names_in, say};

/// How often the program is killed; more in the environment variable `HEADWATER_KILLS`.
const KILLS: u32 = 60;

#[test]
fn a_killed_report_leaves_the_old_file_the_new_one_or_nothing() {
    let n_kills = std::env::var("HEADWATER_KILLS").map_or(KILLS, |n| n.parse().expect("a number"));
    let desk = Desk::new();
    let log = String::from_utf8(desk.read("proxy.log")).expect("UTF-8");
    desk.write("long.log", log.repeat(100));
    fs::create_dir(desk.path("out")).expect("a folder");
    let arguments = [
        "report",
        "long.log",
        "--as",
        "csv",
        "--force",
        "--out",
        "out/flows.csv",
    ];
    let begun = Instant::now();
    desk.check(&arguments.join(" "), 0);
    let whole_run = begun.elapsed();
    let new = desk.read("out/flows.csv");
    let mut dice = Dice(20_261_130);
    // What was found: nothing or the old file, the new file, and a whole file under a private name.
    let mut counts = [0; 3];
    for round in 0..n_kills {
        let is_replacing = round % 2 == 0;
        for name in names_in(&desk.path("out")) {
            fs::remove_file(desk.path("out").join(name)).expect("removed");
        }
        if is_replacing {
            desk.write("out/flows.csv", "old");
        }
        let mut child = desk.command(&arguments).spawn().expect("it starts");
        let micros = whole_run.as_micros() as u64;
        std::thread::sleep(Duration::from_micros(dice.below(micros + micros / 4)));
        child.kill().expect("killed");
        child.wait().expect("it ends");
        for name in names_in(&desk.path("out")) {
            let content = fs::read(desk.path("out").join(&name)).expect("read");
            let is_old = is_replacing && content == b"old";
            let place = match &*name {
                "flows.csv" if is_old => 0,
                "flows.csv" => 1,
                // Only to replace a file, and only for the moment between two calls of the system.
                _ if is_replacing && name.starts_with(".headwater-") => 2,
                _ => panic!("{name} was left"),
            };
            assert!(is_old || content == new, "half of {name} was left");
            counts[place] += 1;
        }
    }
    let [old, new, private] = counts;
    say(&format!(
        "{n_kills} kills: {old} with the old file, {new} with the new one, {private} private"
    ));
    assert!(0 < old, "all were killed too late");
    if cfg!(target_os = "linux") {
        assert!(private <= 1, "{private} private files were left");
    }
}

#[test]
fn a_killed_bundle_is_whole_or_does_not_verify() {
    let desk = Desk::new();
    let log = String::from_utf8(desk.read("proxy.log")).expect("UTF-8");
    desk.write("long.log", log.repeat(15));
    let arguments = ["report", "long.log", "--as", "bundle", "--out", "bundle"];
    let begun = Instant::now();
    desk.check(&arguments.join(" "), 0);
    let micros = begun.elapsed().as_micros() as u64;
    let whole = names_in(&desk.path("bundle"));
    let mut dice = Dice(7);
    for _ in 0..20 {
        drop(fs::remove_dir_all(desk.path("bundle")));
        let mut child = desk.command(&arguments).spawn().expect("it starts");
        std::thread::sleep(Duration::from_micros(micros / 4 + dice.below(micros)));
        child.kill().expect("killed");
        child.wait().expect("it ends");
        if !desk.path("bundle").exists() {
            continue;
        }
        let names = names_in(&desk.path("bundle"));
        assert!(names.iter().all(|name| whole.contains(name)), "{names:?}");
        let code = i32::from(names != whole);
        desk.check("verify bundle", code);
    }
}
