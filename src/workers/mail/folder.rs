//! Letters as `.eml` files in a folder: the embedded default, for trying out and for tests.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{envelope::Delivery, options::FolderOptions, outgoing::Outgoing, reply::tidy};

/// A folder of letters.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be made.
    #[error("cannot make the mail folder {path}")]
    Make {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Folder {
    /// Makes the folder if it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(options: &FolderOptions) -> Result<Folder, Error> {
        let path = options.path.clone();
        match std::fs::create_dir_all(&path) {
            Ok(()) => Ok(Folder { path }),
            Err(source) => Err(Error::Make { path, source }),
        }
    }

    /// Puts the letter in the folder as `<letter id>.eml`: whole or not at all, readable by its owner alone. A
    /// second try replaces the first.
    pub async fn deliver(&self, letter: &Outgoing) -> Delivery {
        let folder = self.path.clone();
        let name = format!("{}.eml", letter.letter_id());
        let (target, bytes) = (name.clone(), letter.bytes().to_vec());
        let written = tokio::task::spawn_blocking(move || write(&folder, &target, &bytes)).await;
        match written {
            Ok(Ok(())) => Delivery::Accepted { reply: format!("written to {name}") },
            Ok(Err(error)) => Delivery::Deferred { reply: tidy(&format!("cannot write {name}: {error}")) },
            // The writer panicked or the runtime is ending; the file is whole or absent, and is replaced next time.
            Err(_) => Delivery::Deferred { reply: format!("cannot write {name}: interrupted") },
        }
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".letter-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name)).map_err(|error| error.error)?;
    // The name is on disk only once the folder is.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}
