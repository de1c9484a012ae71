//! A connection: statements with parameters, one after the other.

use crate::appender::Appender;
use crate::error::{Error, Result};
use crate::parameter::{Parameters, values};
use crate::row::{FromColumn, Row, Rows, Taker};
use crate::statement::{Sql, Statement};
use crate::transaction::{Isolation, Transaction};
use session::client::{Client, ClientGone, Nobody, Report, ResultColumn, ValueFormat};
use session::transaction::block::Status;
use session::{Notification, Session};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use types::Value;
use types::vector::Chunk;

/// How many statements a connection keeps prepared that were given as texts.
const KEPT: usize = 64;

/// A connection to a [`Database`](crate::Database): one session, whose statements run one after the other.
pub struct Connection {
    session: Session,
    /// Statements that were given as texts, and when each was used last.
    kept: BTreeMap<String, (Statement, u64)>,
    /// How many texts have been used: tells which was used last.
    count: u64,
    notices: Option<Box<dyn FnMut(Report) + Send>>,
}

impl Connection {
    pub(crate) fn new(session: Session) -> Connection {
        Connection { session, kept: BTreeMap::new(), count: 0, notices: None }
    }

    /// Runs statements that take no values, separated by semicolons. Unless they say otherwise themselves they are one
    /// transaction.
    ///
    /// # Errors
    /// The first that fails; the others are not run.
    pub fn batch(&mut self, text: &str) -> Result<()> {
        self.run(text).map(drop)
    }

    /// Runs statements, and answers the tag of the last.
    fn run(&mut self, text: &str) -> Result<String> {
        let mut tag = Tag { tag: String::new(), notices: Vec::new() };
        let done = self.session.execute(text, &mut tag);
        self.tell(tag.notices);
        done?;
        Ok(tag.tag)
    }

    /// Runs a statement and answers how many rows it changed, or yielded if it is a query.
    ///
    /// ```
    /// # let mut connection = hornbeam::Database::open_in_memory()?.connect()?;
    /// connection.batch("create table t (a int, b text)")?;
    /// assert_eq!(connection.execute("insert into t values ($1, $2), (2, null)", (1, "one"))?, 2);
    /// assert_eq!(connection.execute("update t set b = 'two' where a = $1", (2,))?, 1);
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    ///
    /// # Errors
    /// When it fails; what it did is undone then.
    pub fn execute(&mut self, sql: impl Sql, parameters: impl Parameters) -> Result<u64> {
        let statement = self.statement(sql)?;
        let values = self.values(&statement, &parameters)?;
        let mut tag = Tag { tag: String::new(), notices: Vec::new() };
        let done = self.session.run_prepared(&statement.of_session, &values, &mut tag);
        self.tell(tag.notices);
        done?;
        Ok(tag.tag.rsplit(' ').next().and_then(|rows| rows.parse().ok()).unwrap_or(0))
    }

    /// Runs a statement that yields rows; they are computed as they are asked for.
    ///
    /// # Errors
    /// When it cannot be begun. What fails later is an error of [`Rows::next`].
    pub fn query(&mut self, sql: impl Sql, parameters: impl Parameters) -> Result<Rows<'_>> {
        let statement = self.statement(sql)?;
        let values = self.values(&statement, &parameters)?;
        let mut taker = Taker::default();
        let done = self.session.run_short(&statement.of_session, &values, &mut taker);
        self.tell(std::mem::take(&mut taker.notices));
        if let Some(columns) = done? {
            return Ok(Rows::complete(self, columns, taker));
        }
        let columns = self.open(&statement, values)?;
        Ok(Rows::new(self, columns))
    }

    /// The first row of a query, as `read` reads it; an error if there is none.
    ///
    /// ```
    /// # let mut connection = hornbeam::Database::open_in_memory()?.connect()?;
    /// let sum = connection.query_row("select $1::int + 1, 'x'", (41,), |row| row.get::<i32>(0))?;
    /// assert_eq!(sum, 42);
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the query fails, yields no row ([`Error::NoRow`]), or its row cannot be read.
    pub fn query_row<T>(
        &mut self,
        sql: impl Sql,
        parameters: impl Parameters,
        read: impl FnOnce(Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut rows = self.query(sql, parameters)?;
        let found = match rows.next()? {
            Some(row) => read(row)?,
            None => return Err(Error::NoRow),
        };
        rows.close()?;
        Ok(found)
    }

    /// The first column of the first row of a query.
    ///
    /// # Errors
    /// As [`Connection::query_row`].
    pub fn query_value<T>(&mut self, sql: impl Sql, parameters: impl Parameters) -> Result<T>
    where
        T: for<'r> FromColumn<'r>,
    {
        self.query_row(sql, parameters, |row| row.get(0))
    }

    /// All rows of a query, as `read` reads each.
    ///
    /// # Errors
    /// When the query fails, or a row cannot be read.
    pub fn query_all<T>(
        &mut self,
        sql: impl Sql,
        parameters: impl Parameters,
        mut read: impl FnMut(Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = self.query(sql, parameters)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        rows.close()?;
        Ok(all)
    }

    /// Prepares a statement: it is read now, planned at its first use, and run as often as one likes.
    ///
    /// ```
    /// # let mut connection = hornbeam::Database::open_in_memory()?.connect()?;
    /// connection.batch("create table t (a int)")?;
    /// let insert = connection.prepare("insert into t values ($1)")?;
    /// for number in 0..10 {
    ///     connection.execute(&insert, (number,))?;
    /// }
    /// assert_eq!(connection.query_value::<i64>("select count(*) from t", ())?, 10);
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    ///
    /// # Errors
    /// When it is no statement or several, or means nothing.
    pub fn prepare(&mut self, text: &str) -> Result<Statement> {
        Ok(Statement { of_session: self.session.make_statement(text, &[])? })
    }

    /// Forgets a prepared statement.
    pub fn forget(&mut self, statement: Statement) {
        self.session.forget_statement(&statement.of_session);
    }

    /// Appends rows to a table, or to some of its columns, in bulk; of a table of another schema the name is `schema.table`.
    ///
    /// ```
    /// # let mut connection = hornbeam::Database::open_in_memory()?.connect()?;
    /// connection.batch("create table t (a int primary key, b text default 'none', c date)")?;
    /// let mut appender = connection.appender("t", &["a", "c"])?;
    /// for number in 0..5_000 {
    ///     appender.append((number, "2024-02-29"))?;
    /// }
    /// appender.finish()?;
    /// let count = connection.query_value::<i64>("select count(*) from t where b = 'none'", ())?;
    /// assert_eq!(count, 5_000);
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    ///
    /// # Errors
    /// When there is no such table or column, or it cannot be appended to.
    pub fn appender(&mut self, table: &str, columns: &[&str]) -> Result<Appender<'_>> {
        Appender::new(self, table, columns)
    }

    /// Begins a transaction at READ COMMITTED; it is rolled back unless it is committed.
    ///
    /// ```
    /// # let mut connection = hornbeam::Database::open_in_memory()?.connect()?;
    /// connection.batch("create table t (a int)")?;
    /// let mut transaction = connection.transaction()?;
    /// transaction.execute("insert into t values (1)", ())?;
    /// transaction.commit()?;
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a transaction is open already.
    pub fn transaction(&mut self) -> Result<Transaction<'_>> {
        self.transaction_at(Isolation::ReadCommitted)
    }

    /// Begins a transaction that may see so much of others.
    ///
    /// # Errors
    /// When a transaction is open already.
    pub fn transaction_at(&mut self, isolation: Isolation) -> Result<Transaction<'_>> {
        if self.session.status() != Status::Idle {
            return Err(Error::InTransaction);
        }
        self.batch(isolation.begin())?;
        Ok(Transaction::new(self))
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        if self.run("commit")? == "ROLLBACK" {
            return Err(Error::RolledBack);
        }
        Ok(())
    }

    /// Whether a transaction is open.
    pub fn is_in_transaction(&self) -> bool {
        self.session.status() != Status::Idle
    }

    /// Ends what the connection waits for or runs, from another thread.
    pub fn canceller(&self) -> store::Canceller {
        self.session.canceller()
    }

    /// What other connections, or this one, have told by `NOTIFY` on channels to which this one listens, since it was asked
    /// last. Within a transaction block that is nothing.
    ///
    /// ```
    /// # let database = hornbeam::Database::open_in_memory()?;
    /// let (mut one, mut other) = (database.connect()?, database.connect()?);
    /// one.batch("listen orders")?;
    /// other.batch("notify orders, 'number 7'")?;
    /// let told = one.notifications();
    /// assert_eq!((told[0].channel.as_str(), told[0].payload.as_str()), ("orders", "number 7"));
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    pub fn notifications(&mut self) -> Vec<Notification> {
        self.session.take_notifications()
    }

    /// Waits, no longer than `limit`, until there is something for [`Connection::notifications`]; whether there is. Who
    /// listens to nothing does not wait.
    pub fn wait_for_notification(&self, limit: Duration) -> bool {
        self.session.wait_for_notification(limit)
    }

    /// Hears notices and warnings from now on.
    pub fn on_notice(&mut self, hear: impl FnMut(Report) + Send + 'static) {
        self.notices = Some(Box::new(hear));
    }

    pub(crate) fn tell(&mut self, notices: Vec<Report>) {
        if let Some(hear) = &mut self.notices {
            notices.into_iter().for_each(hear);
        }
    }

    pub(crate) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Binds a statement to its values; answers the columns of its rows.
    fn open(&mut self, statement: &Statement, values: Vec<Value>) -> Result<Arc<[ResultColumn]>> {
        let opened = self.session.open_portal_of("", &statement.of_session, values);
        let columns = opened.and_then(|()| self.session.portal_columns(""));
        if columns.is_err() && self.session.status() == Status::Idle {
            // Nothing is left of a statement that was not begun; that its transaction ends cannot fail.
            let _ = self.session.sync(&mut Nobody);
        }
        Ok(columns?.unwrap_or_default())
    }

    /// The values that a statement is run with.
    fn values(&mut self, statement: &Statement, parameters: &impl Parameters) -> Result<Vec<Value>> {
        let values = values(&mut self.session, statement.of_session.parameters(), parameters);
        if values.is_err() && self.session.status() == Status::Idle {
            // As above: to read them may have begun a transaction.
            let _ = self.session.sync(&mut Nobody);
        }
        values
    }

    /// The statement that is meant.
    fn statement(&mut self, sql: impl Sql) -> Result<Statement> {
        match sql.prepared() {
            Some(statement) => Ok(statement.clone()),
            None => self.keep(sql.text()),
        }
    }

    /// The statement of a text: prepared, and kept for the next time.
    fn keep(&mut self, text: &str) -> Result<Statement> {
        self.count += 1;
        if let Some((statement, used)) = self.kept.get_mut(text) {
            *used = self.count;
            return Ok(statement.clone());
        }
        if self.kept.len() >= KEPT
            && let Some(oldest) =
                self.kept.iter().min_by_key(|(_, (_, used))| *used).map(|(text, _)| text.clone())
            && let Some((statement, _)) = self.kept.remove(&oldest)
        {
            self.forget(statement);
        }
        let statement = self.prepare(text)?;
        self.kept.insert(text.to_owned(), (statement.clone(), self.count));
        Ok(statement)
    }
}

/// Keeps the tag of what was done last.
struct Tag {
    tag: String,
    notices: Vec<Report>,
}

impl Client for Tag {
    fn columns(&mut self, _columns: &[ResultColumn]) {}

    fn rows(&mut self, _chunk: &Chunk, _format: &mut dyn ValueFormat) -> std::result::Result<(), ClientGone> {
        Ok(())
    }

    fn complete(&mut self, tag: &str) {
        tag.clone_into(&mut self.tag);
    }

    fn notice(&mut self, report: Report) {
        self.notices.push(report);
    }
}
