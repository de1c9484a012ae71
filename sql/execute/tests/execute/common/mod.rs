//! A store in memory, a table on it, and words for plans by hand.
#![allow(dead_code, clippy::unwrap_used)] // each test file uses its own part; this is a test

use datetime::TimestampTz;
use diagnostic::Diagnostic;
use env::memory::MemoryEnv;
use execute::{Catalog, Events, ExecuteError, ExecuteResult, Execution, Settings, When, World, run_events};
use functions::{Cache, Context, FunctionError, FunctionResult, RowSource, Session, SessionFunction, Site};
use plan::expression::{Call, CallForm, Expression, ExpressionKind, FunctionId, RelationId, SortKey};
use plan::logical::{OutputColumn, ScanColumn, ScanSource};
use plan::physical::{Estimate, Node, NodeKind, PinnedScan, Plan, TableScan};
use plan::target::{TargetColumn, TargetIndex, TargetTable};
use std::path::Path;
use std::sync::Arc;
use store::{Begin, Store, StoreOptions, Transaction};
use types::catalog::oid;
use types::row::{RowLayout, Storage};
use types::text::TextSettings;
use types::vector::{Chunk, Order};
use types::{BuiltinTypes, Item, Kind, Type, Types, Value, Vector};

pub const INT: Type = Type::of(oid::INT4);
pub const BIGINT: Type = Type::of(oid::INT8);
pub const TEXT: Type = Type::of(oid::TEXT);
pub const BOOL: Type = Type::of(oid::BOOL);

/// A session that knows nothing.
#[derive(Default)]
pub struct Nobody {
    random: Option<[u64; 2]>,
}

impl Session for Nobody {
    fn call(&mut self, function: SessionFunction, _: &Site, _: &[Item<'_>]) -> FunctionResult<Value> {
        Err(FunctionError::Unsupported(function.source().to_owned()))
    }

    fn rows(&mut self, function: SessionFunction, _: &Site, _: &[Item<'_>]) -> FunctionResult<Vec<Vector>> {
        Err(FunctionError::Unsupported(function.source().to_owned()))
    }

    fn clock(&mut self) -> TimestampTz {
        TimestampTz(0)
    }

    fn entropy(&mut self) -> FunctionResult<u64> {
        Ok(7)
    }

    fn random_state(&mut self) -> &mut Option<[u64; 2]> {
        &mut self.random
    }

    fn sleep(&mut self, _: f64) -> FunctionResult<()> {
        Ok(())
    }

    fn notice(&mut self, _: Box<dyn Diagnostic>) {}
}

/// A catalog of the tables that a test has made.
#[derive(Default)]
pub struct Tables(pub Vec<Arc<TargetTable>>);

impl Catalog for Tables {
    fn target_if_any(&self, table: u32) -> ExecuteResult<Option<Arc<TargetTable>>> {
        Ok(self.0.iter().find(|target| target.table == table).cloned())
    }

    fn default_of(&self, _: u32, _: u16) -> ExecuteResult<Option<Expression>> {
        Ok(None)
    }

    fn assigned(&self, _: Expression, _: Type) -> ExecuteResult<Option<Expression>> {
        Ok(None)
    }

    fn rows(&self, table: u32, _: &[u16], _: &store::View) -> ExecuteResult<Box<dyn RowSource>> {
        Err(ExecuteError::Plan(format!("no table {table}")))
    }
}

/// Everything that a statement needs.
pub struct Bench {
    pub store: Store,
    pub tables: Tables,
    pub settings: Settings,
    pub events: Events,
}

impl Bench {
    pub fn new() -> Bench {
        let store =
            Store::open(Arc::new(MemoryEnv::new()), Path::new("test.db"), StoreOptions::default()).unwrap();
        Bench { store, tables: Tables::default(), settings: Settings::default(), events: Events::default() }
    }

    pub fn begin(&self) -> Transaction {
        self.store.begin(Begin::default()).unwrap()
    }

    /// Makes a table of integers and texts: `(name, type, not null)`.
    pub fn table(
        &mut self,
        transaction: &mut Transaction,
        name: &str,
        columns: &[(&str, Type, bool)],
    ) -> u32 {
        let number = 16_384 + self.tables.0.len() as u32;
        let tree = transaction.create_tree(true).unwrap().0;
        let storages = columns.iter().map(|column| Storage::Plain(kind(column.1))).collect();
        let columns = columns
            .iter()
            .enumerate()
            .map(|(place, (name, column_type, not_null))| TargetColumn {
                number: place as u16 + 1,
                name: (*name).to_owned(),
                column_type: *column_type,
                not_null: *not_null,
                missing: Value::Null,
                generated: None,
            })
            .collect();
        self.tables.0.push(Arc::new(TargetTable {
            statistics: Vec::new(),
            table: number,
            name: name.to_owned(),
            schema: "public".to_owned(),
            tree,
            temporary: false,
            relation: RelationId(number),
            columns,
            layout: Arc::new(RowLayout::new(storages)),
            checks: Vec::new(),
            indexes: Vec::new(),
            references: Vec::new(),
            referenced_by: Vec::new(),
            members: Vec::new(),
            routing: None,
            within: Vec::new(),
            triggers: None,
            told: plan::target::Told::All,
            unpublishable: [None, None],
            is_view: false,
        }));
        number
    }

    pub fn target(&self, table: u32) -> Arc<TargetTable> {
        self.tables.target(table).unwrap()
    }

    /// Changes what is known of a table.
    pub fn alter(&mut self, table: u32, change: impl FnOnce(&mut TargetTable)) {
        let place = self.tables.0.iter().position(|target| target.table == table).unwrap();
        let mut target = (*self.tables.0[place]).clone();
        change(&mut target);
        self.tables.0[place] = Arc::new(target);
    }

    /// Adds an index of columns by their places.
    pub fn index(
        &mut self,
        transaction: &mut Transaction,
        table: u32,
        name: &str,
        places: &[u32],
        unique: bool,
    ) {
        let tree = transaction.create_tree(false).unwrap().0;
        self.alter(table, |target| {
            let key = |place: &u32| {
                let column_type = target.columns[*place as usize].column_type;
                ascending(column(target.relation, *place, column_type))
            };
            let index = TargetIndex {
                index: table + 1000 + target.indexes.len() as u32,
                name: name.to_owned(),
                tree,
                keys: places.iter().map(key).collect(),
                equality_only: false,
                spread: Vec::new(),
                exclusion: Vec::new(),
                key_names: places.iter().map(|place| target.columns[*place as usize].name.clone()).collect(),
                include: Vec::new(),
                unique,
                nulls_equal: false,
                predicate: None,
                primary: false,
                parents: Vec::new(),
                deferrable: false,
                initially_deferred: false,
                constraint: None,
            };
            target.indexes.push(index);
        });
    }

    /// Runs a plan and shows its rows.
    pub fn run(&mut self, transaction: &mut Transaction, plan: Plan) -> Result<Vec<String>, ExecuteError> {
        self.run_with(transaction, plan, &[]).map(|(rows, _)| rows)
    }

    /// Runs a plan with parameters; its rows, and how many rows it changed.
    pub fn run_with(
        &mut self,
        transaction: &mut Transaction,
        plan: Plan,
        parameters: &[Value],
    ) -> Result<(Vec<String>, u64), ExecuteError> {
        transaction.refresh().unwrap();
        self.world_with(transaction, parameters, |world| {
            let types: Vec<Type> = plan.output.iter().map(|(_, column)| column.column_type).collect();
            let mut execution = Execution::new(Arc::new(plan), world)?;
            let mut rows = Vec::new();
            execution.run(world, &mut |chunk| {
                rows.extend(show(&chunk, &types));
                Ok::<(), ExecuteError>(())
            })?;
            Ok((rows, execution.affected()))
        })
    }

    /// Runs events that wait.
    pub fn events(&mut self, transaction: &mut Transaction, when: When) -> ExecuteResult<()> {
        self.world(transaction, |world| run_events(world, when))
    }

    /// Does something in a world.
    pub fn world<R>(&mut self, transaction: &mut Transaction, what: impl FnOnce(&mut World<'_>) -> R) -> R {
        self.world_with(transaction, &[], what)
    }

    fn world_with<R>(
        &mut self,
        transaction: &mut Transaction,
        parameters: &[Value],
        what: impl FnOnce(&mut World<'_>) -> R,
    ) -> R {
        let text = TextSettings::default();
        let (mut session, mut cache) = (Nobody::default(), Cache::default());
        what(&mut World {
            context: Context {
                types: &BuiltinTypes,
                text: &text,
                statement_time: TimestampTz(0),
                session: &mut session,
                cache: &mut cache,
                room: usize::MAX,
            },
            store: &self.store,
            transaction,
            catalog: &self.tables,
            events: &mut self.events,
            parameters,
            settings: self.settings,
            tally: &std::cell::RefCell::default(),
            timer: &|| std::time::Duration::ZERO,
            helpers: None,
        })
    }
}

/// Rows as text: fields between bars.
pub fn show(chunk: &Chunk, types: &[Type]) -> Vec<String> {
    let chunk = chunk.clone().densify().unwrap();
    let row = |row: usize| {
        let field = |(column, of): (&Vector, &Type)| {
            let mut text = String::new();
            if column.is_null(row) {
                return "null".to_owned();
            }
            types::text::output(&BuiltinTypes, *of, &column.item(row), &TextSettings::default(), &mut text)
                .unwrap();
            text
        };
        chunk.columns().iter().zip(types).map(field).collect::<Vec<_>>().join("|")
    };
    (0..chunk.rows()).map(row).collect()
}

pub fn kind(of: Type) -> Kind {
    BuiltinTypes.entry(of.oid).unwrap().kind.unwrap()
}

pub fn order(of: Type) -> Order {
    BuiltinTypes.order(of).unwrap()
}

pub fn expression(kind: ExpressionKind, result: Type) -> Expression {
    Expression { kind, result }
}

pub fn slot(index: u32, of: Type) -> Expression {
    expression(ExpressionKind::Slot(index), of)
}

pub fn column(relation: RelationId, index: u32, of: Type) -> Expression {
    expression(ExpressionKind::Column(plan::expression::Column { relation, index }), of)
}

pub fn int(value: i32) -> Expression {
    expression(ExpressionKind::Constant(Value::Int32(value)), INT)
}

pub fn bigint(value: i64) -> Expression {
    expression(ExpressionKind::Constant(Value::Int64(value)), BIGINT)
}

pub fn text(value: &str) -> Expression {
    expression(ExpressionKind::Constant(Value::text(value)), TEXT)
}

pub fn null(of: Type) -> Expression {
    expression(ExpressionKind::Constant(Value::Null), of)
}

/// A call of a function by its number.
pub fn call(function: u32, arguments: Vec<Expression>, result: Type) -> Expression {
    let call = Call {
        function: FunctionId(function),
        arguments,
        operator: None,
        form: CallForm::Call,
        variadic: false,
        written: None,
    };
    expression(ExpressionKind::Call(call), result)
}

pub fn equals(left: Expression, right: Expression) -> Expression {
    let function = if left.result == TEXT { 67 } else { 65 };
    call(function, vec![left, right], BOOL)
}

pub fn less(left: Expression, right: Expression) -> Expression {
    call(66, vec![left, right], BOOL)
}

pub fn ascending(expression: Expression) -> SortKey {
    SortKey { order: order(expression.result), expression, descending: false, nulls_first: false }
}

pub fn descending(expression: Expression) -> SortKey {
    SortKey { order: order(expression.result), expression, descending: true, nulls_first: true }
}

pub fn node(kind: NodeKind, columns: Vec<Type>) -> Node {
    Node { kind, columns, unasked: Vec::new(), estimate: Estimate::default() }
}

pub fn values(rows: Vec<Vec<Expression>>) -> Node {
    let columns = rows[0].iter().map(|value| value.result).collect();
    node(NodeKind::Values { rows }, columns)
}

/// A scan of all columns of a table, and the row's id as last one if asked.
pub fn scan(target: &TargetTable, filter: Vec<Expression>, row_id: bool) -> Node {
    let mut columns: Vec<ScanColumn> = target
        .columns
        .iter()
        .map(|column| ScanColumn {
            source: ScanSource::Column {
                number: column.number,
                name: column.name.as_str().into(),
                missing: column.missing.clone(),
            },
            column_type: column.column_type,
        })
        .collect();
    if row_id {
        columns.push(ScanColumn { source: ScanSource::RowId, column_type: BIGINT });
    }
    let types = columns.iter().map(|column| column.column_type).collect();
    let scan = TableScan {
        relation: RelationId(0),
        table: target.table,
        tree: target.tree,
        name: target.name.as_str().into(),
        alias: target.name.as_str().into(),
        layout: target.layout.clone(),
        columns,
        filter,
        sample: None,
        row_ids: None,
        keyed: Vec::new(),
    };
    node(NodeKind::TableScan(scan), types)
}

pub fn project(input: Node, expressions: Vec<Expression>) -> Node {
    let columns = expressions.iter().map(|expression| expression.result).collect();
    node(NodeKind::Project { input: Box::new(input), expressions }, columns)
}

/// `INSERT` of rows whose values are those of the input's columns.
pub fn insert(target: &Arc<TargetTable>, input: Node) -> Node {
    let values = input.columns.iter().enumerate().map(|(place, of)| slot(place as u32, *of)).collect();
    let columns = target.columns.iter().map(|column| column.column_type).collect();
    let kind = NodeKind::Insert {
        target: target.clone(),
        called: target.name.as_str().into(),
        input: Box::new(input),
        values,
        conflict: None,
        row_ids: false,
    };
    node(kind, columns)
}

pub fn update(target: &Arc<TargetTable>, input: Node, assignments: Vec<(u32, Expression)>) -> Node {
    let mut columns = input.columns.clone();
    let row_id = columns.len() as u32 - 1;
    columns.extend(target.columns.iter().map(|column| column.column_type));
    let kind = NodeKind::Update {
        target: target.clone(),
        input: Box::new(input),
        row_id,
        table_oid: None,
        scans: vec![pinned(row_id)],
        assignments,
        found: Vec::new(),
    };
    node(kind, columns)
}

pub fn delete(target: &Arc<TargetTable>, input: Node) -> Node {
    let mut columns = input.columns.clone();
    let row_id = columns.len() as u32 - 1;
    columns.extend(target.columns.iter().map(|column| column.column_type));
    let (target, input, found) = (target.clone(), Box::new(input), Vec::new());
    let scans = vec![pinned(row_id)];
    node(NodeKind::Delete { target, input, row_id, table_oid: None, scans, found }, columns)
}

/// The scan of a table whose rows' ids are in a slot.
pub fn pinned(row_id: u32) -> PinnedScan {
    PinnedScan { relation: RelationId(0), row_id, table_oid: None }
}

/// A plan that shows all columns of its root.
pub fn plan(root: Node) -> Plan {
    let output = root
        .columns
        .iter()
        .enumerate()
        .map(|(place, column_type)| {
            let output = OutputColumn {
                name: format!("column{}", place + 1),
                column: plan::expression::Column { relation: RelationId(0), index: place as u32 },
                column_type: *column_type,
                origin: None,
                collation: 0,
            };
            (place as u32, output)
        })
        .collect();
    Plan {
        ranges: 1,
        root,
        output,
        subplans: Vec::new(),
        common_tables: Vec::new(),
        parameters: Vec::new(),
        outer_values: 0,
        work_tables: 0,
        relations: Vec::new(),
        functions: Vec::new(),
        reads_only: None,
        before: Vec::new(),
        after: Vec::new(),
    }
}

/// A plan that shows nothing.
pub fn silent(root: Node) -> Plan {
    Plan { output: Vec::new(), ..plan(root) }
}
