//! Public test corpora, where they are at hand: packed beside the real exports, never part of this repository.
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A corpus unpacked to a folder that goes away with it; or nothing, said aloud.
pub(crate) fn unpacked(name: &str) -> Option<(TempDir, PathBuf)> {
    let Some(exports) = std::env::var_os("MAK_REAL_EXPORTS").filter(|folder| !folder.is_empty()) else {
        eprintln!("skipped: MAK_REAL_EXPORTS is not set");
        return None;
    };
    let archive = PathBuf::from(exports).join("../corpora").join(format!("{name}.tar.xz"));
    if !archive.is_file() {
        eprintln!("skipped: {} is not there", archive.display());
        return None;
    }
    let folder = TempDir::new().expect("a temporary folder");
    match Command::new("tar").arg("-xJf").arg(&archive).arg("-C").arg(folder.path()).status() {
        Ok(status) => assert!(status.success(), "{} cannot be unpacked", archive.display()),
        Err(error) => {
            eprintln!("skipped: no tar: {error}");
            return None;
        }
    }
    let corpus = folder.path().join(name);
    Some((folder, corpus))
}
