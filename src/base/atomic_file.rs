//! Files that take their name as a whole: after a crash a reader finds the old content or the new one, never a mixture.
//!
//! Until then the bytes lie in a file without a name where the system has such (`O_TMPFILE` of Linux), so that a program
//! that is killed leaves nothing behind; elsewhere in a private file in the same folder.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
mod unnamed;

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

/// A file that is being written and has no name yet. It is readable by its owner only; when it is dropped without a
/// [`commit`](Self::commit), nothing of it stays.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    content: BufWriter<Content>,
}

#[derive(Debug)]
enum Content {
    #[cfg(target_os = "linux")]
    Unnamed(File),
    Named(tempfile::NamedTempFile),
}

impl NewFile {
    /// Begins a file that shall lie at `path`.
    pub fn create(path: &Path) -> Result<Self, ReplaceError> {
        let content = Content::create_in(folder_of(path));
        Ok(Self {
            content: BufWriter::new(content.map_err(failed("create a file in the folder", path))?),
            path: path.to_owned(),
        })
    }

    /// Gives the file its name once it has reached the disk; it takes the place of a file that lies there. Call it off the
    /// window's thread: it waits for the disk.
    pub fn commit(self) -> Result<(), ReplaceError> {
        self.finish(Content::replace)
    }

    /// As [`commit`](Self::commit), but an error when a file lies there.
    pub fn commit_new(self) -> Result<(), ReplaceError> {
        self.finish(Content::link_new)
    }

    fn finish(
        self,
        take_name: impl FnOnce(Content, &Path) -> io::Result<()>,
    ) -> Result<(), ReplaceError> {
        let path = &self.path;
        let content = self.content.into_inner();
        let content =
            content.map_err(|error| failed("write the file", path)(error.into_error()))?;
        let synced = content.as_file().sync_all();
        synced.map_err(failed("bring the file to the disk", path))?;
        take_name(content, path).map_err(failed("give the file its name", path))?;
        sync_folder(folder_of(path)).map_err(failed("bring the folder to the disk", path))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.content.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.content.flush()
    }
}

impl Content {
    fn create_in(folder: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed::create_in(folder)? {
            return Ok(Self::Unnamed(file));
        }
        Ok(Self::Named(named_in(folder)?))
    }

    fn as_file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    fn link_new(self, path: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => match unnamed::link(&file, path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    named_copy(file, path)?.persist_noclobber(path)?;
                    Ok(())
                }
                linked => linked,
            },
            Self::Named(file) => {
                file.persist_noclobber(path)?;
                Ok(())
            }
        }
    }

    fn replace(self, path: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => {
                if !unnamed::replace(&file, path)? {
                    named_copy(file, path)?.persist(path)?;
                }
                Ok(())
            }
            Self::Named(file) => {
                file.persist(path)?;
                Ok(())
            }
        }
    }
}

impl Write for Content {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.as_file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.as_file().flush()
    }
}

fn named_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(PRIVATE_PREFIX)
        .tempfile_in(folder)
}

/// For file systems that make files without a name, and then give them none.
#[cfg(target_os = "linux")]
fn named_copy(mut file: File, path: &Path) -> io::Result<tempfile::NamedTempFile> {
    io::Seek::rewind(&mut file)?;
    let mut copy = named_in(folder_of(path))?;
    io::copy(&mut file, &mut copy)?;
    copy.as_file().sync_all()?;
    Ok(copy)
}

/// What the names of private files begin with.
const PRIVATE_PREFIX: &str = ".headwater-";

fn failed(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ReplaceError {
    let path = path.to_owned();
    move |source| ReplaceError { step, source, path }
}

/// Puts `bytes` at `path` durably, readable by its owner only. Call it off the window's thread: it waits for the disk.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), ReplaceError> {
    let mut file = NewFile::create(path)?;
    file.write_all(bytes)
        .map_err(failed("write the file", path))?;
    file.commit()
}

/// As [`replace`], after making the folders above `path`, private ones where they are new.
pub fn replace_in_new_folder(path: &Path, bytes: &[u8]) -> Result<(), ReplaceError> {
    make_private_folders(folder_of(path)).map_err(failed("make the folder", path))?;
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
    fn what_is_not_finished_never_has_a_name() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.json");
        let mut file = NewFile::create(&path).expect("begun");
        file.write_all(&vec![7; 100_000]).expect("written");
        if cfg!(target_os = "linux") {
            assert!(names_in(folder.path()).is_empty());
        }
        drop(file);
        assert!(names_in(folder.path()).is_empty());
    }

    #[test]
    fn a_new_file_takes_nobodys_place() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.json");
        let begun = || {
            let mut file = NewFile::create(&path).expect("begun");
            file.write_all(b"new").expect("written");
            file
        };
        let (first, second) = (begun(), begun());
        first.commit_new().expect("there is none yet");
        fs::write(&path, b"old").expect("written");
        second.commit_new().expect_err("there is one now");
        assert_eq!(fs::read(&path).expect("read"), b"old");
        begun().commit().expect("replaced");
        assert_eq!(fs::read(&path).expect("read"), b"new");
        assert_eq!(names_in(folder.path()), ["a.json"]);
    }

    #[test]
    fn a_named_file_does_the_same_where_there_are_no_unnamed_ones() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.json");
        let named = || {
            let mut content = Content::Named(named_in(folder.path()).expect("begun"));
            content.write_all(b"new").expect("written");
            content
        };
        named().link_new(&path).expect("there is none yet");
        fs::write(&path, b"old").expect("written");
        named().link_new(&path).expect_err("there is one now");
        assert_eq!(fs::read(&path).expect("read"), b"old");
        named().replace(&path).expect("replaced");
        assert_eq!(fs::read(&path).expect("read"), b"new");
        assert_eq!(names_in(folder.path()), ["a.json"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_copy_under_a_name_holds_all_bytes() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.json");
        let mut file = tempfile::tempfile().expect("file");
        file.write_all(b"all bytes").expect("written");
        let copy = named_copy(file, &path).expect("copied");
        assert_eq!(fs::read(copy.path()).expect("read"), b"all bytes");
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
