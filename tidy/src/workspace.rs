//! Finding the sources and manifests of the workspace.

use crate::source::Source;
use std::fs;
use std::path::{Path, PathBuf};

/// What holds nothing hand-written, and what is outside the workspace: the oracle, a program that reads files and prints, the fuzz
/// targets, and programs of clients' tests in Rust.
const SKIPPED: &[&str] = &["target", ".git", "oracle", "fuzz", "rust"];

/// The files of the workspace that rules look at.
pub struct Workspace {
    /// Every Rust source, by path.
    pub sources: Vec<Source>,
    /// Every other text: manifests, documents, scripts, scenarios; path and text, by path.
    pub texts: Vec<(String, String)>,
}

impl Workspace {
    /// Reads the workspace that this crate is a member of.
    ///
    /// # Errors
    /// Whatever keeps a directory or file of it from being read.
    pub fn read() -> std::io::Result<Workspace> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut workspace = Workspace { sources: Vec::new(), texts: Vec::new() };
        let mut waiting = vec![PathBuf::new()];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(root.join(&directory))? {
                let entry = entry?;
                let path = directory.join(entry.file_name());
                if SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
                    continue;
                }
                if entry.file_type()?.is_dir() {
                    waiting.push(path);
                } else {
                    workspace.add(&root, &path)?;
                }
            }
        }
        workspace.sources.sort_by(|left, right| left.path.cmp(&right.path));
        workspace.texts.sort();
        Ok(workspace)
    }

    fn add(&mut self, root: &Path, path: &Path) -> std::io::Result<()> {
        let name = path.to_string_lossy().replace('\\', "/");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => self.sources.push(Source::new(name, fs::read_to_string(root.join(path))?)),
            Some("toml" | "md" | "snap" | "sh" | "yml" | "yaml" | "json") | None => {
                // Without an extension it may be a script or anything else; what is no text is left out.
                if let Ok(text) = String::from_utf8(fs::read(root.join(path))?) {
                    self.texts.push((name, text));
                }
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// The manifests of the member crates: directory and text.
    pub fn manifests(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().filter_map(|(path, text)| {
            let package = path.strip_suffix("/Cargo.toml")?;
            let member = !package.contains('/') || package.starts_with("sql/");
            member.then_some((package, text.as_str()))
        })
    }
}
