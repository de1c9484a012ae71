//! Bodies read: what they become, and what is refused at which place.

use procedural::host::RowKind;
use procedural::parse::{Argument, BodyKind, Looks};
use procedural::settings::Found;
use procedural::tree::{Function, Plain, ResultShape, Sort, StatementKind};
use procedural::{Catalog, Declared, Failure, Outcome, Settings, compile};
use types::Type;
use types::catalog::oid;

/// A catalog with a few types and one table.
struct Few;

impl Catalog for Few {
    fn type_named(&mut self, written: &str) -> Outcome<Type> {
        match written {
            "int" => Ok(Type::of(oid::INT4)),
            "text" => Ok(Type::of(oid::TEXT)),
            "record" => Ok(Type::of(oid::RECORD)),
            "refcursor" => Ok(Type::of(oid::REFCURSOR)),
            other => Err(Failure::syntax(format!("type \"{other}\" does not exist"))),
        }
    }

    fn row_kind(&mut self, of: Type) -> RowKind {
        if of.oid == oid::RECORD { RowKind::Row } else { RowKind::Scalar }
    }

    fn shown(&mut self, of: Type) -> String {
        of.oid.to_string()
    }

    fn row_of(&mut self, relation: &[&str]) -> Outcome<Type> {
        match relation {
            ["t"] => Ok(Type::of(oid::RECORD)),
            _ => Err(Failure::syntax("no such table")),
        }
    }

    fn column_of(&mut self, relation: &[&str], column: &str) -> Outcome<Option<Type>> {
        Ok((relation == ["t"] && column == "c").then_some(Type::of(oid::TEXT)))
    }

    fn collation(&mut self, _: &[&str], _: Type) -> Outcome<()> {
        Ok(())
    }
}

fn read_as(source: &str, returns_set: bool, result: u32) -> Outcome<Function> {
    let argument = Argument { name: "a", of: Type::of(oid::INT4), is_input: true, is_output: false };
    let declared = Declared {
        shown: "f(integer)",
        name: "f",
        source,
        kind: BodyKind::Function,
        arguments: &[argument],
        result: Type::of(result),
        returns_set,
        is_volatile: true,
        settings: Settings::default(),
        looks: Looks { syntax: true, shadowed: Some(Found::Warning) },
        depth_limit: 40,
    };
    compile(&declared, &mut Few)
}

fn read(source: &str) -> Outcome<Function> {
    read_as(source, false, oid::INT4)
}

/// What is refused, and the text from the place on.
fn refused(source: &str) -> (String, String) {
    match read(source) {
        Ok(_) => panic!("it is taken: {source}"),
        Err(failure) => {
            let rest = failure.position.and_then(|place| source.get(place as usize..)).unwrap_or("-");
            (failure.message.clone(), rest.to_owned())
        }
    }
}

#[test]
fn statements_know_their_lines_and_what_contexts_call_them() {
    let function =
        read("\nbegin\n  a := 1;\n  if a > 1 then\n    perform a;\n  end if;\n  return a;\nend").unwrap();
    let told: Vec<(u32, &str)> =
        function.body.statements.iter().map(|statement| (statement.line, statement.kind.name())).collect();
    assert_eq!(told, [(3, "assignment"), (4, "IF"), (7, "RETURN")]);
    let StatementKind::If { arms, .. } = &function.body.statements[1].kind else { panic!("an IF") };
    assert_eq!((arms[0].1[0].line, arms[0].1[0].kind.name()), (5, "PERFORM"));
}

#[test]
fn arguments_have_names_and_numbers() {
    let function = read("declare b alias for $1; begin return a + b + f.a; end").unwrap();
    assert_eq!(function.inputs, [0]);
    assert_eq!(function.result, ResultShape::Scalar(Type::of(oid::INT4)));
    let scope = match &function.body.statements[0].kind {
        StatementKind::Return(Some(value)) => value.scope,
        other => panic!("not {other:?}"),
    };
    for name in [&["a"][..], &["$1"], &["b"], &["f", "a"]] {
        assert_eq!(function.names.find(scope, name, false).map(|found| found.variable), Some(0), "{name:?}");
    }
    assert_eq!(function.names.find(scope, &["c"], false), None);
}

#[test]
fn into_leaves_blanks_in_its_place() {
    let function =
        read("declare x int; y text; begin select 1, 2 into strict x, y from t; return x; end").unwrap();
    let StatementKind::Plain(Plain::Sql { query, target: Some(_), strict: true }) =
        &function.body.statements[0].kind
    else {
        panic!("SQL with a target")
    };
    assert_eq!(&*query.text, "select 1, 2                  from t");
}

#[test]
fn statements_are_sorted_and_cursors_noted() {
    let source = "begin
        select 1; update t set c = 1; show x; delete from t where current /* of */ of c; select 'current of';
        return a; end";
    let function = read(source).unwrap();
    let told: Vec<(Sort, bool)> = function
        .body
        .statements
        .iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Plain(Plain::Sql { query, .. }) => Some((query.sort, query.names_cursor)),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            (Sort::Query, false),
            (Sort::Change, false),
            (Sort::Other, false),
            (Sort::Change, true),
            (Sort::Query, false)
        ]
    );
}

#[test]
fn variables_that_hide_others_are_told() {
    let function =
        read("declare b int; begin declare a int; b int; c int; begin return a; end; end").unwrap();
    let told: Vec<&str> = function.warnings.iter().map(|warning| warning.message.as_str()).collect();
    let hides = |name: &str| format!("variable \"{name}\" shadows a previously defined variable");
    assert_eq!(told, [hides("a"), hides("b")]);
}

#[test]
fn loops_are_told_apart() {
    let source = "declare r record; c cursor (n int) for select n; begin
        for i in 1..2 loop null; end loop;
        for i in reverse 2..1 by 3 loop null; end loop;
        for r in select 1 loop null; end loop;
        for r in execute 'select 1' using 1, 2 loop null; end loop;
        for x in c(n := 1) loop null; end loop;
        return 1; end";
    let function = read(source).unwrap();
    let names: Vec<&str> = function.body.statements.iter().map(|it| it.kind.name()).collect();
    assert_eq!(
        names,
        [
            "FOR with integer loop variable",
            "FOR with integer loop variable",
            "FOR over SELECT rows",
            "FOR over EXECUTE statement",
            "FOR over cursor",
            "RETURN"
        ]
    );
}

#[test]
fn what_is_refused_is_refused_at_postgresql_s_place() {
    let cases = [
        ("begin x := 1; end", "\"x\" is not a known variable", "x := 1; end"),
        ("begin return a +; end", "syntax error at end of input", "; end"),
        ("begin if a then return 1; end", "syntax error at end of input", ""),
        ("declare a int; a int; begin end", "duplicate declaration at or near \"a\"", "a int; begin end"),
        (
            "declare c constant int := 1; begin c := 2; end",
            "variable \"c\" is declared CONSTANT",
            "c := 2; end",
        ),
        ("begin exit; end", "EXIT cannot be used outside a loop, unless it has a label", "exit; end"),
        ("begin raise nosuch; end", "unrecognized exception condition \"nosuch\"", "-"),
        ("begin return 1; end m", "end label \"m\" specified for unlabeled block", "m"),
        ("begin perform (1; end", "mismatched parentheses at or near \";\"", "; end"),
        ("begin select 1 into x; end", "\"x\" is not a known variable", "x; end"),
        ("begin return next 1; end", "cannot use RETURN NEXT in a non-SETOF function", "return next 1; end"),
    ];
    for (source, message, rest) in cases {
        assert_eq!(refused(source), (message.to_owned(), rest.to_owned()), "{source}");
    }
}

#[test]
fn blocks_nest_no_deeper_than_they_may() {
    let deep = format!("{} null; {}", "begin ".repeat(100), "end; ".repeat(100));
    let failure = read(&deep).unwrap_err();
    assert_eq!(failure.state.code(), "54001");
}

#[test]
fn any_text_is_a_body_or_an_error() {
    let source = "declare x int := 1; r t%rowtype; begin <<l>> for i in 1..a loop exit l when x > 1; end loop l; \
                  begin execute 'a' into x using 1; exception when others then raise; end; return a; end";
    assert!(read(source).is_ok());
    for cut in 0..source.len() {
        let _ = read(&source[..cut]);
        let _ = read(&source[cut..]);
    }
    assert!(read_as("begin return query select 1; return next a; return; end", true, oid::INT4).is_ok());
}
