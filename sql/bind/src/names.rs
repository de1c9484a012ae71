//! What the names of columns and tables mean, innermost query first; and what may have been meant where they mean nothing.

use crate::binder::{Binder, Bound};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult, MissingTable};
use crate::level::{ColumnUse, Item, ItemColumn, ItemKind};
use crate::near::near;
use plan::expression::{Column, Expression, ExpressionKind};
use plan::logical::{ScanColumn, ScanSource};
use syntax::tree::{Name, QualifiedName};
use types::{Type, Value};

/// Columns that every table has besides its own.
pub(crate) const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// The place of an item: its query and its place there.
pub(crate) type Place = (usize, usize);

/// Which item of `FROM` a name with or without a schema means, among those of that name.
#[derive(Clone, Copy)]
enum Wanted {
    /// Whichever.
    Named,
    /// The one that is this relation.
    Relation(u32),
    /// The one in this schema that is no relation of it yet: a table that is being made, in its own checks.
    Made { schema: u32 },
}

impl Binder<'_> {
    /// A column, or a whole row, by its name.
    pub fn column(&mut self, name: &QualifiedName<'_>, position: u32) -> BindResult<Bound> {
        if self.level().clause == Clause::Default {
            return Err(BindError::at(BindErrorKind::ColumnInDefault, position));
        }
        if self.level().clause == Clause::PartitionBound {
            let kind = BindErrorKind::Plain {
                state: diagnostic::SqlState::FeatureNotSupported,
                message: "cannot use column reference in partition bound expression".to_owned(),
            };
            return Err(BindError::at(kind, position));
        }
        if let crate::binder::Parameters::Variables(variables) = &self.parameter_names {
            let variables = variables.clone();
            return self.column_or_variable(&*variables, name, position);
        }
        self.plain_column(name, position)
    }

    /// The same where it can be no variable.
    pub(crate) fn plain_column(&mut self, name: &QualifiedName<'_>, position: u32) -> BindResult<Bound> {
        let name = &QualifiedName { parts: self.without_database(name.parts, 4) };
        let expression = match name.parts {
            [column] => self.single(column.text, position)?,
            [table, column] => match self.table_item(None, table.text, position)? {
                Some(place) => match self.column_of_item(place, column.text, position) {
                    Ok(found) => found,
                    // A table called as the function is, or as an argument, hides what columns it has.
                    Err(error) => match self.argument_or_field(table.text, column.text, position)? {
                        Some(found) => found,
                        None => return Err(error),
                    },
                },
                None => match self.argument_or_field(table.text, column.text, position)? {
                    Some(found) => found,
                    None => return Err(self.no_table(table.text, position)),
                },
            },
            [schema, table, column] => match self.table_item(Some(schema.text), table.text, position)? {
                Some(place) => self.column_of_item(place, column.text, position)?,
                None => match self.named_argument(schema.text, Some(table.text)) {
                    Some(row) => match self.field(Bound { expression: row, position }, column.text, position)
                    {
                        Ok(field) => field.expression,
                        Err(_) => return Err(self.no_table(table.text, position)),
                    },
                    None => return Err(self.no_table(table.text, position)),
                },
            },
            [database, _, _, _] => {
                let kind = BindErrorKind::CrossDatabase { name: name.to_string() };
                let _ = database;
                return Err(BindError::at(kind, position));
            }
            _ => {
                let kind = BindErrorKind::ImproperName { name: name.to_string() };
                return Err(BindError::at(kind, position));
            }
        };
        Ok(Bound { expression, position })
    }

    fn single(&mut self, name: &str, position: u32) -> BindResult<Expression> {
        if let Some(found) = self.open_column(name, position)? {
            return Ok(found);
        }
        if name == "value"
            && let Some(of) = self.level().domain_value
        {
            return Ok(Expression { kind: ExpressionKind::Element, result: of });
        }
        if let Some(place) = self.table_item(None, name, position)? {
            return self.whole_row(place, position);
        }
        if let Some(argument) = self.named_argument(name, None) {
            return Ok(argument);
        }
        if let Some(found) = self.column_of_kept(name, position)? {
            return Ok(found);
        }
        Err(self.no_column(None, name, position))
    }

    /// Says that a definition may not be made of a system column.
    pub(crate) fn refuse_system_column(&mut self, name: &str, position: u32) -> BindResult<()> {
        if !SYSTEM_COLUMNS.contains(&name) {
            return Ok(());
        }
        let column = name.to_owned();
        Err(match self.level().clause {
            Clause::Check => BindError::at(BindErrorKind::CheckSystemColumn { column }, position),
            Clause::MergeWhen => BindError::at(BindErrorKind::MergeSystemColumn { column }, position),
            Clause::Generated => BindError::at(BindErrorKind::SystemColumn { column }, position),
            Clause::IndexExpression | Clause::IndexPredicate => BindError::new(BindErrorKind::Plain {
                state: diagnostic::SqlState::FeatureNotSupported,
                message: "index creation on system columns is not supported".to_owned(),
            }),
            Clause::Statistics => BindError::new(BindErrorKind::Plain {
                state: diagnostic::SqlState::FeatureNotSupported,
                message: "statistics creation on system columns is not supported".to_owned(),
            }),
            _ => return Ok(()),
        })
    }

    /// A column without a table's name.
    fn open_column(&mut self, name: &str, position: u32) -> BindResult<Option<Expression>> {
        for level in (0..self.levels.len()).rev() {
            let mut found: Option<(usize, usize)> = None;
            for (place, item) in self.levels[level].items.iter().enumerate() {
                if !item.open || item.lateral_only && !self.levels[level].lateral_active {
                    continue;
                }
                let Some(column) = column_place(item, name, position)? else { continue };
                if found.is_some() {
                    let kind = BindErrorKind::AmbiguousColumn { column: name.to_owned() };
                    return Err(BindError::at(kind, position));
                }
                self.lateral_allowed(level, place, position)?;
                found = Some((place, column));
            }
            if let Some((place, column)) = found {
                return Ok(Some(self.use_column(level, place, column, position)));
            }
            // System columns have no place among the columns, but a table alone has them.
            if let Some(found) = self.open_system_column(level, name, position)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn open_system_column(
        &mut self,
        level: usize,
        name: &str,
        position: u32,
    ) -> BindResult<Option<Expression>> {
        if !SYSTEM_COLUMNS.contains(&name) {
            return Ok(None);
        }
        let active = self.levels[level].lateral_active;
        let tables: Vec<usize> = (0..self.levels[level].items.len())
            .filter(|place| {
                let item = &self.levels[level].items[*place];
                let known = match item.kind {
                    ItemKind::Table { .. } => true,
                    ItemKind::Composite(_) => {
                        (self.levels[level].made.is_some() && self.changed.is_none())
                            || self.oid_of_system_table((level, *place)).is_some()
                    }
                    ItemKind::Scalar | ItemKind::Rows | ItemKind::Join => false,
                };
                item.open && (!item.lateral_only || active) && known
            })
            .collect();
        match tables[..] {
            [] => Ok(None),
            [place] => self.system_column((level, place), name, position),
            _ => {
                let kind = BindErrorKind::AmbiguousColumn { column: name.to_owned() };
                Err(BindError::at(kind, position))
            }
        }
    }

    /// A column of a table that `FROM` names.
    pub fn column_of_item(&mut self, place: Place, name: &str, position: u32) -> BindResult<Expression> {
        let item = &self.levels[place.0].items[place.1];
        if let Some(column) = column_place(item, name, position)? {
            return Ok(self.use_column(place.0, place.1, column, position));
        }
        if let Some(found) = self.system_column(place, name, position)? {
            return Ok(found);
        }
        if !self.users_functions(None, name).is_empty() {
            let row = self.whole_row(place, position)?;
            if let Some(called) = self.function_of_row(&Bound { expression: row, position }, name)? {
                return Ok(called.expression);
            }
        }
        let relation = self.levels[place.0].items[place.1].name.clone();
        Err(self.no_column(relation.as_deref(), name, position))
    }

    fn use_column(&mut self, level: usize, place: usize, column: usize, position: u32) -> Expression {
        let expression = self.levels[level].items[place].columns[column].expression.clone();
        self.note_columns(&expression, position);
        if let Some(view) = self.levels[level].items[place].changed_view {
            self.note_view_read(view, column);
        }
        expression
    }

    /// Notes the columns that an expression of an item is made of.
    pub fn note_columns(&mut self, expression: &Expression, position: u32) {
        match &expression.kind {
            ExpressionKind::Column(column) => self.note_column(*column, position),
            // The merged column of a full join, perhaps with casts.
            ExpressionKind::Coalesce(terms) => {
                terms.iter().for_each(|term| self.note_columns(term, position));
            }
            ExpressionKind::Call(call) => {
                call.arguments.iter().for_each(|argument| self.note_columns(argument, position));
            }
            ExpressionKind::Relabel(operand) | ExpressionKind::ThroughText(operand) => {
                self.note_columns(operand, position);
            }
            _ => {}
        }
    }

    pub(crate) fn note_column(&mut self, column: Column, position: u32) {
        let owner = self.owner(column.relation);
        if let Some(level) = self.levels.get_mut(owner)
            && level.in_aggregate == 0
        {
            let is_above = level.clause.refuses_aggregates().is_none() && !level.lateral_active;
            level.uses.push(ColumnUse { column, position, is_above });
        }
        self.note_read(column);
    }

    /// A column of a scan that reads `source`, which is added if it is not there.
    pub fn scan_column(
        &mut self,
        relation: plan::expression::RelationId,
        source: ScanSource,
        of: Type,
    ) -> BindResult<Column> {
        let scope = self.context.scope;
        let Some(scan) = self.scans.get_mut(&relation) else { return Ok(Column { relation, index: 0 }) };
        let index = match scan.columns.iter().position(|column| column.source == source) {
            Some(index) => index,
            None => {
                let column = ScanColumn { source, column_type: of };
                if let Some(root) = scope.table(scan.table) {
                    crate::modify::member::add_to_members(root, scope, scan, &column)?;
                }
                scan.columns.push(column);
                scan.columns.len() - 1
            }
        };
        Ok(Column { relation, index: index as u32 })
    }

    /// The row of an item as one value.
    pub fn whole_row(&mut self, place: Place, position: u32) -> BindResult<Expression> {
        let item = &self.levels[place.0].items[place.1];
        let kind = item.kind.clone();
        match kind {
            ItemKind::Table { relation, row_type } => {
                let of = Type::of(row_type);
                let scope = self.context.scope;
                let table = self.scans.get(&relation).and_then(|scan| scope.table(scan.table));
                let fields = || ScanSource::WholeRow([].into());
                let source =
                    table.map_or_else(fields, |table| crate::modify::member::whole_row(table, table));
                let column = self.scan_column(relation, source, of)?;
                self.note_column(column, position);
                for index in 0..self.levels[place.0].items[place.1].columns.len() {
                    self.note_field_read(Column { relation, index: index as u32 });
                }
                Ok(column_expression(column, of))
            }
            ItemKind::Scalar => Ok(self.use_column(place.0, place.1, 0, position)),
            ItemKind::Composite(_) | ItemKind::Rows | ItemKind::Join => {
                let names: Vec<String> = item.columns.iter().map(|column| column.name.to_string()).collect();
                let fields: Vec<Expression> = (0..names.len())
                    .map(|column| self.use_column(place.0, place.1, column, position))
                    .collect();
                let (fields, result) = match kind {
                    ItemKind::Composite(row_type) => (self.placed(row_type, fields), Type::of(row_type)),
                    ItemKind::Rows | ItemKind::Join | ItemKind::Scalar | ItemKind::Table { .. } => {
                        let column = |(name, field): (String, &Expression)| types::catalog::Column {
                            name,
                            column_type: field.result,
                            dropped: false,
                        };
                        let columns: Vec<_> = names.into_iter().zip(&fields).map(column).collect();
                        let result = self.scope().record_type(&columns);
                        (fields, result)
                    }
                };
                let nullable = self.levels[place.0].items[place.1].nullable;
                let row = Expression { kind: ExpressionKind::Row(fields), result };
                Ok(if nullable && kind != ItemKind::Join { self.unless_missing(row) } else { row })
            }
        }
    }

    /// The fields of a row of this type with nulls in the places of dropped ones.
    pub(crate) fn placed(&self, row_type: u32, fields: Vec<Expression>) -> Vec<Expression> {
        let columns = self.types().columns(row_type).unwrap_or_default();
        let mut fields = fields.into_iter();
        let mut placed = Vec::with_capacity(columns.len());
        for column in columns {
            placed.extend(if column.dropped { Some(null(column.column_type)) } else { fields.next() });
        }
        placed.extend(fields);
        placed
    }

    /// The row of an entry that an outer join may lack: null then, and no row of nulls.
    fn unless_missing(&mut self, row: Expression) -> Expression {
        let ExpressionKind::Row(fields) = &row.kind else { return row };
        let maker = fields.iter().find_map(Expression::as_column).map(|column| column.relation);
        // The text of a definition is read again.
        let Some(maker) = maker.filter(|_| self.shapes.is_none()) else { return row };
        let presence = match self.presences.get(&maker) {
            Some(presence) => *presence,
            None => {
                let level = self.owners[maker.0 as usize];
                let presence = self.relation();
                self.owners[presence.0 as usize] = level;
                self.presences.insert(maker, presence);
                presence
            }
        };
        let column = Column { relation: presence, index: 0 };
        let of = Type::of(types::catalog::oid::BOOL);
        let there =
            ExpressionKind::IsNull { operand: Box::new(Expression::column(column, of)), negated: true };
        let result = row.result;
        let arms = vec![(Expression { kind: there, result: of }, row)];
        Expression { kind: ExpressionKind::Case { operand: None, arms, otherwise: None }, result }
    }

    /// The item of `FROM` called by a name, the innermost query's first.
    pub fn table_item(
        &mut self,
        schema: Option<&str>,
        name: &str,
        position: u32,
    ) -> BindResult<Option<Place>> {
        let wanted = match schema {
            None => Wanted::Named,
            Some(schema) => match self.scope().look_for_relation(Some(schema), name) {
                Some(relation) => Wanted::Relation(relation.oid()),
                None => match self.scope().find_schema(schema).ok() {
                    Some(schema) => Wanted::Made { schema },
                    None => return Ok(None),
                },
            },
        };
        for level in (0..self.levels.len()).rev() {
            let mut found = None;
            for (place, item) in self.levels[level].items.iter().enumerate() {
                let matches = match (wanted, item.table) {
                    (Wanted::Named, _) => true,
                    (Wanted::Relation(wanted), Some((_, table))) => wanted == table,
                    (Wanted::Made { schema: wanted }, Some((schema, _))) => wanted == schema,
                    (Wanted::Relation(_) | Wanted::Made { .. }, None) => false,
                };
                let matches = matches && item.name.as_deref() == Some(name);
                if !matches || !item.named || item.lateral_only && !self.levels[level].lateral_active {
                    continue;
                }
                if found.is_some() {
                    let kind = BindErrorKind::AmbiguousTable { table: name.to_owned() };
                    return Err(BindError::at(kind, position));
                }
                self.lateral_allowed(level, place, position)?;
                found = Some((level, place));
            }
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn lateral_allowed(&self, level: usize, place: usize, position: u32) -> BindResult<()> {
        let item = &self.levels[level].items[place];
        if item.lateral_only && !item.lateral_ok {
            let table = item.name.as_deref().unwrap_or("").to_owned();
            return Err(BindError::at(BindErrorKind::LateralJoin { table }, position));
        }
        Ok(())
    }

    /// An argument of the function whose body is bound.
    fn named_argument(&mut self, first: &str, second: Option<&str>) -> Option<Expression> {
        let crate::binder::Parameters::Named { function, arguments } = &self.parameter_names else {
            return None;
        };
        let name = match second {
            None => first,
            Some(second) if first == function => second,
            Some(_) => return None,
        };
        let place = arguments.iter().position(|(known, _)| !known.is_empty() && known == name)?;
        let result = arguments[place].1;
        Some(Expression { kind: ExpressionKind::Parameter(place as u32), result })
    }

    /// `function.argument`, or a field of an argument.
    fn argument_or_field(
        &mut self,
        first: &str,
        second: &str,
        position: u32,
    ) -> BindResult<Option<Expression>> {
        if let Some(argument) = self.named_argument(first, Some(second)) {
            return Ok(Some(argument));
        }
        let Some(row) = self.named_argument(first, None) else { return Ok(None) };
        // An argument without such a field is none that is meant.
        Ok(self
            .field(Bound { expression: row, position }, second, position)
            .ok()
            .map(|field| field.expression))
    }

    /// All fields of an argument, which may be named with its function.
    fn fields_of_argument(
        &mut self,
        names: &[Name<'_>],
        position: u32,
    ) -> BindResult<Option<Vec<(String, Bound)>>> {
        let Some(expression) = self.starred_argument(names)? else { return Ok(None) };
        self.expanded(Bound { expression, position }, position).map(Some)
    }

    /// The argument, or the variable, whose fields `.*` means.
    pub(crate) fn starred_argument(&mut self, names: &[Name<'_>]) -> BindResult<Option<Expression>> {
        let argument = match names {
            [argument] => self.named_argument(argument.text, None),
            [function, argument] => self.named_argument(function.text, Some(argument.text)),
            _ => None,
        };
        match argument {
            Some(argument) => Ok(Some(argument)),
            None => self.starred_variable(names),
        }
    }

    /// That there is no such table in `FROM`.
    pub fn no_table(&self, table: &str, position: u32) -> BindError {
        let mut reason = MissingTable::Unknown;
        for level in self.levels.iter().rev() {
            let items = level.items.iter().map(|item| (item, true));
            for (item, seen) in items.chain(level.hidden.iter().map(|item| (item, false))) {
                let alias = item.name.as_deref();
                let is_table = match item.kind {
                    ItemKind::Table { relation, .. } => {
                        self.scans.get(&relation).is_some_and(|scan| *scan.name == *table)
                    }
                    // The row that a change makes.
                    ItemKind::Composite(of) => {
                        let object = self.scope().object_of_type(of);
                        object.is_some_and(|object| match object {
                            catalog::object::Object::Table(known) => known.name == *table,
                            _ => false,
                        })
                    }
                    ItemKind::Scalar | ItemKind::Rows | ItemKind::Join => false,
                };
                if alias == Some(table) {
                    reason = MissingTable::Elsewhere(table.to_owned());
                } else if is_table
                    && reason == MissingTable::Unknown
                    && let Some(alias) = alias.map(str::to_owned)
                {
                    reason = if seen { MissingTable::Alias(alias) } else { MissingTable::Elsewhere(alias) };
                }
            }
            if reason != MissingTable::Unknown {
                break;
            }
        }
        BindError::at(BindErrorKind::NoTable { table: table.to_owned(), reason }, position)
    }

    /// That there is no such column, with what may be meant.
    pub fn no_column(&self, relation: Option<&str>, column: &str, position: u32) -> BindError {
        let items = self.levels.iter().rev().flat_map(|level| &level.items);
        let known = items.filter(|item| item.kind != ItemKind::Join).filter_map(|item| {
            Some((item.name.as_deref()?, item.columns.iter().map(|column| &*column.name)))
        });
        let near = near(relation, column, known);
        let kind = BindErrorKind::NoColumn {
            relation: relation.map(str::to_owned),
            column: column.to_owned(),
            near,
        };
        BindError::at(kind, position)
    }

    /// A name of so many parts, without the first if that is the database's.
    pub(crate) fn without_database<'n>(&self, parts: &'n [Name<'n>], most: usize) -> &'n [Name<'n>] {
        match parts {
            [database, rest @ ..] if parts.len() == most && self.scope().is_this_database(database.text) => {
                rest
            }
            _ => parts,
        }
    }

    /// What `*` or `table.*` stands for.
    pub fn star(&mut self, names: &[Name<'_>], position: u32) -> BindResult<Vec<(String, Bound)>> {
        let names = self.without_database(names, 3);
        let of_table = match names {
            [table] => self.table_item(None, table.text, position)?,
            _ => None,
        };
        if of_table.is_none()
            && let Some(fields) = self.fields_of_argument(names, position)?
        {
            return Ok(fields);
        }
        let places: Vec<Place> = match names {
            [] => {
                let level = self.levels.len().saturating_sub(1);
                let items = &self.level().items;
                (0..items.len()).filter(|place| items[*place].open).map(|place| (level, place)).collect()
            }
            [table] => vec![
                self.table_item(None, table.text, position)?
                    .ok_or_else(|| self.no_table(table.text, position))?,
            ],
            [schema, table] => vec![
                self.table_item(Some(schema.text), table.text, position)?
                    .ok_or_else(|| self.no_table(table.text, position))?,
            ],
            [_, _, _] | [_, _, _, _, ..] => {
                let name = QualifiedName { parts: names }.to_string();
                let kind = match names.len() {
                    3 => BindErrorKind::CrossDatabase { name: format!("{name}.*") },
                    _ => BindErrorKind::ImproperName { name: format!("{name}.*") },
                };
                return Err(BindError::at(kind, position));
            }
        };
        if names.is_empty() && places.is_empty() {
            return Err(BindError::at(BindErrorKind::StarWithoutTables, position));
        }
        let mut found = Vec::new();
        for (level, place) in places {
            let item = &self.levels[level].items[place];
            for column in 0..item.columns.len() - item.apart.min(item.columns.len()) {
                let name = self.levels[level].items[place].columns[column].name.to_string();
                let expression = self.use_column(level, place, column, position);
                found.push((name, Bound { expression, position }));
            }
        }
        Ok(found)
    }
}

/// The place of a column among an item's; an error if there are two.
fn column_place(item: &Item, name: &str, position: u32) -> BindResult<Option<usize>> {
    let mut places =
        item.columns.iter().enumerate().filter(|(_, column)| &*column.name == name).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(_), Some(_)) => {
            Err(BindError::at(BindErrorKind::AmbiguousColumn { column: name.to_owned() }, position))
        }
        (place, _) => Ok(place),
    }
}

/// A column as an expression.
pub(crate) fn column_expression(column: Column, result: Type) -> Expression {
    Expression { kind: ExpressionKind::Column(column), result }
}

/// Null of a type.
pub(crate) fn null(result: Type) -> Expression {
    Expression { kind: ExpressionKind::Constant(Value::Null), result }
}

/// A relation's columns by their names.
pub(crate) fn item_columns(
    relation: plan::expression::RelationId,
    columns: impl IntoIterator<Item = (std::sync::Arc<str>, Type)>,
) -> Vec<ItemColumn> {
    let column = |(index, (name, of)): (usize, (std::sync::Arc<str>, Type))| ItemColumn {
        name,
        expression: column_expression(Column { relation, index: index as u32 }, of),
    };
    columns.into_iter().enumerate().map(column).collect()
}
