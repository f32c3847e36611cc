//! Ground floor: pieces that know nothing of captures, providers or windows.

pub mod address;
pub mod archive;
pub mod atomic_file;
pub mod bytes;
pub mod condense;
pub mod hash;
pub mod host;
pub mod jobs;
pub mod json;
pub mod json_scan;
pub mod limits;
pub mod lines;
pub mod paged;
pub mod spool;
pub mod text;
pub mod time;
pub mod window;
