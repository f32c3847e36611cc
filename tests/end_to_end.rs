//! The real program in a real window: opens captures, sorts, filters, labels and exports, and finds what was said in the
//! files. Leaves screenshots under `target/screenshots`; with `UPDATE_EXPECT=1` those of the README are taken anew.

#![expect(clippy::print_stderr, reason = "says what was not run")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SAMPLE: &str = "wifi-proxy-2011.har";
/// Where the heading `#` lies in the window: below toolbar, quick filters and an answer of two lines, in the first column.
const HASH_HEADING: (u32, u32) = (26, 131);

const TOOLS: &[&str] = &["Xvfb", "openbox", "xdotool", "import", "convert"];

/// The capture on the pictures of the README, in the folder of labelled captures: 607 flows of a news site.
const SHOWN_CAPTURE: &str = "pagexray__expressen.har";

/// False when a program is missing that a test in a real window needs, which is said.
fn has_tools(test: &str) -> bool {
    let mut missing = TOOLS
        .iter()
        .copied()
        .filter(|tool| !is_installed(tool))
        .peekable();
    if missing.peek().is_none() {
        return true;
    }
    let missing: Vec<&str> = missing.collect();
    assert!(
        std::env::var_os("CI").is_none(),
        "these programs are missing: {missing:?}"
    );
    eprintln!("NOT RUN: {test}; these programs are missing: {missing:?}");
    false
}

#[test]
fn a_session_by_keyboard_alone_opens_filters_labels_undoes_and_exports() {
    if !has_tools("a session by keyboard in a real window") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let real = std::env::var_os("HEADWATER_LABELLED")
        .map(|labelled| Path::new(&labelled).join(SHOWN_CAPTURE))
        .filter(|path| path.is_file());
    let capture = folder.path().join("trip.har");
    if let Some(real) = &real {
        fs::copy(real, &capture).expect("the capture");
    } else {
        eprintln!("NOT RUN: the pictures of the README; {SHOWN_CAPTURE} is not at hand");
        fs::write(&capture, made_capture()).expect("the capture");
    }
    let before = fs::read(&capture).expect("the copy");
    let report = folder.path().join("report.html");

    let mut screen = Screen::start(folder.path());
    screen.open(None);
    screen.command("open path");
    screen.type_text(&capture.display().to_string());
    screen.keys(&["Return"]);
    screen.settle();
    screen.screenshot("keyboard-1-opened");

    // What is filtered out must not be labelled.
    screen.reach("slash");
    screen.type_text("method:get -status:404");
    screen.keys(&["Return"]);
    screen.settle();
    screen.keys(&["Home"]);
    screen.keys(&["shift+c"; 10]);
    screen.keys(&["shift+o"; 5]);
    screen.keys(&["shift+u"; 5]);
    screen.settle();
    screen.reach("m");
    screen.type_text("seen by keyboard");
    screen.keys(&["ctrl+Return"]);
    screen.settle();
    // A label too many, and back.
    screen.keys(&["c", "ctrl+z"]);
    screen.settle();
    screen.screenshot("keyboard-2-labelled");

    screen.reach("ctrl+e");
    screen.keys(&["ctrl+a"]);
    screen.type_text(&report.display().to_string());
    screen.keys(&["Return"]);
    screen.settle();
    screen.screenshot("keyboard-3-exported");
    if real.is_some() {
        screen.readme_pictures();
    }
    screen.keys(&["ctrl+s"]);
    screen.settle();
    screen.close();

    assert_eq!(
        fs::read(&capture).expect("the copy"),
        before,
        "the capture was changed"
    );
    let sidecar = folder.path().join("trip.har.headwater.json");
    let sidecar = fs::read_to_string(sidecar).expect("labels were saved");
    let saved: serde_json::Value = serde_json::from_str(&sidecar).expect("the labels are JSON");
    let said = saved["annotations"].as_array().expect("a list");
    let n_of = |label: &str| said.iter().filter(|one| one["label"] == label).count();
    let counts = [n_of("cdn"), n_of("origin"), n_of("unknown")];
    assert_eq!(counts, [10, 5, 5], "{sidecar}");
    let n_notes = said
        .iter()
        .filter(|one| one["note"] == "seen by keyboard")
        .count();
    assert_eq!(n_notes, 1, "{sidecar}");
    let report = fs::read_to_string(&report).expect("a report was exported");
    assert!(
        report.contains("seen by keyboard"),
        "the note is not in the report"
    );
    assert!(
        report.contains("method:get -status:404"),
        "the filter is not in the report"
    );
}

/// A HAR of 40 flows at several providers.
fn made_capture() -> String {
    let entry = |n: usize| {
        let (host, server) = [
            ("www.example.com", "cloudflare"),
            ("bucket.s3.amazonaws.com", "AmazonS3"),
            ("a.example.org", "nginx"),
        ][n % 3];
        let status = if n % 7 == 3 { 404 } else { 200 };
        format!(
            r#"{{"startedDateTime":"2026-05-01T10:00:{n:02}.000Z","time":{},"request":{{"method":"GET","url":"https://{host}/file/{n}","headers":[]}},"response":{{"status":{status},"headers":[{{"name":"Server","value":"{server}"}}],"content":{{"mimeType":"text/html","size":10}}}},"timings":{{"send":1,"wait":20,"receive":9}}}}"#,
            30 + n
        )
    };
    let entries: Vec<String> = (0..40).map(entry).collect();
    format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"made","version":"1"}},"entries":[{}]}}}}"#,
        entries.join(",")
    )
}

#[test]
fn a_label_given_by_keyboard_is_found_beside_the_capture() {
    if !has_tools("a label in a real window") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let capture = folder.path().join(SAMPLE);
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("assets/samples")
            .join(SAMPLE),
        &capture,
    )
    .expect("the sample");
    let before = fs::read(&capture).expect("the copy");

    let mut screen = Screen::start(folder.path());
    screen.open(Some(&capture));
    screen.screenshot("1-opened");

    // Two clicks on the first heading, `#`, put the last flow on top.
    screen.click(HASH_HEADING);
    screen.settle();
    screen.click(HASH_HEADING);
    screen.settle();
    screen.screenshot("2-sorted");

    screen.reach("ctrl+f");
    screen.type_text("method:put");
    screen.keys(&["Return"]);
    screen.settle();
    screen.screenshot("3-filtered");

    // The table has the keyboard again. The later PUT, flow 3, is on top now; flow 2 comes behind it.
    screen.keys(&["Home", "o"]);
    screen.settle();
    screen.reach("m");
    screen.type_text("the client wrote it here");
    screen.keys(&["ctrl+Return"]);
    screen.settle();
    screen.keys(&["Down", "c", "ctrl+z", "u"]);
    screen.settle();
    screen.screenshot("4-labelled");

    screen.keys(&["ctrl+s"]);
    screen.settle();
    screen.close();

    assert_eq!(
        fs::read(&capture).expect("the copy"),
        before,
        "the capture itself was changed"
    );
    let sidecar = fs::read_to_string(folder.path().join(format!("{SAMPLE}.headwater.json")))
        .expect("labels were saved");
    let saved: serde_json::Value = serde_json::from_str(&sidecar).expect("the labels are JSON");
    assert_eq!(saved["schema"], 1);
    let mut labels: Vec<(u64, &str)> = saved["annotations"]
        .as_array()
        .expect("a list of annotations")
        .iter()
        .map(|one| {
            (
                one["locator"]["entry"].as_u64().unwrap_or(0),
                one["label"].as_str().unwrap_or(""),
            )
        })
        .collect();
    labels.sort_unstable();
    assert_eq!(labels, [(2, "unknown"), (3, "origin")], "{sidecar}");
    assert!(sidecar.contains("the client wrote it here"), "{sidecar}");
    assert!(
        !sidecar.contains("NotARealSignature"),
        "a signature leaked: {sidecar}"
    );
}

/// A virtual display with a window manager and the program in it; everything ends when this is dropped.
struct Screen {
    display: String,
    home: PathBuf,
    children: Vec<Child>,
    program: Option<Child>,
    window: String,
}

impl Screen {
    fn start(home: &Path) -> Self {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1480x960x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        let output = server.stdout.take().expect("its output is piped");
        BufReader::new(output)
            .read_line(&mut number)
            .expect("Xvfb says its display");
        let display = format!(":{}", number.trim());
        // The hint for the first run would cost the table its first rows.
        let settings = home.join("state/headwater");
        fs::create_dir_all(&settings).expect("a folder for settings");
        let dark = r#"{"theme": "dark", "has_seen_first_steps": true}"#;
        fs::write(settings.join("window.json"), dark).expect("the settings");
        let manager = Command::new("openbox")
            .env("DISPLAY", &display)
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox starts");
        Self {
            display,
            home: home.to_owned(),
            children: vec![manager, server],
            program: None,
            window: String::new(),
        }
    }

    fn open(&mut self, capture: Option<&Path>) {
        let program = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .args(capture)
            .env("DISPLAY", &self.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_STATE_HOME", self.home.join("state"))
            .env("XDG_CONFIG_HOME", self.home.join("config"))
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .spawn()
            .expect("the program starts");
        self.program = Some(program);
        let began = Instant::now();
        while self.window.is_empty() {
            assert!(
                began.elapsed() < Duration::from_mins(1),
                "no window within a minute"
            );
            sleep(Duration::from_millis(200));
            let found = self.xdotool(&["search", "--onlyvisible", "--name", "Headwater"]);
            found
                .lines()
                .next()
                .unwrap_or("")
                .clone_into(&mut self.window);
        }
        let window = self.window.clone();
        self.xdotool(&["windowsize", &window, "1440", "900"]);
        self.xdotool(&["windowmove", &window, "0", "0"]);
        self.xdotool(&["windowactivate", &window]);
        sleep(Duration::from_secs(2));
        self.settle();
    }

    fn keys(&self, keys: &[&str]) {
        for key in keys {
            self.xdotool(&["key", key]);
            sleep(Duration::from_millis(250));
        }
    }

    /// Presses a key that opens something, and waits until it is there, however slow the machine is.
    fn reach(&self, key: &str) {
        let before = self.picture();
        self.keys(&[key]);
        let began = Instant::now();
        while self.picture() == before && began.elapsed() < Duration::from_secs(20) {
            sleep(Duration::from_millis(200));
        }
        self.settle();
    }

    fn click(&self, (x, y): (u32, u32)) {
        let (x, y) = (x.to_string(), y.to_string());
        self.xdotool(&["mousemove", "--window", &self.window, &x, &y]);
        sleep(Duration::from_millis(200));
        self.xdotool(&["click", "1"]);
        sleep(Duration::from_millis(500));
    }

    fn type_text(&self, text: &str) {
        self.xdotool(&["type", "--delay", "30", text]);
    }

    /// Waits until the picture stands still: two looks in a row that are equal, for six seconds at most, as a text cursor blinks.
    fn settle(&self) {
        let began = Instant::now();
        sleep(Duration::from_secs(1));
        let mut before = self.picture();
        while began.elapsed() < Duration::from_secs(6) {
            sleep(Duration::from_millis(300));
            let now = self.picture();
            if now == before {
                return;
            }
            before = now;
        }
    }

    fn picture(&self) -> Vec<u8> {
        let output = Command::new("import")
            .args(["-window", "root", "rgb:-"])
            .env("DISPLAY", &self.display)
            .output()
            .expect("import runs");
        output.stdout
    }

    fn screenshot(&self, name: &str) {
        let folder = screenshots();
        let done = Command::new("import")
            .args(["-window", "root"])
            .arg(folder.join(format!("{name}.png")))
            .env("DISPLAY", &self.display)
            .status()
            .expect("import runs");
        assert!(done.success(), "the screenshot {name} was not taken");
    }

    /// Finds a command in the palette and runs it.
    fn command(&self, name: &str) {
        self.reach("ctrl+shift+p");
        self.type_text(name);
        self.keys(&["Return"]);
        self.settle();
    }

    /// Takes the pictures of the README, dark and light, of the window alone.
    fn readme_pictures(&self) {
        self.command("clear filter");
        self.command("go to the table");
        self.keys(&["Home"]);
        self.keys(&["j"; 6]);
        // From Notes over Raw to Evidence.
        self.keys(&["bracketright", "bracketright"]);
        // Into the stretch in which most happens; the keyboard is then back with the table.
        self.keys(&["F6"]);
        // Behind the switches of the timeline stands its overview.
        self.keys(&["Tab"; 7]);
        self.keys(&["plus"; 12]);
        self.keys(&["Left"; 6]);
        self.command("go to the table");
        self.settle();
        while !self.has_calm_status() {
            sleep(Duration::from_secs(1));
        }
        for look in ["dark", "light"] {
            self.command(look);
            self.readme_picture(look);
            self.keys(&["alt+3", "Home", "Down"]);
            self.settle();
            self.readme_picture(&format!("services-{look}"));
            self.keys(&["alt+1"]);
            self.settle();
        }
        self.command("dark");
    }

    /// Takes the picture `name` of the window; with `UPDATE_EXPECT=1` for the README.
    fn readme_picture(&self, name: &str) {
        let path = screenshots().join(format!("{name}.png"));
        self.picture_of_window(&path);
        if std::env::var_os("UPDATE_EXPECT").is_none() {
            return;
        }
        let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("assets/screenshots")
            .join(format!("{name}.png"));
        // 256 colours are enough for a window, and a quarter of the size.
        let done = Command::new("convert")
            .arg(&path)
            .args(["+dither", "-colors", "256", "-strip"])
            .arg(format!("png8:{}", kept.display()))
            .status()
            .expect("convert runs");
        assert!(done.success(), "{} was not written", kept.display());
    }

    /// True once messages have gone and nothing moves any longer.
    fn has_calm_status(&self) -> bool {
        let before = self.picture();
        sleep(Duration::from_secs(4));
        before == self.picture()
    }

    fn picture_of_window(&self, path: &Path) {
        let done = Command::new("import")
            .args(["-window", &self.window])
            .arg(path)
            .env("DISPLAY", &self.display)
            .status()
            .expect("import runs");
        assert!(done.success(), "{} was not taken", path.display());
    }

    /// Asks the window to close and waits for a clean end.
    fn close(&mut self) {
        let mut program = self.program.take().expect("the program runs");
        self.keys(&["ctrl+q"]);
        let began = Instant::now();
        loop {
            if let Some(status) = program.try_wait().expect("the program can be asked") {
                assert!(status.success(), "the program ended with {status}");
                return;
            }
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "the program did not close"
            );
            sleep(Duration::from_millis(100));
        }
    }

    fn xdotool(&self, arguments: &[&str]) -> String {
        let output = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.display)
            .output()
            .expect("xdotool runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for child in self.program.iter_mut().chain(&mut self.children) {
            let _already_gone = child.kill();
            let _status = child.wait();
        }
    }
}

/// Where pictures are left.
fn screenshots() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&folder).expect("a folder for screenshots");
    folder
}

fn is_installed(tool: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|paths| std::env::split_paths(&paths).any(|path| path.join(tool).is_file()))
}
