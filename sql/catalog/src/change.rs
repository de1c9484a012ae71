//! Creating and changing objects.
//!
//! Whatever is changed is locked first and read again from the newest: that holds at every level of isolation, and two
//! sessions that change one object come one after the other. Names are locked before they are looked at.

use crate::codec;
use crate::dependency::{Address, DependencyKind};
use crate::error::{CatalogError, CatalogResult};
use crate::first::has_fixed_comment;
use crate::handle::Catalog;
use crate::keys::{self, NameKind};
use crate::object::{
    Cast, ColumnStatistics, Constraint, DefaultFor, FIRST_TEMPORARY_OID, FIRST_USER_OID, Foreign, Grant,
    IndexMethod, Object, Oid, Replication, Rule, Search, Setting, SettingsOf, TEMPORARY_SCHEMA,
    TableStatistics, is_temporary,
};
use crate::snapshot::Snapshot;
use std::sync::Arc;
use store::locks::RowMode;
use store::{Bounds, RowLock, SequenceId, Store, Transaction};

/// On what an object depends, and how.
pub type References<'a> = &'a [(Address, DependencyKind)];

impl Catalog {
    /// Numbers for new objects: the first of `count` that follow each other.
    ///
    /// # Errors
    /// When none is left, or the store cannot say.
    pub fn new_oids(&self, store: &Store, count: u32) -> CatalogResult<Oid> {
        let ordinal = store.take_ordinals(self.database, SequenceId(self.tree.0), u64::from(count))?;
        let last = ordinal.checked_add(u64::from(count)).and_then(|end| u32::try_from(end).ok());
        last.and_then(|end| FIRST_USER_OID.checked_add(end))
            .filter(|end| *end <= FIRST_TEMPORARY_OID)
            .map(|end| end - count)
            .ok_or(CatalogError::NoOidLeft)
    }

    /// An object as it is now: to be called after it was locked.
    ///
    /// # Errors
    /// When its bytes are damaged, or the store cannot read.
    pub fn newest(&self, transaction: &mut Transaction, oid: Oid) -> CatalogResult<Option<Object>> {
        let key = keys::of(keys::OBJECTS, oid);
        let bytes = self.get(transaction, &key)?;
        bytes.map(|bytes| codec::decode_object(&key, oid, &bytes)).transpose()
    }

    /// Whether what a snapshot says of a relation is still so, now that the relation is locked. If not, the statement is to
    /// be bound again on a new snapshot.
    ///
    /// # Errors
    /// As [`Catalog::newest`].
    pub fn is_current(
        &self,
        transaction: &mut Transaction,
        snapshot: &Snapshot,
        oid: Oid,
    ) -> CatalogResult<bool> {
        // What comes with the program has no entry, and never changes.
        if oid < FIRST_USER_OID && snapshot.object(oid).is_some() {
            return Ok(true);
        }
        Ok(self.newest(transaction, oid)?.as_ref() == snapshot.object(oid))
    }

    /// Whether a table differs from what a snapshot says of it in nothing but that it is being detached from the table that it is
    /// a partition of, or is a part of one that is: who keeps the snapshot goes on with the partition.
    ///
    /// # Errors
    /// As [`Catalog::newest`].
    pub fn is_only_detaching(
        &self,
        transaction: &mut Transaction,
        snapshot: &Snapshot,
        oid: Oid,
    ) -> CatalogResult<bool> {
        let (Some(Object::Table(mut newest)), Some(Object::Table(seen))) =
            (self.newest(transaction, oid)?, snapshot.object(oid))
        else {
            return Ok(false);
        };
        if let Some(revision) = newest.inheritance.detaching {
            let before = Arc::make_mut(&mut newest);
            (before.inheritance.detaching, before.revision) = (None, revision);
            return Ok(*before == **seen);
        }
        // What is divided hands the check down that it gets.
        let mut above = newest.partition_of();
        while let Some(oid) = above {
            let Some(Object::Table(divided)) = self.newest(transaction, oid)? else { return Ok(false) };
            if let Some(revision) = divided.inheritance.detaching {
                let before = Arc::make_mut(&mut newest);
                before.revision = before.revision.wrapping_sub(u64::from(divided.revision != revision));
                return Ok(*before == **seen);
            }
            above = divided.partition_of();
        }
        Ok(false)
    }

    /// Whether a partition has left a table, or is being detached from it, by a commit that the transaction does not see.
    ///
    /// # Errors
    /// As [`Catalog::newest`].
    pub fn has_left(&self, transaction: &mut Transaction, part: Oid, parent: Oid) -> CatalogResult<bool> {
        if is_temporary(part) || !transaction.has_newer(self.tree)? {
            return Ok(false);
        }
        Ok(match self.newest(transaction, part)? {
            Some(Object::Table(table)) => {
                table.partition_of() != Some(parent) || table.inheritance.detaching.is_some()
            }
            Some(_) | None => true,
        })
    }

    /// Puts a new object, which depends on `references`. Waits for whoever is creating the same name.
    ///
    /// # Errors
    /// When its name is taken, or something it refers to is gone.
    pub fn create(
        &self,
        transaction: &mut Transaction,
        object: &Object,
        references: References<'_>,
    ) -> CatalogResult<()> {
        let temporary = match object {
            Object::Cast(cast) => is_temporary(cast.source.max(cast.target)),
            // It stands where it was made, but goes with the temporary object that it is about.
            Object::Function(function) => is_temporary(function.oid),
            // It is where its relation is.
            Object::Rewrite(rule) => is_temporary(rule.relation),
            Object::Trigger(trigger) => is_temporary(trigger.relation),
            Object::Policy(policy) => is_temporary(policy.table),
            // They stand where they were made, but go with their table.
            Object::Statistics(made) => is_temporary(made.oid),
            object => object.schema().is_some_and(is_temporary),
        };
        if temporary != is_temporary(object.oid()) && object.oid() != TEMPORARY_SCHEMA {
            return Err(CatalogError::Misplaced { oid: object.oid() });
        }
        for (kind, space, name) in names_of(object) {
            self.claim(transaction, object, kind, space, &name)?;
        }
        self.depend(transaction, Address::of(object.oid()), references)?;
        self.keep_roles(transaction, None, object)?;
        self.touch_tables_of(transaction, object)?;
        let bytes = codec::encode(object, object.name())?;
        Ok(self.put(transaction, &keys::of(keys::OBJECTS, object.oid()), &bytes)?)
    }

    /// Replaces an object by what `change` makes of the newest. Its names follow; its kind and number stay. Where that is the
    /// same, nothing is written, and who uses it need not bind anew.
    ///
    /// # Errors
    /// When it is gone, or its new name is taken, and what `change` answers.
    pub fn alter<E: From<CatalogError>>(
        &self,
        transaction: &mut Transaction,
        oid: Oid,
        change: impl FnOnce(&mut Object) -> Result<(), E>,
    ) -> Result<Object, E> {
        let key = keys::of(keys::OBJECTS, oid);
        self.lock(transaction, &key, RowMode::NoKeyUpdate)?;
        // Who found it by its name has to look again.
        let old = self.newest(transaction, oid)?.ok_or(CatalogError::Outdated { oid })?;
        let mut new = old.clone();
        change(&mut new)?;
        if new == old {
            return Ok(old);
        }
        Ok(self.replace(transaction, &old, new)?)
    }

    fn replace(&self, transaction: &mut Transaction, old: &Object, mut new: Object) -> CatalogResult<Object> {
        match &mut new {
            Object::Table(table) => Arc::make_mut(table).revision += 1,
            Object::View(view) => Arc::make_mut(view).revision += 1,
            Object::Schema(_)
            | Object::Index(_)
            | Object::Sequence(_)
            | Object::Constraint(_)
            | Object::Enum(_)
            | Object::Domain(_)
            | Object::Composite(_)
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
            | Object::Database(_) => {}
        }
        let (before, after) = (names_of(old), names_of(&new));
        for (kind, space, name) in after.iter().filter(|name| !before.contains(name)) {
            self.claim(transaction, &new, *kind, *space, name)?;
        }
        for (kind, space, name) in before.iter().filter(|name| !after.contains(name)) {
            self.delete(transaction, &keys::name(*kind, *space, name))?;
        }
        self.keep_roles(transaction, Some(old), &new)?;
        self.touch_tables_of(transaction, &new)?;
        let bytes = codec::encode(&new, new.name())?;
        self.put_keeping_keys(transaction, &keys::of(keys::OBJECTS, new.oid()), &bytes)?;
        Ok(new)
    }

    /// A change of an index, a constraint, a rule, a trigger or a policy is one of its relations: who has locked them sees it by their revisions.
    pub(crate) fn touch_tables_of(
        &self,
        transaction: &mut Transaction,
        object: &Object,
    ) -> CatalogResult<()> {
        let (own, other) = match object {
            Object::Index(index) => (index.table, 0),
            Object::Rewrite(rule) => (rule.relation, 0),
            Object::Trigger(trigger) => (trigger.relation, 0),
            Object::Policy(policy) => (policy.table, 0),
            Object::Constraint(constraint) => match &constraint.rule {
                Rule::ForeignKey { table, .. } if *table != constraint.table => (constraint.table, *table),
                Rule::ForeignKey { .. }
                | Rule::Check(_)
                | Rule::Unique(_)
                | Rule::PrimaryKey(_)
                | Rule::Exclude(..) => (constraint.table, 0),
            },
            Object::Schema(_)
            | Object::Table(_)
            | Object::Sequence(_)
            | Object::View(_)
            | Object::Enum(_)
            | Object::Domain(_)
            | Object::Composite(_)
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
            | Object::Foreign(_)
            | Object::Replication(_)
            | Object::Search(_)
            | Object::Function(_)
            | Object::Role(_)
            | Object::Tablespace(_)
            | Object::Database(_) => (0, 0),
        };
        for oid in [own, other] {
            if oid != 0 {
                self.touch(transaction, oid)?;
            }
        }
        Ok(())
    }

    /// Says that a relation has changed: whoever has locked it finds what he knows of it outdated.
    ///
    /// # Errors
    /// When the store cannot.
    fn touch(&self, transaction: &mut Transaction, relation: Oid) -> CatalogResult<()> {
        let key = keys::of(keys::OBJECTS, relation);
        self.lock(transaction, &key, RowMode::NoKeyUpdate)?;
        let Some(mut found) = self.newest(transaction, relation)? else { return Ok(()) };
        match &mut found {
            Object::Table(table) => Arc::make_mut(table).revision += 1,
            Object::View(view) => Arc::make_mut(view).revision += 1,
            _ => return Ok(()),
        }
        let bytes = codec::encode(&found, found.name())?;
        Ok(self.put_keeping_keys(transaction, &key, &bytes)?)
    }

    /// Records on what an object, or a part of one, depends besides what it did. What stands there for the same pair is
    /// replaced; of several kinds for one pair the strongest counts (a foreign key may refer to a column of its own). What is referred to is held: it cannot be dropped before this transaction ends.
    ///
    /// # Errors
    /// When something that is referred to is gone.
    pub fn depend(
        &self,
        transaction: &mut Transaction,
        dependent: Address,
        references: References<'_>,
    ) -> CatalogResult<()> {
        for (on, kind) in references {
            let same = references.iter().filter(|(other, _)| other == on);
            let kind = same.map(|(_, kind)| *kind).max().unwrap_or(*kind);
            // What comes with the program cannot be dropped, and needs no edge; `public` has an entry as users' objects.
            if on.oid < FIRST_USER_OID && on.oid != crate::object::PUBLIC {
                continue;
            }
            if is_temporary(on.oid) && !is_temporary(dependent.oid) {
                return Err(CatalogError::RefersToTemporary);
            }
            self.hold(transaction, *on)?;
            let value = [kind.letter()];
            self.put(transaction, &keys::edge(keys::DEPENDENTS, *on, dependent), &value)?;
            self.put(transaction, &keys::edge(keys::REFERENCES, dependent, *on), &value)?;
        }
        Ok(())
    }

    /// Forgets that an object depends on another.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn undepend(
        &self,
        transaction: &mut Transaction,
        dependent: Address,
        on: Address,
    ) -> CatalogResult<()> {
        self.delete(transaction, &keys::edge(keys::DEPENDENTS, on, dependent))?;
        self.delete(transaction, &keys::edge(keys::REFERENCES, dependent, on))?;
        Ok(())
    }

    /// Forgets all that an object, or a part of one, depends on: to be recorded anew after its definition has changed. A member
    /// of an extension stays one.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn depend_on_nothing(&self, transaction: &mut Transaction, dependent: Address) -> CatalogResult<()> {
        for (found, on, kind) in self.edges(transaction, keys::REFERENCES, dependent.oid)? {
            if found == dependent && kind != DependencyKind::Extension {
                self.delete(transaction, &keys::edge(keys::DEPENDENTS, on, dependent))?;
                self.delete(transaction, &keys::edge(keys::REFERENCES, dependent, on))?;
            }
        }
        Ok(())
    }

    /// What an object depends on in place of `old` is `new` from now on, in the same way: SET SCHEMA.
    ///
    /// # Errors
    /// When what it refers to now is gone.
    pub fn replace_dependency(
        &self,
        transaction: &mut Transaction,
        dependent: Address,
        old: Address,
        new: Address,
    ) -> CatalogResult<()> {
        let edges = self.edges(transaction, keys::REFERENCES, dependent.oid)?;
        let Some((_, _, kind)) = edges.into_iter().find(|(from, on, _)| (*from, *on) == (dependent, old))
        else {
            return Ok(());
        };
        self.delete(transaction, &keys::edge(keys::DEPENDENTS, old, dependent))?;
        self.delete(transaction, &keys::edge(keys::REFERENCES, dependent, old))?;
        self.depend(transaction, dependent, &[(new, kind)])
    }

    /// Waits until nobody else changes an object, and keeps it so; with [`RowMode::Update`], nobody makes what depends on it
    /// either. What comes with the program has no entry, and never changes.
    ///
    /// # Errors
    /// When the lock is not granted: a conflict if somebody has changed it since the one snapshot of the transaction.
    pub fn hold_for_change(
        &self,
        transaction: &mut Transaction,
        oid: Oid,
        mode: RowMode,
    ) -> CatalogResult<()> {
        self.lock(transaction, &keys::of(keys::OBJECTS, oid), mode).map(drop)
    }

    /// Whether a snapshot has all that depends on an object now, which is held: a transaction's one snapshot may be older than
    /// some of it.
    ///
    /// # Errors
    /// As [`Catalog::newest`].
    pub fn sees_dependents(
        &self,
        transaction: &mut Transaction,
        snapshot: &Snapshot,
        oid: Oid,
    ) -> CatalogResult<bool> {
        let newest = self.edges(transaction, keys::DEPENDENTS, oid)?;
        Ok(newest
            .iter()
            .all(|(_, dependent, _)| snapshot.dependencies_of(dependent.oid).any(|(_, on, _)| on.oid == oid)))
    }

    /// Keeps what is referred to from being dropped. A type that comes with an object has no entry: the object is held. Whoever
    /// refers to what others have changed meanwhile has to look again at what he refers to.
    fn hold(&self, transaction: &mut Transaction, on: Address) -> CatalogResult<()> {
        let of_type = self.last_snapshot().and_then(|last| Some(last.made_type(on.oid)?.object));
        let oid = of_type.unwrap_or(on.oid);
        let key = keys::of(keys::OBJECTS, oid);
        if self.lock(transaction, &key, RowMode::KeyShare)? == RowLock::HeldChanged {
            return Err(CatalogError::Outdated { oid });
        }
        if self.get(transaction, &key)?.is_some() {
            return Ok(());
        }
        Err(CatalogError::Outdated { oid: on.oid })
    }

    /// Keeps an object from being dropped until the transaction ends.
    ///
    /// # Errors
    /// When the lock is not granted; [`CatalogError::Outdated`] if others have changed the object.
    pub fn keep(&self, transaction: &mut Transaction, oid: Oid) -> CatalogResult<()> {
        self.hold(transaction, Address::of(oid))
    }

    /// All edges of an object and its parts, the object's end first.
    pub(crate) fn edges(
        &self,
        transaction: &mut Transaction,
        prefix: u8,
        oid: Oid,
    ) -> CatalogResult<Vec<(Address, Address, DependencyKind)>> {
        let mut edges = Vec::new();
        // What is temporary may depend on what is not, never the other way round.
        for tree in [Some(self.tree), self.temporary()].into_iter().flatten() {
            if tree == self.tree && is_temporary(oid) {
                continue;
            }
            let mut scan = transaction.scan_newest(tree, Bounds::prefix(&keys::of(prefix, oid)))?;
            while scan.next()? {
                let ends = keys::edge_ends(scan.key());
                let kind = DependencyKind::from_bytes(&scan.value()?);
                let (Some((from, to)), Some(kind)) = (ends, kind) else {
                    return Err(CatalogError::damaged(scan.key(), "it is no dependency".to_owned()));
                };
                edges.push((from, to, kind));
            }
        }
        Ok(edges)
    }

    fn claim(
        &self,
        transaction: &mut Transaction,
        object: &Object,
        kind: NameKind,
        space: Oid,
        name: &[u8],
    ) -> CatalogResult<()> {
        let key = keys::name(kind, space, name);
        self.lock(transaction, &key, RowMode::Update)?;
        if self.get(transaction, &key)?.is_none() {
            return Ok(self.put(transaction, &key, &object.oid().to_be_bytes())?);
        }
        Err(self.taken(transaction, object, kind, space)?)
    }

    /// What an object is called; empty for one that is not there.
    fn newest_name(&self, transaction: &mut Transaction, oid: Oid) -> CatalogResult<String> {
        Ok(self.newest(transaction, oid)?.map(|of| of.name().to_owned()).unwrap_or_default())
    }

    /// What is said of a name that somebody has.
    fn taken(
        &self,
        transaction: &mut Transaction,
        object: &Object,
        kind: NameKind,
        space: Oid,
    ) -> CatalogResult<CatalogError> {
        let name = object.name().to_owned();
        Ok(match kind {
            NameKind::Schema => CatalogError::DuplicateSchema { name },
            NameKind::Relation => CatalogError::DuplicateRelation { name },
            NameKind::Type => {
                let of_relation = matches!(object, Object::Table(_) | Object::View(_) | Object::Composite(_));
                CatalogError::DuplicateType { name, of_relation }
            }
            NameKind::Function => CatalogError::DuplicateFunction { name },
            NameKind::Cast => CatalogError::DuplicateCast,
            NameKind::Collation => CatalogError::DuplicateCollation { name },
            NameKind::Conversion => CatalogError::DuplicateClass { what: "conversion", name },
            NameKind::SearchParser => taken_search("pg_ts_parser_prsname_index", "prs", &name, space),
            NameKind::SearchTemplate => taken_search("pg_ts_template_tmplname_index", "tmpl", &name, space),
            NameKind::SearchDictionary => taken_search("pg_ts_dict_dictname_index", "dict", &name, space),
            NameKind::SearchConfiguration => taken_search("pg_ts_config_cfgname_index", "cfg", &name, space),
            NameKind::Statistics => CatalogError::DuplicateClass { what: "statistics object", name },
            NameKind::Operator => CatalogError::DuplicateOperator { name },
            NameKind::OperatorClass => CatalogError::DuplicateClass { what: "operator class", name },
            NameKind::OperatorFamily => CatalogError::DuplicateClass { what: "operator family", name },
            NameKind::Rule => {
                let relation = self.newest_name(transaction, space)?;
                CatalogError::DuplicateRule { name, relation }
            }
            NameKind::Trigger => {
                let relation = self.newest_name(transaction, space)?;
                CatalogError::DuplicateTrigger { name, relation }
            }
            NameKind::Policy => {
                let table = self.newest_name(transaction, space)?;
                CatalogError::DuplicatePolicy { name, table }
            }
            NameKind::Constraint => {
                let owner = self.newest(transaction, space)?;
                let owner = owner.ok_or(CatalogError::UndefinedObject { oid: space })?;
                match owner {
                    Object::Domain(domain) => {
                        CatalogError::DuplicateConstraint { name, kind: "domain", on: domain.name.clone() }
                    }
                    owner => CatalogError::DuplicateConstraint {
                        name,
                        kind: "relation",
                        on: format!("\"{}\"", owner.name()),
                    },
                }
            }
            NameKind::ForeignWrapper => CatalogError::DuplicateClass { what: "foreign-data wrapper", name },
            NameKind::Tablespace => CatalogError::DuplicateClass { what: "tablespace", name },
            NameKind::ForeignServer => CatalogError::DuplicateClass { what: "server", name },
            // Who makes one has looked whether there is one; this is told of two who do so at once.
            NameKind::UserMapping => CatalogError::DuplicateClass { what: "user mapping", name },
            NameKind::Publication => CatalogError::DuplicateClass { what: "publication", name },
            NameKind::Subscription => CatalogError::DuplicateClass { what: "subscription", name },
            // As with mappings of users.
            NameKind::Published => CatalogError::DuplicateClass { what: "publication relation", name },
            NameKind::Role => CatalogError::DuplicateRole { name },
            NameKind::Extension => CatalogError::DuplicateClass { what: "extension", name },
            NameKind::EventTrigger => CatalogError::DuplicateClass { what: "event trigger", name },
            NameKind::Database => CatalogError::DuplicateDatabase { name },
        })
    }

    /// Locks a key of the catalog; what stands there is read again from the newest by the caller, who hears whether others have
    /// changed it.
    pub(crate) fn lock(
        &self,
        transaction: &mut Transaction,
        key: &[u8],
        mode: RowMode,
    ) -> CatalogResult<RowLock> {
        let Some(tree) = self.tree_of(key) else { return Ok(RowLock::Held) };
        let wait = transaction.wait();
        Ok(transaction.lock_row(tree, key, mode, wait)?)
    }

    /// Sets or removes a comment on an object of a class, or on a part of it.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn comment(
        &self,
        transaction: &mut Transaction,
        class: Oid,
        of_what: Address,
        text: Option<&str>,
    ) -> CatalogResult<()> {
        let key = keys::comment(class, of_what);
        // An empty comment is none, which has to stand there where there is one without.
        let text = text.filter(|text| !text.is_empty());
        let without = (of_what.part == 0 && has_fixed_comment(class, of_what.oid)).then_some("");
        let text: Option<Arc<str>> = text.or(without).map(Into::into);
        self.set(transaction, &key, text.as_ref())
    }

    /// Sets or removes what is known of a table as a whole.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn set_table_statistics(
        &self,
        transaction: &mut Transaction,
        table: Oid,
        found: Option<&TableStatistics>,
    ) -> CatalogResult<()> {
        self.set(transaction, &keys::statistics(table, keys::WHOLE_TABLE), found)
    }

    /// Says in which tablespace a relation is to lie; 0 for the default one.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn place(&self, transaction: &mut Transaction, relation: Oid, tablespace: Oid) -> CatalogResult<()> {
        if tablespace >= FIRST_USER_OID && !self.keep_shared(transaction, tablespace)? {
            return Err(CatalogError::UndefinedObject { oid: tablespace });
        }
        self.set(transaction, &keys::of(keys::PLACES, relation), (tablespace != 0).then_some(&tablespace))
    }

    /// Sets or removes what is known of a column.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn set_column_statistics(
        &self,
        transaction: &mut Transaction,
        table: Oid,
        column: u16,
        found: Option<&ColumnStatistics>,
    ) -> CatalogResult<()> {
        self.set(transaction, &keys::statistics(table, column), found)
    }

    /// Replaces the settings of a role in a database; none of them removes the entry.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn set_settings(
        &self,
        transaction: &mut Transaction,
        of_whom: SettingsOf,
        settings: &[Setting],
    ) -> CatalogResult<()> {
        let settings = (!settings.is_empty()).then(|| settings.to_vec());
        self.set(transaction, &keys::settings(of_whom), settings.as_ref())
    }

    /// Replaces what new objects begin with, or forgets it.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn set_default_acl(
        &self,
        transaction: &mut Transaction,
        of: DefaultFor,
        grants: Option<&[Grant]>,
    ) -> CatalogResult<()> {
        let grants = grants.map(<[Grant]>::to_vec);
        if grants.is_some() {
            let named = grants.iter().flatten().flat_map(|grant| [grant.grantee, grant.grantor]);
            self.keep_each_role(transaction, named.chain([of.role]))?;
        }
        self.set(transaction, &keys::default_acl(of), grants.as_ref())
    }

    fn set<T: bincode::Encode>(
        &self,
        transaction: &mut Transaction,
        key: &[u8],
        value: Option<&T>,
    ) -> CatalogResult<()> {
        self.lock(transaction, key, RowMode::Update)?;
        match value {
            Some(value) => self.put(transaction, key, &codec::encode(value, "comment")?)?,
            None => {
                if self.get(transaction, key)?.is_some() {
                    self.delete(transaction, key)?;
                }
            }
        }
        Ok(())
    }
}

/// The names that an object has to have for itself, in the order in which they are looked at.
pub(crate) fn names_of(object: &Object) -> Vec<(NameKind, Oid, Vec<u8>)> {
    let name = object.name().as_bytes().to_vec();
    match object {
        Object::Schema(_) => vec![(NameKind::Schema, 0, name)],
        Object::Role(_) => vec![(NameKind::Role, 0, name)],
        Object::Database(_) => vec![(NameKind::Database, 0, name)],
        Object::Tablespace(_) => vec![(NameKind::Tablespace, 0, name)],
        Object::Table(table) => relation_and_type(table.schema, name),
        Object::View(view) => relation_and_type(view.schema, name),
        Object::Composite(composite) => relation_and_type(composite.schema, name),
        Object::Index(index) => vec![(NameKind::Relation, index.schema, name)],
        Object::Sequence(sequence) => vec![(NameKind::Relation, sequence.schema, name)],
        Object::Enum(enumeration) => vec![(NameKind::Type, enumeration.schema, name)],
        Object::Domain(domain) => vec![(NameKind::Type, domain.schema, name)],
        Object::Range(range) => vec![(NameKind::Type, range.schema, name)],
        Object::Base(base) => vec![(NameKind::Type, base.schema, name)],
        Object::Multirange(multirange) => vec![(NameKind::Type, multirange.schema, name)],
        Object::Cast(cast) => vec![cast_name(cast)],
        Object::Operator(operator) => {
            let mut name = name;
            name.push(0);
            name.extend_from_slice(&operator.left.to_be_bytes());
            name.extend_from_slice(&operator.right.to_be_bytes());
            vec![(NameKind::Operator, operator.schema, name)]
        }
        Object::OperatorClass(class) => {
            vec![(NameKind::OperatorClass, class.schema, of_method(name, class.method))]
        }
        Object::OperatorFamily(family) => {
            vec![(NameKind::OperatorFamily, family.schema, of_method(name, family.method))]
        }
        // Nobody else is to find the name taken.
        Object::Statistics(made) if is_temporary(made.oid) => {
            let mut name = name;
            name.extend_from_slice(&made.schema.to_be_bytes());
            vec![(NameKind::Statistics, TEMPORARY_SCHEMA, name)]
        }
        Object::Statistics(made) => vec![(NameKind::Statistics, made.schema, name)],
        Object::Collation(collation) => vec![(NameKind::Collation, collation.schema, name)],
        Object::Conversion(conversion) => vec![(NameKind::Conversion, conversion.schema, name)],
        Object::Rewrite(rule) => vec![(NameKind::Rule, rule.relation, name)],
        Object::Trigger(trigger) => vec![(NameKind::Trigger, trigger.relation, name)],
        Object::Policy(policy) => vec![(NameKind::Policy, policy.table, name)],
        Object::Foreign(foreign) => vec![match &**foreign {
            Foreign::Wrapper(_) => (NameKind::ForeignWrapper, 0, name),
            Foreign::Server(_) => (NameKind::ForeignServer, 0, name),
            Foreign::Mapping(of) => (NameKind::UserMapping, of.server, of.role.to_be_bytes().to_vec()),
        }],
        Object::Extension(_) => vec![(NameKind::Extension, 0, name)],
        Object::Replication(replication) => vec![name_of_replication(replication)],
        Object::Search(search) => vec![(name_kind_of_search(search), search.schema(), name)],
        Object::EventTrigger(_) => vec![(NameKind::EventTrigger, 0, name)],
        Object::Constraint(constraint) => vec![(NameKind::Constraint, owner_of(constraint), name)],
        Object::Function(function) => {
            let mut name = name;
            name.push(0);
            for argument in function.inputs() {
                name.extend_from_slice(&argument.type_oid.to_be_bytes());
            }
            if !is_temporary(function.oid) {
                return vec![(NameKind::Function, function.schema, name)];
            }
            // Nobody else is to find the name taken.
            name.extend_from_slice(&function.schema.to_be_bytes());
            vec![(NameKind::Function, TEMPORARY_SCHEMA, name)]
        }
    }
}

/// What is said of a name that something of text search has.
fn taken_search(index: &'static str, prefix: &str, name: &str, schema: Oid) -> CatalogError {
    let key = format!("({prefix}name, {prefix}namespace)=({name}, {schema})");
    CatalogError::DuplicateKey { index, key }
}

fn name_kind_of_search(search: &Search) -> NameKind {
    match search {
        Search::Parser(_) => NameKind::SearchParser,
        Search::Template(_) => NameKind::SearchTemplate,
        Search::Dictionary(_) => NameKind::SearchDictionary,
        Search::Configuration(_) => NameKind::SearchConfiguration,
    }
}

/// Publications and subscriptions have names, what is in a publication stands there once.
fn name_of_replication(replication: &Replication) -> (NameKind, Oid, Vec<u8>) {
    let name = replication.name().as_bytes().to_vec();
    match replication {
        Replication::Publication(_) => (NameKind::Publication, 0, name),
        Replication::Subscription(_) => (NameKind::Subscription, 0, name),
        Replication::Table(of) => (NameKind::Published, of.publication, of.table.to_be_bytes().to_vec()),
        Replication::Schema(of) => (NameKind::Published, of.publication, of.schema.to_be_bytes().to_vec()),
    }
}

/// What has a name for each access method.
fn of_method(mut name: Vec<u8>, method: IndexMethod) -> Vec<u8> {
    name.push(0);
    name.extend_from_slice(&method.oid().to_be_bytes());
    name
}

/// A cast is known by its two types. If one of them is temporary the cast is, and so has to be its name.
fn cast_name(cast: &Cast) -> (NameKind, Oid, Vec<u8>) {
    let types = [cast.source.to_be_bytes(), cast.target.to_be_bytes()].concat();
    (NameKind::Cast, cast.source.max(cast.target), types)
}

fn relation_and_type(schema: Oid, name: Vec<u8>) -> Vec<(NameKind, Oid, Vec<u8>)> {
    vec![(NameKind::Relation, schema, name.clone()), (NameKind::Type, schema, name)]
}

/// The table or domain that a constraint is of.
pub(crate) fn owner_of(constraint: &Constraint) -> Oid {
    if constraint.table != 0 { constraint.table } else { constraint.domain }
}
