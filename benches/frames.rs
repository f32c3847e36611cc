//! What a frame costs with a million flows, without a screen: input, layout, painting and tessellation, while a person
//! scrolls, sorts, filters, moves and selects. Fails when one frame in a hundred takes longer than it may.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use eframe::{App as _, CreationContext, Frame};
use egui::accesskit::{Node, Role};
use egui::{
    Context, Event, FullOutput, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, RawInput,
    Rect, TouchPhase, pos2, vec2,
};
use headwater::app::{HeadwaterApp, Surroundings};
use headwater::capture::FlowId;

/// Flows of the capture.
const FLOWS: u32 = 1_000_000;
/// Distinct hosts.
const HOSTS: u32 = 5_000;
/// Milliseconds that 99 frames of 100 may take at most.
const LIMIT_MS: f64 = 8.0;
/// Frames of a scenario that does not wait for workers.
const N_FRAMES: usize = 400;
/// Time from one frame to the next while workers are busy, as a screen would leave it.
const PACE: Duration = Duration::from_millis(16);
const SECOND: Duration = Duration::from_secs(1);
/// Longer than any message stays.
const MESSAGE: Duration = Duration::from_secs(20);
/// Longest time that a scenario waits for workers.
const PATIENCE: Duration = Duration::from_mins(2);

/// Prints what the frames of a scenario took; true when too many took too long.
#[expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
fn print(times: &mut [f64], name: &str) -> bool {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    let (median, p99, worst) = (at(0.5), at(0.99), at(1.0));
    let n = times.len();
    println!("{name:28} {n:>7} {median:>8.2} {p99:>8.2} {worst:>8.2}");
    LIMIT_MS < p99
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("million.har");
    write_capture(&path)?;
    let mut window = Window::open(&path, None)?;
    let mut is_slow = false;
    println!("{FLOWS} flows, {HOSTS} hosts; milliseconds a frame");
    println!(
        "{:28} {:>7} {:>8} {:>8} {:>8}",
        "", "frames", "median", "p99", "worst"
    );
    for (name, scenario) in SCENARIOS {
        let mut times = scenario(&mut window)?;
        is_slow |= print(&mut times, name);
    }
    let delay = window.idle_delay();
    drop(window);
    let packed = folder.path().join("window.json");
    std::fs::write(&packed, r#"{"timeline": {"lanes": "Packed"}}"#)?;
    let mut window = Window::open(&path, Some(packed))?;
    let mut times = window.frames(N_FRAMES, |_| vec![wheel(-66.0)]);
    is_slow |= print(&mut times, "scrolling, timeline packed");
    println!("idle: the next frame is wanted after {delay:?}");
    ensure!(SECOND <= delay, "an idle window repaints after {delay:?}");
    ensure!(!is_slow, "a 99th percentile is above {LIMIT_MS} ms");
    Ok(())
}

type Scenario = fn(&mut Window) -> Result<Vec<f64>>;

const SCENARIOS: &[(&str, Scenario)] = &[
    ("scrolling by wheel", |window| {
        let wheel = |_| vec![wheel(-66.0)];
        Ok(window.frames(N_FRAMES, wheel))
    }),
    ("scrolling by the bar", |window| {
        let bar = window.find(Role::ScrollBar, "Scroll the requests")?;
        let bar = pos2(bar.center().x, bar.top() + 1.0);
        let before = window.top_row()?;
        let mut times = window.frames(1, |_| vec![moved(bar), button(bar, true)]);
        times.extend(window.frames(N_FRAMES, |n| vec![moved(bar + vec2(0.0, n as f32 * 0.9))]));
        times.extend(window.frames(1, |_| vec![button(bar, false), moved(TABLE)]));
        let after = window.top_row()?;
        ensure!(
            before + FLOWS as usize / 10 < after,
            "the bar led from row {before} to {after} only"
        );
        Ok(times)
    }),
    ("moving with j", |window| {
        Ok(window.frames(N_FRAMES, |n| vec![key(Key::J, n % 2 == 0, Modifiers::NONE)]))
    }),
    ("sorting by host", |window| {
        let header = window.find(Role::ColumnHeader, "Sort by Host")?.center();
        let mut times = window.frames(1, |_| vec![moved(header)]);
        times.extend(window.frames(1, |_| vec![button(header, true)]));
        times.extend(window.frames(1, |_| vec![button(header, false)]));
        times.extend(window.settle()?);
        let is_sorted = window.app.shown().get(1) != Some(&FlowId(1));
        ensure!(is_sorted, "the flows are not sorted");
        Ok(times)
    }),
    ("scrolling what is sorted", |window| {
        let mut times = window.frames(1, |_| vec![moved(TABLE)]);
        times.extend(window.frames(N_FRAMES, |_| vec![wheel(-6_600.0)]));
        Ok(times)
    }),
    ("filtering letter by letter", |window| {
        let slash = |n| vec![key(Key::Slash, n == 0, Modifiers::NONE)];
        let mut times = window.frames(2, slash);
        for letter in "path:chunk-7 -status:404".chars() {
            times.extend(window.frames(1, |_| vec![Event::Text(letter.to_string())]));
            times.extend(window.frames(4, |_| Vec::new()));
        }
        times.extend(window.settle()?);
        times.extend(window.frames(2, |n| vec![key(Key::Enter, n == 0, Modifiers::NONE)]));
        Ok(times)
    }),
    ("selecting all and moving on", |window| {
        let all = |n| vec![key(Key::A, n == 0, Modifiers::COMMAND)];
        let mut times = window.frames(2, all);
        times.extend(window.settle()?);
        times.extend(window.frames(200, |n| vec![key(Key::K, n % 2 == 0, Modifiers::NONE)]));
        times.extend(window.settle()?);
        Ok(times)
    }),
    ("labelling a million at once", |window| {
        let steps = [
            (Key::A, Modifiers::COMMAND),
            (Key::O, Modifiers::NONE),
            (Key::N, Modifiers::NONE),
            (Key::Z, Modifiers::COMMAND),
            (Key::I, Modifiers::COMMAND),
            (Key::J, Modifiers::NONE),
        ];
        window.clear_filter()?;
        let mut times = Vec::new();
        for (pressed, modifiers) in steps {
            times.extend(window.frames(2, |n| vec![key(pressed, n == 0, modifiers)]));
            times.extend(window.settle()?);
        }
        Ok(times)
    }),
    ("opening the lens of hosts", |window| {
        window.open_lens(Key::Num2)
    }),
    ("scrolling hosts", |window| {
        Ok(window.frames(N_FRAMES, |_| vec![wheel(-66.0)]))
    }),
    ("moving among hosts with j", |window| {
        let mut times = window.frames(200, |n| vec![key(Key::J, n % 2 == 0, Modifiers::NONE)]);
        times.extend(window.settle()?);
        Ok(times)
    }),
    ("opening the lens of services", |window| {
        window.open_lens(Key::Num3)
    }),
    ("scrolling services", |window| {
        Ok(window.frames(N_FRAMES, |_| vec![wheel(-66.0)]))
    }),
    ("moving among services with j", |window| {
        let mut times = window.frames(200, |n| vec![key(Key::J, n % 2 == 0, Modifiers::NONE)]);
        times.extend(window.settle()?);
        Ok(times)
    }),
];

/// A place in the table.
const TABLE: Pos2 = pos2(500.0, 300.0);

const fn moved(to: Pos2) -> Event {
    Event::PointerMoved(to)
}

const fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    }
}

const fn key(key: Key, pressed: bool, modifiers: Modifiers) -> Event {
    Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers,
    }
}

/// The program without a screen.
struct Window {
    ctx: Context,
    app: HeadwaterApp,
    frame: Frame,
    began: Instant,
}

impl Window {
    fn open(path: &Path, settings_path: Option<PathBuf>) -> Result<Self> {
        let ctx = Context::default();
        let surroundings = Surroundings {
            settings_path,
            ..Surroundings::default()
        };
        let creation = CreationContext::_new_kittest(ctx.clone());
        let app = HeadwaterApp::new(&creation, vec![path.to_owned()], surroundings);
        let mut window = Self {
            ctx,
            app,
            frame: Frame::_new_kittest(),
            began: Instant::now(),
        };
        window.settle()?;
        window.frames(10, |_| vec![moved(TABLE)]);
        let n_shown = window.app.shown().len();
        ensure!(n_shown == FLOWS as usize, "{n_shown} flows are shown");
        Ok(window)
    }

    /// Runs `n` frames with the input that `events` says for each; returns their milliseconds.
    fn frames(&mut self, n: usize, events: impl Fn(usize) -> Vec<Event>) -> Vec<f64> {
        (0..n).map(|idx| self.run(events(idx)).0).collect()
    }

    /// Runs frames at the pace of a screen until no worker is busy.
    fn settle(&mut self) -> Result<Vec<f64>> {
        let began = Instant::now();
        let mut times = Vec::new();
        let mut n_idle = 0;
        while n_idle < 5 {
            ensure!(began.elapsed() < PATIENCE, "still busy after {PATIENCE:?}");
            let (ms, _) = self.run(Vec::new());
            times.push(ms);
            n_idle = if self.app.is_busy() { 0 } else { n_idle + 1 };
            sleep(PACE.saturating_sub(Duration::from_micros((ms * 1e3) as u64)));
        }
        Ok(times)
    }

    /// Opens another lens and prints how long it takes until its rows stand there.
    #[expect(
        clippy::print_stdout,
        reason = "the figures are what this program is for"
    )]
    fn open_lens(&mut self, number: Key) -> Result<Vec<f64>> {
        let began = Instant::now();
        let mut times = self.frames(2, |n| vec![key(number, n == 0, Modifiers::ALT)]);
        times.extend(self.settle()?);
        let seconds = began.elapsed().as_secs_f64();
        let rows = self.nodes()?;
        let n_rows = rows.iter().filter(|node| node.role() == Role::Row).count();
        ensure!(1 < n_rows, "the lens shows {n_rows} rows");
        println!("the lens is built after {seconds:.2} s");
        self.frames(1, |_| vec![moved(TABLE)]);
        Ok(times)
    }

    /// One frame: its milliseconds, and when the next one is wanted.
    fn run(&mut self, events: Vec<Event>) -> (f64, Duration) {
        let (ms, output) = self.paint(events);
        let viewport = output.viewport_output.get(&egui::ViewportId::ROOT);
        let delay = viewport.map_or(Duration::MAX, |viewport| viewport.repaint_delay);
        output.drop_without_applying_deltas();
        (ms, delay)
    }

    /// One frame with what it leaves to the screen, apart from the shapes: they are in the milliseconds.
    fn paint(&mut self, events: Vec<Event>) -> (f64, FullOutput) {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1_440.0, 900.0))),
            time: Some(self.began.elapsed().as_secs_f64()),
            events,
            ..RawInput::default()
        };
        let Self {
            ctx, app, frame, ..
        } = self;
        let began = Instant::now();
        app.raw_input_hook(ctx, &mut input);
        let mut output = ctx.run_ui(input, |ui| {
            app.logic(&ui.ctx().clone(), frame);
            app.ui(ui, frame);
        });
        let shapes = std::mem::take(&mut output.shapes);
        let primitives = ctx.tessellate(shapes, output.pixels_per_point);
        let ms = began.elapsed().as_secs_f64() * 1e3;
        std::hint::black_box(primitives);
        (ms, output)
    }

    /// What a screen reader is told of one frame.
    fn nodes(&mut self) -> Result<Vec<Node>> {
        self.ctx.enable_accesskit();
        self.run(Vec::new());
        let (_, mut output) = self.paint(Vec::new());
        let update = output.platform_output.accesskit_update.take();
        output.drop_without_applying_deltas();
        self.ctx.disable_accesskit();
        let update = update.context("nothing for a screen reader")?;
        Ok(update.nodes.into_iter().map(|(_, node)| node).collect())
    }

    /// Where the control is that has this role and a name that begins so.
    fn find(&mut self, role: Role, name: &str) -> Result<Rect> {
        let nodes = self.nodes()?;
        let is_meant = |node: &&Node| {
            node.role() == role && node.label().is_some_and(|label| label.starts_with(name))
        };
        let found = nodes.iter().find(is_meant);
        let bounds = found.and_then(Node::bounds);
        let bounds = bounds.with_context(|| format!("no {role:?} {name}"))?;
        let corner = |x: f64, y: f64| pos2(x as f32, y as f32);
        Ok(Rect::from_min_max(
            corner(bounds.x0, bounds.y0),
            corner(bounds.x1, bounds.y1),
        ))
    }

    /// The number of the first row in view.
    fn top_row(&mut self) -> Result<usize> {
        let nodes = self.nodes()?;
        let rows = nodes.iter().filter(|node| node.role() == Role::Row);
        rows.filter_map(Node::row_index).min().context("no rows")
    }

    /// Shows all flows again, with the keyboard in the table.
    fn clear_filter(&mut self) -> Result<()> {
        for pressed in [Key::Slash, Key::Escape, Key::Escape] {
            self.frames(2, |n| vec![key(pressed, n == 0, Modifiers::NONE)]);
            self.settle()?;
        }
        let n_shown = self.app.shown().len();
        ensure!(n_shown == FLOWS as usize, "{n_shown} flows are shown");
        Ok(())
    }

    /// After how long a window in which nothing happens wants to be painted again, once the last message has gone.
    fn idle_delay(&mut self) -> Duration {
        let began = Instant::now();
        loop {
            let (_, delay) = self.run(Vec::new());
            if SECOND <= delay || MESSAGE < began.elapsed() {
                return delay;
            }
            sleep(PACE);
        }
    }
}

fn wheel(points: f32) -> Event {
    Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, points),
        phase: TouchPhase::Move,
        modifiers: Modifiers::NONE,
        source: egui::MouseWheelSource::Trackpad,
    }
}

/// Writes a HAR of [`FLOWS`] entries with headers and phases, without bodies.
fn write_capture(path: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(path).context("no room for the capture")?);
    write!(
        out,
        r#"{{"log":{{"version":"1.2","creator":{{"name":"made","version":"1"}},"entries":["#
    )?;
    for n in 0..FLOWS {
        // The numbers are spread without repeating soon; none of them matters by itself.
        let random = n.wrapping_mul(2_654_435_761);
        let host = random % HOSTS;
        let (ms, second) = (n % 1_000, n / 1_000);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let (server, address) = match host % 4 {
            0 => ("cloudflare", "104.16.1.1"),
            1 => ("AmazonS3", "52.218.24.10"),
            2 => ("nginx", "104.64.74.82"),
            _ => ("Apache", "192.0.2.7"),
        };
        let status = if n.is_multiple_of(37) { 404 } else { 200 };
        let comma = if n == 0 { "" } else { "," };
        write!(
            out,
            r#"{comma}{{"startedDateTime":"2026-06-13T{hour:02}:{minute:02}:{second:02}.{ms:03}Z","time":{},"serverIPAddress":"{address}","request":{{"method":"GET","url":"https://h{host}.site{}.example/assets/{:x}/chunk-{}.js?v={}","httpVersion":"h2","headers":[]}},"response":{{"status":{status},"httpVersion":"h2","headers":[{{"name":"Server","value":"{server}"}}],"content":{{"size":{},"mimeType":"application/javascript"}},"bodySize":{}}},"timings":{{"blocked":1,"dns":2,"connect":8,"ssl":5,"send":1,"wait":{},"receive":3}}}}"#,
            15 + random % 200,
            host % 500,
            random % 997,
            random % 100,
            n % 17,
            random % 90_000,
            random % 60_000,
            random % 200,
        )?;
    }
    out.write_all(b"]}}")?;
    out.flush()?;
    Ok(())
}
