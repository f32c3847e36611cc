//! Files without a name, which the system frees when the program ends, however it ends.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, openat};
use rustix::io::Errno;

/// A file without a name in `folder`, readable by its owner only; `None` where there is no such thing.
pub(super) fn create_in(folder: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match openat(CWD, folder, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => {
            let file = File::from(file);
            // Without /proc it could never be named.
            Ok(handle(&file).exists().then_some(file))
        }
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOSYS) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Names `file`; an error when there is a file at `path`.
pub(super) fn link(file: &File, path: &Path) -> io::Result<()> {
    Ok(linkat(
        CWD,
        handle(file),
        CWD,
        path,
        AtFlags::SYMLINK_FOLLOW,
    )?)
}

/// Names `file`, in place of the file at `path` if there is one; false when this system gives it no name. No call of the
/// system does both, so that the file has a private name for a moment.
pub(super) fn replace(file: &File, path: &Path) -> io::Result<bool> {
    match link(file, path) {
        Ok(()) => return Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(_) => return Ok(false),
    }
    let Ok(private) = link_privately(file, super::folder_of(path)) else {
        return Ok(false);
    };
    let renamed = fs::rename(&private, path);
    if renamed.is_err() {
        // What cannot be removed either is at least private.
        drop(fs::remove_file(&private));
    }
    renamed.map(|()| true)
}

/// Names `file` by a name that nobody uses.
fn link_privately(file: &File, folder: &Path) -> io::Result<PathBuf> {
    let named = tempfile::Builder::new()
        .prefix(super::PRIVATE_PREFIX)
        .make_in(folder, |path| link(file, path))?;
    let ((), path) = named.into_parts();
    path.keep().map_err(|error| error.error)
}

fn handle(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}
