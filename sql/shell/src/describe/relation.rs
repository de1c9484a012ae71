//! All about one relation.

use super::pattern::Pattern;
use super::quoted;
use crate::shell::Shell;
use crate::surroundings::Surroundings;
use display::{Column, Content, Table};

/// A relation that is described.
pub(super) struct Described {
    pub(super) oid: String,
    schema: String,
    name: String,
    kind: String,
}

impl Described {
    fn title(&self) -> String {
        let kind = match self.kind.as_str() {
            "r" => "Table",
            "v" => "View",
            "m" => "Materialized view",
            "i" => "Index",
            "S" => "Sequence",
            "c" => "Composite type",
            "p" => "Partitioned table",
            "I" => "Partitioned index",
            "f" => "Foreign table",
            _ => "?",
        };
        format!("{kind} \"{}.{}\"", self.schema, self.name)
    }

    pub(super) fn is(&self, kinds: &str) -> bool {
        kinds.contains(self.kind.as_str())
    }
}

/// The value in a column of a row.
pub(super) fn cell(row: &[Option<String>], column: usize) -> &str {
    row.get(column).and_then(Option::as_deref).unwrap_or_default()
}

impl Shell {
    pub(super) fn describe_relations(
        &mut self,
        pattern: &Pattern,
        more: bool,
        around: &mut dyn Surroundings,
    ) {
        let visible = pattern.conditions("n.nspname", "c.relname", "pg_catalog.pg_table_is_visible(c.oid)");
        let query = format!(
            "SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c \
             LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE true{visible} ORDER BY 2, 3"
        );
        let Some(found) = self.query(&query, around) else { return };
        if found.rows.is_empty() && !self.variables.is_on("QUIET") {
            let text = format!("Did not find any relation named \"{}\".", pattern.written);
            return self.complain(&text, around);
        }
        for row in &found.rows {
            let text = |column| cell(row, column).to_owned();
            let relation = Described { oid: text(0), schema: text(1), name: text(2), kind: text(3) };
            let shown = match relation.kind.as_str() {
                "S" => self.describe_sequence(&relation, around),
                "i" | "I" => self.describe_index(&relation, more, around),
                _ => self.describe_columns(&relation, more, around),
            };
            if shown.is_none() {
                return;
            }
        }
    }

    fn describe_sequence(&mut self, sequence: &Described, around: &mut dyn Surroundings) -> Option<()> {
        let oid = &sequence.oid;
        let table = self.query(
            &format!(
                "SELECT pg_catalog.format_type(seqtypid, NULL) AS \"Type\", seqstart AS \"Start\", \
                 seqmin AS \"Minimum\", seqmax AS \"Maximum\", seqincrement AS \"Increment\", \
                 CASE WHEN seqcycle THEN 'yes' ELSE 'no' END AS \"Cycles?\", seqcache AS \"Cache\" \
                 FROM pg_catalog.pg_sequence WHERE seqrelid = {oid}"
            ),
            around,
        )?;
        let owner = self.query(
            &format!(
                "SELECT n.nspname || '.' || c.relname || '.' || a.attname, d.deptype \
                 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_depend d ON c.oid = d.refobjid \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid \
                 WHERE d.objid = {oid} AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0"
            ),
            around,
        )?;
        let footers: Vec<String> = owner
            .rows
            .iter()
            .map(|row| match cell(row, 1) {
                "i" => format!("Sequence for identity column: {}", cell(row, 0)),
                _ => format!("Owned by: {}", cell(row, 0)),
            })
            .collect();
        let table = Table { title: Some(sequence.title()), ..table };
        self.show_described(&table, &footers, around);
        Some(())
    }

    fn describe_index(&mut self, index: &Described, more: bool, around: &mut dyn Surroundings) -> Option<()> {
        let oid = &index.oid;
        let extra = if more {
            ", CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' \
             WHEN 'x' THEN 'extended' END AS \"Storage\", NULL::int AS \"Stats target\""
        } else {
            ""
        };
        let columns = self.query(
            &format!(
                "SELECT a.attname AS \"Column\", pg_catalog.format_type(a.atttypid, a.atttypmod) AS \"Type\", \
                 CASE WHEN a.attnum <= i.indnkeyatts THEN 'yes' ELSE 'no' END AS \"Key?\", \
                 pg_catalog.pg_get_indexdef(a.attrelid, a.attnum, true) AS \"Definition\"{extra} \
                 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_index i ON i.indexrelid = a.attrelid \
                 WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
            ),
            around,
        )?;
        let about = self.query(
            &format!(
                "SELECT CASE WHEN i.indisprimary THEN 'primary key, ' WHEN i.indisunique THEN 'unique' \
                 || CASE WHEN i.indnullsnotdistinct THEN ' nulls not distinct' ELSE '' END || ', ' ELSE '' END, \
                 n.nspname || '.' || c.relname, pg_catalog.pg_get_expr(i.indpred, i.indrelid, true), \
                 NOT i.indisvalid, k.condeferrable, k.condeferred, m.amname, \
                 pg_catalog.array_to_string(o.reloptions, ', ') \
                 FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid \
                 JOIN pg_catalog.pg_class o ON o.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = o.relam \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u') \
                 WHERE i.indexrelid = {oid}"
            ),
            around,
        )?;
        let mut footers = Vec::new();
        if let Some(row) = about.rows.first() {
            let mut text = format!("{}{}, for table \"{}\"", cell(row, 0), cell(row, 6), cell(row, 1));
            if !cell(row, 2).is_empty() {
                text.push_str(&format!(", predicate ({})", cell(row, 2)));
            }
            for (column, word) in [(3, ", invalid"), (4, ", deferrable"), (5, ", initially deferred")] {
                if cell(row, column) == "t" {
                    text.push_str(word);
                }
            }
            footers.push(text);
            self.tablespace(index, &mut footers, around)?;
            if more {
                footers.push(format!("Access method: {}", cell(row, 6)));
                footers.extend((!cell(row, 7).is_empty()).then(|| format!("Options: {}", cell(row, 7))));
            }
        }
        let table = Table { title: Some(index.title()), ..columns };
        self.show_described(&table, &footers, around);
        Some(())
    }

    fn describe_columns(
        &mut self,
        relation: &Described,
        more: bool,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let oid = &relation.oid;
        let found = self.query(&columns_query(oid), around)?;
        let (is_table, is_foreign) = (relation.is("rpmf"), relation.is("f"));
        let names = column_titles((is_table, is_foreign), more);
        let rows = found
            .rows
            .into_iter()
            .map(|row| {
                let mut cells: Vec<Option<String>> =
                    (0..5).map(|column| Some(cell(&row, column).to_owned())).collect();
                if is_foreign {
                    cells.push(Some(cell(&row, 8).to_owned()));
                }
                if more {
                    cells.push(Some(cell(&row, 5).to_owned()));
                    if is_table && !is_foreign {
                        cells.push(Some(String::new()));
                    }
                    if is_table {
                        cells.push(Some(cell(&row, 6).to_owned()));
                    }
                    cells.push(Some(cell(&row, 7).to_owned()));
                }
                cells
            })
            .collect();
        let columns =
            names.into_iter().map(|name| Column { name: name.to_owned(), content: Content::Text }).collect();
        let table = Table { title: Some(relation.title()), columns, rows };
        let mut footers = Vec::new();
        if is_table {
            self.part_of(relation, more, &mut footers, around)?;
            self.keys(relation, &mut footers, around)?;
            self.policies(relation, &mut footers, around)?;
            self.statistics(relation, &mut footers, around)?;
            self.rules(relation, &mut footers, around)?;
            self.publications(relation, &mut footers, around)?;
            self.triggers(relation, &mut footers, around)?;
            if is_foreign {
                self.server(relation, &mut footers, around)?;
            }
            self.heirs(relation, more, &mut footers, around)?;
            self.of_type(relation, &mut footers, around)?;
            self.tablespace(relation, &mut footers, around)?;
        }
        if relation.is("vm") && more {
            let view = self.query(&format!("SELECT pg_catalog.pg_get_viewdef({oid}, true)"), around)?;
            footers.push("View definition:".to_owned());
            footers.extend(view.rows.first().map(|row| cell(row, 0).trim_end().to_owned()));
            if relation.is("v") {
                self.rules(relation, &mut footers, around)?;
            }
        }
        if relation.is("v") {
            self.triggers(relation, &mut footers, around)?;
        }
        if more {
            self.storage(relation, is_table && !is_foreign, &mut footers, around)?;
        }
        self.show_described(&table, &footers, around);
        Some(())
    }

    /// Which server has the rows of a foreign table.
    fn server(
        &mut self,
        table: &Described,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let options = shown_options("f.ftoptions");
        let server = self.query(
            &format!(
                "SELECT s.srvname, {options} FROM pg_catalog.pg_foreign_table f \
                 JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = {}",
                table.oid
            ),
            around,
        )?;
        if let Some(row) = server.rows.first() {
            footers.push(format!("Server: {}", cell(row, 0)));
            footers.extend((!cell(row, 1).is_empty()).then(|| format!("FDW options: {}", cell(row, 1))));
        }
        Some(())
    }

    /// How a relation is stored.
    fn storage(
        &mut self,
        relation: &Described,
        is_table: bool,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        if is_table {
            footers.push("Access method: heap".to_owned());
        }
        let options = self.query(
            &format!(
                "SELECT pg_catalog.array_to_string(reloptions, ', ') FROM pg_catalog.pg_class WHERE oid = {} \
                 AND reloptions IS NOT NULL",
                relation.oid
            ),
            around,
        )?;
        footers.extend(options.rows.first().map(|row| format!("Options: {}", cell(row, 0))));
        Some(())
    }

    /// Indexes, checks and foreign keys of a table.
    fn keys(
        &mut self,
        table: &Described,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let oid = &table.oid;
        let indexes = self.query(
            &format!(
                "SELECT c.relname, i.indisprimary, i.indisunique, i.indisvalid, \
                 pg_catalog.pg_get_indexdef(i.indexrelid, 0, true), k.oid IS NOT NULL, k.condeferrable, k.condeferred, \
                 CASE k.contype WHEN 'x' THEN pg_catalog.pg_get_constraintdef(k.oid, true) END \
                 FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
                 LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = i.indrelid AND k.conindid = i.indexrelid \
                 AND k.contype IN ('p', 'u', 'x') WHERE i.indrelid = {oid} ORDER BY i.indisprimary DESC, c.relname"
            ),
            around,
        )?;
        let lines: Vec<String> = indexes.rows.iter().map(|row| index_line(row)).collect();
        section("Indexes:", &lines, footers);
        let constraints = |what: &str| {
            format!(
                "SELECT r.conname, pg_catalog.pg_get_constraintdef(r.oid, true), r.conrelid::pg_catalog.regclass \
                 FROM pg_catalog.pg_constraint r WHERE {what} ORDER BY r.conname"
            )
        };
        let checks = self.query(&constraints(&format!("r.conrelid = {oid} AND r.contype = 'c'")), around)?;
        section("Check constraints:", &named(&checks), footers);
        let keys = self.query(&constraints(&format!("r.conrelid = {oid} AND r.contype = 'f'")), around)?;
        section("Foreign-key constraints:", &named(&keys), footers);
        let referring =
            self.query(
                &constraints(&format!(
                    "(r.confrelid = {oid} OR r.confrelid IN (SELECT relid FROM pg_catalog.pg_partition_ancestors('{oid}'))) \
                     AND r.contype = 'f' AND r.conparentid = 0"
                )),
                around,
            )?;
        let lines: Vec<String> = referring
            .rows
            .iter()
            .map(|row| {
                let (name, definition, table) = (cell(row, 0), cell(row, 1), cell(row, 2));
                format!("    TABLE \"{table}\" CONSTRAINT \"{name}\" {definition}")
            })
            .collect();
        section("Referenced by:", &lines, footers);
        Some(())
    }

    /// The publications that a table is in.
    fn publications(
        &mut self,
        relation: &Described,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let found = self.query(
            &format!(
                "SELECT p.pubname, pg_catalog.pg_get_expr(r.prqual, r.prrelid), \
                 (SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY a.attnum) \
                 FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.prrelid \
                 AND a.attnum = ANY (r.prattrs::int2[])) FROM pg_catalog.pg_publication p \
                 JOIN pg_catalog.pg_publication_rel r ON p.oid = r.prpubid WHERE r.prrelid = {0} \
                 UNION SELECT p.pubname, NULL, NULL FROM pg_catalog.pg_publication p \
                 JOIN pg_catalog.pg_publication_namespace n ON p.oid = n.pnpubid \
                 JOIN pg_catalog.pg_class c ON c.relnamespace = n.pnnspid WHERE c.oid = {0} \
                 UNION SELECT pubname, NULL, NULL FROM pg_catalog.pg_publication \
                 WHERE puballtables AND pg_catalog.pg_relation_is_publishable({0}) ORDER BY 1",
                relation.oid
            ),
            around,
        )?;
        let line = |row: &Vec<Option<String>>| {
            let columns = match cell(row, 2) {
                "" => String::new(),
                columns => format!(" ({columns})"),
            };
            let filter = match cell(row, 1) {
                "" => String::new(),
                filter => format!(" WHERE {filter}"),
            };
            format!("    \"{}\"{columns}{filter}", cell(row, 0))
        };
        let lines: Vec<String> = found.rows.iter().map(line).collect();
        section("Publications:", &lines, footers);
        Some(())
    }

    /// Policies of a table, and whether they are asked.
    fn policies(
        &mut self,
        relation: &Described,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let policies = self.query(
            &format!(
                "SELECT CASE WHEN c.relrowsecurity THEN CASE WHEN c.relforcerowsecurity THEN 'f' ELSE 'e' END ELSE 'd' END, \
                 pol.polname, pol.polpermissive, CASE WHEN pol.polroles = '{{0}}' THEN NULL \
                 ELSE pg_catalog.array_to_string(ARRAY(SELECT rolname FROM pg_catalog.pg_roles \
                 WHERE oid = ANY (pol.polroles) ORDER BY 1), ',') END, \
                 pg_catalog.pg_get_expr(pol.polqual, pol.polrelid), \
                 pg_catalog.pg_get_expr(pol.polwithcheck, pol.polrelid), \
                 CASE pol.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' \
                 WHEN 'd' THEN 'DELETE' END FROM pg_catalog.pg_class c \
                 LEFT JOIN pg_catalog.pg_policy pol ON pol.polrelid = c.oid WHERE c.oid = {} ORDER BY 2",
                relation.oid
            ),
            around,
        )?;
        let line = |row: &Vec<Option<String>>| {
            let part = |place: usize, before: &str, after: &str| {
                row.get(place).and_then(Option::as_ref).map(|text| format!("{before}{text}{after}"))
            };
            let restrictive = if cell(row, 2) == "t" { "" } else { " AS RESTRICTIVE" };
            let parts = [
                part(6, " FOR ", ""),
                part(3, "\n      TO ", ""),
                part(4, "\n      USING (", ")"),
                part(5, "\n      WITH CHECK (", ")"),
            ];
            let parts: String = parts.into_iter().flatten().collect();
            format!("    POLICY \"{}\"{restrictive}{parts}", cell(row, 1))
        };
        let named = policies.rows.iter().filter(|row| row.get(1).is_some_and(Option::is_some));
        let lines: Vec<String> = named.map(line).collect();
        let asked = policies.rows.first().map_or("d", |row| cell(row, 0));
        match (asked, lines.is_empty()) {
            ("e", false) => section("Policies:", &lines, footers),
            ("f", false) => section("Policies (forced row security enabled):", &lines, footers),
            ("e", true) => footers.push("Policies (row security enabled): (none)".to_owned()),
            ("f", true) => footers.push("Policies (forced row security enabled): (none)".to_owned()),
            _ => section("Policies (row security disabled):", &lines, footers),
        }
        Some(())
    }

    /// Statistics of several columns of a table.
    fn statistics(
        &mut self,
        relation: &Described,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let statistics = self.query(
            &format!(
                "SELECT pg_catalog.format('\"%s.%s\"', s.stxnamespace::pg_catalog.regnamespace, s.stxname), \
                 pg_catalog.regexp_replace(pg_catalog.pg_get_statisticsobjdef(s.oid), E'^CREATE STATISTICS .*?( \\\\(| ON )', E'\\\\1'), \
                 s.stxstattarget FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = {} ORDER BY s.stxnamespace, s.stxname",
                relation.oid
            ),
            around,
        )?;
        let line = |row: &Vec<Option<String>>| {
            let target = match cell(row, 2) {
                "-1" => String::new(),
                target => format!("; STATISTICS {target}"),
            };
            format!("    {}{}{target}", cell(row, 0), cell(row, 1))
        };
        let lines: Vec<String> = statistics.rows.iter().map(line).collect();
        section("Statistics objects:", &lines, footers);
        Some(())
    }

    /// Triggers of a relation, by when they fire.
    fn rules(
        &mut self,
        relation: &Described,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let rules = self.query(
            &format!(
                "SELECT pg_catalog.rtrim(pg_catalog.pg_get_ruledef(r.oid, true), ';'), r.ev_enabled \
                 FROM pg_catalog.pg_rewrite r WHERE r.ev_class = {} AND r.rulename <> '_RETURN' ORDER BY r.rulename",
                relation.oid
            ),
            around,
        )?;
        let titles = [
            ("O", "Rules:"),
            ("D", "Disabled rules:"),
            ("A", "Rules firing always:"),
            ("R", "Rules firing on replica only:"),
        ];
        for (state, title) in titles {
            let of_state = rules.rows.iter().filter(|row| cell(row, 1) == state);
            let line = |row: &Vec<Option<String>>| {
                let definition = cell(row, 0);
                let own = definition.strip_prefix("CREATE RULE ").unwrap_or(definition);
                format!(" {}{own}", if relation.is("v") { "" } else { "   " })
            };
            let lines: Vec<String> = of_state.map(line).collect();
            section(title, &lines, footers);
        }
        Some(())
    }

    fn triggers(
        &mut self,
        relation: &Described,
        footers: &mut Vec<String>,
        around: &mut dyn Surroundings,
    ) -> Option<()> {
        let triggers = self.query(
            &format!(
                "SELECT pg_catalog.pg_get_triggerdef(t.oid, true), CASE WHEN t.tgisinternal THEN 'i' ELSE t.tgenabled END, CASE WHEN t.tgparentid <> 0 THEN                  (SELECT u.tgrelid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_trigger AS u,                  pg_catalog.pg_partition_ancestors(t.tgrelid) WITH ORDINALITY AS a(relid, depth)                  WHERE u.tgname = t.tgname AND u.tgrelid = a.relid AND u.tgparentid = 0 ORDER BY a.depth LIMIT 1) END                  FROM pg_catalog.pg_trigger t WHERE t.tgrelid = {} AND (NOT t.tgisinternal OR t.tgenabled = 'D') ORDER BY t.tgname",
                relation.oid
            ),
            around,
        )?;
        let titles = [
            ("O", "Triggers:"),
            ("D", "Disabled user triggers:"),
            ("i", "Disabled internal triggers:"),
            ("A", "Triggers firing always:"),
            ("R", "Triggers firing on replica only:"),
        ];
        for (state, title) in titles {
            let of_state = triggers.rows.iter().filter(|row| cell(row, 1) == state);
            let line = |row: &Vec<Option<String>>| {
                let definition = cell(row, 0);
                let own = definition.split_once(" TRIGGER ").map_or(definition, |(_, own)| own);
                let above = row.get(2).and_then(Option::as_ref).map(|above| format!(", ON TABLE {above}"));
                format!("    {own}{}", above.unwrap_or_default())
            };
            let lines: Vec<String> = of_state.map(line).collect();
            section(title, &lines, footers);
        }
        Some(())
    }

    /// The names of relations and columns that begin so, for completion.
    pub(crate) fn names_beginning(&mut self, begin: &str) -> Vec<String> {
        let pattern =
            quoted(&format!("{}%", begin.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")));
        let query = format!(
            "SELECT c.relname FROM pg_catalog.pg_class c WHERE c.relname LIKE {pattern} \
             AND pg_catalog.pg_table_is_visible(c.oid) UNION SELECT a.attname FROM pg_catalog.pg_attribute a \
             JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE a.attname LIKE {pattern} AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^pg_' \
             UNION SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname LIKE {pattern} ORDER BY 1 LIMIT 200"
        );
        let mut collected = crate::collect::Collect::default();
        if self.session.execute(&query, &mut collected).is_err() {
            return Vec::new();
        }
        collected.rows().iter().flatten().flatten().cloned().collect()
    }
}

/// Constraints by their names.
fn named(constraints: &Table) -> Vec<String> {
    constraints.rows.iter().map(|row| format!("    \"{}\" {}", cell(row, 0), cell(row, 1))).collect()
}

fn section(title: &str, lines: &[String], footers: &mut Vec<String>) {
    if !lines.is_empty() {
        footers.push(title.to_owned());
        footers.extend_from_slice(lines);
    }
}

fn index_line(row: &[Option<String>]) -> String {
    let is = |column| cell(row, column) == "t";
    let mut line = format!("    \"{}\"", cell(row, 0));
    if let Some(exclusion) = row.get(8).and_then(Option::as_ref) {
        line.push_str(&format!(" {exclusion}"));
        return line;
    }
    line.push_str(match (is(1), is(2), is(5)) {
        (true, _, _) => " PRIMARY KEY,",
        (false, true, true) => " UNIQUE CONSTRAINT,",
        (false, true, false) => " UNIQUE,",
        (false, false, _) => "",
    });
    let definition = cell(row, 4);
    let method = definition.split_once(" USING ").map_or(definition, |(_, method)| method);
    line.push_str(&format!(" {method}"));
    if is(6) {
        line.push_str(" DEFERRABLE");
    }
    if is(7) {
        line.push_str(" INITIALLY DEFERRED");
    }
    if !is(3) {
        line.push_str(" INVALID");
    }
    line
}

/// The titles of what is told of columns.
fn column_titles((is_table, is_foreign): (bool, bool), more: bool) -> Vec<&'static str> {
    let mut names = vec!["Column", "Type", "Collation", "Nullable", "Default"];
    if is_foreign {
        names.push("FDW options");
    }
    if more {
        names.push("Storage");
        if is_table && !is_foreign {
            names.push("Compression");
        }
        if is_table {
            names.push("Stats target");
        }
        names.push("Description");
    }
    names
}

/// What shows the options of something foreign.
fn shown_options(column: &str) -> String {
    format!(
        "CASE WHEN {column} IS NULL THEN '' ELSE '(' || pg_catalog.array_to_string(ARRAY( \
         SELECT pg_catalog.quote_ident(option_name) || ' ' || pg_catalog.quote_literal(option_value) \
         FROM pg_catalog.pg_options_to_table({column})), ', ') || ')' END"
    )
}

/// What `\d` asks of the columns of a relation.
fn columns_query(oid: &str) -> String {
    let options = shown_options("a.attfdwoptions");
    format!(
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), \
         (SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type t WHERE c.oid = a.attcollation \
         AND t.oid = a.atttypid AND a.attcollation <> t.typcollation), \
         CASE WHEN a.attnotnull THEN 'not null' ELSE '' END, \
         CASE a.attidentity WHEN 'a' THEN 'generated always as identity' \
         WHEN 'd' THEN 'generated by default as identity' ELSE CASE WHEN a.attgenerated = 's' \
         THEN 'generated always as (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) || ') stored' \
         ELSE pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) END END, \
         CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' \
         WHEN 'x' THEN 'extended' END, CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END, \
         (SELECT x.description FROM pg_catalog.pg_description x WHERE x.objoid = a.attrelid AND x.objsubid = a.attnum), \
         {options} \
         FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d \
         ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
    )
}
