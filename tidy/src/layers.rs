//! Imports only downwards: which of our crates may name which.

/// What a crate may depend on, and what its tests may use besides. Every member must have a line.
pub const LAYERS: &[(&str, &[&str], &[&str])] = &[
    ("env", &[], &[]),
    ("faults", &["env"], &[]),
    ("sim", &["env", "faults"], &[]),
    // The engine knows neither the simulator nor the faults; its tests may put it into their world.
    ("pager", &["env"], &["faults", "sim"]),
    ("wal", &["env"], &["faults", "sim"]),
    ("btree", &["env", "pager"], &["faults", "sim"]),
    ("store", &["env", "pager", "btree", "wal"], &["faults", "sim"]),
    // The language: from text and values up. What is above `types` and below `hornbeam` is still to come.
    // What PostgreSQL answered, for tests only.
    ("sql/answers", &[], &[]),
    ("sql/diagnostic", &[], &[]),
    ("sql/datetime", &["diagnostic"], &["answers"]),
    // An interval's fields are words of the grammar as well as of the type: they are defined once.
    ("sql/syntax", &["diagnostic", "datetime"], &[]),
    ("sql/numeric", &["diagnostic"], &["answers"]),
    ("sql/json", &["diagnostic"], &["answers"]),
    ("sql/pattern", &[], &[]),
    ("sql/search", &["diagnostic"], &[]),
    ("sql/types", &["env", "diagnostic", "datetime", "json", "numeric", "search"], &["answers"]),
    (
        "sql/functions",
        &["diagnostic", "syntax", "numeric", "datetime", "json", "pattern", "search", "types"],
        &["answers"],
    ),
    ("sql/plan", &["diagnostic", "types"], &[]),
    (
        "sql/bind",
        &["diagnostic", "syntax", "types", "functions", "catalog", "plan"],
        &["env", "store", "sim"],
    ),
    ("sql/catalog", &["env", "store", "diagnostic", "syntax", "search", "types", "functions"], &[]),
    ("sql/execute", &["diagnostic", "datetime", "json", "types", "functions", "plan", "env", "store"], &[]),
    ("sql/copy", &["diagnostic", "syntax", "types"], &[]),
    // Bodies of functions: whoever runs SQL for them is their host.
    ("sql/procedural", &["diagnostic", "syntax", "types"], &[]),
    (
        "sql/define",
        &[
            "diagnostic",
            "syntax",
            "types",
            "search",
            "functions",
            "catalog",
            "plan",
            "bind",
            "procedural",
            "store",
        ],
        &[],
    ),
    (
        "sql/session",
        &[
            "diagnostic",
            "syntax",
            "datetime",
            "types",
            "search",
            "functions",
            "catalog",
            "plan",
            "bind",
            "copy",
            "execute",
            "procedural",
            "define",
            "env",
            "store",
        ],
        &[],
    ),
    ("sql/dump", &["catalog", "session", "types"], &["env", "store"]),
    ("sql/display", &[], &[]),
    ("sql/shell", &["display", "session", "store", "types"], &["env"]),
    ("sql/suite", &["display", "env", "faults", "session", "shell", "sim", "store", "types"], &[]),
    ("hornbeam", &["env", "functions", "session", "store", "types"], &["faults", "sim"]),
    ("server", &["diagnostic", "types", "session", "env", "store"], &[]),
    // torture lists the labels of every layer and looks at disk images layer by layer.
    ("torture", &["env", "faults", "sim", "pager", "btree", "wal", "store"], &[]),
    // Statements under torture: on the runner of the one and the sessions of the other.
    (
        "sql/torture",
        &["catalog", "diagnostic", "env", "faults", "server", "session", "store", "torture", "types"],
        &[],
    ),
    (
        "cli",
        &["env", "store", "hornbeam", "torture", "sql_torture", "session", "shell", "dump", "server"],
        &["faults", "sim"],
    ),
    ("bench", &["env", "store", "session", "types", "hornbeam"], &[]),
    ("tidy", &[], &[]),
];

/// Parts of a crate that know less than the crate: a path's beginning, and the crates it must not name.
pub const PARTS: &[(&str, &[&str])] = &[
    ("store/src/locks", &["pager", "btree", "wal"]),
    ("store/src/serializable", &["pager", "btree", "wal"]),
];

/// What is wrong with the dependencies in the manifest of the crate in directory `package`.
pub fn violations(package: &str, manifest: &str) -> Vec<String> {
    let Some((_, shipped, tested)) = LAYERS.iter().find(|layer| layer.0 == package) else {
        return vec![format!(
            "{package} has no place among the layers: give it a line in tidy/src/layers.rs"
        )];
    };
    let table: toml::Table = match manifest.parse() {
        Ok(table) => table,
        Err(error) => return vec![format!("{package}/Cargo.toml cannot be read: {error}")],
    };
    let mut found = Vec::new();
    for (section, also) in
        [("dependencies", &[][..]), ("build-dependencies", &[]), ("dev-dependencies", tested)]
    {
        let Some(dependencies) = table.get(section).and_then(toml::Value::as_table) else { continue };
        for (name, value) in dependencies {
            let ours = LAYERS.iter().any(|layer| layer.0.rsplit('/').next() == Some(name));
            if ours && !shipped.contains(&name.as_str()) && !also.contains(&name.as_str()) {
                found.push(format!("{package} must not import {name} ({section})"));
            }
            let renamed = value
                .as_table()
                .is_some_and(|value| value.contains_key("package") || value.contains_key("path"));
            if renamed {
                found.push(format!("{package} names {name} past the workspace's list ({section})"));
            }
        }
    }
    found
}

/// What a source under one of [`PARTS`] names that it must not.
pub fn part_violations(source: &crate::source::Source) -> Vec<String> {
    let forbidden = PARTS.iter().filter(|part| source.path.starts_with(part.0)).flat_map(|part| part.1);
    let names = crate::imports::paths(&source.shipped_code());
    forbidden
        .filter(|package| names.iter().any(|name| name.path.split("::").next() == Some(package)))
        .map(|package| format!("{} must not know {package}", source.path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{part_violations, violations};
    use crate::source::Source;

    #[test]
    fn an_upward_import_is_found() {
        assert!(violations("pager", "[dependencies]\nenv.workspace = true\n").is_empty());
        assert_eq!(violations("pager", "[dependencies]\nsim.workspace = true\n").len(), 1);
        assert!(violations("pager", "[dev-dependencies]\nsim.workspace = true\n").is_empty());
        assert_eq!(violations("env", "[dev-dependencies]\nsim.workspace = true\n").len(), 1);
        assert_eq!(violations("store", "[dependencies]\nx = { path = \"../sim\" }\n").len(), 1);
        assert_eq!(violations("newcomer", "").len(), 1);
    }

    #[test]
    fn a_part_that_knows_too_much_is_found() {
        let source = Source::new("store/src/locks/table.rs", "use env::sync::Mutex;\nuse pager::Pager;\n");
        assert_eq!(part_violations(&source).len(), 1);
    }
}
