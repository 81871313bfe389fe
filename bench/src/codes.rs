//! The file of tracking codes and access keys that filling writes and the callers choose from.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufWriter, Write as _},
    path::Path,
};

use crate::failure::Failure;

/// A petition as its petitioner knows it.
#[derive(Debug, Clone)]
pub struct Known {
    /// Tracking code.
    pub code: String,
    /// Access key.
    pub key: String,
}

/// Reads a file: one petition a line, code and key parted by a tab.
///
/// # Errors
/// When the file is not there, or is not such a file.
pub fn read(file: &Path) -> Result<Vec<Known>, Failure> {
    let text = fs::read_to_string(file)?;
    let known: Option<Vec<Known>> = text
        .lines()
        .map(|line| line.split_once('\t').map(|(code, key)| Known { code: code.to_owned(), key: key.to_owned() }))
        .collect();
    known.ok_or_else(|| Failure::new(format!("{} is no file of codes", file.display())))
}

/// Adds petitions to a file.
///
/// # Errors
/// When the file cannot be written.
pub fn append(file: &Path, known: &[Known]) -> Result<(), Failure> {
    let file: File = OpenOptions::new().create(true).append(true).open(file)?;
    let mut out = BufWriter::new(file);
    for Known { code, key } in known {
        writeln!(out, "{code}\t{key}")?;
    }
    Ok(out.flush()?)
}
