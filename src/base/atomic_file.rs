//! Files that are replaced as a whole: after a crash a reader finds the old content or the new one, never a mixture.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Why a file was not replaced. The old content, if there was any, is as before.
#[derive(Debug, thiserror::Error)]
#[error("could not {step}: {source}: {path}", path = path.display())]
pub struct ReplaceError {
    step: &'static str,
    source: io::Error,
    path: PathBuf,
}

impl ReplaceError {
    /// True when the folder does not take new files, so that another place may still do.
    pub fn is_unwritable(&self) -> bool {
        matches!(
            self.source.kind(),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
        )
    }
}

/// Puts `bytes` at `path` durably, readable by its owner only.
///
/// The bytes go to a private file in the same folder, reach the disk, and only then take the name. Call it off the
/// window's thread: it waits for the disk.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), ReplaceError> {
    let fail = |step| {
        move |source| ReplaceError {
            step,
            source,
            path: path.to_owned(),
        }
    };
    let folder = folder_of(path);
    let mut file = tempfile::Builder::new()
        .prefix(".headwater-")
        .tempfile_in(folder)
        .map_err(fail("create a file in the folder"))?;
    file.write_all(bytes).map_err(fail("write the file"))?;
    file.as_file()
        .sync_all()
        .map_err(fail("bring the file to the disk"))?;
    file.persist(path)
        .map_err(|error| fail("give the file its name")(error.error))?;
    sync_folder(folder).map_err(fail("bring the folder to the disk"))
}

/// As [`replace`], after making the folders above `path`, private ones where they are new.
pub fn replace_in_new_folder(path: &Path, bytes: &[u8]) -> Result<(), ReplaceError> {
    make_private_folders(folder_of(path)).map_err(|source| ReplaceError {
        step: "make the folder",
        source,
        path: path.to_owned(),
    })?;
    replace(path, bytes)
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

fn make_private_folders(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A rename is durable only once the folder is; Windows has no such call and does not need it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        fs::read_dir(folder)
            .expect("folder")
            .map(|entry| {
                let name = entry.expect("entry").file_name();
                name.to_string_lossy().into_owned()
            })
            .collect()
    }

    #[test]
    fn replaces_the_whole_content_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.json");
        replace(&path, b"a long first content").expect("written");
        replace(&path, b"second").expect("written");
        assert_eq!(fs::read(&path).expect("read"), b"second");
        assert_eq!(names_in(folder.path()), ["a.json"]);
    }

    #[test]
    fn makes_the_folders_it_needs() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("new/deep/a.json");
        replace_in_new_folder(&path, b"x").expect("written");
        assert_eq!(fs::read(&path).expect("read"), b"x");
    }

    #[test]
    fn a_failure_says_where_and_leaves_the_old_content() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("taken");
        fs::create_dir(&path).expect("folder");
        fs::write(path.join("old"), b"old").expect("written");
        let error = replace(&path, b"new").expect_err("a folder stands there");
        assert!(error.to_string().ends_with("taken"), "{error}");
        assert_eq!(fs::read(path.join("old")).expect("read"), b"old");
        assert_eq!(names_in(folder.path()), ["taken"]);
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_error_not_a_panic() {
        let error = replace(Path::new("/nowhere/at/all"), b"x").expect_err("no such folder");
        assert!(!error.is_unwritable());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it_even_when_the_old_file_was_open_to_all() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.json");
        fs::write(&path, b"old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("mode");
        replace(&path, b"new").expect("written");
        let mode = fs::metadata(&path).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
