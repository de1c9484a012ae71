//! Lists that are one query each: aggregates, operators, casts, collations, extensions, languages and what else is seldom
//! asked for. Columns and titles are psql's.

use super::pattern::Pattern;
use crate::shell::Shell;
use crate::surroundings::Surroundings;

/// A list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// The command without its signs.
    pub letters: &'static str,
    title: &'static str,
    columns: &'static str,
    /// Those that a `+` adds.
    more: &'static str,
    /// Those that stand last in either case.
    last: &'static str,
    from: &'static str,
    condition: &'static str,
    /// Schema and name that a pattern is about, and what holds of objects that a name alone finds.
    names: [&'static str; 3],
    /// The schema whose objects are hidden unless they are asked for; nothing if none are.
    hides: &'static str,
    /// What another title and condition stand there without a pattern.
    without: Option<(&'static str, &'static str)>,
    order: &'static str,
}

/// What stands in a list that is not said otherwise.
const PLAIN: Listing = Listing {
    letters: "",
    title: "",
    columns: "",
    more: "",
    last: "",
    from: "",
    condition: "true",
    names: ["", "", ""],
    hides: "",
    without: None,
    order: "1",
};

pub(super) const LISTINGS: &[Listing] = &[
    Listing {
        letters: "da",
        title: "List of aggregate functions",
        columns: "n.nspname AS \"Schema\", p.proname AS \"Name\", \
                  pg_catalog.format_type(p.prorettype, NULL) AS \"Result data type\", \
                  CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_arguments(p.oid) END \
                  AS \"Argument data types\", pg_catalog.obj_description(p.oid, 'pg_proc') AS \"Description\"",
        from: "pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace",
        condition: "p.prokind = 'a'",
        names: ["n.nspname", "p.proname", "pg_catalog.pg_function_is_visible(p.oid)"],
        hides: "n.nspname",
        order: "1, 2, 4",
        ..PLAIN
    },
    Listing {
        letters: "do",
        title: "List of operators",
        columns: "n.nspname AS \"Schema\", o.oprname AS \"Name\", \
                  CASE WHEN o.oprleft <> 0 THEN pg_catalog.format_type(o.oprleft, NULL) END AS \"Left arg type\", \
                  CASE WHEN o.oprright <> 0 THEN pg_catalog.format_type(o.oprright, NULL) END AS \"Right arg type\", \
                  pg_catalog.format_type(o.oprresult, NULL) AS \"Result type\"",
        more: ", o.oprcode AS \"Function\"",
        last: ", pg_catalog.obj_description(o.oid, 'pg_operator') AS \"Description\"",
        from: "pg_catalog.pg_operator o LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace",
        names: ["n.nspname", "o.oprname", "pg_catalog.pg_operator_is_visible(o.oid)"],
        hides: "n.nspname",
        order: "1, 2, 3, 4",
        ..PLAIN
    },
    Listing {
        letters: "dC",
        title: "List of casts",
        columns: "pg_catalog.format_type(c.castsource, NULL) AS \"Source type\", \
                  pg_catalog.format_type(c.casttarget, NULL) AS \"Target type\", \
                  CASE c.castmethod WHEN 'b' THEN '(binary coercible)' WHEN 'i' THEN '(with inout)' \
                  ELSE p.proname END AS \"Function\", CASE c.castcontext WHEN 'e' THEN 'no' \
                  WHEN 'a' THEN 'in assignment' ELSE 'yes' END AS \"Implicit?\"",
        more: ", pg_catalog.obj_description(c.oid, 'pg_cast') AS \"Description\"",
        from: "pg_catalog.pg_cast c LEFT JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc \
               CROSS JOIN LATERAL (SELECT DISTINCT x.typname FROM pg_catalog.pg_type x \
               WHERE x.oid IN (c.castsource, c.casttarget)) t",
        names: ["", "t.typname", ""],
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dc",
        title: "List of conversions",
        columns: "n.nspname AS \"Schema\", c.conname AS \"Name\", \
                  pg_catalog.pg_encoding_to_char(c.conforencoding) AS \"Source\", \
                  pg_catalog.pg_encoding_to_char(c.contoencoding) AS \"Destination\", \
                  CASE WHEN c.condefault THEN 'yes' ELSE 'no' END AS \"Default?\"",
        more: ", pg_catalog.obj_description(c.oid, 'pg_conversion') AS \"Description\"",
        from: "pg_catalog.pg_conversion c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace",
        names: ["n.nspname", "c.conname", "pg_catalog.pg_conversion_is_visible(c.oid)"],
        hides: "n.nspname",
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dO",
        title: "List of collations",
        columns: "n.nspname AS \"Schema\", c.collname AS \"Name\", c.collcollate AS \"Collate\", \
                  c.collctype AS \"Ctype\", c.colliculocale AS \"ICU Locale\", \
                  CASE c.collprovider WHEN 'd' THEN 'default' WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END \
                  AS \"Provider\", CASE WHEN c.collisdeterministic THEN 'yes' ELSE 'no' END AS \"Deterministic?\"",
        more: ", pg_catalog.obj_description(c.oid, 'pg_collation') AS \"Description\"",
        from: "pg_catalog.pg_collation c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace",
        names: ["n.nspname", "c.collname", "pg_catalog.pg_collation_is_visible(c.oid)"],
        hides: "n.nspname",
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dX",
        title: "List of extended statistics",
        columns: "es.stxnamespace::pg_catalog.regnamespace::pg_catalog.text AS \"Schema\", es.stxname AS \"Name\", \
                  pg_catalog.format('%s FROM %s', pg_catalog.pg_get_statisticsobjdef_columns(es.oid), \
                  es.stxrelid::pg_catalog.regclass) AS \"Definition\", \
                  CASE WHEN 'd' = any(es.stxkind) THEN 'defined' END AS \"Ndistinct\", \
                  CASE WHEN 'f' = any(es.stxkind) THEN 'defined' END AS \"Dependencies\", \
                  CASE WHEN 'm' = any(es.stxkind) THEN 'defined' END AS \"MCV\"",
        from: "pg_catalog.pg_statistic_ext es",
        names: [
            "es.stxnamespace::pg_catalog.regnamespace::pg_catalog.text",
            "es.stxname",
            "pg_catalog.pg_statistics_obj_is_visible(es.oid)",
        ],
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dx",
        title: "List of installed extensions",
        columns: "e.extname AS \"Name\", e.extversion AS \"Version\", n.nspname AS \"Schema\", \
                  pg_catalog.obj_description(e.oid, 'pg_extension') AS \"Description\"",
        from: "pg_catalog.pg_extension e LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace",
        names: ["", "e.extname", ""],
        ..PLAIN
    },
    Listing {
        letters: "dL",
        title: "List of languages",
        columns: "l.lanname AS \"Name\", pg_catalog.pg_get_userbyid(l.lanowner) AS \"Owner\", \
                  l.lanpltrusted AS \"Trusted\"",
        more: ", NOT l.lanispl AS \"Internal language\", \
               pg_catalog.array_to_string(l.lanacl, E'\\n') AS \"Access privileges\"",
        from: "pg_catalog.pg_language l",
        names: ["", "l.lanname", ""],
        ..PLAIN
    },
    Listing {
        letters: "dy",
        title: "List of event triggers",
        columns: "e.evtname AS \"Name\", e.evtevent AS \"Event\", \
                  pg_catalog.pg_get_userbyid(e.evtowner) AS \"Owner\", CASE e.evtenabled WHEN 'O' THEN 'enabled' \
                  WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' WHEN 'D' THEN 'disabled' END AS \"Enabled\", \
                  e.evtfoid::pg_catalog.regproc AS \"Function\", \
                  pg_catalog.array_to_string(e.evttags, ', ') AS \"Tags\"",
        more: ", pg_catalog.obj_description(e.oid, 'pg_event_trigger') AS \"Description\"",
        from: "pg_catalog.pg_event_trigger e",
        names: ["", "e.evtname", ""],
        ..PLAIN
    },
    Listing {
        letters: "dl",
        title: "Large objects",
        columns: "o.oid AS \"ID\", pg_catalog.pg_get_userbyid(o.lomowner) AS \"Owner\"",
        more: ", pg_catalog.array_to_string(o.lomacl, E'\\n') AS \"Access privileges\"",
        last: ", pg_catalog.obj_description(o.oid, 'pg_largeobject') AS \"Description\"",
        from: "pg_catalog.pg_largeobject_metadata o",
        names: ["", "o.oid::pg_catalog.text", ""],
        ..PLAIN
    },
    Listing {
        letters: "dew",
        title: "List of foreign-data wrappers",
        columns: "w.fdwname AS \"Name\", pg_catalog.pg_get_userbyid(w.fdwowner) AS \"Owner\", \
                  w.fdwhandler::pg_catalog.regproc AS \"Handler\", \
                  w.fdwvalidator::pg_catalog.regproc AS \"Validator\"",
        more: ", pg_catalog.array_to_string(w.fdwacl, E'\\n') AS \"Access privileges\", \
               CASE WHEN w.fdwoptions IS NULL THEN '' ELSE '(' || pg_catalog.array_to_string(ARRAY( \
               SELECT pg_catalog.quote_ident(option_name) || ' ' || pg_catalog.quote_literal(option_value) \
               FROM pg_catalog.pg_options_to_table(w.fdwoptions)), ', ') || ')' END AS \"FDW options\", \
               pg_catalog.obj_description(w.oid, 'pg_foreign_data_wrapper') AS \"Description\"",
        from: "pg_catalog.pg_foreign_data_wrapper w",
        names: ["", "w.fdwname", ""],
        ..PLAIN
    },
    Listing {
        letters: "des",
        title: "List of foreign servers",
        columns: "s.srvname AS \"Name\", pg_catalog.pg_get_userbyid(s.srvowner) AS \"Owner\", \
                  w.fdwname AS \"Foreign-data wrapper\"",
        more: ", pg_catalog.array_to_string(s.srvacl, E'\\n') AS \"Access privileges\", \
               s.srvtype AS \"Type\", s.srvversion AS \"Version\", \
               CASE WHEN s.srvoptions IS NULL THEN '' ELSE '(' || pg_catalog.array_to_string(ARRAY( \
               SELECT pg_catalog.quote_ident(option_name) || ' ' || pg_catalog.quote_literal(option_value) \
               FROM pg_catalog.pg_options_to_table(s.srvoptions)), ', ') || ')' END AS \"FDW options\", \
               pg_catalog.obj_description(s.oid, 'pg_foreign_server') AS \"Description\"",
        from: "pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw",
        names: ["", "s.srvname", ""],
        ..PLAIN
    },
    Listing {
        letters: "det",
        title: "List of foreign tables",
        columns: "n.nspname AS \"Schema\", c.relname AS \"Table\", s.srvname AS \"Server\"",
        more: ", CASE WHEN f.ftoptions IS NULL THEN '' ELSE '(' || pg_catalog.array_to_string(ARRAY( \
               SELECT pg_catalog.quote_ident(option_name) || ' ' || pg_catalog.quote_literal(option_value) \
               FROM pg_catalog.pg_options_to_table(f.ftoptions)), ', ') || ')' END AS \"FDW options\", \
               pg_catalog.obj_description(c.oid, 'pg_class') AS \"Description\"",
        from: "pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid \
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
               JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver",
        names: ["n.nspname", "c.relname", "pg_catalog.pg_table_is_visible(c.oid)"],
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "deu",
        title: "List of user mappings",
        columns: "m.srvname AS \"Server\", m.usename AS \"User name\"",
        more: ", CASE WHEN m.umoptions IS NULL THEN '' ELSE '(' || pg_catalog.array_to_string(ARRAY( \
               SELECT pg_catalog.quote_ident(option_name) || ' ' || pg_catalog.quote_literal(option_value) \
               FROM pg_catalog.pg_options_to_table(m.umoptions)), ', ') || ')' END AS \"FDW options\"",
        // A server's name and a user's are asked for with one pattern.
        from: "pg_catalog.pg_user_mappings m CROSS JOIN LATERAL \
               (SELECT m.srvname AS name UNION SELECT m.usename) n",
        names: ["", "n.name", ""],
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dRp",
        title: "List of publications",
        columns: "p.pubname AS \"Name\", pg_catalog.pg_get_userbyid(p.pubowner) AS \"Owner\", \
                  p.puballtables AS \"All tables\", p.pubinsert AS \"Inserts\", p.pubupdate AS \"Updates\", \
                  p.pubdelete AS \"Deletes\", p.pubtruncate AS \"Truncates\", p.pubviaroot AS \"Via root\"",
        from: "pg_catalog.pg_publication p",
        names: ["", "p.pubname", ""],
        ..PLAIN
    },
    Listing {
        letters: "dRs",
        title: "List of subscriptions",
        columns: "s.subname AS \"Name\", pg_catalog.pg_get_userbyid(s.subowner) AS \"Owner\", \
                  s.subenabled AS \"Enabled\", s.subpublications AS \"Publication\"",
        more: ", s.subbinary AS \"Binary\", s.substream AS \"Streaming\", \
               s.subtwophasestate AS \"Two-phase commit\", s.subdisableonerr AS \"Disable on error\", \
               s.subsynccommit AS \"Synchronous commit\", s.subconninfo AS \"Conninfo\", \
               s.subskiplsn AS \"Skip LSN\"",
        from: "pg_catalog.pg_subscription s",
        names: ["", "s.subname", ""],
        ..PLAIN
    },
    Listing {
        letters: "dA",
        title: "List of access methods",
        columns: "a.amname AS \"Name\", CASE a.amtype WHEN 'i' THEN 'Index' WHEN 't' THEN 'Table' END AS \"Type\"",
        more: ", a.amhandler AS \"Handler\", pg_catalog.obj_description(a.oid, 'pg_am') AS \"Description\"",
        from: "pg_catalog.pg_am a",
        names: ["", "a.amname", ""],
        ..PLAIN
    },
    Listing {
        letters: "db",
        title: "List of tablespaces",
        columns: "t.spcname AS \"Name\", pg_catalog.pg_get_userbyid(t.spcowner) AS \"Owner\", \
                  pg_catalog.pg_tablespace_location(t.oid) AS \"Location\"",
        more: ", pg_catalog.array_to_string(t.spcacl, E'\\n') AS \"Access privileges\", t.spcoptions AS \"Options\", \
               pg_catalog.pg_size_pretty(pg_catalog.pg_tablespace_size(t.oid)) AS \"Size\", \
               pg_catalog.shobj_description(t.oid, 'pg_tablespace') AS \"Description\"",
        from: "pg_catalog.pg_tablespace t",
        names: ["", "t.spcname", ""],
        ..PLAIN
    },
    Listing {
        letters: "dconfig",
        title: "List of configuration parameters",
        columns: "s.name AS \"Parameter\", pg_catalog.current_setting(s.name) AS \"Value\"",
        more: ", s.vartype AS \"Type\", s.context AS \"Context\"",
        from: "pg_catalog.pg_settings s",
        names: ["", "s.name", ""],
        without: Some((
            "List of non-default configuration parameters",
            " AND s.setting IS DISTINCT FROM s.boot_val",
        )),
        ..PLAIN
    },
    Listing {
        letters: "ddp",
        title: "Default access privileges",
        columns: "pg_catalog.pg_get_userbyid(d.defaclrole) AS \"Owner\", n.nspname AS \"Schema\", \
                  CASE d.defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'function' \
                  WHEN 'T' THEN 'type' WHEN 'n' THEN 'schema' END AS \"Type\", \
                  pg_catalog.array_to_string(d.defaclacl, E'\\n') AS \"Access privileges\"",
        from: "pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace",
        names: ["n.nspname", "pg_catalog.pg_get_userbyid(d.defaclrole)", ""],
        order: "1, 2, 3",
        ..PLAIN
    },
    Listing {
        letters: "drds",
        title: "List of settings",
        columns: "r.rolname AS \"Role\", d.datname AS \"Database\", \
                  pg_catalog.array_to_string(s.setconfig, E'\\n') AS \"Settings\"",
        from: "pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase \
               LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole",
        names: ["", "r.rolname", ""],
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dd",
        title: "Object descriptions",
        columns: "n.nspname AS \"Schema\", c.conname AS \"Name\", \
                  CASE WHEN c.contypid = 0 THEN 'table constraint' ELSE 'domain constraint' END AS \"Object\", \
                  d.description AS \"Description\"",
        from: "pg_catalog.pg_description d JOIN pg_catalog.pg_constraint c ON c.oid = d.objoid \
               AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objsubid = 0 \
               LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace",
        names: ["n.nspname", "c.conname", ""],
        hides: "n.nspname",
        order: "1, 2, 3",
        ..PLAIN
    },
    Listing {
        letters: "dF",
        title: "List of text search configurations",
        columns: "n.nspname AS \"Schema\", c.cfgname AS \"Name\", \
                  pg_catalog.obj_description(c.oid, 'pg_ts_config') AS \"Description\"",
        from: "pg_catalog.pg_ts_config c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace",
        names: ["n.nspname", "c.cfgname", "pg_catalog.pg_ts_config_is_visible(c.oid)"],
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dFd",
        title: "List of text search dictionaries",
        columns: "n.nspname AS \"Schema\", d.dictname AS \"Name\", \
                  pg_catalog.obj_description(d.oid, 'pg_ts_dict') AS \"Description\"",
        from: "pg_catalog.pg_ts_dict d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace",
        names: ["n.nspname", "d.dictname", "pg_catalog.pg_ts_dict_is_visible(d.oid)"],
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dFp",
        title: "List of text search parsers",
        columns: "n.nspname AS \"Schema\", p.prsname AS \"Name\", \
                  pg_catalog.obj_description(p.oid, 'pg_ts_parser') AS \"Description\"",
        from: "pg_catalog.pg_ts_parser p LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace",
        names: ["n.nspname", "p.prsname", "pg_catalog.pg_ts_parser_is_visible(p.oid)"],
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dFt",
        title: "List of text search templates",
        columns: "n.nspname AS \"Schema\", t.tmplname AS \"Name\", \
                  pg_catalog.obj_description(t.oid, 'pg_ts_template') AS \"Description\"",
        from: "pg_catalog.pg_ts_template t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace",
        names: ["n.nspname", "t.tmplname", "pg_catalog.pg_ts_template_is_visible(t.oid)"],
        order: "1, 2",
        ..PLAIN
    },
    Listing {
        letters: "dP",
        title: "List of partitioned relations",
        columns: "n.nspname AS \"Schema\", c.relname AS \"Name\", \
                  pg_catalog.pg_get_userbyid(c.relowner) AS \"Owner\", CASE c.relkind \
                  WHEN 'p' THEN 'partitioned table' ELSE 'partitioned index' END AS \"Type\", \
                  (SELECT i.indrelid::pg_catalog.regclass FROM pg_catalog.pg_index i WHERE i.indexrelid = c.oid) \
                  AS \"Table\"",
        from: "pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
        condition: "c.relkind IN ('p', 'I') AND NOT c.relispartition",
        names: ["n.nspname", "c.relname", "pg_catalog.pg_table_is_visible(c.oid)"],
        hides: "n.nspname",
        order: "1, 4 DESC, 2",
        ..PLAIN
    },
];

impl Shell {
    pub(super) fn list_of(
        &mut self,
        listing: &Listing,
        pattern: &Pattern,
        more: bool,
        system: bool,
        around: &mut dyn Surroundings,
    ) {
        let [schema, name, visible] = listing.names;
        let conditions = pattern.conditions(if schema.is_empty() { name } else { schema }, name, visible);
        let hidden = match listing.hides {
            "" => String::new(),
            _ if system => String::new(),
            schema => format!(" AND {schema} NOT IN ('pg_catalog', 'information_schema')"),
        };
        let (title, changed) = match listing.without {
            Some((title, condition)) if !pattern.is_given() => (title, condition),
            Some(_) | None => (listing.title, ""),
        };
        let query = format!(
            "SELECT DISTINCT {}{}{} FROM {} WHERE {}{changed}{hidden}{conditions} ORDER BY {}",
            listing.columns,
            if more { listing.more } else { "" },
            listing.last,
            listing.from,
            listing.condition,
            listing.order
        );
        self.show_list(&query, title, around);
    }
}
