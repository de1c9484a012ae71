//! What is asked of another task, and its answer.
//!
//! Fails: with what the helper fails of. One that nobody starts, or that ends without an answer, is no error.

use crate::error::{ExecuteError, ExecuteResult};
use crate::labels::{HELP_CONDITION, HELP_LOCK};
use crate::run::{Run, State};
use crate::tally::Tally;
use crate::world::{Settings, World};
use datetime::TimestampTz;
use diagnostic::{Diagnostic, SqlState};
use env::TaskHandle;
use env::sync::atomic::{AtomicBool, Ordering};
use env::sync::{Condvar, Mutex};
use std::sync::Arc;
use std::time::Duration;
use store::View;
use types::Value;
use types::text::TextSettings;

/// How long whoever waits for a helper waits before he asks whether he is cancelled.
const PATIENCE: Duration = Duration::from_millis(10);

/// Who starts tasks that help.
pub trait Helpers {
    /// How many may work for one statement at most, whoever asks.
    fn most(&self) -> usize;

    /// Starts a task that does something in a world of its own, made of what is lent; `None` if nobody can do it now.
    fn start(&self, lent: Lent, work: HelperWork) -> Option<Box<dyn TaskHandle>>;
}

/// What a helper does.
pub type HelperWork = Box<dyn FnOnce(&mut World<'_>) + Send>;

/// What a statement gives its helpers.
pub struct Lent {
    /// How values look, and when the transaction began.
    pub text: TextSettings,
    /// When the statement came in.
    pub statement_time: TimestampTz,
    /// How it runs.
    pub settings: Settings,
    /// Values of `$1`, `$2`, …
    pub parameters: Vec<Value>,
    /// To be asked in long loops.
    pub stop: Arc<Stop>,
}

/// Whether a helper is to stop.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Whether it is.
    pub fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn tell(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// An answer that is waited for.
struct Pending<T> {
    answer: Mutex<Option<ExecuteResult<T>>>,
    there: Condvar,
}

/// A helper that works.
pub struct Help<T> {
    pending: Arc<Pending<(T, Tally)>>,
    stop: Arc<Stop>,
    task: Option<Box<dyn TaskHandle>>,
}

impl<T: Send + 'static> Help<T> {
    /// Asks for what `work` makes of what the statement reads from; `None` if there is nobody.
    pub fn ask(
        run: &Run<'_, '_>,
        work: impl FnOnce(&mut Run<'_, '_>) -> ExecuteResult<T> + Send + 'static,
    ) -> Option<Help<T>> {
        Help::begin(run, run.state.view.clone(), work)
    }

    /// The same of what is computed, and reads nothing.
    pub fn compute(run: &Run<'_, '_>, work: impl FnOnce() -> T + Send + 'static) -> Option<Help<T>> {
        Help::begin(run, None, |_| Ok(work()))
    }

    fn begin(
        run: &Run<'_, '_>,
        view: Option<View>,
        work: impl FnOnce(&mut Run<'_, '_>) -> ExecuteResult<T> + Send + 'static,
    ) -> Option<Help<T>> {
        let helpers = run.world.helpers?;
        let (stop, pending) = (Arc::new(Stop::default()), Arc::new(Pending::new()));
        let lent = Lent {
            text: run.world.context.text.clone(),
            statement_time: run.world.context.statement_time,
            settings: run.world.settings,
            parameters: run.world.parameters.to_vec(),
            stop: stop.clone(),
        };
        let told = pending.clone();
        let work = Box::new(move |world: &mut World<'_>| {
            let mut state = State { view, helps: true, ..State::default() };
            let answer = work(&mut Run { world, state: &mut state });
            // Nothing of the view is left once the answer is there.
            drop(state);
            let tally = std::mem::take(&mut *world.tally.borrow_mut());
            *told.answer.lock() = Some(answer.map(|answer| (answer, tally)));
            told.there.notify_all();
        });
        helpers.start(lent, work).map(|task| Help { pending, stop, task: Some(task) })
    }

    /// Waits for what it has found; `None` if it has ended without an answer, or has not had enough room.
    ///
    /// # Errors
    /// What it has failed of; that the statement is cancelled.
    pub fn answer(mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<T>> {
        let waited = self.wait(run);
        if waited.is_err() {
            self.stop.tell();
        }
        self.end()?;
        waited?;
        let answer = self.pending.answer.lock().take();
        let Some(answer) = answer else { return Ok(None) };
        let (answer, tally) = match answer {
            Ok(answer) => answer,
            // Who has asked may have more room, or fails of the same.
            Err(error) if is_of_room(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        run.count(|own| own.take_in(tally));
        Ok(Some(answer))
    }

    fn wait(&self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let is_over = || self.task.as_ref().is_none_or(|task| task.is_finished());
        loop {
            let mut answer = self.pending.answer.lock();
            if answer.is_some() || is_over() {
                return Ok(());
            }
            self.pending.there.wait_for(&mut answer, PATIENCE);
            drop(answer);
            run.check()?;
        }
    }

    fn end(&mut self) -> ExecuteResult<()> {
        let Some(task) = self.task.take() else { return Ok(()) };
        task.join().map_err(|message| ExecuteError::HelperFailed { message })
    }
}

impl<T> Drop for Help<T> {
    /// Nobody wants its answer any more: it ends before its asker goes on. Where tasks are torn down nobody is waited for.
    fn drop(&mut self) {
        self.stop.tell();
        if !env::is_unwinding()
            && let Some(task) = self.task.take()
        {
            // Whatever it ends with nobody asks.
            let _ = task.join();
        }
    }
}

/// Whether it is about memory, or about room for temporary files.
fn is_of_room(error: &ExecuteError) -> bool {
    matches!(error.sqlstate(), SqlState::OutOfMemory | SqlState::ConfigurationLimitExceeded)
}

impl<T> Pending<T> {
    fn new() -> Pending<T> {
        Pending { answer: Mutex::new(&HELP_LOCK, None), there: Condvar::new(&HELP_CONDITION) }
    }
}
