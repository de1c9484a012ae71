//! PostgreSQL 15's key words and the classes that say where each may serve as a name.
//!
//! The class decides what the grammar takes as an identifier (PostgreSQL's documentation, appendix C): a reserved word
//! never names anything unquoted, the others name columns, tables, types or functions as far as their class goes.
//! `bare` says whether the word can be a column label without `AS`.
//!
//! Invariants
//!
//! 1. The table is sorted by word, and a word's place in it is its number; a test holds it.
//! 2. Words are lower-case ASCII; whoever looks one up has folded it before.

/// Where a key word may be used as a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeywordClass {
    /// Anywhere.
    Unreserved,
    /// Names columns and tables, but no functions or types.
    ColumnName,
    /// Names types and functions, but no columns or tables.
    TypeOrFunctionName,
    /// Names nothing, unless quoted; a column label after `AS` all the same.
    Reserved,
}

macro_rules! bare {
    (bare) => {
        true
    };
    (with_as) => {
        false
    };
}

macro_rules! keywords {
    ($($variant:ident = $word:literal, $class:ident, $label:ident;)*) => {
        /// A key word, reserved or not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Keyword {
            $(#[doc = $word] $variant,)*
        }

        /// Every key word with its class, sorted by word.
        const TABLE: &[(&str, Keyword, KeywordClass, bool)] = &[
            $(($word, Keyword::$variant, KeywordClass::$class, bare!($label)),)*
        ];
    };
}

/// The longest key word in bytes: `current_timestamp`.
const LONGEST: usize = 17;

/// Slots of the table by which words are found: at least four to a word, so that most misses meet a free one at once.
const SLOTS: usize = 2048;

/// Where each word stands in [`TABLE`], by its hash; what is taken is passed over to the next slot.
const PLACES: [u16; SLOTS] = {
    let mut places = [u16::MAX; SLOTS];
    let mut place = 0;
    while place < TABLE.len() {
        let mut slot = hash(TABLE[place].0.as_bytes());
        while places[slot] != u16::MAX {
            slot = (slot + 1) % SLOTS;
        }
        places[slot] = place as u16;
        place += 1;
    }
    places
};

const fn hash(word: &[u8]) -> usize {
    let mut sum = word.len() as u32;
    let mut place = 0;
    while place < word.len() {
        sum = (sum ^ word[place] as u32).wrapping_mul(0x0100_0193);
        place += 1;
    }
    (sum ^ (sum >> 15)) as usize % SLOTS
}

impl Keyword {
    /// The key word that `word` spells, in lower case; `None` for anything else.
    pub fn find(word: &str) -> Option<Keyword> {
        if word.len() > LONGEST {
            return None;
        }
        let mut slot = hash(word.as_bytes());
        loop {
            // A slot that is not taken holds a place beyond the table.
            let (known, keyword, _, _) = TABLE.get(usize::from(PLACES[slot]))?;
            if *known == word {
                return Some(*keyword);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// All key words, sorted by their text.
    pub fn all() -> impl Iterator<Item = Keyword> {
        TABLE.iter().map(|(_, keyword, _, _)| *keyword)
    }

    /// Its text, in lower case.
    pub fn text(self) -> &'static str {
        TABLE[self as usize].0
    }

    /// Where it may be used as a name.
    pub fn class(self) -> KeywordClass {
        TABLE[self as usize].2
    }

    /// Whether it can be a column label without `AS`.
    pub fn is_bare_label(self) -> bool {
        TABLE[self as usize].3
    }
}

keywords! {
    Abort = "abort", Unreserved, bare;
    Absolute = "absolute", Unreserved, bare;
    Access = "access", Unreserved, bare;
    Action = "action", Unreserved, bare;
    Add = "add", Unreserved, bare;
    Admin = "admin", Unreserved, bare;
    After = "after", Unreserved, bare;
    Aggregate = "aggregate", Unreserved, bare;
    All = "all", Reserved, bare;
    Also = "also", Unreserved, bare;
    Alter = "alter", Unreserved, bare;
    Always = "always", Unreserved, bare;
    Analyse = "analyse", Reserved, bare;
    Analyze = "analyze", Reserved, bare;
    And = "and", Reserved, bare;
    Any = "any", Reserved, bare;
    Array = "array", Reserved, with_as;
    As = "as", Reserved, with_as;
    Asc = "asc", Reserved, bare;
    Asensitive = "asensitive", Unreserved, bare;
    Assertion = "assertion", Unreserved, bare;
    Assignment = "assignment", Unreserved, bare;
    Asymmetric = "asymmetric", Reserved, bare;
    At = "at", Unreserved, bare;
    Atomic = "atomic", Unreserved, bare;
    Attach = "attach", Unreserved, bare;
    Attribute = "attribute", Unreserved, bare;
    Authorization = "authorization", TypeOrFunctionName, bare;
    Backward = "backward", Unreserved, bare;
    Before = "before", Unreserved, bare;
    Begin = "begin", Unreserved, bare;
    Between = "between", ColumnName, bare;
    Bigint = "bigint", ColumnName, bare;
    Binary = "binary", TypeOrFunctionName, bare;
    Bit = "bit", ColumnName, bare;
    Boolean = "boolean", ColumnName, bare;
    Both = "both", Reserved, bare;
    Breadth = "breadth", Unreserved, bare;
    By = "by", Unreserved, bare;
    Cache = "cache", Unreserved, bare;
    Call = "call", Unreserved, bare;
    Called = "called", Unreserved, bare;
    Cascade = "cascade", Unreserved, bare;
    Cascaded = "cascaded", Unreserved, bare;
    Case = "case", Reserved, bare;
    Cast = "cast", Reserved, bare;
    Catalog = "catalog", Unreserved, bare;
    Chain = "chain", Unreserved, bare;
    Char = "char", ColumnName, with_as;
    Character = "character", ColumnName, with_as;
    Characteristics = "characteristics", Unreserved, bare;
    Check = "check", Reserved, bare;
    Checkpoint = "checkpoint", Unreserved, bare;
    Class = "class", Unreserved, bare;
    Close = "close", Unreserved, bare;
    Cluster = "cluster", Unreserved, bare;
    Coalesce = "coalesce", ColumnName, bare;
    Collate = "collate", Reserved, bare;
    Collation = "collation", TypeOrFunctionName, bare;
    Column = "column", Reserved, bare;
    Columns = "columns", Unreserved, bare;
    Comment = "comment", Unreserved, bare;
    Comments = "comments", Unreserved, bare;
    Commit = "commit", Unreserved, bare;
    Committed = "committed", Unreserved, bare;
    Compression = "compression", Unreserved, bare;
    Concurrently = "concurrently", TypeOrFunctionName, bare;
    Configuration = "configuration", Unreserved, bare;
    Conflict = "conflict", Unreserved, bare;
    Connection = "connection", Unreserved, bare;
    Constraint = "constraint", Reserved, bare;
    Constraints = "constraints", Unreserved, bare;
    Content = "content", Unreserved, bare;
    Continue = "continue", Unreserved, bare;
    Conversion = "conversion", Unreserved, bare;
    Copy = "copy", Unreserved, bare;
    Cost = "cost", Unreserved, bare;
    Create = "create", Reserved, with_as;
    Cross = "cross", TypeOrFunctionName, bare;
    Csv = "csv", Unreserved, bare;
    Cube = "cube", Unreserved, bare;
    Current = "current", Unreserved, bare;
    CurrentCatalog = "current_catalog", Reserved, bare;
    CurrentDate = "current_date", Reserved, bare;
    CurrentRole = "current_role", Reserved, bare;
    CurrentSchema = "current_schema", TypeOrFunctionName, bare;
    CurrentTime = "current_time", Reserved, bare;
    CurrentTimestamp = "current_timestamp", Reserved, bare;
    CurrentUser = "current_user", Reserved, bare;
    Cursor = "cursor", Unreserved, bare;
    Cycle = "cycle", Unreserved, bare;
    Data = "data", Unreserved, bare;
    Database = "database", Unreserved, bare;
    Day = "day", Unreserved, with_as;
    Deallocate = "deallocate", Unreserved, bare;
    Dec = "dec", ColumnName, bare;
    Decimal = "decimal", ColumnName, bare;
    Declare = "declare", Unreserved, bare;
    Default = "default", Reserved, bare;
    Defaults = "defaults", Unreserved, bare;
    Deferrable = "deferrable", Reserved, bare;
    Deferred = "deferred", Unreserved, bare;
    Definer = "definer", Unreserved, bare;
    Delete = "delete", Unreserved, bare;
    Delimiter = "delimiter", Unreserved, bare;
    Delimiters = "delimiters", Unreserved, bare;
    Depends = "depends", Unreserved, bare;
    Depth = "depth", Unreserved, bare;
    Desc = "desc", Reserved, bare;
    Detach = "detach", Unreserved, bare;
    Dictionary = "dictionary", Unreserved, bare;
    Disable = "disable", Unreserved, bare;
    Discard = "discard", Unreserved, bare;
    Distinct = "distinct", Reserved, bare;
    Do = "do", Reserved, bare;
    Document = "document", Unreserved, bare;
    Domain = "domain", Unreserved, bare;
    Double = "double", Unreserved, bare;
    Drop = "drop", Unreserved, bare;
    Each = "each", Unreserved, bare;
    Else = "else", Reserved, bare;
    Enable = "enable", Unreserved, bare;
    Encoding = "encoding", Unreserved, bare;
    Encrypted = "encrypted", Unreserved, bare;
    End = "end", Reserved, bare;
    Enum = "enum", Unreserved, bare;
    Escape = "escape", Unreserved, bare;
    Event = "event", Unreserved, bare;
    Except = "except", Reserved, with_as;
    Exclude = "exclude", Unreserved, bare;
    Excluding = "excluding", Unreserved, bare;
    Exclusive = "exclusive", Unreserved, bare;
    Execute = "execute", Unreserved, bare;
    Exists = "exists", ColumnName, bare;
    Explain = "explain", Unreserved, bare;
    Expression = "expression", Unreserved, bare;
    Extension = "extension", Unreserved, bare;
    External = "external", Unreserved, bare;
    Extract = "extract", ColumnName, bare;
    False = "false", Reserved, bare;
    Family = "family", Unreserved, bare;
    Fetch = "fetch", Reserved, with_as;
    Filter = "filter", Unreserved, with_as;
    Finalize = "finalize", Unreserved, bare;
    First = "first", Unreserved, bare;
    Float = "float", ColumnName, bare;
    Following = "following", Unreserved, bare;
    For = "for", Reserved, with_as;
    Force = "force", Unreserved, bare;
    Foreign = "foreign", Reserved, bare;
    Forward = "forward", Unreserved, bare;
    Freeze = "freeze", TypeOrFunctionName, bare;
    From = "from", Reserved, with_as;
    Full = "full", TypeOrFunctionName, bare;
    Function = "function", Unreserved, bare;
    Functions = "functions", Unreserved, bare;
    Generated = "generated", Unreserved, bare;
    Global = "global", Unreserved, bare;
    Grant = "grant", Reserved, with_as;
    Granted = "granted", Unreserved, bare;
    Greatest = "greatest", ColumnName, bare;
    Group = "group", Reserved, with_as;
    Grouping = "grouping", ColumnName, bare;
    Groups = "groups", Unreserved, bare;
    Handler = "handler", Unreserved, bare;
    Having = "having", Reserved, with_as;
    Header = "header", Unreserved, bare;
    Hold = "hold", Unreserved, bare;
    Hour = "hour", Unreserved, with_as;
    Identity = "identity", Unreserved, bare;
    If = "if", Unreserved, bare;
    Ilike = "ilike", TypeOrFunctionName, bare;
    Immediate = "immediate", Unreserved, bare;
    Immutable = "immutable", Unreserved, bare;
    Implicit = "implicit", Unreserved, bare;
    Import = "import", Unreserved, bare;
    In = "in", Reserved, bare;
    Include = "include", Unreserved, bare;
    Including = "including", Unreserved, bare;
    Increment = "increment", Unreserved, bare;
    Index = "index", Unreserved, bare;
    Indexes = "indexes", Unreserved, bare;
    Inherit = "inherit", Unreserved, bare;
    Inherits = "inherits", Unreserved, bare;
    Initially = "initially", Reserved, bare;
    Inline = "inline", Unreserved, bare;
    Inner = "inner", TypeOrFunctionName, bare;
    Inout = "inout", ColumnName, bare;
    Input = "input", Unreserved, bare;
    Insensitive = "insensitive", Unreserved, bare;
    Insert = "insert", Unreserved, bare;
    Instead = "instead", Unreserved, bare;
    Int = "int", ColumnName, bare;
    Integer = "integer", ColumnName, bare;
    Intersect = "intersect", Reserved, with_as;
    Interval = "interval", ColumnName, bare;
    Into = "into", Reserved, with_as;
    Invoker = "invoker", Unreserved, bare;
    Is = "is", TypeOrFunctionName, bare;
    Isnull = "isnull", TypeOrFunctionName, with_as;
    Isolation = "isolation", Unreserved, bare;
    Join = "join", TypeOrFunctionName, bare;
    Key = "key", Unreserved, bare;
    Label = "label", Unreserved, bare;
    Language = "language", Unreserved, bare;
    Large = "large", Unreserved, bare;
    Last = "last", Unreserved, bare;
    Lateral = "lateral", Reserved, bare;
    Leading = "leading", Reserved, bare;
    Leakproof = "leakproof", Unreserved, bare;
    Least = "least", ColumnName, bare;
    Left = "left", TypeOrFunctionName, bare;
    Level = "level", Unreserved, bare;
    Like = "like", TypeOrFunctionName, bare;
    Limit = "limit", Reserved, with_as;
    Listen = "listen", Unreserved, bare;
    Load = "load", Unreserved, bare;
    Local = "local", Unreserved, bare;
    Localtime = "localtime", Reserved, bare;
    Localtimestamp = "localtimestamp", Reserved, bare;
    Location = "location", Unreserved, bare;
    Lock = "lock", Unreserved, bare;
    Locked = "locked", Unreserved, bare;
    Logged = "logged", Unreserved, bare;
    Mapping = "mapping", Unreserved, bare;
    Match = "match", Unreserved, bare;
    Matched = "matched", Unreserved, bare;
    Materialized = "materialized", Unreserved, bare;
    Maxvalue = "maxvalue", Unreserved, bare;
    Merge = "merge", Unreserved, bare;
    Method = "method", Unreserved, bare;
    Minute = "minute", Unreserved, with_as;
    Minvalue = "minvalue", Unreserved, bare;
    Mode = "mode", Unreserved, bare;
    Month = "month", Unreserved, with_as;
    Move = "move", Unreserved, bare;
    Name = "name", Unreserved, bare;
    Names = "names", Unreserved, bare;
    National = "national", ColumnName, bare;
    Natural = "natural", TypeOrFunctionName, bare;
    Nchar = "nchar", ColumnName, bare;
    New = "new", Unreserved, bare;
    Next = "next", Unreserved, bare;
    Nfc = "nfc", Unreserved, bare;
    Nfd = "nfd", Unreserved, bare;
    Nfkc = "nfkc", Unreserved, bare;
    Nfkd = "nfkd", Unreserved, bare;
    No = "no", Unreserved, bare;
    None = "none", ColumnName, bare;
    Normalize = "normalize", ColumnName, bare;
    Normalized = "normalized", Unreserved, bare;
    Not = "not", Reserved, bare;
    Nothing = "nothing", Unreserved, bare;
    Notify = "notify", Unreserved, bare;
    Notnull = "notnull", TypeOrFunctionName, with_as;
    Nowait = "nowait", Unreserved, bare;
    Null = "null", Reserved, bare;
    Nullif = "nullif", ColumnName, bare;
    Nulls = "nulls", Unreserved, bare;
    Numeric = "numeric", ColumnName, bare;
    Object = "object", Unreserved, bare;
    Of = "of", Unreserved, bare;
    Off = "off", Unreserved, bare;
    Offset = "offset", Reserved, with_as;
    Oids = "oids", Unreserved, bare;
    Old = "old", Unreserved, bare;
    On = "on", Reserved, with_as;
    Only = "only", Reserved, bare;
    Operator = "operator", Unreserved, bare;
    Option = "option", Unreserved, bare;
    Options = "options", Unreserved, bare;
    Or = "or", Reserved, bare;
    Order = "order", Reserved, with_as;
    Ordinality = "ordinality", Unreserved, bare;
    Others = "others", Unreserved, bare;
    Out = "out", ColumnName, bare;
    Outer = "outer", TypeOrFunctionName, bare;
    Over = "over", Unreserved, with_as;
    Overlaps = "overlaps", TypeOrFunctionName, with_as;
    Overlay = "overlay", ColumnName, bare;
    Overriding = "overriding", Unreserved, bare;
    Owned = "owned", Unreserved, bare;
    Owner = "owner", Unreserved, bare;
    Parallel = "parallel", Unreserved, bare;
    Parameter = "parameter", Unreserved, bare;
    Parser = "parser", Unreserved, bare;
    Partial = "partial", Unreserved, bare;
    Partition = "partition", Unreserved, bare;
    Passing = "passing", Unreserved, bare;
    Password = "password", Unreserved, bare;
    Placing = "placing", Reserved, bare;
    Plans = "plans", Unreserved, bare;
    Policy = "policy", Unreserved, bare;
    Position = "position", ColumnName, bare;
    Preceding = "preceding", Unreserved, bare;
    Precision = "precision", ColumnName, with_as;
    Prepare = "prepare", Unreserved, bare;
    Prepared = "prepared", Unreserved, bare;
    Preserve = "preserve", Unreserved, bare;
    Primary = "primary", Reserved, bare;
    Prior = "prior", Unreserved, bare;
    Privileges = "privileges", Unreserved, bare;
    Procedural = "procedural", Unreserved, bare;
    Procedure = "procedure", Unreserved, bare;
    Procedures = "procedures", Unreserved, bare;
    Program = "program", Unreserved, bare;
    Publication = "publication", Unreserved, bare;
    Quote = "quote", Unreserved, bare;
    Range = "range", Unreserved, bare;
    Read = "read", Unreserved, bare;
    Real = "real", ColumnName, bare;
    Reassign = "reassign", Unreserved, bare;
    Recheck = "recheck", Unreserved, bare;
    Recursive = "recursive", Unreserved, bare;
    Ref = "ref", Unreserved, bare;
    References = "references", Reserved, bare;
    Referencing = "referencing", Unreserved, bare;
    Refresh = "refresh", Unreserved, bare;
    Reindex = "reindex", Unreserved, bare;
    Relative = "relative", Unreserved, bare;
    Release = "release", Unreserved, bare;
    Rename = "rename", Unreserved, bare;
    Repeatable = "repeatable", Unreserved, bare;
    Replace = "replace", Unreserved, bare;
    Replica = "replica", Unreserved, bare;
    Reset = "reset", Unreserved, bare;
    Restart = "restart", Unreserved, bare;
    Restrict = "restrict", Unreserved, bare;
    Return = "return", Unreserved, bare;
    Returning = "returning", Reserved, with_as;
    Returns = "returns", Unreserved, bare;
    Revoke = "revoke", Unreserved, bare;
    Right = "right", TypeOrFunctionName, bare;
    Role = "role", Unreserved, bare;
    Rollback = "rollback", Unreserved, bare;
    Rollup = "rollup", Unreserved, bare;
    Routine = "routine", Unreserved, bare;
    Routines = "routines", Unreserved, bare;
    Row = "row", ColumnName, bare;
    Rows = "rows", Unreserved, bare;
    Rule = "rule", Unreserved, bare;
    Savepoint = "savepoint", Unreserved, bare;
    Schema = "schema", Unreserved, bare;
    Schemas = "schemas", Unreserved, bare;
    Scroll = "scroll", Unreserved, bare;
    Search = "search", Unreserved, bare;
    Second = "second", Unreserved, with_as;
    Security = "security", Unreserved, bare;
    Select = "select", Reserved, bare;
    Sequence = "sequence", Unreserved, bare;
    Sequences = "sequences", Unreserved, bare;
    Serializable = "serializable", Unreserved, bare;
    Server = "server", Unreserved, bare;
    Session = "session", Unreserved, bare;
    SessionUser = "session_user", Reserved, bare;
    Set = "set", Unreserved, bare;
    Setof = "setof", ColumnName, bare;
    Sets = "sets", Unreserved, bare;
    Share = "share", Unreserved, bare;
    Show = "show", Unreserved, bare;
    Similar = "similar", TypeOrFunctionName, bare;
    Simple = "simple", Unreserved, bare;
    Skip = "skip", Unreserved, bare;
    Smallint = "smallint", ColumnName, bare;
    Snapshot = "snapshot", Unreserved, bare;
    Some = "some", Reserved, bare;
    Sql = "sql", Unreserved, bare;
    Stable = "stable", Unreserved, bare;
    Standalone = "standalone", Unreserved, bare;
    Start = "start", Unreserved, bare;
    Statement = "statement", Unreserved, bare;
    Statistics = "statistics", Unreserved, bare;
    Stdin = "stdin", Unreserved, bare;
    Stdout = "stdout", Unreserved, bare;
    Storage = "storage", Unreserved, bare;
    Stored = "stored", Unreserved, bare;
    Strict = "strict", Unreserved, bare;
    Strip = "strip", Unreserved, bare;
    Subscription = "subscription", Unreserved, bare;
    Substring = "substring", ColumnName, bare;
    Support = "support", Unreserved, bare;
    Symmetric = "symmetric", Reserved, bare;
    Sysid = "sysid", Unreserved, bare;
    System = "system", Unreserved, bare;
    Table = "table", Reserved, bare;
    Tables = "tables", Unreserved, bare;
    Tablesample = "tablesample", TypeOrFunctionName, bare;
    Tablespace = "tablespace", Unreserved, bare;
    Temp = "temp", Unreserved, bare;
    Template = "template", Unreserved, bare;
    Temporary = "temporary", Unreserved, bare;
    Text = "text", Unreserved, bare;
    Then = "then", Reserved, bare;
    Ties = "ties", Unreserved, bare;
    Time = "time", ColumnName, bare;
    Timestamp = "timestamp", ColumnName, bare;
    To = "to", Reserved, with_as;
    Trailing = "trailing", Reserved, bare;
    Transaction = "transaction", Unreserved, bare;
    Transform = "transform", Unreserved, bare;
    Treat = "treat", ColumnName, bare;
    Trigger = "trigger", Unreserved, bare;
    Trim = "trim", ColumnName, bare;
    True = "true", Reserved, bare;
    Truncate = "truncate", Unreserved, bare;
    Trusted = "trusted", Unreserved, bare;
    Type = "type", Unreserved, bare;
    Types = "types", Unreserved, bare;
    Uescape = "uescape", Unreserved, bare;
    Unbounded = "unbounded", Unreserved, bare;
    Uncommitted = "uncommitted", Unreserved, bare;
    Unencrypted = "unencrypted", Unreserved, bare;
    Union = "union", Reserved, with_as;
    Unique = "unique", Reserved, bare;
    Unknown = "unknown", Unreserved, bare;
    Unlisten = "unlisten", Unreserved, bare;
    Unlogged = "unlogged", Unreserved, bare;
    Until = "until", Unreserved, bare;
    Update = "update", Unreserved, bare;
    User = "user", Reserved, bare;
    Using = "using", Reserved, bare;
    Vacuum = "vacuum", Unreserved, bare;
    Valid = "valid", Unreserved, bare;
    Validate = "validate", Unreserved, bare;
    Validator = "validator", Unreserved, bare;
    Value = "value", Unreserved, bare;
    Values = "values", ColumnName, bare;
    Varchar = "varchar", ColumnName, bare;
    Variadic = "variadic", Reserved, bare;
    Varying = "varying", Unreserved, with_as;
    Verbose = "verbose", TypeOrFunctionName, bare;
    Version = "version", Unreserved, bare;
    View = "view", Unreserved, bare;
    Views = "views", Unreserved, bare;
    Volatile = "volatile", Unreserved, bare;
    When = "when", Reserved, bare;
    Where = "where", Reserved, with_as;
    Whitespace = "whitespace", Unreserved, bare;
    Window = "window", Reserved, with_as;
    With = "with", Reserved, with_as;
    Within = "within", Unreserved, with_as;
    Without = "without", Unreserved, with_as;
    Work = "work", Unreserved, bare;
    Wrapper = "wrapper", Unreserved, bare;
    Write = "write", Unreserved, bare;
    Xml = "xml", Unreserved, bare;
    Xmlattributes = "xmlattributes", ColumnName, bare;
    Xmlconcat = "xmlconcat", ColumnName, bare;
    Xmlelement = "xmlelement", ColumnName, bare;
    Xmlexists = "xmlexists", ColumnName, bare;
    Xmlforest = "xmlforest", ColumnName, bare;
    Xmlnamespaces = "xmlnamespaces", ColumnName, bare;
    Xmlparse = "xmlparse", ColumnName, bare;
    Xmlpi = "xmlpi", ColumnName, bare;
    Xmlroot = "xmlroot", ColumnName, bare;
    Xmlserialize = "xmlserialize", ColumnName, bare;
    Xmltable = "xmltable", ColumnName, bare;
    Year = "year", Unreserved, with_as;
    Yes = "yes", Unreserved, bare;
    Zone = "zone", Unreserved, bare;
}
