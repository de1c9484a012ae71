//! The catalog's entries as bytes: a format version, then the value as bincode writes it.
//!
//! Total: any bytes are a value or an error. A length in them never reserves more than [`LIMIT`], and no object contains
//! an object, so nothing recurses.

use crate::error::{CatalogError, CatalogResult};
use crate::object::{Object, Oid};
use bincode::config::{self, Configuration, Fixint, Limit, LittleEndian};
use bincode::{Decode, Encode};
use types::row::COLUMNS_MAX;

/// The format that is written.
const FORMAT: u8 = 2;
/// The longest entry.
const LIMIT: usize = 64 << 20;

fn configuration() -> Configuration<LittleEndian, Fixint, Limit<LIMIT>> {
    config::standard().with_fixed_int_encoding().with_limit::<LIMIT>()
}

/// The bytes of `value`, which errors call `name`.
pub fn encode<T: Encode>(value: &T, name: &str) -> CatalogResult<Vec<u8>> {
    let too_large = || CatalogError::TooLarge { name: name.to_owned() };
    let mut bytes = vec![FORMAT];
    bincode::encode_into_std_write(value, &mut bytes, configuration()).map_err(|_| too_large())?;
    if bytes.len() > LIMIT {
        return Err(too_large());
    }
    Ok(bytes)
}

/// The value in `bytes`, which stand under `key`.
pub fn decode<T: Decode<()>>(key: &[u8], bytes: &[u8]) -> CatalogResult<T> {
    let damaged = |reason: String| CatalogError::damaged(key, reason);
    let (format, body) = bytes.split_first().ok_or_else(|| damaged("it is empty".into()))?;
    if *format != FORMAT {
        return Err(damaged(format!("its format is {format}, and this program knows {FORMAT}")));
    }
    let (value, length): (T, usize) =
        bincode::decode_from_slice(body, configuration()).map_err(|error| damaged(error.to_string()))?;
    if length != body.len() {
        return Err(damaged(format!("{} bytes follow it", body.len() - length)));
    }
    Ok(value)
}

/// The object `oid` in `bytes`, which stand under `key`.
pub fn decode_object(key: &[u8], oid: Oid, bytes: &[u8]) -> CatalogResult<Object> {
    let object: Object = decode(key, bytes)?;
    if object.oid() != oid {
        return Err(CatalogError::damaged(key, format!("it says it is {}", object.oid())));
    }
    let columns = match &object {
        Object::Table(table) => table.columns.len(),
        Object::View(view) => view.columns.len(),
        Object::Composite(composite) => composite.columns.len(),
        Object::Schema(_)
        | Object::Index(_)
        | Object::Sequence(_)
        | Object::Constraint(_)
        | Object::Enum(_)
        | Object::Domain(_)
        | Object::Base(_)
        | Object::Range(_)
        | Object::Multirange(_)
        | Object::Cast(_)
        | Object::Collation(_)
        | Object::Conversion(_)
        | Object::EventTrigger(_)
        | Object::Extension(_)
        | Object::Operator(_)
        | Object::OperatorClass(_)
        | Object::OperatorFamily(_)
        | Object::Statistics(_)
        | Object::Rewrite(_)
        | Object::Foreign(_)
        | Object::Replication(_)
        | Object::Search(_)
        | Object::Policy(_)
        | Object::Trigger(_)
        | Object::Function(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => 0,
    };
    if columns > COLUMNS_MAX {
        return Err(CatalogError::damaged(key, format!("it has {columns} columns")));
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::{decode_object, encode};
    use crate::first::{FirstNames, fixed_objects};
    use crate::keys;
    use crate::object::*;
    use crate::snapshot::Snapshot;
    use std::sync::Arc;
    use types::kind::Kind;
    use types::row::Storage;
    use types::value::Value;

    fn table() -> Object {
        let column = Column {
            name: "a".into(),
            type_oid: 23,
            modifier: -1,
            collation: 0,
            storage: ColumnStorage(Storage::Plain(Kind::Int32)),
            not_null: true,
            source: Source::Default(Expression { oid: 16390, text: "1 + 1".into() }),
            missing: Some(Datum(Value::Int32(7))),
            statistics_target: -1,
            details: crate::object::ColumnDetails::default(),
            acl: Some(vec![Grant {
                grantee: 0,
                grantor: 10,
                privileges: Privileges::SELECT,
                grant_option: Privileges::NONE,
            }]),
            local: true,
            inherited: 0,
            dropped: false,
        };
        let table = Table {
            oid: 16384,
            name: "t".into(),
            schema: PUBLIC,
            owner: SUPERUSER,
            persistence: Persistence::Permanent,
            tree: 7,
            lock: 7,
            row_type: 16386,
            array_type: 16385,
            columns: vec![column; 3],
            inheritance: Inheritance {
                parents: vec![16500],
                bound: Some(PartitionBound::List(vec![Datum(Value::Int32(3)), Datum(Value::Null)])),
                detaching: None,
                key: Some(PartitionKey { strategy: PartitionStrategy::Hash, columns: Vec::new() }),
            },
            acl: None,
            options: Vec::new(),
            origin: Origin::Own,
            clustered: 0,
            replica: crate::object::Replica::Default,
            row_security: false,
            forces_row_security: false,
            of_type: 0,
            revision: 1,
        };
        Object::Table(Arc::new(table))
    }

    fn objects() -> Vec<Object> {
        let enumeration = EnumType {
            oid: 16400,
            name: "e".into(),
            schema: PUBLIC,
            owner: SUPERUSER,
            array_type: 16401,
            labels: vec![EnumLabel { oid: 16402, name: "x".into(), sort_order: 1.0 }],
            acl: None,
        };
        let mut objects = fixed_objects();
        objects.extend(FirstNames::default().objects());
        objects.extend([table(), Object::Enum(Arc::new(enumeration))]);
        objects
    }

    #[test]
    fn partitions_that_stay_are_written_as_before_some_could_be_detached() {
        let Object::Table(table) = table() else { panic!("a table") };
        let configuration = super::configuration();
        let written = |of: &Inheritance| bincode::encode_to_vec(of, configuration).unwrap();
        let mut own = table.inheritance.clone();
        for bound in [own.bound.clone(), None] {
            own.bound = bound;
            let before = (&own.parents, &own.bound, &own.key);
            assert_eq!(written(&own), bincode::encode_to_vec(before, configuration).unwrap());
        }
        let mut detaching = table.inheritance.clone();
        detaching.detaching = Some(7);
        let (read, _): (Inheritance, usize) =
            bincode::decode_from_slice(&written(&detaching), configuration).unwrap();
        assert_eq!(read, detaching);
        let mut damaged = written(&detaching);
        // Behind the parents: how many, and one of more than a byte.
        let place = bincode::encode_to_vec(&own.parents, configuration).unwrap().len();
        damaged[place] = 3;
        assert!(bincode::decode_from_slice::<Inheritance, _>(&damaged, configuration).is_err());
    }

    #[test]
    fn what_was_written_is_read() {
        for object in objects() {
            let bytes = encode(&object, "").unwrap();
            assert_eq!(decode_object(&[1], object.oid(), &bytes).unwrap(), object);
            assert!(decode_object(&[1], object.oid() + 1, &bytes).is_err());
        }
    }

    #[test]
    fn hostile_bytes_are_an_error_or_an_object() {
        for object in objects() {
            let key = keys::of(keys::OBJECTS, object.oid());
            let sound = encode(&object, "").unwrap();
            for length in 0..sound.len() {
                assert!(decode_object(&key, object.oid(), &sound[..length]).is_err());
            }
            assert!(decode_object(&key, object.oid(), &[sound.as_slice(), &[0]].concat()).is_err());
            let mut snapshot = Snapshot::empty();
            for place in 0..sound.len() {
                for value in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut bytes = sound.clone();
                    bytes[place] = value;
                    // What is still an object is taken in, told apart from the last one, and listed.
                    if snapshot.apply(&key, Some(&bytes)).is_ok() {
                        assert!(snapshot.objects().chain(snapshot.shared_objects()).count() > 0);
                    }
                }
            }
            snapshot.apply(&key, None).unwrap();
        }
    }

    #[test]
    fn hostile_keys_are_an_error() {
        let mut snapshot = Snapshot::empty();
        for prefix in 0..=u8::MAX {
            for length in 0..20 {
                let key = [vec![prefix], vec![0xff; length]].concat();
                for value in [None, Some(&b""[..]), Some(&b"n"[..]), Some(&[1, 0, 0, 0, 0][..])] {
                    let _ = snapshot.apply(&key, value);
                }
            }
        }
        assert!(snapshot.apply(&[], None).is_err());
    }
}
