//! Which objects a pattern means: `*` and `?` as in a shell, a dot between a schema and a name, quotes around what is meant
//! as it stands.

use super::quoted;

/// A pattern, as regular expressions for the whole of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written.
    pub written: String,
    schema: Option<String>,
    name: Option<String>,
}

impl Pattern {
    /// Reads one; an empty text means everything that the search path finds.
    pub fn read(text: &str) -> Pattern {
        Pattern::read_as(text, false)
    }

    /// The same; but for `*` and `?` and the dot no sign is one of an expression.
    pub fn read_signs(text: &str) -> Pattern {
        Pattern::read_as(text, true)
    }

    fn read_as(text: &str, signs_are_letters: bool) -> Pattern {
        let mut parts = vec![String::new()];
        let mut in_quotes = false;
        let mut signs = text.chars().peekable();
        while let Some(sign) = signs.next() {
            let part = parts.last_mut();
            let Some(part) = part else { break };
            match sign {
                '"' if in_quotes && signs.peek() == Some(&'"') => {
                    signs.next();
                    part.push('"');
                }
                '"' => in_quotes = !in_quotes,
                '.' if !in_quotes => parts.push(String::new()),
                '*' if !in_quotes => part.push_str(".*"),
                '?' if !in_quotes => part.push('.'),
                '$' => part.push_str("\\$"),
                sign if signs_are_letters && "|+()[]{}^\\".contains(sign) => part.extend(['\\', sign]),
                sign if in_quotes && "|*+?()[]{}.^\\".contains(sign) => part.extend(['\\', sign]),
                sign if in_quotes => part.push(sign),
                sign => part.extend(sign.to_lowercase()),
            }
        }
        let name = parts.pop().filter(|name| !name.is_empty() || !parts.is_empty());
        let schema = parts.pop();
        Pattern { written: text.to_owned(), schema, name }
    }

    /// Whether anything was written.
    pub fn is_given(&self) -> bool {
        self.name.is_some()
    }

    /// Conditions, each behind `AND`: that columns match, and where no schema is named that `visible` holds.
    pub fn conditions(&self, schema: &str, name: &str, visible: &str) -> String {
        let mut conditions = String::new();
        let mut add = |column: &str, part: &Option<String>| {
            if let Some(part) = part.as_ref().filter(|part| *part != ".*" && !part.is_empty()) {
                conditions.push_str(&format!(" AND {column} ~ {}", regular(part)));
            }
        };
        add(name, &self.name);
        add(schema, &self.schema);
        if self.schema.is_none() && !visible.is_empty() {
            conditions.push_str(&format!(" AND {visible}"));
        }
        conditions
    }
}

fn regular(part: &str) -> String {
    let text = quoted(&format!("^({part})$"));
    if text.contains('\\') { format!("E{}", text.replace('\\', "\\\\")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_become_regular_expressions() {
        let conditions = |text: &str| Pattern::read(text).conditions("s", "n", "v()");
        assert_eq!(conditions(""), " AND v()");
        assert_eq!(conditions("Ab*"), " AND n ~ '^(ab.*)$' AND v()");
        assert_eq!(conditions("a.b?"), " AND n ~ '^(b.)$' AND s ~ '^(a)$'");
        assert_eq!(conditions("a.*"), " AND s ~ '^(a)$'");
        assert_eq!(conditions("\"A.b*\""), " AND n ~ E'^(A\\\\.b\\\\*)$' AND v()");
        assert_eq!(conditions("*.*"), "");
        assert_eq!(Pattern::read_signs("+").conditions("s", "n", ""), " AND n ~ E'^(\\\\+)$'");
        assert_eq!(Pattern::read_signs("|*").conditions("s", "n", ""), " AND n ~ E'^(\\\\|.*)$'");
    }
}
