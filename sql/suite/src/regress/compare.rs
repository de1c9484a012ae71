//! Whether two answers of psql say the same.

/// What is compared: rows, names of columns and the error's message. Where the order of rows is free they are sorted. What
/// psql points at, details, hints and notices are left out; [`exact`] has them too.
pub fn essence(answer: &str, ordered: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut error, mut told, mut text) = (false, false, false);
    for line in answer.lines() {
        let line = line.trim_end();
        if line.starts_with("ERROR:  ") {
            (error, told) = (true, false);
        } else if aside(line) {
            // A table may follow a notice, not an error.
            told = true;
            text =
                line.starts_with("LINE ") || line.starts_with("DETAIL:  ") || line.starts_with("CONTEXT:  ");
            continue;
        } else if told && (error || text && continues(line)) {
            continue;
        } else {
            (told, text) = (false, false);
        }
        if !line.is_empty() {
            lines.push(line.to_owned());
        }
    }
    if !ordered && !error && lines.len() > 2 {
        lines[2..].sort();
    }
    lines
}

/// Everything, but for blanks at the ends of lines.
pub fn exact(answer: &str) -> Vec<&str> {
    answer.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect()
}

fn aside(line: &str) -> bool {
    ["LINE ", "DETAIL:  ", "HINT:  ", "CONTEXT:  ", "NOTICE:  ", "WARNING:  ", "INFO:  ", "QUERY:  "]
        .iter()
        .any(|word| line.starts_with(word))
}

/// What goes on below a detail: the caret, names of objects.
fn continues(line: &str) -> bool {
    line.trim() == "^" || line.starts_with("drop cascades to ") || line.contains(" depends on ")
}

#[cfg(test)]
mod tests {
    use super::essence;

    #[test]
    fn what_is_told_aside_is_left_out() {
        let error = "NOTICE:  so\nERROR:  no\nLINE 1: x\n        ^\nDETAIL:  a\nb\nHINT:  c\n";
        assert_eq!(essence(error, true), ["ERROR:  no"]);
        let rows = "DETAIL:  drop cascades to a\ndrop cascades to b\n x \n---\n 2\n 1\n(2 rows)\n\n";
        assert_eq!(essence(rows, true), [" x", "---", " 2", " 1", "(2 rows)"]);
        assert_eq!(essence(rows, false), [" x", "---", " 1", " 2", "(2 rows)"]);
    }
}
