//! Commands as psql 15 answers them: what the shell prints of scripts.
#![allow(clippy::unwrap_used)] // a test

use env::memory::MemoryEnv;
use session::{Engine, Session};
use shell::{Pieces, Place, Shell, Surroundings, Writer};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use store::{Store, StoreOptions};

/// Files in memory, and everything that is printed, errors among it.
#[derive(Default)]
struct Paper {
    files: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
    printed: String,
    redirected: Option<String>,
    typed: Vec<&'static str>,
    sleeps: usize,
    /// What happens when a file is read.
    on_read: Option<Box<dyn FnMut()>>,
}

/// What a place is called among the files.
fn name(place: &Place) -> String {
    match place {
        Place::File(path) => path.clone(),
        Place::Program(command) => format!("|{command}"),
    }
}

impl Surroundings for Paper {
    fn read_line(&mut self, _: &str) -> Option<String> {
        (!self.typed.is_empty()).then(|| self.typed.remove(0).to_owned())
    }

    fn read(&mut self, place: &Place) -> Result<Pieces, String> {
        let mut on_read = self.on_read.take();
        let bytes = match place {
            Place::File(path) => self.files.borrow().get(path).cloned(),
            // It writes what it is called by.
            Place::Program(command) => Some(format!("{command}\n").into_bytes()),
        };
        let mut bytes = Some(bytes.ok_or_else(|| format!("{}: No such file or directory", name(place)))?);
        Ok(Box::new(move |out| {
            if let Some(happens) = &mut on_read {
                happens();
            }
            let piece = bytes.take();
            out.extend_from_slice(piece.as_deref().unwrap_or_default());
            Ok(piece.is_some())
        }))
    }

    fn write(&mut self, place: &Place) -> Result<Writer, String> {
        let (files, path) = (self.files.clone(), name(place));
        files.borrow_mut().insert(path.clone(), Vec::new());
        Ok(Box::new(move |bytes| {
            files.borrow_mut().entry(path.clone()).or_default().extend_from_slice(bytes);
            Ok(())
        }))
    }

    fn run(&mut self, command: Option<&str>) -> Result<(), String> {
        self.printed.push_str(&format!("[runs {}]\n", command.unwrap_or("a shell")));
        Ok(())
    }

    fn edit(&mut self, text: &str) -> Result<String, String> {
        Ok(text.replace("one", "two"))
    }

    fn redirect(&mut self, place: Option<&Place>) -> Result<(), String> {
        self.redirected = place.map(name);
        Ok(())
    }

    fn print(&mut self, bytes: &[u8]) {
        match &self.redirected {
            Some(path) => {
                self.files.borrow_mut().entry(path.clone()).or_default().extend_from_slice(bytes);
            }
            None => self.printed.push_str(&String::from_utf8_lossy(bytes)),
        }
    }

    fn complain(&mut self, text: &str) {
        self.printed.push_str(text);
    }

    fn milliseconds(&mut self) -> f64 {
        0.0
    }

    fn now(&mut self) -> String {
        "now".to_owned()
    }

    fn sleep(&mut self, _: f64) -> bool {
        self.sleeps += 1;
        self.sleeps < 2
    }

    fn width(&mut self) -> Option<usize> {
        Some(40)
    }
}

fn shell() -> Shell {
    let env = Arc::new(MemoryEnv::new());
    let store = Store::open(env.clone(), Path::new("shell.db"), StoreOptions::default()).unwrap();
    Shell::new(Session::new(&Engine::new(env, store).unwrap()).unwrap(), "shell")
}

/// What is printed of a script that is run quietly.
fn printed(script: &str) -> String {
    let mut paper = Paper::default();
    let mut shell = shell();
    shell.script("\\set QUIET on", &mut paper);
    shell.script(script, &mut paper);
    paper.printed
}

#[test]
fn variables_stand_for_their_values() {
    let script = "\\set a 3\n\\set b 'it''s'\nselect :a + 1 as x, :'b' as y, ':a' as z \\g (tuples_only=on format=unaligned)\n\
                  \\echo :a :b :{?c} :c\n\\unset a\n\\echo :a\n\\set\n";
    let shown = printed(script);
    assert!(shown.starts_with("4|it's|:a\n3 it's FALSE :c\n:a\n"), "{shown}");
    assert!(shown.contains("b = 'it's'\n"), "{shown}");
}

#[test]
fn backslashes_escape_where_a_session_has_it_so() {
    let script = "\\pset format unaligned\n\\pset tuples_only on\nset standard_conforming_strings = off;\n\
                  set escape_string_warning = off;\nselect 'it\\'s; one';\n\
                  set standard_conforming_strings = on;\nselect 'two\\'; select 'three';\n";
    assert!(printed(script).ends_with("it's; one\ntwo\\\nthree\n"), "{}", printed(script));
}

#[test]
fn conditions_choose_what_is_run() {
    let script = "\\if false\n\\echo no\nselect no such thing;\n\\if true\n\\echo no\n\\endif\n\\elif yes\n\\echo yes\n\\else\n\
                  \\echo no\n\\endif\n\\if maybe\n\\echo no\n\\endif\n\\endif\n\\if on\n";
    assert_eq!(
        printed(script),
        "yes\nunrecognized value \"maybe\" for \"\\if expression\": Boolean expected\n\\endif: no matching \\if\n\
         reached EOF without finding closing \\endif(s)\n"
    );
}

#[test]
fn results_become_variables_and_statements() {
    let script = "select 1 as one, null as two, 'x y' as three \\gset p_\n\\echo :p_one :p_two :p_three\n\
                  select 1 where false \\gset\nselect generate_series(1, 2) \\gset\n\
                  select 'select ' || n from generate_series(1, 2) n \\gexec\n";
    let table = |value| format!(" ?column? \n----------\n        {value}\n(1 row)\n\n");
    assert_eq!(
        printed(script),
        format!(
            "1 :p_two x y\nno rows returned for \\gset\nmore than one row returned for \\gset\n{}{}",
            table(1),
            table(2)
        )
    );
}

#[test]
fn data_go_through_files() {
    let mut paper = Paper::default();
    let mut shell = shell();
    paper.files.borrow_mut().insert("in.csv".into(), b"a,b\n1,\"x,y\"\n2,\n".to_vec());
    let script = "create table t(a int, b text);\n\\copy t from 'in.csv' csv header\n\\copy t to out.txt\n\
                  \\copy (select count(*) from t) to stdout\n\\copy t from stdin\n3\tz\n\\.\n\
                  \\copy t from nowhere\ncopy t from stdin;\n4\tw\n\\.\nselect sum(a) from t \\g sums.txt\n\
                  copy t from stdin;\nx\n\\.\n\\echo end\n";
    shell.script(script, &mut paper);
    assert_eq!(
        paper.printed,
        "CREATE TABLE\nCOPY 2\nCOPY 2\n2\nCOPY 1\nnowhere: No such file or directory\nCOPY 1\n\
         ERROR:  invalid input syntax for type integer: \"x\"\nCONTEXT:  COPY t, line 1, column a: \"x\"\nend\n"
    );
    assert_eq!(paper.files.borrow()["out.txt"], b"1\tx,y\n2\t\\N\n");
    assert_eq!(paper.files.borrow()["sums.txt"], b" sum \n-----\n  10\n(1 row)\n\n");
}

#[test]
fn data_go_through_programs() {
    let mut paper = Paper::default();
    let mut shell = shell();
    let script = "create table t(a text);\n\\copy t from program 'echo its' \n\\copy t to program 'cat > x' csv\n\
                  table t \\g (format=unaligned) | tr '\\n' ' '\n\\o | less -S\nselect 1 \\g (tuples_only=on)\n\\o\n\
                  \\copy t from program\n\\! date -u\n\\!\n";
    shell.script(script, &mut paper);
    assert_eq!(
        paper.printed,
        "CREATE TABLE\nCOPY 1\nCOPY 1\n\\copy: parse error at end of line\n[runs date -u]\n[runs a shell]\n"
    );
    let files = paper.files.borrow();
    assert_eq!(files["|cat > x"], b"echo its\n");
    assert_eq!(files["|tr '\\n' ' '"], b"a\necho its\n(1 row)\n");
    assert_eq!(files["|less -S"], b"        1\n\n");
}

#[test]
fn results_are_described_and_errors_told_again() {
    let script = "\\errverbose\nselect 1/0;\n\\errverbose\nselect 1 as \"a'\\b\", 'x'::varchar(3) as v, null n \\gdesc\n\
                  create table t(a int) \\gdesc\ntable t \\gdesc\n\\errverbose\n";
    let head = " Column |         Type         \n--------+----------------------\n";
    assert_eq!(
        printed(script),
        format!(
            "There is no previous error.\nERROR:  division by zero\nERROR:  22012: division by zero\n{head}{}\
             The command has no result, or the result has no columns.\n\
             ERROR:  relation \"t\" does not exist\nLINE 1: table t\n              ^\n\
             ERROR:  42P01: relation \"t\" does not exist\nLINE 1: table t\n              ^\n",
            " a'\\b   | integer\n v      | character varying(3)\n n      | text\n(3 rows)\n\n"
        )
    );
}

/// Cancels whatever runs when the data of a copy are asked for.
#[test]
fn a_cancellation_ends_the_statement_that_runs_and_no_other() {
    let mut paper = Paper::default();
    let mut shell = shell();
    shell.canceller().cancel();
    shell.script("\\set QUIET on\ncreate table t(a int);\n", &mut paper);
    assert_eq!(paper.printed, "", "what came too late cancels nothing");
    let canceller = shell.canceller();
    paper.files.borrow_mut().insert("in".into(), "1\n".repeat(5000).into_bytes());
    paper.on_read = Some(Box::new(move || canceller.cancel()));
    shell.script("\\copy t from in\nselect count(*) from t \\g (tuples_only=on)\n", &mut paper);
    let shown = paper.printed;
    assert!(
        shown.starts_with("ERROR:  canceling statement due to user request\nCONTEXT:  COPY t, line "),
        "{shown}"
    );
    assert!(shown.ends_with("     0\n\n"), "{shown}");
}

#[test]
fn data_may_be_typed() {
    let mut paper = Paper { typed: vec!["1", "2", "\\."], ..Paper::default() };
    let mut shell = shell();
    shell.typed("create table t(a int); copy t from stdin; select count(*) from t;", &mut paper);
    assert!(paper.printed.ends_with("COPY 2\n count \n-------\n     2\n(1 row)\n\n"), "{}", paper.printed);
}

#[test]
fn scripts_include_each_other() {
    let mut paper = Paper::default();
    paper.files.borrow_mut().insert("dir/a".into(), b"\\echo a\n\\ir b\n".to_vec());
    paper.files.borrow_mut().insert("dir/b".into(), b"\\echo b\n\\q\n\\echo no\n".to_vec());
    paper.files.borrow_mut().insert("loop".into(), b"\\i loop\n".to_vec());
    let mut shell = shell();
    shell.script("\\i loop\n\\i dir/a\n\\echo no\n", &mut paper);
    assert_eq!(paper.printed, "loop: scripts include each other more than 16 deep\na\nb\n");
}

#[test]
fn formats_are_set_and_told() {
    let script = "\\x\n\\x auto\n\\pset null N\n\\pset border 2\n\\t\n\\t off\n\\a\n\\a\n\\f ;\n\\timing on\n\\pset nothing\n\
                  \\pset format xml\n\\timing maybe\n\\nothing\n";
    let mut paper = Paper::default();
    shell().script(script, &mut paper);
    assert_eq!(
        paper.printed,
        "Expanded display is on.\nExpanded display is used automatically.\nNull display is \"N\".\n\
         Border style is 2.\nTuples only is on.\nTuples only is off.\nOutput format is unaligned.\n\
         Output format is aligned.\nField separator is \";\".\nTiming is on.\n\\pset: unknown option: nothing\n\
         \\pset: allowed formats are aligned, csv, html, json, markdown, unaligned\n\
         unrecognized value \"maybe\" for \"\\timing\": Boolean expected\n\
         invalid command \\nothing\nTry \\? for help.\n"
    );
    let wide = printed("\\x auto\nselect 1 as a, repeat('x', 40) as b;\nselect 1 as a;\n");
    assert!(wide.starts_with("-[ RECORD 1 ]") && wide.ends_with(" a \n---\n 1\n(1 row)\n\n"), "{wide}");
}

#[test]
fn statements_are_edited_watched_and_shown() {
    let mut paper = Paper::default();
    let mut shell = shell();
    shell.script(
        "\\set QUIET on\nselect 'one' as x;\n\\e\n\\p\nselect 2 as y \\watch 1\n\\r\n\\p\n",
        &mut paper,
    );
    let shown = paper.printed;
    assert!(shown.contains(" two\n") && shown.contains("select 'two' as x;\n"), "{shown}");
    assert_eq!(shown.matches("now (every 1s)").count(), 2, "{shown}");
}

/// As psql 15 shows the same table, but for expressions, whose pretty forms are the session's.
#[test]
fn a_table_is_described() {
    let script = "create table p(i int primary key);\n\
                  create table t(id int generated always as identity, b varchar(3) not null unique default 'q', r int references p);\n\
                  \\d t\n\\d p\n\\dt\n\\d t_b_key\n\\d t_id_seq\n\\d nothing\n\\dt s*.*\n";
    let expected = r#"                                  Table "public.t"
 Column |         Type         | Collation | Nullable |           Default            
--------+----------------------+-----------+----------+------------------------------
 id     | integer              |           | not null | generated always as identity
 b      | character varying(3) |           | not null | 'q'::character varying
 r      | integer              |           |          | 
Indexes:
    "t_b_key" UNIQUE CONSTRAINT, btree (b)
Foreign-key constraints:
    "t_r_fkey" FOREIGN KEY (r) REFERENCES p(i)

                 Table "public.p"
 Column |  Type   | Collation | Nullable | Default 
--------+---------+-----------+----------+---------
 i      | integer |           | not null | 
Indexes:
    "p_pkey" PRIMARY KEY, btree (i)
Referenced by:
    TABLE "t" CONSTRAINT "t_r_fkey" FOREIGN KEY (r) REFERENCES p(i)

        List of relations
 Schema | Name | Type  |  Owner   
--------+------+-------+----------
 public | p    | table | postgres
 public | t    | table | postgres
(2 rows)

              Index "public.t_b_key"
 Column |         Type         | Key? | Definition 
--------+----------------------+------+------------
 b      | character varying(3) | yes  | b
unique, btree, for table "public.t"

                      Sequence "public.t_id_seq"
  Type   | Start | Minimum |  Maximum   | Increment | Cycles? | Cache 
---------+-------+---------+------------+-----------+---------+-------
 integer |     1 |       1 | 2147483647 |         1 | no      |     1
Sequence for identity column: public.t.id

      List of relations
 Schema | Name | Type | Owner 
--------+------+------+-------
(0 rows)

"#;
    assert_eq!(printed(script), expected);
    let told = printed("\\set QUIET off\n\\d\n\\d nothing\n\\dt s*.*\n");
    assert_eq!(
        told,
        "Did not find any relations.\nDid not find any relation named \"nothing\".\n\
         Did not find any relation named \"s*.*\".\n"
    );
}

/// As psql 15 shows them.
#[test]
fn triggers_are_described() {
    let script = "create table t(a int, b text);\n\
                  create trigger one before insert on t for each row execute function suppress_redundant_updates_trigger('x');\n\
                  create trigger two after update of a on t for each row when (old.a <> new.a) execute function suppress_redundant_updates_trigger();\n\
                  create trigger off after delete on t execute function suppress_redundant_updates_trigger();\n\
                  create trigger replays after delete on t execute function suppress_redundant_updates_trigger();\n\
                  create trigger always after delete on t execute function suppress_redundant_updates_trigger();\n\
                  alter table t disable trigger off, enable replica trigger replays, enable always trigger always;\n\
                  create view v as select 1 as x;\n\
                  create trigger instead instead of insert on v for each row execute function suppress_redundant_updates_trigger();\n\
                  create table pt(a int) partition by list (a);\n\
                  create table p1 partition of pt for values in (1);\n\
                  create trigger all_of before update on pt for each row execute function suppress_redundant_updates_trigger();\n\
                  \\d t\n\
                  \\d v\n\
                  \\d p1\n";
    let expected = r#"                 Table "public.t"
 Column |  Type   | Collation | Nullable | Default 
--------+---------+-----------+----------+---------
 a      | integer |           |          | 
 b      | text    |           |          | 
Triggers:
    one BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger('x')
    two AFTER UPDATE OF a ON t FOR EACH ROW WHEN (old.a <> new.a) EXECUTE FUNCTION suppress_redundant_updates_trigger()
Disabled user triggers:
    off AFTER DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()
Triggers firing always:
    always AFTER DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()
Triggers firing on replica only:
    replays AFTER DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()

                  View "public.v"
 Column |  Type   | Collation | Nullable | Default 
--------+---------+-----------+----------+---------
 x      | integer |           |          | 
Triggers:
    instead INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()

                 Table "public.p1"
 Column |  Type   | Collation | Nullable | Default 
--------+---------+-----------+----------+---------
 a      | integer |           |          | 
Partition of: pt FOR VALUES IN (1)
Triggers:
    all_of BEFORE UPDATE ON p1 FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger(), ON TABLE pt

"#;
    assert_eq!(printed(script), expected);
}

/// As psql 15 shows them, but for descriptions of what is built in: there are none here.
#[test]
fn what_is_seldom_asked_for_is_listed() {
    let script = "create function f(a int, b text default 'x') returns text language sql as $$select a::text||b$$;\n\
                  create view v as select 1 as one where 1 > 0;\n\
                  \\sf f\n\\sf+ f(int, text)\n\\sv v\n\\sv+ v\n\\sf g\n\\do &&&\n\\do+ |||\n\\dC money\n\\dA btree\n\\dconfig work_mem\nset work_mem = '8MB';\n\\dconfig\n\
                  \\dO ucs*\n\\dsv\n\\dq\n";
    insta::with_settings!({ omit_expression => true, snapshot_path => "../../../snapshots/shell", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("seldom_lists", printed(script));
    });
}

/// As psql 15 shows them.
#[test]
fn types_and_casts_are_listed() {
    let script = "create type span as range (subtype = float8, subtype_diff = float8mi);\n \
                  comment on type span is 'from there to there';\n \
                  create table of_spans (a span primary key, b span_multirange default '{[1,2)}', c span[]);\n \
                  create cast (span as text) with inout as assignment;\n \
                  comment on cast (span as text) is 'as it is printed';\n \
                  \\dT\n \
                  \\dT+ span*\n \
                  \\df span*\n \
                  \\d of_spans\n \
                  \\dC+ span\n";
    insta::with_settings!({ omit_expression => true, snapshot_path => "../../../snapshots/shell", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("types_and_casts", printed(script));
    });
}

/// As psql 15 turns them.
#[test]
fn results_are_turned() {
    let script = "select * from (values ('a','x',1),('b','y',2),('a','y',3),(null,'x',4)) t(v,h,d) \\crosstabview\n\
                  select * from (values ('a',3,1),('b',1,2),('a',1,3)) t(v,h,d) \\crosstabview v h d h\n\
                  select 1,2 \\crosstabview\nselect 1,2,3,4 \\crosstabview\nselect 1,2,3 \\crosstabview 1 1\n\
                  select 1,2,3 \\crosstabview 9\nselect 1 as a,2 as b,3 as c \\crosstabview zz\n\
                  select * from (values ('a','x',1),('a','x',2)) t(v,h,d) \\crosstabview\n";
    assert_eq!(
        printed(script),
        " v | x | y \n---+---+---\n a | 1 | 3\n b |   | 2\n   | 4 |  \n(3 rows)\n\n\
         \x20v | 1 | 3 \n---+---+---\n a | 3 | 1\n b | 2 |  \n(2 rows)\n\n\
         \\crosstabview: query must return at least three columns\n\
         \\crosstabview: data column must be specified when query returns more than three columns\n\
         \\crosstabview: vertical and horizontal headers must be different columns\n\
         \\crosstabview: column number 9 is out of range 1..3\n\
         \\crosstabview: column name not found: \"zz\"\n\
         \\crosstabview: query result contains multiple data values for row \"a\", column \"x\"\n"
    );
}

#[test]
fn words_and_names_are_completed() {
    let mut shell = shell();
    let mut paper = Paper::default();
    shell.script("create table customers(custom_name text);", &mut paper);
    let complete = |shell: &mut Shell, line: &str| shell.complete(line, line.len());
    assert_eq!(complete(&mut shell, "sele"), (0, vec!["select".to_owned()]));
    assert_eq!(
        complete(&mut shell, "SELECT * FROM custo"),
        (14, vec!["custom_name".to_owned(), "customers".to_owned()])
    );
    assert_eq!(complete(&mut shell, "\\tim"), (0, vec!["\\timing".to_owned()]));
    assert_eq!(complete(&mut shell, "select "), (7, vec![]));
}
