//! The files in which bodies lie when a HAR names them instead of holding them: beside it in its folder, or in its archive.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::base::bytes::{ByteSource, Span};

/// Where the files lie that a HAR names.
#[derive(Debug, Default)]
pub(super) enum Files {
    /// The HAR does not lie in a folder: it came through standard input.
    #[default]
    None,
    /// In the folder of the HAR; opened when somebody looks.
    Folder(PathBuf),
    /// In the same archive, unpacked.
    Archive {
        source: ByteSource,
        spans: HashMap<String, Span>,
    },
}

impl Files {
    /// The files in the folder of the HAR at `path`.
    pub(super) fn beside(path: &Path) -> Self {
        match path.parent() {
            Some(folder) if path.is_file() => Self::Folder(folder.to_path_buf()),
            _ => Self::None,
        }
    }

    /// True when there is a file called `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::Folder(folder) => plain_file(folder, name).is_some(),
            Self::Archive { .. } => self.member(name).is_some(),
        }
    }

    /// Where the file called `name` lies.
    pub(super) fn open(&self, name: &str) -> Option<(ByteSource, Span)> {
        match self {
            Self::None => None,
            Self::Folder(folder) => {
                let source = ByteSource::open(&plain_file(folder, name)?).ok()?;
                let len = u32::try_from(source.len()).unwrap_or(u32::MAX);
                Some((source, Span::new(0, len)))
            }
            Self::Archive { source, .. } => Some((source.clone(), self.member(name)?)),
        }
    }

    /// A member called `name`; traces of Playwright keep theirs in a folder that older ones do not name.
    fn member(&self, name: &str) -> Option<Span> {
        let Self::Archive { spans, .. } = self else {
            return None;
        };
        let found = spans.get(name);
        found
            .or_else(|| spans.get(&format!("resources/{name}")))
            .copied()
    }
}

/// The regular file called `name` in `folder`. A HAR may come from anybody, so it names nothing outside of its folder: no
/// path, no link.
fn plain_file(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut parts = Path::new(name).components();
    let is_plain = matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none();
    if !is_plain || name.contains(['/', '\\', ':', '\0']) {
        return None;
    }
    let path = folder.join(name);
    let is_file = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
    is_file.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_folder_is_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("inside");
        fs::create_dir(&inside).expect("a folder");
        fs::write(folder.path().join("secret"), "secret").expect("written");
        fs::write(inside.join("a.har"), "{}").expect("written");
        fs::write(inside.join("body.txt"), "body").expect("written");
        #[cfg(unix)]
        std::os::unix::fs::symlink("../secret", inside.join("link")).expect("a link");
        let files = Files::beside(&inside.join("a.har"));
        assert!(files.has("body.txt"));
        let absolute = folder.path().join("secret");
        let absolute = absolute.to_string_lossy();
        for name in [
            "",
            ".",
            "..",
            "../secret",
            "..\\secret",
            "link",
            "other",
            &absolute,
        ] {
            assert!(!files.has(name), "{name}");
            assert!(files.open(name).is_none(), "{name}");
        }
    }
}
