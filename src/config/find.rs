//! Finding and reading `mak.toml`: the only part of the configuration that touches files.

use std::path::{Path, PathBuf};

use super::{Config, Problems};
use crate::finding::{Code, Finding, Place};

/// The file's name.
pub const FILE_NAME: &str = "mak.toml";

/// Largest configuration that is read, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// The nearest `mak.toml` in a folder or above it.
pub fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

/// Reads and validates a configuration file.
///
/// # Errors
/// The file cannot be read, is no UTF-8, or has mistakes: all of them at once.
pub fn read(path: &Path) -> Result<Config, Problems> {
    let name = path.display().to_string();
    let refuse = |code: Code, why: String| Problems::from(Finding::new(code, Place::file(name.clone()), why));
    let unreadable = |why: std::io::Error| refuse(Code::Unreadable, format!("the configuration cannot be read: {why}"));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_BYTES {
        return Err(refuse(Code::TooLarge, format!("the configuration has {size} bytes; {MAX_BYTES} are read at most")));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| refuse(Code::BadEncoding, "the configuration is not UTF-8".to_owned()))?;
    Config::parse(&name, text.strip_prefix('\u{FEFF}').unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_above_is_found_and_read() {
        let root = tempfile::tempdir().expect("a folder");
        let deep = root.path().join("a/b");
        std::fs::create_dir_all(&deep).expect("folders");
        std::fs::write(root.path().join(FILE_NAME), "\u{FEFF}currency = \"EUR\"\n").expect("written");
        let found = find(&deep).expect("found");
        assert_eq!(found, root.path().join(FILE_NAME));
        assert_eq!(read(&found).expect("valid").settings.choices.currency.as_deref(), Some("EUR"));
        std::fs::write(root.path().join("a").join(FILE_NAME), b"x = \"\xff\"").expect("written");
        let nearer = find(&deep).expect("found");
        assert_eq!(nearer, root.path().join("a").join(FILE_NAME));
        assert!(read(&nearer).expect_err("not UTF-8").to_string().contains("not UTF-8"));
        assert!(read(&deep.join("nothing.toml")).expect_err("not there").to_string().contains("cannot be read"));
    }
}
