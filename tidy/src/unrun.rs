//! Libraries build a program of their unit tests, and rustdoc looks for examples in each. That takes a fifth of a fresh build
//! where there are none, so manifests say what a crate has not; and it must be true, or tests would never be run.

use crate::source::Source;

/// What the manifest of the member at `package` says of its library's tests, and the sources do not.
pub fn violations(package: &str, manifest: &str, sources: &[Source]) -> Vec<String> {
    let Ok(manifest) = manifest.parse::<toml::Table>() else {
        return vec![format!("{package}/Cargo.toml cannot be read")];
    };
    let said = |key: &str| {
        let library = manifest.get("lib").and_then(toml::Value::as_table);
        library.and_then(|library| library.get(key)).and_then(toml::Value::as_bool).unwrap_or(true)
    };
    let directory = format!("{package}/src/");
    let ours = || sources.iter().filter(|source| source.path.starts_with(&directory));
    if !ours().any(|source| source.path.ends_with("src/lib.rs")) {
        return Vec::new();
    }
    let has_tests = ours().any(|source| source.code.contains("#[test]"));
    let has_examples = ours().any(|source| source.text.lines().any(is_fence));
    let mut found = Vec::new();
    for (key, said, has) in [("test", said("test"), has_tests), ("doctest", said("doctest"), has_examples)] {
        match (said, has) {
            (false, true) => {
                found.push(format!("{package} has what `{key} = false` keeps from being run: strike it"))
            }
            (true, false) => {
                found.push(format!("{package} has nothing for cargo to run: say `{key} = false` under [lib]"))
            }
            (true, true) | (false, false) => {}
        }
    }
    found
}

/// Whether a line of documentation begins or ends an example.
fn is_fence(line: &str) -> bool {
    let line = line.trim_start();
    let text = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
    text.is_some_and(|text| text.trim_start().starts_with("```"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_must_be_so() {
        let library = |text: &str| [Source::new("one/src/lib.rs", text)];
        let (plain, tested) =
            (library("fn a() {}"), library("#[cfg(test)]\nmod tests {\n#[test]\nfn b() {}\n}\n"));
        let (none, all) = ("[lib]\ntest = false\ndoctest = false", "");
        assert!(violations("one", none, &plain).is_empty());
        assert_eq!(violations("one", all, &plain).len(), 2);
        assert_eq!(violations("one", none, &tested).len(), 1);
        assert_eq!(violations("one", none, &library("//! ```\n//! a\n//! ```\n")).len(), 1);
        assert!(violations("two", all, &plain).is_empty(), "a member without a library");
    }
}
