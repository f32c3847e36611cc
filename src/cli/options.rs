//! What is said about every capture before it is opened: in the settings file, then on the command line.

use std::fs;
use std::path::PathBuf;

use etcetera::BaseStrategy as _;

use super::{Arguments, Failure, complain};
use crate::formats::{Options, Password};

impl Arguments {
    /// The options for opening captures; limits on the command line win over those in the settings file.
    pub fn options(&self) -> Result<Options, Failure> {
        let mut options = Options {
            logformat: self.open.logformat.clone(),
            password: std::env::var("HEADWATER_PASSWORD").ok().map(Password::new),
            ..Options::default()
        };
        if let Some((path, text)) = settings() {
            for problem in options.limits.set_from_toml(&text) {
                complain(&format!("{}: {problem}", path.display()));
            }
        }
        for limit in &self.open.limit {
            let (name, amount) = limit.split_once('=').ok_or_else(|| {
                Failure::Usage(format!("{limit:?} is no limit such as line=4MiB"))
            })?;
            options
                .limits
                .set(name.trim(), amount)
                .map_err(Failure::Usage)?;
        }
        Ok(options)
    }
}

/// The settings file, `headwater/settings.toml` in the user's configuration folder, when there is one.
fn settings() -> Option<(PathBuf, String)> {
    let folders = etcetera::choose_base_strategy().ok()?;
    let path = folders.config_dir().join("headwater").join("settings.toml");
    match fs::read_to_string(&path) {
        Ok(text) => Some((path, text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            complain(&format!("{}: {error}", path.display()));
            None
        }
    }
}
