//! What the window remembers between runs: looks, layout, columns, kept filters and recent files. Never anything about flows.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde_json::{Map, Value};

use super::exporting::Choice;
use crate::base::atomic_file;
use crate::panels::table::ColumnLayout;
use crate::query::SortKey;
use crate::query::aggregate::Part;
use crate::query::columns::Column;
use crate::session::{HostsView, Lens, Measure, Session, TimelineView};
use crate::widgets::theme::ThemeChoice;

/// Most files that are remembered.
const MAX_RECENT: usize = 10;
/// Largest settings file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Which parts of the window are shown, and how large they are in points.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct Layout {
    /// Providers, and the sheet of what is selected.
    pub has_charts: bool,
    /// The overview and the waterfall.
    pub has_timeline: bool,
    /// The details of the selected flow, where each row is one.
    pub has_details: bool,
    /// The same in lenses whose rows stand for several flows: the sheet beside them says most of it.
    pub has_details_of_rows: bool,
    /// The row of quick filters.
    pub has_chips: bool,
    /// Width of the charts; `None` while nobody changed it, so that it follows the window.
    pub charts: Option<f32>,
    /// Height of the timeline, likewise.
    pub timeline: Option<f32>,
    /// Height of the details, likewise.
    pub details: Option<f32>,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            has_charts: true,
            has_timeline: true,
            has_details: true,
            has_details_of_rows: false,
            has_chips: true,
            charts: None,
            timeline: None,
            details: None,
        }
    }
}

impl Layout {
    /// True when the details are shown in `lens`.
    pub(super) const fn has_details_in(&self, lens: Lens) -> bool {
        if lens.is_grouped() {
            self.has_details_of_rows
        } else {
            self.has_details
        }
    }

    /// Shows the details in `lens`, or hides them.
    pub(super) const fn show_details_in(&mut self, lens: Lens, is_shown: bool) {
        if lens.is_grouped() {
            self.has_details_of_rows = is_shown;
        } else {
            self.has_details = is_shown;
        }
    }
}

/// A filter that was kept under a name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct SavedFilter {
    /// What a person calls it.
    pub name: String,
    /// The filter.
    pub filter: String,
}

/// A column to sort by, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct SavedSort {
    /// The word of the column.
    pub column: String,
    /// Largest first.
    pub descending: bool,
}

/// The settings; of a file that is damaged, each field that can be understood counts.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// How much larger than usual everything is.
    pub zoom: f32,
    /// Which parts are shown, and how large.
    pub layout: Layout,
    /// Columns and their widths.
    pub columns: ColumnLayout,
    /// Columns to sort by, the first one first.
    pub sort: Vec<SavedSort>,
    /// Times are shown in the zone of this machine.
    pub is_local_time: bool,
    /// What the size of a slice means.
    pub measure: Measure,
    /// By what slices are drawn.
    pub part: Part,
    /// How the timeline is drawn.
    pub timeline: TimelineView,
    /// How the lens of hosts shows them.
    pub hosts: HostsView,
    /// Filters kept by name, in the order of their names.
    pub filters: Vec<SavedFilter>,
    /// The hint for the first run was dismissed.
    pub has_seen_first_steps: bool,
    /// Who signs labels; empty when nobody does.
    pub reviewer: String,
    /// What was chosen for the last export.
    pub export: Choice,
    /// The files opened last, the newest first.
    pub recent: Vec<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            zoom: 1.0,
            layout: Layout::default(),
            columns: ColumnLayout::default(),
            sort: Vec::new(),
            is_local_time: false,
            measure: Measure::default(),
            part: Part::default(),
            timeline: TimelineView::default(),
            hosts: HostsView::default(),
            filters: Vec::new(),
            has_seen_first_steps: false,
            reviewer: String::new(),
            export: Choice::default(),
            recent: Vec::new(),
        }
    }
}

impl Settings {
    /// Where settings are kept; `None` when the home folder is not known.
    pub(super) fn usual_path() -> Option<PathBuf> {
        let folders = etcetera::choose_base_strategy().ok()?;
        let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
        Some(folder.join("headwater").join("window.json"))
    }

    /// Reads the settings at `path`.
    pub(super) fn load(path: &Path) -> Self {
        let is_small = path.metadata().is_ok_and(|data| data.len() <= MAX_BYTES);
        if !is_small {
            return Self::default();
        }
        let Ok(bytes) = std::fs::read(path) else {
            return Self::default();
        };
        serde_json::from_slice(&bytes).unwrap_or_else(|error| {
            log::warn!("the window's settings are damaged: {error}");
            Self::set_aside(path);
            serde_json::from_slice(&bytes).map_or_else(|_| Self::default(), Self::understood)
        })
    }

    /// Keeps a file that cannot be understood as a whole: it holds filters that somebody wrote.
    fn set_aside(path: &Path) {
        let kept = path.with_extension("damaged.json");
        if let Err(error) = std::fs::copy(path, &kept) {
            log::warn!("the damaged settings are not kept: {error}");
        }
    }

    /// The fields that this version understands, each by itself.
    fn understood(fields: Map<String, Value>) -> Self {
        let mut settings = Self::default();
        for (name, value) in fields {
            let Ok(Value::Object(mut all)) = serde_json::to_value(&settings) else {
                continue;
            };
            all.insert(name, value);
            if let Ok(changed) = serde_json::from_value(Value::Object(all)) {
                settings = changed;
            }
        }
        settings
    }

    /// Writes the settings to `path`, readable for their owner only.
    pub(super) fn save(&self, path: &Path) {
        let Ok(bytes) = serde_json::to_vec_pretty(self) else {
            return;
        };
        if let Err(error) = atomic_file::replace_in_new_folder(path, &bytes) {
            log::warn!("the window's settings are not saved: {error}");
        }
    }

    /// Keeps `filter` under `name`, in place of what had that name.
    pub(super) fn keep_filter(&mut self, name: String, filter: String) {
        self.filters.retain(|other| other.name != name);
        self.filters.push(SavedFilter { name, filter });
        self.filters.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// The columns to sort by, as far as this version knows them.
    fn sort_keys(&self) -> Vec<SortKey> {
        let known = self.sort.iter().filter_map(|saved| {
            Some(SortKey {
                column: Column::named(&saved.column)?.id,
                descending: saved.descending,
            })
        });
        known.collect()
    }

    /// What a window looks at before anything was chosen in it.
    pub(super) fn session(&self) -> Session {
        let mut session = Session {
            is_local_time: self.is_local_time,
            measure: self.measure,
            part: self.part,
            timeline: self.timeline,
            hosts: self.hosts,
            ..Session::default()
        };
        session.query.sort = self.sort_keys();
        session
    }

    /// Remembers how `session` shows what it shows, and nothing about the flows.
    pub(super) fn set_session(&mut self, session: &Session) {
        self.set_sort(&session.query.sort);
        self.is_local_time = session.is_local_time;
        self.measure = session.measure;
        self.part = session.part;
        self.timeline = session.timeline;
        self.hosts = session.hosts;
    }

    fn set_sort(&mut self, keys: &[SortKey]) {
        let saved = keys.iter().map(|key| SavedSort {
            column: key.column.column().word.to_owned(),
            descending: key.descending,
        });
        self.sort = saved.collect();
    }

    /// Puts `path` first among the recent files.
    pub(super) fn opened(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        self.recent.retain(|other| *other != path);
        self.recent.insert(0, path);
        self.recent.truncate(MAX_RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::columns::ColumnId;

    #[test]
    fn settings_come_back_and_damage_costs_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("headwater").join("window.json");
        let mut settings = Settings::default();
        settings.opened(Path::new("/a/one.har"));
        settings.opened(Path::new("/a/two.har"));
        settings.opened(Path::new("/a/one.har"));
        settings.keep_filter("b".to_owned(), "x".to_owned());
        settings.keep_filter("a".to_owned(), "y".to_owned());
        settings.keep_filter("b".to_owned(), "z".to_owned());
        settings.set_sort(&[SortKey {
            column: ColumnId::Host,
            descending: true,
        }]);
        settings.save(&path);
        assert_eq!(Settings::load(&path), settings);
        assert_eq!(settings.recent.len(), 2);
        let filters = settings.filters.iter();
        let filters: Vec<_> = filters.map(|kept| (&*kept.name, &*kept.filter)).collect();
        assert_eq!(filters, [("a", "y"), ("b", "z")]);
        assert_eq!(settings.sort_keys().len(), 1);
        std::fs::write(&path, b"{\"theme\": 7").expect("written");
        assert_eq!(Settings::load(&path), Settings::default());
        let newer =
            br#"{"measure": "Weight", "reviewer": "Jo", "theme": 7, "has_seen_first_steps": true,
            "filters": [{"name": "a", "filter": "x"}], "later": {}}"#;
        std::fs::write(&path, newer).expect("written");
        let read = Settings::load(&path);
        assert_eq!((read.reviewer.as_str(), read.filters.len()), ("Jo", 1));
        assert!(read.has_seen_first_steps);
        assert_eq!(read.measure, Measure::default());
        let kept = std::fs::read(path.with_extension("damaged.json")).expect("kept");
        assert_eq!(kept, newer);
    }
}
