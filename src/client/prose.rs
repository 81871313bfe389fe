//! Long texts: from an argument, a file, standard input or an editor. What is typed goes out as it is, without
//! the line ends at its end.

use std::{
    env, fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::NamedTempFile;

use super::failure::Failure;

/// The text itself, or standard input for `-`.
pub fn given(text: String) -> Result<String, Failure> {
    match text.as_str() {
        "-" => file(Path::new("-")),
        _ => Ok(text),
    }
}

/// The same where there may be none.
pub fn maybe(text: Option<String>) -> Result<String, Failure> {
    text.map_or_else(|| Ok(String::new()), given)
}

/// What a file holds, or standard input for `-`.
pub fn file(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    read.map(trimmed).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// A text that was edited, and the file that keeps it until it is dropped.
pub struct Edited {
    /// The text.
    pub text: String,
    file: NamedTempFile,
}

impl Edited {
    /// Leaves the file in place, so that nothing typed is lost.
    pub fn keep(self) -> Option<PathBuf> {
        self.file.into_temp_path().keep().ok()
    }
}

/// Opens `$VISUAL` or `$EDITOR` on a text. Fails if it is left as it was, or empty.
pub fn edit(current: &str) -> Result<Edited, Failure> {
    let editor = ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|editor| !editor.trim().is_empty())
        .ok_or_else(|| Failure::usage("give --file, or set VISUAL or EDITOR"))?;
    edit_with(&editor, current)
}

fn edit_with(editor: &str, current: &str) -> Result<Edited, Failure> {
    let wrong = |error: io::Error| Failure::usage(format!("{editor}: {error}"));
    let mut file = tempfile::Builder::new().prefix("pakn-draft-").suffix(".txt").tempfile().map_err(wrong)?;
    file.write_all(current.as_bytes()).map_err(wrong)?;
    let status = command(editor, file.path()).status().map_err(wrong)?;
    if !status.success() {
        return Err(Failure::usage(format!("{editor} ended with {status}; nothing was sent")));
    }
    // Read by its path: many editors replace the file.
    let text = self::file(file.path())?;
    match text.as_str() {
        "" => Err(Failure::usage("the text is empty; nothing was sent")),
        text if text == current.trim_end_matches(['\r', '\n']) => {
            Err(Failure::usage("the text is as it was; nothing was sent"))
        }
        _ => Ok(Edited { text, file }),
    }
}

/// An editor may come with arguments of its own, as in `code --wait`.
#[cfg(unix)]
fn command(editor: &str, path: &Path) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(path);
    command
}

#[cfg(not(unix))]
fn command(editor: &str, path: &Path) -> Command {
    let mut words = editor.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).arg(path);
    command
}

fn trimmed(text: String) -> String {
    text.trim_end_matches(['\r', '\n']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn an_editor_changes_the_text_or_nothing_is_sent() {
        let edited = edit_with("printf '+ mới\\n' >>", "cũ\n").unwrap();
        assert_eq!(edited.text, "cũ\n+ mới");
        let kept = edited.keep().unwrap();
        assert_eq!(fs::read_to_string(&kept).unwrap(), "cũ\n+ mới\n");
        fs::remove_file(kept).unwrap();
        let failed = |editor| edit_with(editor, "cũ\n").err().map(|failure| failure.to_string());
        let nothing = |why: &str| Some(format!("{why}; nothing was sent"));
        assert_eq!(failed("true"), nothing("the text is as it was"));
        assert_eq!(failed(": >"), nothing("the text is empty"));
        assert!(failed("false").unwrap().ends_with("nothing was sent"));
    }

    #[test]
    fn line_ends_at_the_end_go_and_nothing_else() {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(" Kính gửi\r\n\r\nông An \n\n".as_bytes()).unwrap();
        assert_eq!(self::super::file(file.path()).unwrap(), " Kính gửi\r\n\r\nông An ");
        assert_eq!(given("text".to_owned()).unwrap(), "text");
        assert_eq!(maybe(None).unwrap(), "");
        assert_eq!(self::super::file(Path::new("/nowhere")).unwrap_err().exit(), 2);
    }
}
