//! Where things stand in the catalog's tree.
//!
//! | key | value |
//! |---|---|
//! | 1, oid | the object |
//! | 2, kind of name, name space, name | its oid |
//! | 3, referred to, dependent | the dependency's kind |
//! | 4, dependent, referred to | the same |
//! | 5, class, oid, part | a comment |
//! | 6, table, column | what ANALYZE found |
//! | 7, database, role | settings |
//! | 8, role, schema, kind | what new objects begin with |
//! | 9 | the trees of large objects |

use crate::dependency::Address;
use crate::object::{DefaultFor, DefaultKind, FIRST_TEMPORARY_OID, Oid, SettingsOf, class};

/// The byte before objects.
pub const OBJECTS: u8 = 1;
/// The byte before names.
pub const NAMES: u8 = 2;
/// The byte before dependents.
pub const DEPENDENTS: u8 = 3;
/// The byte before what is referred to.
pub const REFERENCES: u8 = 4;
/// The byte before comments.
pub const COMMENTS: u8 = 5;
/// The byte before statistics.
pub const STATISTICS: u8 = 6;
/// The byte before settings.
pub const SETTINGS: u8 = 7;
/// The byte before default privileges.
pub const DEFAULT_ACLS: u8 = 8;
/// Under which the trees of large objects are named.
pub const LARGE_OBJECTS: &[u8] = &[LARGE_OBJECT_TREES];
/// The byte before those.
pub const LARGE_OBJECT_TREES: u8 = 9;
/// The tablespace of a relation that is not to lie in the default one.
pub const PLACES: u8 = 10;
/// How the names of temporary schemas begin; nobody else's schema may be called so.
pub const TEMPORARY_SCHEMAS: &str = "pg_temp_";
/// The column under which a table's own statistics stand.
pub const WHOLE_TABLE: u16 = u16::MAX;

/// What a name is a name of. Two objects of one kind in one space never have one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// Of a schema.
    Schema = 1,
    /// Of what stands in pg_class; in a schema.
    Relation = 2,
    /// Of a type; in a schema.
    Type = 3,
    /// Of a function with its arguments; in a schema.
    Function = 4,
    /// Of a constraint; in a table or domain.
    Constraint = 5,
    /// Of a role.
    Role = 6,
    /// Of a database.
    Database = 7,
    /// Of a cast, by its types; in the greater of them.
    Cast = 8,
    /// Of a collation; in a schema.
    Collation = 9,
    /// Of an operator with the types on its sides; in a schema.
    Operator = 10,
    /// Of a rule; in its relation.
    Rule = 11,
    /// Of a trigger; in its relation.
    Trigger = 12,
    /// Of an operator class with its access method; in a schema.
    OperatorClass = 13,
    /// Of a family of them, likewise.
    OperatorFamily = 14,
    /// Of statistics of several columns; in a schema.
    Statistics = 15,
    /// Of a policy; in its table.
    Policy = 16,
    /// Of a foreign-data wrapper.
    ForeignWrapper = 17,
    /// Of a foreign server.
    ForeignServer = 18,
    /// Of a mapping of users, by its role; in its server.
    UserMapping = 19,
    /// Of an extension.
    Extension = 20,
    /// Of a publication.
    Publication = 21,
    /// Of a table or a schema in a publication, by its number; in the publication.
    Published = 22,
    /// Of a subscription.
    Subscription = 23,
    /// Of an event trigger.
    EventTrigger = 24,
    /// Of a parser of text search; in a schema.
    SearchParser = 25,
    /// Of a template of text search; in a schema.
    SearchTemplate = 26,
    /// Of a dictionary of text search; in a schema.
    SearchDictionary = 27,
    /// Of a configuration of text search; in a schema.
    SearchConfiguration = 28,
    /// Of a tablespace.
    Tablespace = 29,
    /// Of a conversion between encodings; in a schema.
    Conversion = 30,
}

/// Of an object, or of all edges of one.
pub fn of(prefix: u8, oid: Oid) -> Vec<u8> {
    let mut key = vec![prefix];
    key.extend_from_slice(&oid.to_be_bytes());
    key
}

/// Of a name.
pub fn name(kind: NameKind, space: Oid, name: &[u8]) -> Vec<u8> {
    let mut key = vec![NAMES, kind as u8];
    key.extend_from_slice(&space.to_be_bytes());
    key.extend_from_slice(name);
    key
}

/// Of an edge.
pub fn edge(prefix: u8, from: Address, to: Address) -> Vec<u8> {
    let mut key = vec![prefix];
    for end in [from, to] {
        key.extend_from_slice(&end.oid.to_be_bytes());
        key.extend_from_slice(&end.part.to_be_bytes());
    }
    key
}

/// The two ends of an edge, in the order of its key.
pub fn edge_ends(key: &[u8]) -> Option<(Address, Address)> {
    let (_, ends) = key.split_first()?;
    let ends: &[u8; 12] = ends.try_into().ok()?;
    let end = |at: usize| Address {
        oid: u32::from_be_bytes([ends[at], ends[at + 1], ends[at + 2], ends[at + 3]]),
        part: u16::from_be_bytes([ends[at + 4], ends[at + 5]]),
    };
    Some((end(0), end(6)))
}

/// Of a comment.
pub fn comment(class: Oid, address: Address) -> Vec<u8> {
    let mut key = of(COMMENTS, class);
    key.extend_from_slice(&address.oid.to_be_bytes());
    key.extend_from_slice(&address.part.to_be_bytes());
    key
}

/// The class and the object of a comment.
pub fn comment_of(key: &[u8]) -> Option<(Oid, Address)> {
    let (_, rest) = key.split_first()?;
    let (class, rest) = rest.split_first_chunk::<4>()?;
    let (oid, rest) = rest.split_first_chunk::<4>()?;
    let part = u16::from_be_bytes(rest.try_into().ok()?);
    Some((u32::from_be_bytes(*class), Address { oid: u32::from_be_bytes(*oid), part }))
}

/// Of a column's statistics.
pub fn statistics(table: Oid, column: u16) -> Vec<u8> {
    let mut key = of(STATISTICS, table);
    key.extend_from_slice(&column.to_be_bytes());
    key
}

/// The table and column of statistics.
pub fn statistics_of(key: &[u8]) -> Option<(Oid, u16)> {
    let (_, rest) = key.split_first()?;
    let (table, rest) = rest.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*table), u16::from_be_bytes(rest.try_into().ok()?)))
}

/// Of settings.
pub fn settings(of_whom: SettingsOf) -> Vec<u8> {
    let mut key = of(SETTINGS, of_whom.database);
    key.extend_from_slice(&of_whom.role.to_be_bytes());
    key
}

/// Whose settings stand there.
pub fn settings_of(key: &[u8]) -> Option<SettingsOf> {
    let (_, rest) = key.split_first()?;
    let (database, rest) = rest.split_first_chunk::<4>()?;
    Some(SettingsOf {
        database: u32::from_be_bytes(*database),
        role: u32::from_be_bytes(rest.try_into().ok()?),
    })
}

/// Whether what stands under a key, or under keys that begin so, is of the session's temporary objects: then it stands in
/// a tree of the session's own. Edges are where their temporary end is.
pub fn is_temporary(key: &[u8]) -> bool {
    let number_at = |at: usize| {
        let bytes = key.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.is_some_and(|bytes| u32::from_be_bytes(bytes) >= FIRST_TEMPORARY_OID)
    };
    match key.first() {
        Some(&OBJECTS | &STATISTICS | &PLACES) => number_at(1),
        Some(&DEPENDENTS | &REFERENCES) => number_at(1) || number_at(7),
        // The numbers of large objects are what users say.
        Some(&COMMENTS) => key.get(1..5) != Some(&class::LARGE_OBJECT.to_be_bytes()) && number_at(5),
        Some(&NAMES) if key.get(1) == Some(&(NameKind::Schema as u8)) => {
            key.get(6..).is_some_and(|name| name.starts_with(TEMPORARY_SCHEMAS.as_bytes()))
        }
        Some(&NAMES) => number_at(2),
        _ => false,
    }
}

/// The number in a key that has nothing else.
pub fn number_of(key: &[u8]) -> Option<Oid> {
    Some(u32::from_be_bytes(key.get(1..)?.try_into().ok()?))
}

/// Of default privileges.
pub fn default_acl(of: DefaultFor) -> Vec<u8> {
    let mut key = self::of(DEFAULT_ACLS, of.role);
    key.extend_from_slice(&of.schema.to_be_bytes());
    key.push(of.kind.letter());
    key
}

/// What the default privileges that stand there are for.
pub fn default_acl_of(key: &[u8]) -> Option<DefaultFor> {
    let (_, rest) = key.split_first()?;
    let (role, rest) = rest.split_first_chunk::<4>()?;
    let (schema, rest) = rest.split_first_chunk::<4>()?;
    let [letter] = rest else { return None };
    let (kind, _) = DefaultKind::ALL.into_iter().find(|known| known.1 == *letter)?;
    Some(DefaultFor { role: u32::from_be_bytes(*role), schema: u32::from_be_bytes(*schema), kind })
}
