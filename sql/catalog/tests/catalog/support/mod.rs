//! A store in memory with a catalog, and objects as a session would make them.
#![allow(dead_code)] // each test file uses its part

use catalog::object::*;
use catalog::{Address, Catalog, CatalogResult, Catalogs, DependencyKind, FirstNames, Scope, Snapshot};
use env::memory::MemoryEnv;
use std::path::Path;
use std::sync::Arc;
use store::{Begin, MAIN_DATABASE, Store, StoreOptions, Transaction};
use types::kind::Kind;
use types::row::Storage;

pub struct World {
    pub store: Store,
    pub catalogs: Arc<Catalogs>,
}

impl World {
    pub fn new() -> World {
        let store = Store::open(Arc::new(MemoryEnv::new()), Path::new("c.db"), StoreOptions::default());
        World { store: store.unwrap(), catalogs: Arc::new(Catalogs::new()) }
    }

    pub fn session(&self) -> Catalog {
        self.catalogs.open(&self.store, MAIN_DATABASE, FirstNames::default()).unwrap()
    }

    pub fn begin(&self) -> Transaction {
        self.store.begin(Begin::default()).unwrap()
    }

    /// What the transaction sees of the catalog.
    pub fn see(&self, catalog: &mut Catalog, transaction: &mut Transaction) -> Scope {
        let view = transaction.view().unwrap();
        let snapshot = catalog.snapshot(&self.store, &view).unwrap();
        scope(snapshot)
    }

    /// What the newest commits show, made from nothing.
    pub fn reload(&self) -> Scope {
        let mut catalog =
            Arc::new(Catalogs::new()).open(&self.store, MAIN_DATABASE, FirstNames::default()).unwrap();
        let view = self.store.view(MAIN_DATABASE).unwrap();
        scope(catalog.snapshot(&self.store, &view).unwrap())
    }
}

pub fn scope(snapshot: Arc<Snapshot>) -> Scope {
    let path = snapshot.search_path(["$user", "public"], "postgres", None);
    Scope::new(snapshot, path)
}

pub fn column(name: &str, type_oid: Oid) -> Column {
    let kind = types::catalog::builtin(type_oid).and_then(|entry| entry.kind).unwrap_or(Kind::Int32);
    Column {
        name: name.into(),
        type_oid,
        modifier: -1,
        collation: 0,
        storage: ColumnStorage(Storage::Plain(kind)),
        not_null: false,
        source: Source::Null,
        missing: None,
        statistics_target: -1,
        details: catalog::object::ColumnDetails::default(),
        acl: None,
        local: true,
        inherited: 0,
        dropped: false,
    }
}

pub fn table(
    world: &World,
    catalog: &Catalog,
    transaction: &mut Transaction,
    name: &str,
    columns: Vec<Column>,
) -> CatalogResult<Table> {
    let oid = catalog.new_oids(&world.store, 3)?;
    let tree = transaction.create_tree(true)?.0;
    let table = Table {
        oid,
        name: name.into(),
        schema: PUBLIC,
        owner: SUPERUSER,
        persistence: Persistence::Permanent,
        tree,
        lock: tree,
        row_type: oid + 2,
        array_type: oid + 1,
        columns,
        inheritance: Inheritance::default(),
        acl: None,
        options: Vec::new(),
        origin: catalog::object::Origin::Own,
        clustered: 0,
        replica: catalog::object::Replica::Default,
        row_security: false,
        forces_row_security: false,
        of_type: 0,
        revision: 0,
    };
    let references = [(Address::of(PUBLIC), DependencyKind::Normal)];
    catalog.create(transaction, &Object::Table(Arc::new(table.clone())), &references)?;
    Ok(table)
}

pub fn view(
    world: &World,
    catalog: &Catalog,
    transaction: &mut Transaction,
    name: &str,
    on: &[(Address, DependencyKind)],
) -> CatalogResult<View> {
    let oid = catalog.new_oids(&world.store, 3)?;
    let view = View {
        oid,
        name: name.into(),
        schema: PUBLIC,
        owner: SUPERUSER,
        persistence: Persistence::Permanent,
        lock: transaction.create_tree(false)?.0,
        row_type: oid + 2,
        array_type: oid + 1,
        columns: Vec::new(),
        query: " SELECT 1;".into(),
        options: Vec::new(),
        acl: None,
        revision: 0,
    };
    let references = [on, &[(Address::of(PUBLIC), DependencyKind::Normal)]].concat();
    catalog.create(transaction, &Object::View(Arc::new(view.clone())), &references)?;
    Ok(view)
}

/// Makes any object under a new number.
pub fn make(
    world: &World,
    catalog: &Catalog,
    transaction: &mut Transaction,
    references: &[(Address, DependencyKind)],
    object: impl FnOnce(Oid) -> Object,
) -> Oid {
    let oid = catalog.new_oids(&world.store, 1).unwrap();
    catalog.create(transaction, &object(oid), references).unwrap();
    oid
}

pub fn schema(name: &str) -> impl FnOnce(Oid) -> Object {
    move |oid| Object::Schema(Arc::new(Schema { oid, name: name.into(), owner: SUPERUSER, acl: None }))
}

pub fn constraint(table: Oid, name: &str, columns: &[u16], rule: Rule) -> impl FnOnce(Oid) -> Object {
    move |oid| {
        Object::Constraint(Arc::new(Constraint {
            oid,
            name: name.into(),
            schema: PUBLIC,
            table,
            domain: 0,
            columns: columns.to_vec(),
            rule,
            deferrable: false,
            initially_deferred: false,
            validated: true,
            no_inherit: false,
            local: true,
            inherited: 0,
            parent: 0,
        }))
    }
}

pub fn index(table: Oid, name: &str, tree: u64, column: u16) -> impl FnOnce(Oid) -> Object {
    move |oid| {
        Object::Index(Arc::new(Index {
            oid,
            name: name.into(),
            schema: PUBLIC,
            table,
            parent: 0,
            tree,
            method: IndexMethod::Ordered,
            keys: vec![IndexKey {
                value: IndexedValue::Column(column),
                name: "k".into(),
                type_oid: 23,
                modifier: -1,
                collation: 0,
                class: None,
                descending: false,
                nulls_first: false,
                class_options: Vec::new(),
                statistics_target: -1,
            }],
            include: Vec::new(),
            unique: true,
            primary: false,
            nulls_not_distinct: false,
            immediate: true,
            predicate: None,
            options: Vec::new(),
            valid: true,
        }))
    }
}

pub fn enumeration(name: &str, array_type: Oid) -> impl FnOnce(Oid) -> Object {
    move |oid| {
        Object::Enum(Arc::new(EnumType {
            oid,
            name: name.into(),
            schema: PUBLIC,
            owner: SUPERUSER,
            array_type,
            labels: vec![EnumLabel { oid: oid + 1_000_000, name: "a".into(), sort_order: 1.0 }],
            acl: None,
        }))
    }
}

pub fn function(name: &str, arguments: &[Oid]) -> impl FnOnce(Oid) -> Object {
    let argument =
        |of: &Oid| Argument { name: String::new(), mode: ArgumentMode::In, type_oid: *of, default: None };
    let arguments = arguments.iter().map(argument).collect();
    move |oid| {
        Object::Function(Arc::new(Function {
            oid,
            name: name.into(),
            schema: PUBLIC,
            owner: SUPERUSER,
            kind: FunctionKind::Function,
            arguments,
            result: 23,
            returns_set: false,
            body: Body::Text("select 1".into()),
            volatility: Volatility::Volatile,
            strict: false,
            security_definer: false,
            leakproof: false,
            parallel: Parallel::Unsafe,
            cost: 100.0,
            rows: 0.0,
            settings: Vec::new(),
            acl: None,
        }))
    }
}

pub fn sequence(name: &str, tree: u64, owned_by: Option<(Oid, u16)>) -> impl FnOnce(Oid) -> Object {
    move |oid| {
        Object::Sequence(Arc::new(Sequence {
            oid,
            name: name.into(),
            schema: PUBLIC,
            owner: SUPERUSER,
            persistence: Persistence::Permanent,
            tree,
            lock: tree,
            type_oid: 20,
            first: 1,
            before: (1, false),
            start: 1,
            increment: 1,
            minimum: 1,
            maximum: i64::MAX,
            cache: 1,
            cycle: false,
            owned_by,
            acl: None,
        }))
    }
}
