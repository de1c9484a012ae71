//! The defects in `torture/mutants/` and `sql/torture/mutants/`: what each file says, and how a defect is put into a source.
//!
//! A defect is a stretch of the engine's source (`sound`) and what stands there instead (`broken`): an expression, or
//! whole statements that declare nothing. All are planted at once, each behind a switch, so that one build serves all.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One defect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// What the engine does wrong, in one sentence.
    pub title: String,
    /// The oracles one of which should notice, said before the first run.
    pub expected: Vec<String>,
    /// The profile whose runs should notice, where it is not the usual one.
    pub profile: Option<String>,
    /// The file it is planted in.
    pub file: String,
    /// Text that stands once in the file; `sound` is looked for from there on. Without it, `sound` itself stands once.
    pub after: Option<String>,
    /// What stands there.
    pub sound: String,
    /// What stands there instead.
    pub broken: String,
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = package.ancestors().find(|folder| folder.join("tidy").is_dir());
    workspace.expect("packages lie in the workspace").to_path_buf()
}

/// All of a folder, by name.
pub fn all(folder: &str) -> BTreeMap<String, Mutant> {
    let folder = root().join(folder);
    let mut mutants = BTreeMap::new();
    for entry in fs::read_dir(&folder).expect("the folder is there") {
        let path = entry.expect("is listed").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().expect("has a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("is text");
            let mutant = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            mutants.insert(name, mutant);
        }
    }
    mutants
}

impl Mutant {
    /// Where in `text` the sound stretch begins.
    pub fn position(&self, text: &str) -> Result<usize, String> {
        let unique = self.after.as_ref().unwrap_or(&self.sound);
        let mut found = text.match_indices(unique.as_str()).map(|(at, _)| at);
        let at = match (found.next(), found.next()) {
            (Some(at), None) => at,
            (None, _) => return Err(format!("{} no longer has: {unique}", self.file)),
            (Some(_), Some(_)) => return Err(format!("{} has it more than once: {unique}", self.file)),
        };
        let rest = text[at..].find(&self.sound);
        rest.map(|rest| at + rest).ok_or_else(|| format!("{} no longer has: {}", self.file, self.sound))
    }

    /// The two behind a switch that is called `name`.
    pub fn switched(&self, name: &str) -> String {
        let (sound, broken) = (&self.sound, &self.broken);
        let choice = format!("if ::env::planted(\"{name}\") {{ {broken} }} else {{ {sound} }}");
        let ends = |text: &str| text.is_empty() || text.ends_with([';', '}']);
        let statements = ends(sound) && ends(broken);
        if statements { choice } else { format!("({choice})") }
    }
}
