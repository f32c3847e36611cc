//! Holds the source tree to the import table, the egui-free zones, the file size limit and the documentation rule.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Layers from the ground up. A module may use any layer below its own; modules of one layer do not use each other.
const LAYERS: &[&[&str]] = &[
    &["base"],
    &["capture", "providers"],
    &["formats", "attribution"],
    &["redact"],
    &["annotations"],
    &["document"],
    &["query"],
    &["reports"],
    &["session"],
    &["commands"],
    &["widgets"],
    &["panels"],
    &["app"],
    &["cli"],
];

/// From here on egui may be used.
const FIRST_EGUI_LAYER: &str = "commands";

/// Folders whose files or sub-folders never use each other.
const ISLANDS: &[&str] = &["formats", "panels", "reports"];

/// Floors within `attribution`, from the ground up. A room uses lower floors only, so that no circle can arise.
const ATTRIBUTION: &[&[&str]] = &[
    &[
        "cache_sign",
        "evidence",
        "groups",
        "url",
        "verdict",
        "withheld",
        "writes",
    ],
    &["regions", "signed"],
    &["context"],
    &["findings", "lookups", "tunnels"],
    &["collect", "party"],
    &["weigh"],
    &["settle", "shown"],
    &["examine"],
    &["parallel"],
    &["pass"],
    &["session"],
    &["roles", "score"],
    &["rules"],
];

const MAX_LINES: usize = 600;

#[test]
fn imports_only_go_down() {
    check(|file| {
        let layer = layer_of(&file.module)?;
        file.crate_paths().find_map(|(line, path)| {
            let target = path.split("::").next().unwrap_or_default().to_owned();
            let other = layer_of(&target)?;
            let is_upwards = layer <= other && target != file.module;
            is_upwards.then(|| (line, format!("`{}` may not use `{target}`", file.module)))
        })
    });
}

#[test]
fn attribution_is_built_floor_by_floor() {
    let floor = |room: &str| ATTRIBUTION.iter().position(|rooms| rooms.contains(&room));
    check(|file| {
        let room = file
            .submodule
            .clone()
            .filter(|_| file.module == "attribution")?;
        let Some(own) = floor(&room) else {
            return Some((1, format!("`{room}` has no floor in ATTRIBUTION")));
        };
        file.used_paths().find_map(|(line, path)| {
            let mut parts = path.split("::");
            let target = parts
                .next()
                .filter(|first| *first == "attribution")
                .map(|_| parts.next().unwrap_or("mod.rs"))?;
            let is_up = target != room && floor(target).is_none_or(|other| own <= other);
            is_up.then(|| (line, format!("`{room}` may not use `{target}`")))
        })
    });
}

#[test]
fn files_of_attribution_use_each_other_in_no_circle() {
    let sources = sources();
    let files: Vec<&Source> = sources
        .iter()
        .filter(|file| file.module == "attribution" && file.module_path() != "attribution")
        .collect();
    let names: Vec<String> = files.iter().map(|file| file.module_path()).collect();
    let mut uses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (file, name) in files.iter().zip(&names) {
        let targets = file.used_paths().filter_map(|(_, path)| {
            let holds =
                |other: &&String| path == **other || path.starts_with(&format!("{other}::"));
            let deepest = names.iter().filter(holds).max_by_key(|other| other.len());
            deepest.map(String::as_str).filter(|other| other != name)
        });
        uses.insert(name, targets.collect());
    }
    assert!(20 < uses.len(), "only {} files were found", uses.len());
    // Whoever uses nobody that is left cannot be part of a circle.
    loop {
        let left: Vec<&str> = uses.keys().copied().collect();
        uses.retain(|_, targets| targets.iter().any(|target| left.contains(target)));
        if uses.len() == left.len() {
            break;
        }
    }
    assert!(uses.is_empty(), "circles: {uses:#?}");
}

#[test]
fn siblings_stay_strangers() {
    check(|file| {
        let island = ISLANDS.iter().find(|island| **island == file.module)?;
        let own = file.submodule.clone()?;
        file.crate_paths().find_map(|(line, path)| {
            let mut parts = path.split("::");
            let sibling = parts
                .next()
                .filter(|first| first == island)
                .and_then(|_| parts.next())?;
            let is_other = sibling_exists(island, sibling) && sibling != own;
            is_other.then(|| {
                (
                    line,
                    format!("`{island}::{own}` may not use its sibling `{sibling}`"),
                )
            })
        })
    });
}

#[test]
fn egui_stays_above_its_line() {
    let first = layer_of(FIRST_EGUI_LAYER).expect("the line is a layer");
    check(|file| {
        let is_model = file.module == "panels" && file.path.ends_with("model.rs");
        let is_below = layer_of(&file.module).is_some_and(|layer| layer < first);
        if !(is_model || is_below) {
            return None;
        }
        let uses_egui = |text: &str| {
            text.contains("egui::") || text.contains("eframe::") || text.contains("use egui")
        };
        file.code()
            .find(|(_, text)| uses_egui(text))
            .map(|(line, _)| (line, "no egui here".to_owned()))
    });
}

#[test]
fn files_stay_readable() {
    check(|file| {
        let n = file.text.lines().count();
        (MAX_LINES < n).then(|| (n, format!("{n} lines; the limit is {MAX_LINES}")))
    });
}

#[test]
fn every_file_says_what_it_is_for() {
    check(|file| {
        (!file.text.starts_with("//! ")).then(|| (1, "begins without a `//!` sentence".to_owned()))
    });
}

#[test]
fn every_module_has_its_layer() {
    let mut modules: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in sources() {
        modules.insert(file.module.clone(), file.path);
    }
    let unplaced: Vec<_> = modules
        .keys()
        .filter(|module| !matches!(module.as_str(), "lib" | "main") && layer_of(module).is_none())
        .collect();
    assert!(unplaced.is_empty(), "modules without a layer: {unplaced:?}");
}

#[test]
fn the_top_level_holds_nothing_unexpected() {
    let expected = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "CHANGELOG.md",
        "deny.toml",
        "src",
        "assets",
        "tests",
        "benches",
        "target",
    ];
    let unexpected: Vec<String> = fs::read_dir(root())
        .expect("the checkout can be listed")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && !expected.contains(&name.as_str()))
        .collect();
    assert!(
        unexpected.is_empty(),
        "unexpected at the top level: {unexpected:?}"
    );
}

/// Runs `rule` over every source file and fails with `file:line` for each breach.
fn check(rule: impl Fn(&Source) -> Option<(usize, String)>) {
    let sources = sources();
    assert!(10 < sources.len(), "the source tree was not found");
    let breaches: Vec<String> = sources
        .iter()
        .filter_map(|file| {
            let (line, message) = rule(file)?;
            Some(format!("{}:{line}: {message}", file.path.display()))
        })
        .collect();
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

struct Source {
    path: PathBuf,
    text: String,
    /// First part below `src`: `base`, `document`.
    module: String,
    /// Second part, if there is one: `har` in `formats/har/lean.rs` and in `formats/har.rs`.
    submodule: Option<String>,
}

impl Source {
    /// Lines of code with their numbers, comments left out.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..)
            .zip(self.text.lines())
            .filter(|(_, text)| !text.trim_start().starts_with("//"))
    }

    /// `attribution::weigh::edge`; a `mod.rs` goes by the name of its folder.
    fn module_path(&self) -> String {
        let path = self.path.with_extension("");
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let path = parts.join("::");
        path.strip_suffix("::mod").unwrap_or(&path).to_owned()
    }

    /// Every path of this crate that the file uses, `super::` and `self::` resolved, tests and re-exports left out.
    fn used_paths(&self) -> impl Iterator<Item = (usize, String)> {
        let own = self.module_path();
        let is_folder = self.path.ends_with("mod.rs");
        let tests = self.code().find(|(_, text)| text.contains("#[cfg(test)]"));
        let end = tests.map_or(usize::MAX, |(line, _)| line);
        let written = self.code().take_while(move |(line, _)| *line < end);
        let is_reexport =
            |text: &str| text.trim_start().starts_with("pub") && text.contains(" use ");
        let used = written.filter(move |(_, text)| !is_reexport(text));
        used.flat_map(move |(line, text)| {
            let text = text.replace("pub(in crate::", "pub(");
            let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            let resolved: Vec<_> = words
                .filter_map(|word| resolve(&own, is_folder, word))
                .collect();
            resolved.into_iter().map(move |path| (line, path))
        })
    }

    /// Every `crate::a::b` path that is written in the file, without `crate::`.
    fn crate_paths(&self) -> impl Iterator<Item = (usize, String)> {
        self.code().flat_map(|(line, text)| {
            text.match_indices("crate::").map(move |(at, found)| {
                let rest = &text[at + found.len()..];
                let end = rest
                    .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
                    .unwrap_or(rest.len());
                (line, rest[..end].trim_end_matches(':').to_owned())
            })
        })
    }
}

/// `written`, a path in the module `own`, from the root of the crate; `None` for what is no path of the crate.
fn resolve(own: &str, is_folder: bool, written: &str) -> Option<String> {
    let parent = || own.rsplit_once("::").map_or("", |(folder, _)| folder);
    if written == "super::" {
        return Some(parent().to_owned());
    }
    let written = written.trim_end_matches(':');
    if let Some(path) = written.strip_prefix("crate::") {
        return Some(path.to_owned());
    }
    if let Some(path) = written.strip_prefix("self::") {
        return Some(format!("{own}::{path}"));
    }
    let mut rest = written.strip_prefix("super::");
    if rest.is_none() {
        // A folder names its own rooms without a prefix.
        let is_room = |room: &str| sibling_exists(&own.replace("::", "/"), room);
        let first = written
            .split("::")
            .next()
            .filter(|first| *first != written)?;
        return (is_folder && is_room(first)).then(|| format!("{own}::{written}"));
    }
    let mut folder = parent();
    while let Some(path) = rest {
        rest = path.strip_prefix("super::");
        if rest.is_none() {
            return Some(format!("{folder}::{path}"));
        }
        folder = folder.rsplit_once("::").map_or("", |(folder, _)| folder);
    }
    None
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn sibling_exists(island: &str, name: &str) -> bool {
    let folder = root().join("src").join(island);
    folder.join(name).is_dir() || folder.join(format!("{name}.rs")).is_file()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    files.sort();
    files.iter().map(|path| source(path)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("source folders can be listed") {
        let path = entry.expect("source folders can be listed").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("source files can be read");
    let relative = path
        .strip_prefix(root().join("src"))
        .expect("it was found below src")
        .with_extension("");
    let mut parts = relative
        .iter()
        .map(|part| part.to_string_lossy().into_owned());
    let module = parts.next().unwrap_or_default();
    let submodule = parts.next().filter(|part| part != "mod");
    Source {
        path: relative.with_extension("rs"),
        text,
        module,
        submodule,
    }
}
