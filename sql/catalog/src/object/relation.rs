//! Schemas and what stands in `pg_class`: tables, indexes, sequences, views.

use super::access::Acl;
use super::datum::Datum;
use super::inheritance::Inheritance;
use super::origin::{ForeignTable, Materialized, Origin};
use super::{Oid, typed::CompositeColumn};
use bincode::de::Decoder;
use bincode::enc::Encoder;
use bincode::error::{DecodeError, EncodeError};
use bincode::{Decode, Encode};
use types::catalog::Type;
use types::kind::Kind;
use types::row::{RowLayout, Storage};

/// A schema.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Schema {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// The role that owns it.
    pub owner: Oid,
    /// Who may do what in it.
    pub acl: Acl,
}

/// How long a relation's rows live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Persistence {
    /// Until they are deleted.
    Permanent,
    /// As long as the session.
    Temporary,
    /// Until they are deleted, as far as SQL can tell: they are logged like any others, so that no crash empties the table.
    Unlogged,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Table {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// How long its rows live.
    pub persistence: Persistence,
    /// The store's tree of its rows. Rewriting a table gives it another; what locks the relation is [`Table::lock`].
    pub tree: u64,
    /// The store's tree by whose number the relation is locked, for all its life.
    pub lock: u64,
    /// The type of its rows.
    pub row_type: Oid,
    /// The type of arrays of its rows.
    pub array_type: Oid,
    /// Its columns, dropped ones among them.
    pub columns: Vec<Column>,
    /// From whom it inherits, and how its rows are divided.
    pub inheritance: Inheritance,
    /// Storage parameters, `name=value` each.
    pub options: Vec<String>,
    /// Where its rows come from.
    pub origin: Origin,
    /// The index in whose order its rows were laid, 0 without.
    pub clustered: Oid,
    /// What tells its rows in a replica.
    pub replica: Replica,
    /// Who may do what with it.
    pub acl: Acl,
    /// Whether policies say which of its rows who may see.
    pub row_security: bool,
    /// Whether they say it to its owner, too.
    pub forces_row_security: bool,
    /// The composite type whose fields its columns are, 0 without.
    pub of_type: Oid,
    /// Counts the changes of its definition, indexes and constraints included: who has locked it sees by this whether
    /// what he knows of it still holds.
    pub revision: u64,
}

impl Table {
    /// The columns that are not dropped, with their places.
    pub fn live_columns(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| !column.dropped)
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<(usize, &Column)> {
        self.live_columns().find(|(_, column)| column.name == name)
    }

    /// Whether its rows are in its partitions.
    pub fn is_partitioned(&self) -> bool {
        self.inheritance.key.is_some()
    }

    /// The table that it is a partition of.
    pub fn partition_of(&self) -> Option<Oid> {
        self.inheritance.bound.as_ref().and(self.inheritance.parents.first()).copied()
    }

    /// What it is with a query: a materialized view.
    pub fn materialized(&self) -> Option<&Materialized> {
        match &self.origin {
            Origin::Materialized(view) => Some(view),
            Origin::Own | Origin::Foreign(_) => None,
        }
    }

    /// Whether it is a materialized view.
    pub fn is_materialized(&self) -> bool {
        self.materialized().is_some()
    }

    /// What it is with a server: a foreign table.
    pub fn foreign(&self) -> Option<&ForeignTable> {
        match &self.origin {
            Origin::Foreign(foreign) => Some(foreign),
            Origin::Own | Origin::Materialized(_) => None,
        }
    }

    /// Whether it is a foreign table.
    pub fn is_foreign(&self) -> bool {
        self.foreign().is_some()
    }

    /// What messages call it.
    pub fn kind_word(&self) -> &'static str {
        match self.origin {
            Origin::Own => "table",
            Origin::Materialized(_) => "materialized view",
            Origin::Foreign(_) => "foreign table",
        }
    }

    /// How its rows lie on pages.
    pub fn layout(&self) -> RowLayout {
        RowLayout::new(self.columns.iter().map(|column| column.storage.0).collect())
    }
}

/// A table's column.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_oid: Oid,
    /// Its type's modifier, -1 without.
    pub modifier: i32,
    /// Its collation, 0 for a type that has none.
    pub collation: Oid,
    /// How it lies in rows. It stays so until the rows are rewritten.
    pub storage: ColumnStorage,
    /// Whether NULL is refused.
    pub not_null: bool,
    /// Where a value comes from when none is given.
    pub source: Source,
    /// Its value in rows that are older than the column.
    pub missing: Option<Datum>,
    /// SET STATISTICS; -1 for the default.
    pub statistics_target: i16,
    /// What else is said of it, and changes no value.
    pub details: ColumnDetails,
    /// Who may do what with it.
    pub acl: Acl,
    /// Whether the table itself says that it has it.
    pub local: bool,
    /// How many of the table's parents have it.
    pub inherited: u16,
    /// Dropped: it keeps its place in rows, and nobody sees it.
    pub dropped: bool,
}

impl Column {
    /// Its type with its modifier.
    pub fn column_type(&self) -> Type {
        Type { oid: self.type_oid, modifier: self.modifier }
    }
}

/// What is said of a column that changes no value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct ColumnDetails {
    /// SET STORAGE, as `attstorage` has it; none for what its type has.
    pub storage: Option<u8>,
    /// SET COMPRESSION, as `attcompression` has it.
    pub compression: Option<u8>,
    /// SET (…), `name=value` each.
    pub options: Vec<String>,
}

/// What tells a row in a replica.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub enum Replica {
    /// Its primary key.
    #[default]
    Default,
    /// All of its columns.
    Full,
    /// Nothing.
    Nothing,
    /// A unique index.
    Index(Oid),
}

impl Replica {
    /// `pg_class.relreplident`.
    pub fn letter(self) -> u8 {
        match self {
            Replica::Default => b'd',
            Replica::Full => b'f',
            Replica::Nothing => b'n',
            Replica::Index(_) => b'i',
        }
    }
}

/// How a column lies in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnStorage(pub Storage);

impl Encode for ColumnStorage {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        let (code, scale) = match self.0 {
            Storage::Plain(kind) => (kind.code(), 0),
            Storage::Decimal { scale } => (u8::MAX, scale),
        };
        code.encode(encoder)?;
        scale.encode(encoder)
    }
}

impl<C> Decode<C> for ColumnStorage {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<ColumnStorage, DecodeError> {
        let (code, scale) = (u8::decode(decoder)?, u16::decode(decoder)?);
        match Kind::from_code(code) {
            Some(kind) => Ok(ColumnStorage(Storage::Plain(kind))),
            None if code == u8::MAX => Ok(ColumnStorage(Storage::Decimal { scale })),
            None => Err(DecodeError::OtherString(format!("no kind of values is {code}"))),
        }
    }
}

bincode::impl_borrow_decode!(ColumnStorage);

/// Where a column's value comes from when none is given.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub enum Source {
    /// NULL.
    Null,
    /// DEFAULT.
    Default(Expression),
    /// GENERATED ALWAYS AS (…) STORED.
    Generated(Expression),
    /// GENERATED … AS IDENTITY.
    Identity {
        /// ALWAYS, not BY DEFAULT.
        always: bool,
        /// The sequence.
        sequence: Oid,
    },
}

/// An expression that belongs to a column.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Expression {
    /// Its number in pg_attrdef.
    pub oid: Oid,
    /// Its text.
    pub text: String,
}

/// By what an index finds its keys. All are served by an ordered tree: one by hash answers only what a hash could, and of
/// those behind it the tree has entries made of values, not the values themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum IndexMethod {
    /// `btree`
    Ordered,
    /// `hash`
    Hash,
    /// `gist`
    Gist,
    /// `gin`
    Gin,
    /// `spgist`
    SpGist,
    /// `brin`
    Brin,
}

impl IndexMethod {
    /// All of them.
    pub const ALL: [IndexMethod; 6] = [
        IndexMethod::Ordered,
        IndexMethod::Hash,
        IndexMethod::Gist,
        IndexMethod::Gin,
        IndexMethod::SpGist,
        IndexMethod::Brin,
    ];

    /// Whether values are in the order of its class; of the others there are entries.
    pub fn is_ordered(self) -> bool {
        match self {
            IndexMethod::Ordered | IndexMethod::Hash => true,
            IndexMethod::Gist | IndexMethod::Gin | IndexMethod::SpGist | IndexMethod::Brin => false,
        }
    }

    /// Whether an index can be asked for nulls that is not in the order of its keys.
    pub fn tells_nulls(self) -> bool {
        match self {
            IndexMethod::Gist | IndexMethod::SpGist => true,
            IndexMethod::Ordered | IndexMethod::Hash | IndexMethod::Gin | IndexMethod::Brin => false,
        }
    }

    /// Its number in pg_am.
    pub fn oid(self) -> Oid {
        match self {
            IndexMethod::Ordered => 403,
            IndexMethod::Hash => 405,
            IndexMethod::Gist => 783,
            IndexMethod::Gin => 2742,
            IndexMethod::SpGist => 4000,
            IndexMethod::Brin => 3580,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            IndexMethod::Ordered => "btree",
            IndexMethod::Hash => "hash",
            IndexMethod::Gist => "gist",
            IndexMethod::Gin => "gin",
            IndexMethod::SpGist => "spgist",
            IndexMethod::Brin => "brin",
        }
    }
}

/// An index.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Index {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema: its table's.
    pub schema: Oid,
    /// Its table.
    pub table: Oid,
    /// The index of its table's parent that it is the part of, 0 without.
    pub parent: Oid,
    /// The store's tree of its keys.
    pub tree: u64,
    /// By what it finds them.
    pub method: IndexMethod,
    /// What it is ordered by.
    pub keys: Vec<IndexKey>,
    /// Columns it holds besides (INCLUDE).
    pub include: Vec<u16>,
    /// Whether a key stands once.
    pub unique: bool,
    /// Whether it is the primary key's.
    pub primary: bool,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// Whether its uniqueness is looked at in the moment of the change, not at the statement's or transaction's end.
    pub immediate: bool,
    /// Which rows it has; all without it.
    pub predicate: Option<String>,
    /// Whether it has all of them yet.
    pub valid: bool,
    /// Storage parameters, `name=value` each.
    pub options: Vec<String>,
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct IndexKey {
    /// What is ordered.
    pub value: IndexedValue,
    /// Its name in pg_attribute.
    pub name: String,
    /// The type of the key.
    pub type_oid: Oid,
    /// Its modifier.
    pub modifier: i32,
    /// Its collation, 0 for a type that has none.
    pub collation: Oid,
    /// Its operator class, where it is not the default of its type.
    pub class: Option<Oid>,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST.
    pub nulls_first: bool,
    /// SET STATISTICS; -1 for the default.
    pub statistics_target: i16,
    /// Parameters of its operator class, `name=value` each.
    pub class_options: Vec<String>,
}

/// What an index orders.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum IndexedValue {
    /// A column.
    Column(u16),
    /// An expression.
    Expression(String),
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Sequence {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// How long it lives.
    pub persistence: Persistence,
    /// The empty tree whose number counts: the store's sequence. RESTART and setval take a new one.
    pub tree: u64,
    /// The empty tree by whose number it is locked, for all its life.
    pub lock: u64,
    /// smallint, integer or bigint.
    pub type_oid: Oid,
    /// The value of ordinal zero ([`first_behind`]).
    pub first: i64,
    /// `last_value` before ordinal zero is taken, and `is_called`: setval's arguments.
    pub before: (i64, bool),
    /// START, for RESTART.
    pub start: i64,
    /// INCREMENT.
    pub increment: i64,
    /// MINVALUE.
    pub minimum: i64,
    /// MAXVALUE.
    pub maximum: i64,
    /// CACHE.
    pub cache: i64,
    /// CYCLE.
    pub cycle: bool,
    /// OWNED BY, or the column whose identity it is.
    pub owned_by: Option<(Oid, u16)>,
    /// Who may do what with it.
    pub acl: Acl,
}

/// Where a sequence goes on that shows a value, which was given or not: a step behind it, or with it. Where there are no 64 bits
/// for the step, it is the value itself, which [`Sequence::ordinal_zero`] knows.
pub fn first_behind((value, given): (i64, bool), increment: i64) -> i64 {
    if given { value.checked_add(increment).unwrap_or(value) } else { value }
}

impl Sequence {
    /// The value of ordinal zero, which may be behind all that a sequence can give.
    pub fn ordinal_zero(&self) -> i128 {
        let first = i128::from(self.first);
        if self.before == (self.first, true) { first + i128::from(self.increment) } else { first }
    }
}

/// What a view refuses to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum CheckOption {
    /// Nothing.
    None,
    /// WITH LOCAL CHECK OPTION.
    Local,
    /// WITH CASCADED CHECK OPTION.
    Cascaded,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct View {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// How long it lives.
    pub persistence: Persistence,
    /// The empty tree by whose number it is locked; 0 for a view of the system, which nobody changes.
    pub lock: u64,
    /// The type of its rows.
    pub row_type: Oid,
    /// The type of arrays of its rows.
    pub array_type: Oid,
    /// Its columns.
    pub columns: Vec<ViewColumn>,
    /// Its query.
    pub query: String,
    /// What is said of it besides, `name=value` each.
    pub options: Vec<String>,
    /// Who may do what with it.
    pub acl: Acl,
    /// Counts the changes of its definition.
    pub revision: u64,
}

impl View {
    fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
    }

    fn is_on(&self, name: &str) -> bool {
        self.option(name).is_some_and(|value| {
            matches!(value.to_ascii_lowercase().as_str(), "true" | "on" | "yes" | "1" | "t" | "y")
        })
    }

    /// What it refuses to take.
    pub fn check_option(&self) -> CheckOption {
        match self.option("check_option") {
            Some(value) if value.eq_ignore_ascii_case("local") => CheckOption::Local,
            Some(value) if value.eq_ignore_ascii_case("cascaded") => CheckOption::Cascaded,
            Some(_) | None => CheckOption::None,
        }
    }

    /// Whether no condition around it may see rows that it does not show.
    pub fn security_barrier(&self) -> bool {
        self.is_on("security_barrier")
    }

    /// Whether who reads it needs the privileges for what it reads.
    pub fn security_invoker(&self) -> bool {
        self.is_on("security_invoker")
    }
}

/// A view's column.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct ViewColumn {
    /// Its name and type.
    pub column: CompositeColumn,
    /// ALTER VIEW … SET DEFAULT.
    pub default: Option<Expression>,
    /// Who may do what with it.
    pub acl: Acl,
}
