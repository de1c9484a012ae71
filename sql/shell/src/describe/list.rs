//! Lists of objects.

use super::pattern::Pattern;
use crate::shell::Shell;
use crate::surroundings::Surroundings;

/// Schemas that nobody asks for without saying so.
const NO_SYSTEM: &str =
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'";

/// What policies of a relation say, as `\\dp` tells it.
const POLICIES: &str = "pg_catalog.array_to_string(ARRAY(SELECT polname || \
    CASE WHEN NOT polpermissive THEN E' (RESTRICTIVE)' ELSE '' END || \
    CASE WHEN polcmd != '*' THEN E' (' || polcmd::pg_catalog.text || E'):' ELSE E':' END || \
    CASE WHEN polqual IS NOT NULL THEN E'\\n  (u): ' || pg_catalog.pg_get_expr(polqual, polrelid) ELSE E'' END || \
    CASE WHEN polwithcheck IS NOT NULL \
    THEN E'\\n  (c): ' || pg_catalog.pg_get_expr(polwithcheck, polrelid) ELSE E'' END || \
    CASE WHEN polroles <> '{0}' THEN E'\\n  to: ' || pg_catalog.array_to_string(ARRAY(SELECT rolname \
    FROM pg_catalog.pg_roles WHERE oid = ANY (polroles) ORDER BY 1), E', ') ELSE E'' END \
    FROM pg_catalog.pg_policy pol WHERE polrelid = c.oid), E'\\n')";

/// What a relation is called by its letter.
const KIND: &str = "CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' \
                    WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 't' THEN 'TOAST table' \
                    WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' \
                    WHEN 'I' THEN 'partitioned index' END";

impl Shell {
    pub(super) fn list_relations(
        &mut self,
        kinds: &str,
        pattern: &Pattern,
        more: bool,
        system: bool,
        around: &mut dyn Surroundings,
    ) {
        let indexes = kinds.contains('i');
        let letters: Vec<String> = kinds.chars().map(|kind| format!("'{kind}'")).collect();
        let mut columns = format!(
            "n.nspname AS \"Schema\", c.relname AS \"Name\", {KIND} AS \"Type\", \
             pg_catalog.pg_get_userbyid(c.relowner) AS \"Owner\""
        );
        let mut from =
            "pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace".to_owned();
        if indexes {
            columns.push_str(", t.relname AS \"Table\"");
            from.push_str(
                " LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid \
                 LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid",
            );
        }
        if more {
            columns.push_str(
                ", CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 't' THEN 'temporary' \
                 WHEN 'u' THEN 'unlogged' END AS \"Persistence\"",
            );
            if kinds.chars().any(|kind| "rpmi".contains(kind)) {
                columns.push_str(", a.amname AS \"Access method\"");
                from.push_str(" LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam");
            }
            columns.push_str(
                ", (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = c.oid \
                 AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0) AS \"Description\"",
            );
        }
        let hidden = if system { "" } else { NO_SYSTEM };
        let visible = pattern.conditions("n.nspname", "c.relname", "pg_catalog.pg_table_is_visible(c.oid)");
        let query = format!(
            "SELECT {columns} FROM {from} WHERE c.relkind IN ({}){hidden}{visible} ORDER BY 1, 2",
            letters.join(", ")
        );
        let Some(found) = self.query(&query, around) else { return };
        // Who wants no words gets an empty list.
        if found.rows.is_empty() && !self.variables.is_on("QUIET") {
            let text = match pattern.is_given() {
                true => format!("Did not find any relation named \"{}\".", pattern.written),
                false => "Did not find any relations.".to_owned(),
            };
            return self.complain(&text, around);
        }
        let mut text = String::new();
        let found = display::Table { title: Some("List of relations".to_owned()), ..found };
        self.formatting.write(&found, around.width(), &mut text);
        around.print(text.as_bytes());
    }

    pub(super) fn list_functions(
        &mut self,
        pattern: &Pattern,
        more: bool,
        system: bool,
        around: &mut dyn Surroundings,
    ) {
        let extra = if more {
            ", CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' WHEN 'v' THEN 'volatile' END \
             AS \"Volatility\", CASE p.proparallel WHEN 'r' THEN 'restricted' WHEN 's' THEN 'safe' \
             WHEN 'u' THEN 'unsafe' END AS \"Parallel\", pg_catalog.pg_get_userbyid(p.proowner) AS \"Owner\", \
             CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END AS \"Security\", \
             pg_catalog.array_to_string(p.proacl, E'\\n') AS \"Access privileges\", l.lanname AS \"Language\", \
             p.prosrc AS \"Source code\", (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = p.oid \
                 AND d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objsubid = 0) AS \"Description\""
        } else {
            ""
        };
        let hidden = if system { "" } else { NO_SYSTEM };
        let visible =
            pattern.conditions("n.nspname", "p.proname", "pg_catalog.pg_function_is_visible(p.oid)");
        let query = format!(
            "SELECT n.nspname AS \"Schema\", p.proname AS \"Name\", \
             pg_catalog.pg_get_function_result(p.oid) AS \"Result data type\", \
             pg_catalog.pg_get_function_arguments(p.oid) AS \"Argument data types\", \
             CASE p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' ELSE 'func' END AS \"Type\"\
             {extra} FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
             LEFT JOIN pg_catalog.pg_language l ON l.oid = p.prolang \
             WHERE true{hidden}{visible} ORDER BY 1, 2, 4"
        );
        self.show_list(&query, "List of functions", around);
    }

    pub(super) fn list_schemas(
        &mut self,
        pattern: &Pattern,
        more: bool,
        system: bool,
        around: &mut dyn Surroundings,
    ) {
        let extra = if more {
            ", pg_catalog.array_to_string(n.nspacl, E'\\n') AS \"Access privileges\", \
             (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = n.oid \
                 AND d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.objsubid = 0) AS \"Description\""
        } else {
            ""
        };
        let hidden =
            if system { "" } else { " AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'" };
        let named = pattern.conditions("n.nspname", "n.nspname", "");
        let query = format!(
            "SELECT n.nspname AS \"Name\", pg_catalog.pg_get_userbyid(n.nspowner) AS \"Owner\"{extra} \
             FROM pg_catalog.pg_namespace n WHERE true{hidden}{named} ORDER BY 1"
        );
        self.show_list(&query, "List of schemas", around);
    }

    pub(super) fn list_types(
        &mut self,
        pattern: &Pattern,
        more: bool,
        system: bool,
        around: &mut dyn Surroundings,
    ) {
        let extra = if more {
            " t.typname AS \"Internal name\", CASE WHEN t.typrelid <> 0 THEN 'tuple' WHEN t.typlen < 0 THEN 'var' \
             ELSE t.typlen::text END AS \"Size\", (SELECT pg_catalog.string_agg(e.enumlabel, E'\\n' \
             ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS \"Elements\", \
             pg_catalog.pg_get_userbyid(t.typowner) AS \"Owner\", \
             pg_catalog.array_to_string(t.typacl, E'\\n') AS \"Access privileges\","
        } else {
            ""
        };
        let hidden = if system { "" } else { NO_SYSTEM };
        let visible = pattern.conditions("n.nspname", "t.typname", "pg_catalog.pg_type_is_visible(t.oid)");
        let query = format!(
            "SELECT n.nspname AS \"Schema\", pg_catalog.format_type(t.oid, NULL) AS \"Name\",{extra} \
             (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = t.oid \
                 AND d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objsubid = 0) AS \"Description\" \
             FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
             WHERE (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid)) \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)\
             {hidden}{visible} ORDER BY 1, 2"
        );
        self.show_list(&query, "List of data types", around);
    }

    pub(super) fn list_domains(
        &mut self,
        pattern: &Pattern,
        more: bool,
        system: bool,
        around: &mut dyn Surroundings,
    ) {
        let extra = if more {
            ", pg_catalog.array_to_string(t.typacl, E'\\n') AS \"Access privileges\", \
             (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = t.oid \
                 AND d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objsubid = 0) AS \"Description\""
        } else {
            ""
        };
        let hidden = if system { "" } else { NO_SYSTEM };
        let visible = pattern.conditions("n.nspname", "t.typname", "pg_catalog.pg_type_is_visible(t.oid)");
        let query = format!(
            "SELECT n.nspname AS \"Schema\", t.typname AS \"Name\", \
             pg_catalog.format_type(t.typbasetype, t.typtypmod) AS \"Type\", \
             (SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type b WHERE c.oid = t.typcollation \
             AND b.oid = t.typbasetype AND t.typcollation <> b.typcollation) AS \"Collation\", \
             CASE WHEN t.typnotnull THEN 'not null' END AS \"Nullable\", t.typdefault AS \"Default\", \
             (SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(r.oid, true), ' ' ORDER BY r.conname) \
             FROM pg_catalog.pg_constraint r WHERE r.contypid = t.oid) AS \"Check\"{extra} \
             FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
             WHERE t.typtype = 'd'{hidden}{visible} ORDER BY 1, 2"
        );
        self.show_list(&query, "List of domains", around);
    }

    pub(super) fn list_roles(&mut self, pattern: &Pattern, more: bool, around: &mut dyn Surroundings) {
        let extra = if more {
            ", (SELECT s.description FROM pg_catalog.pg_shdescription s WHERE s.objoid = r.oid) AS \"Description\""
        } else {
            ""
        };
        let hidden = if pattern.is_given() { "" } else { " AND r.rolname !~ '^pg_'" };
        let named = pattern.conditions("r.rolname", "r.rolname", "");
        let query = format!(
            "SELECT r.rolname AS \"Role name\", pg_catalog.concat_ws(', ', \
             CASE WHEN r.rolsuper THEN 'Superuser' END, CASE WHEN NOT r.rolinherit THEN 'No inheritance' END, \
             CASE WHEN r.rolcreaterole THEN 'Create role' END, CASE WHEN r.rolcreatedb THEN 'Create DB' END, \
             CASE WHEN NOT r.rolcanlogin THEN 'Cannot login' END, \
             CASE WHEN r.rolreplication THEN 'Replication' END, \
             CASE WHEN r.rolbypassrls THEN 'Bypass RLS' END) AS \"Attributes\", \
             ARRAY(SELECT b.rolname FROM pg_catalog.pg_auth_members m \
             JOIN pg_catalog.pg_roles b ON m.roleid = b.oid WHERE m.member = r.oid) AS \"Member of\"{extra} \
             FROM pg_catalog.pg_roles r WHERE true{hidden}{named} ORDER BY 1"
        );
        let Some(found) = self.query(&query, around) else { return };
        let found = display::Table { title: Some("List of roles".to_owned()), ..found };
        self.show_described(&found, &[], around);
    }

    pub(super) fn list_privileges(&mut self, pattern: &Pattern, around: &mut dyn Surroundings) {
        let hidden = if pattern.is_given() {
            ""
        } else {
            " AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        };
        let visible = pattern.conditions("n.nspname", "c.relname", "pg_catalog.pg_table_is_visible(c.oid)");
        let query = format!(
            "SELECT n.nspname AS \"Schema\", c.relname AS \"Name\", {KIND} AS \"Type\", \
             pg_catalog.array_to_string(c.relacl, E'\\n') AS \"Access privileges\", \
             (SELECT pg_catalog.string_agg(a.attname || E':\\n  ' || \
             pg_catalog.array_to_string(a.attacl, E'\\n  '), E'\\n' ORDER BY a.attnum) \
             FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped \
             AND a.attacl IS NOT NULL) AS \"Column privileges\", {POLICIES} AS \"Policies\" \
             FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p'){hidden}{visible} ORDER BY 1, 2"
        );
        self.show_list(&query, "Access privileges", around);
    }

    pub(super) fn list_databases(&mut self, pattern: &Pattern, more: bool, around: &mut dyn Surroundings) {
        let extra = if more {
            ", (SELECT s.description FROM pg_catalog.pg_shdescription s WHERE s.objoid = d.oid) AS \"Description\""
        } else {
            ""
        };
        let named = pattern.conditions("d.datname", "d.datname", "");
        let query = format!(
            "SELECT d.datname AS \"Name\", pg_catalog.pg_get_userbyid(d.datdba) AS \"Owner\", 'UTF8' AS \"Encoding\", \
             d.datcollate AS \"Collate\", d.datctype AS \"Ctype\", d.daticulocale AS \"ICU Locale\", \
             CASE d.datlocprovider WHEN 'i' THEN 'icu' ELSE 'libc' END AS \"Locale Provider\", \
             pg_catalog.array_to_string(d.datacl, E'\\n') AS \"Access privileges\"{extra} \
             FROM pg_catalog.pg_database d WHERE true{named} ORDER BY 1"
        );
        self.show_list(&query, "List of databases", around);
    }
}
