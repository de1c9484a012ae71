//! A catalog with a few types of users.

#![allow(dead_code)] // each test file uses its part

use std::sync::Arc;
use types::catalog::{CastContext, CastMethod, Category, Column, Form, oid};
use types::range::RangeNames;
use types::vector::EnumOrder;
use types::{Kind, Type, TypeEntry, Types};

pub const COMPOSITE: u32 = 20_001;
pub const COMPOSITES: u32 = 20_002;
pub const EMPTY: u32 = 20_003;
pub const MOOD: u32 = 20_004;
pub const MOODS: u32 = 20_005;
pub const SHORT: u32 = 20_006;

/// `comp (a int, b text, c bigint)` with a dropped column in its middle, `empt ()`, `mood` and a domain.
pub struct Made {
    columns: Vec<Column>,
}

impl Made {
    pub fn new() -> Made {
        let column =
            |name: &str, of, dropped| Column { name: name.to_owned(), column_type: Type::of(of), dropped };
        Made {
            columns: vec![
                column("a", oid::INT4, false),
                column("gone", oid::UUID, true),
                column("b", oid::TEXT, false),
                column("c", oid::INT8, false),
            ],
        }
    }
}

fn entry(
    of: u32,
    name: &'static str,
    form: Form,
    category: Category,
    element: u32,
    array: u32,
    kind: Kind,
) -> TypeEntry<'static> {
    TypeEntry {
        oid: of,
        name,
        displayed: name,
        length: if kind == Kind::Int32 { 4 } else { -1 },
        by_value: kind == Kind::Int32,
        form,
        category,
        preferred: false,
        delimiter: b',',
        element,
        array,
        kind: Some(kind),
    }
}

impl Types for Made {
    fn made(&self, of: u32) -> Option<TypeEntry<'_>> {
        Some(match of {
            COMPOSITE => entry(of, "comp", Form::Composite, Category::Composite, 0, COMPOSITES, Kind::Bytes),
            COMPOSITES => entry(of, "_comp", Form::Array, Category::Array, COMPOSITE, 0, Kind::Bytes),
            EMPTY => entry(of, "empt", Form::Composite, Category::Composite, 0, 0, Kind::Bytes),
            MOOD => entry(of, "mood", Form::Enum, Category::Enum, 0, MOODS, Kind::Int32),
            MOODS => entry(of, "_mood", Form::Array, Category::Array, MOOD, 0, Kind::Bytes),
            SHORT => entry(of, "short", Form::Domain, Category::String, 0, 0, Kind::Bytes),
            _ => return None,
        })
    }

    fn columns(&self, composite: u32) -> Option<&[Column]> {
        match composite {
            COMPOSITE => Some(&self.columns),
            EMPTY => Some(&[]),
            _ => None,
        }
    }

    fn base(&self, domain: u32) -> Option<Type> {
        (domain == SHORT).then_some(Type { oid: oid::VARCHAR, modifier: 7 })
    }

    fn labels(&self, enumeration: u32) -> Option<Arc<EnumOrder>> {
        (enumeration == MOOD).then(|| Arc::new(EnumOrder::new(vec![(1, 3.0), (2, 1.0), (3, 2.0)])))
    }

    fn label(&self, enumeration: u32, name: &str) -> Option<u32> {
        let index = ["happy", "sad", "so so"].iter().position(|label| *label == name)?;
        (enumeration == MOOD).then_some(index as u32 + 1)
    }

    fn label_name(&self, label: u32) -> Option<&str> {
        ["happy", "sad", "so so"].get(label.checked_sub(1)? as usize).copied()
    }

    fn made_range(&self, _: u32) -> Option<RangeNames> {
        None
    }

    fn made_cast(&self, _: u32, _: u32) -> Option<(CastContext, CastMethod)> {
        None
    }

    fn worker(&self, _: u32) -> Option<u32> {
        None
    }
}
