//! The real program in a real window: opens a file given as argument, sorts, labels by keyboard, closes, and finds the
//! label in the file beside the capture. Leaves screenshots under `target/screenshots`.

#![expect(clippy::print_stderr, reason = "says what was not run")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SAMPLE: &str = "wifi-proxy-2011.har";
/// Where the heading `#` lies in the window: below the toolbar, in the first column.
const HASH_HEADING: (u32, u32) = (26, 49);

const TOOLS: &[&str] = &["Xvfb", "openbox", "xdotool", "import"];

#[test]
fn a_label_given_by_keyboard_is_found_beside_the_capture() {
    let missing: Vec<&str> = TOOLS
        .iter()
        .copied()
        .filter(|tool| !is_installed(tool))
        .collect();
    if !missing.is_empty() {
        assert!(
            std::env::var_os("CI").is_none(),
            "these programs are missing: {missing:?}"
        );
        eprintln!(
            "NOT RUN: the end-to-end test in a real window; these programs are missing: {missing:?}"
        );
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
    screen.open(&capture);
    screen.screenshot("1-opened");

    // Two clicks on the first heading, `#`, put the last flow on top.
    screen.click(HASH_HEADING);
    screen.click(HASH_HEADING);
    screen.settle();
    screen.screenshot("2-sorted");

    screen.keys(&["ctrl+f"]);
    screen.settle();
    screen.type_text("method:put");
    screen.keys(&["Return"]);
    screen.settle();
    screen.screenshot("3-filtered");

    // The table has the keyboard again. The later PUT, flow 3, is on top now; flow 2 comes behind it.
    screen.keys(&["Home", "o", "m"]);
    screen.settle();
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
                "1440x900x24",
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

    fn open(&mut self, capture: &Path) {
        let program = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .arg(capture)
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
        self.xdotool(&["windowsize", &window, "1440", "870"]);
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
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        fs::create_dir_all(&folder).expect("a folder for screenshots");
        let done = Command::new("import")
            .args(["-window", "root"])
            .arg(folder.join(format!("{name}.png")))
            .env("DISPLAY", &self.display)
            .status()
            .expect("import runs");
        assert!(done.success(), "the screenshot {name} was not taken");
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

fn is_installed(tool: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|paths| std::env::split_paths(&paths).any(|path| path.join(tool).is_file()))
}
