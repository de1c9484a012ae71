//! One life of a database: from opening to whatever ends it.
//!
//! A life opens the database (recovery is part of that), holds what it finds against the model, checks the whole file,
//! and only then lets the clients loose. It ends by a crash of the world at any of these points, or as the last choice
//! says: the process leaves, the power fails, or the database is closed properly.

use crate::model::Standard;
use crate::oracle::spare::Moment;
use crate::oracle::{Trouble, accounting, copies, spare};
use crate::promise::{Failure, Promise};
use crate::stage::Shared;
use crate::subject::{Database, Finding, Opening, Refusal, RefusalKind, Shape, Subject};
use crate::workload::mix::Mix;
use crate::workload::script::{Act, Curtain};
use crate::workload::{Intensity, POWER_LOSSES_PRESSED, Scene, Session, State, Workload, labels};
use crate::world_stage::WorldStage;
use env::{TaskBody, TaskHandle};
use faults::Chance;
use std::path::PathBuf;
use std::sync::Arc;

/// How often opening and looking are tried again after a fault that may pass.
const TRIES: u32 = 6;
/// Before so many of a million openings a copy of what is on the disk is opened without one of the superblocks.
const SUPERBLOCKS_TAKEN: u32 = 100_000;
/// In so many of a million openings and closings the power is pressed to fail.
const PRESSED: u32 = 125_000;
/// So often where a process has just left its page cache behind: it is the opening that everything hangs on.
const PRESSED_OVER_A_CACHE: u32 = 500_000;
/// So often in a restless life.
const PRESSED_RESTLESS: u32 = 700_000;
/// The task that opens, judges, and waits for the clients.
pub const MAIN_TASK: &str = "main";
/// Where the database is, in every world.
pub const DATABASE: &str = "/db/main.db";

/// How a life ended, if nothing ended it from outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verdict {
    /// It was cut short.
    #[default]
    Cut,
    /// The process left without closing.
    Left,
    /// The database was closed.
    Closed,
    /// An injected fault has destroyed something, and that was reported: there is nothing more to hold the engine to.
    Lost,
}

/// How a life ends if nothing ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endings {
    /// The process leaves.
    Leave,
    /// The power fails, or the process is killed.
    Crash,
    /// Any of these, or the database is closed.
    Any,
}

/// What a life found, readable while and after it lasts.
#[derive(Debug, Clone, Default)]
pub struct LifeRecord {
    /// How it ended.
    pub verdict: Verdict,
    /// Whether the opened database was compared with the model in full.
    pub compared: bool,
    /// Commits that had been acknowledged between the last comparison and this one.
    pub commits_compared: usize,
    /// Faults injected when the verdict was reached. What follows is the dropping of what is still held.
    pub faults_before_end: usize,
    /// Rows compared.
    pub rows: u64,
    /// Levels of the shallower of the trees of rows.
    pub levels: u32,
}

/// What a life is made of.
pub struct Life {
    /// The world.
    pub stage: Arc<WorldStage>,
    /// The engine.
    pub subject: Arc<dyn Subject>,
    /// Its settings.
    pub shape: Shape,
    /// What outlives it.
    pub state: Arc<Shared<State>>,
    /// How much is done.
    pub intensity: Intensity,
    /// What the clients do.
    pub workload: Arc<dyn Workload>,
    /// The mix of the workload.
    pub mix: Arc<Mix>,
    /// Clients at most; 0 for a life that only looks.
    pub clients: u32,
    /// What is told of it, if that is not drawn.
    pub act: Option<Act>,
    /// No fault excuses a loss: so it is in a told run.
    pub strict: bool,
    /// How it ends if nothing ends it.
    pub endings: Endings,
    /// The life before has left its page cache behind: neither did the power fail, nor was the database closed.
    pub cache_kept: bool,
    /// Trouble comes while it is opened and closed, mostly.
    pub restless: bool,
    /// What it found.
    pub record: Arc<Shared<LifeRecord>>,
}

/// Why a life goes no further.
enum Halt {
    /// The failure stands in the state.
    Broken,
    /// A fault has destroyed something, and it was reported.
    Lost,
    /// A fault that may pass did not pass in time.
    GaveUp,
}

impl Life {
    /// Lives. Runs as the first task of the world.
    pub fn live(&self) {
        match self.open_and_look() {
            Ok(database) => self.work(database),
            Err(Halt::Broken | Halt::GaveUp) => self.ends(Verdict::Left),
            Err(Halt::Lost) => self.ends(Verdict::Lost),
        }
    }

    fn ends(&self, verdict: Verdict) {
        let faults = self.stage.world().with_ledger(|ledger| ledger.faults().len());
        self.record.with(|record| {
            record.verdict = verdict;
            record.faults_before_end = faults;
        });
    }

    fn session(&self, database: Arc<dyn Database>) -> Arc<Session> {
        Arc::new(Session {
            stage: self.stage.clone(),
            subject: self.subject.clone(),
            database,
            shape: self.shape.clone(),
            path: PathBuf::from(DATABASE),
            state: self.state.clone(),
            intensity: self.intensity,
            mix: self.mix.clone(),
            workload: self.workload.clone(),
        })
    }

    fn broken(&self, failure: Failure) -> Halt {
        let step = crate::stage::Stage::step(&*self.stage);
        self.state.with(|state| {
            let life = state.life;
            state.failure.get_or_insert(Failure { step, life, ..failure });
        });
        Halt::Broken
    }

    /// Whatever the life before was interrupted in, neither superblock is needed to open what it left on the disk.
    fn look_without_a_superblock(&self) -> Result<(), Halt> {
        if self.act.is_some() || self.endings != Endings::Any {
            return Ok(());
        }
        let scene = Scene {
            stage: &*self.stage,
            subject: &*self.subject,
            shape: &self.shape,
            path: DATABASE.as_ref(),
            state: &self.state,
            workload: &*self.workload,
        };
        let chance = SUPERBLOCKS_TAKEN * if self.restless { 3 } else { 1 };
        let accounted = spare::account(&scene, MAIN_TASK, Moment::AtRest, chance);
        accounted.map_err(|failure| self.broken(failure))
    }

    /// Opens, compares, checks; tries again what a passing fault kept from succeeding.
    fn open_and_look(&self) -> Result<Arc<dyn Database>, Halt> {
        self.look_without_a_superblock()?;
        let mut last = None;
        for _ in 0..TRIES {
            let env = self.stage.world().env();
            let chance = match (self.restless, self.cache_kept) {
                (true, _) => PRESSED_RESTLESS,
                (false, true) => PRESSED_OVER_A_CACHE,
                (false, false) => PRESSED,
            };
            let opened = self
                .pressed(chance, || self.subject.open(env, DATABASE.as_ref(), &self.shape, Opening::Create));
            let database = match opened {
                Ok(database) => database,
                Err(refusal) => {
                    self.judge_refusal(&refusal, Promise::RecoveryOpens)?;
                    last = Some(refusal);
                    continue;
                }
            };
            match self.look(&database) {
                Ok(()) => return Ok(database),
                Err(Trouble::Broken(failure)) => return Err(self.judge_failure(failure)),
                Err(Trouble::Lost) => return Err(Halt::Lost),
                Err(Trouble::Refused(refusal)) => {
                    self.judge_refusal(&refusal, Promise::NoFalseAlarm)?;
                    last = Some(refusal);
                }
            }
        }
        match last {
            // In peace nothing passes any more: what is refused now is refused for good.
            Some(refusal) if self.clients == 0 => {
                Err(self.judge_destruction(&refusal, Promise::RecoveryOpens))
            }
            _ => Err(Halt::GaveUp),
        }
    }

    /// Compares the contents with the model and checks the file.
    fn look(&self, database: &Arc<dyn Database>) -> Result<(), Trouble> {
        let compared = self.workload.compare(&self.state, &**database, Standard::Itself)?;
        if let Some(trouble) = self.judge_findings(&database.check()?) {
            return Err(trouble);
        }
        let commits = (compared.settle)(&self.state)?;
        self.look_at_backups()?;
        self.stage.world().with_ledger(|ledger| {
            ledger.recovered();
            ledger.compared();
        });
        self.stage.world().absorb(compared.rows);
        self.record.with(|record| {
            record.compared = true;
            record.commits_compared = commits;
            record.rows = compared.rows;
            record.levels = compared.levels;
        });
        Ok(())
    }

    /// Backups that were reported as done in earlier lives are there; then they go.
    fn look_at_backups(&self) -> Result<(), Trouble> {
        while let Some(kept) = self.state.with(|state| state.kept.last().cloned()) {
            let env = self.stage.world().env();
            // A fault may have damaged it.
            if !crate::stage::Stage::may_be_damaged(&*self.stage, &kept.path) {
                copies::compare_kept(&*self.subject, &env, &self.shape, &kept)?;
            }
            self.state.with(|state| state.kept.pop());
            if let Err(error) = env.remove(&labels::BACKUP_REMOVE, &kept.path) {
                let refusal = Refusal::call(&error, error.to_string());
                self.stage.explains_refusal(&refusal, MAIN_TASK);
            }
        }
        Ok(())
    }

    /// The engine refuses to open or to read: a fault may pass, may have destroyed something, or does not exist.
    fn judge_refusal(&self, refusal: &Refusal, promise: Promise) -> Result<(), Halt> {
        match refusal.kind {
            RefusalKind::Io | RefusalKind::OutOfSpace | RefusalKind::InUse | RefusalKind::ReadOnly => {
                let explained = self.stage.explains_refusal(refusal, MAIN_TASK);
                if !explained {
                    return Err(self.broken(Failure::new(promise, refusal.text.clone())));
                }
                Ok(())
            }
            RefusalKind::Corrupt if !self.stage.explains_refusal(refusal, MAIN_TASK) => {
                Err(self.broken(Failure::new(promise, refusal.text.clone())))
            }
            RefusalKind::Corrupt if self.stage.is_destroyed(refusal) => {
                Err(self.judge_destruction(refusal, promise))
            }
            // A read that was wrong once is right the next time.
            RefusalKind::Corrupt => Ok(()),
            RefusalKind::Conflict | RefusalKind::Cancelled | RefusalKind::Missing | RefusalKind::Other => {
                Err(self.broken(Failure::new(promise, refusal.text.clone())))
            }
        }
    }

    /// The engine refuses for good: a fault has destroyed what nothing stands in for, and the engine says so.
    fn judge_destruction(&self, refusal: &Refusal, promise: Promise) -> Halt {
        let excused = self.stage.explains_for_good(&refusal.evidence, &refusal.text, MAIN_TASK);
        if excused && !self.strict {
            return Halt::Lost;
        }
        self.broken(Failure::new(promise, refusal.text.clone()))
    }

    /// Acknowledged commits are gone: the engine's fault, unless an injected fault has destroyed the only copy.
    fn judge_failure(&self, failure: Failure) -> Halt {
        let excused = match failure.promise {
            Promise::AcknowledgedSurvives | Promise::OnlyDurableIsRead | Promise::UnknownIsPinned => {
                let groups = self.state.with(|state| self.workload.groups_missing(state));
                self.stage.world().with_ledger(|ledger| ledger.loss_seen(DATABASE.as_ref(), groups))
            }
            _ => false,
        };
        if excused && !self.strict { Halt::Lost } else { self.broken(failure) }
    }

    /// What a check has found is the engine's fault, unless an injected fault explains each finding, and those that may
    /// follow from others by one of these: then the check has reported what is lost.
    fn judge_findings(&self, findings: &[Finding]) -> Option<Trouble> {
        let explained =
            |finding: &Finding| self.stage.explains_for_good(&finding.evidence, &finding.text, MAIN_TASK);
        let (following, own): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.follows);
        let unexplained = own.iter().copied().find(|finding| self.strict || !explained(finding));
        let unexplained = unexplained.or_else(|| following.first().copied().filter(|_| own.is_empty()));
        match unexplained {
            Some(finding) => Some(Failure::new(Promise::FileIsSound, finding.text.clone()).into()),
            None => (!own.is_empty()).then_some(Trouble::Lost),
        }
    }

    fn work(&self, database: Arc<dyn Database>) {
        let session = self.session(database);
        // What a process leaves in the page cache is durable only if recovery makes it so: that shows now or never.
        let chance = if self.cache_kept { 250_000 } else { 50_000 };
        if self.power_fails_at_once(Chance::PerMillion(chance)) {
            // What was seen after a recovery stays, though nothing has been committed since.
            self.stage.world().crash_now(&labels::ENDING, true);
        }
        self.account_for_the_cache(&session);
        if self.clients > 0 && self.set_up(&session) {
            match &self.act {
                Some(act) => self.play(&session, act),
                None => self.serve_clients(&session),
            }
        }
        self.look_for_lost_places(&session);
        self.account_for_the_cache(&session);
        // A failure that struck the background alone is told to whoever asks: last of all, for it works until then.
        if let Err(refusal) = session.database.writable() {
            session.refused(MAIN_TASK, &refusal);
            self.state.with(|state| state.halted = true);
            self.stage.world().with_ledger(|ledger| {
                ledger.stopped(DATABASE.as_ref(), &refusal.text, MAIN_TASK);
            });
        }
        if self.state.with(|state| state.failure.is_some()) {
            return self.ends(Verdict::Left);
        }
        let (halted, lost) = self.state.with(|state| (state.halted, state.lost));
        if lost {
            return self.ends(Verdict::Lost);
        }
        self.stage.world().with_ledger(faults::Ledger::settled);
        let chance = Chance::Even;
        let ending = self.stage.world().choose(faults::Concern::Workload, &labels::ENDING, 4, chance);
        let drawn = [Curtain::Left, Curtain::PowerLoss, Curtain::ProcessKilled, Curtain::Closed];
        let curtain = match (&self.act, self.endings) {
            (Some(act), _) => act.curtain,
            (None, Endings::Any) if halted => Curtain::Left,
            (None, Endings::Any) => drawn[ending as usize],
            (None, Endings::Crash) if ending == 3 => Curtain::ProcessKilled,
            (None, Endings::Crash) => Curtain::PowerLoss,
            (None, Endings::Leave) => Curtain::Left,
        };
        match curtain {
            Curtain::Left => self.ends(Verdict::Left),
            Curtain::PowerLoss => self.stage.world().crash_now(&labels::ENDING, true),
            Curtain::ProcessKilled => self.stage.world().crash_now(&labels::ENDING, false),
            Curtain::Closed => self.close(&session),
        }
    }

    /// Makes the trees, if they are not there; whether the clients may begin.
    fn set_up(&self, session: &Arc<Session>) -> bool {
        if self.workload.is_set_up(session) {
            return true;
        }
        if self.workload.set_up(session, MAIN_TASK).is_err() {
            return false;
        }
        // Without durability only a checkpoint makes it last.
        let lasting = self.state.with(|state| state.model.is_durable());
        if !lasting && let Err(refusal) = session.database.checkpoint() {
            session.refused(MAIN_TASK, &refusal);
            return false;
        }
        // From here on the set-up is certain: the clients need the tree of markers.
        match self.look(&session.database) {
            Ok(()) => true,
            // Judged as at an opening.
            Err(Trouble::Broken(failure)) => {
                if matches!(self.judge_failure(failure), Halt::Lost) {
                    session.lost();
                }
                false
            }
            Err(trouble @ (Trouble::Refused(_) | Trouble::Lost)) => {
                session.trouble(MAIN_TASK, trouble);
                false
            }
        }
    }

    /// What the life before has left in the page cache alone, this one has read and built upon: now and then that is held
    /// against the synced bytes, which have to suffice, and without either of the superblocks too.
    fn account_for_the_cache(&self, session: &Arc<Session>) {
        let drawn = self.act.is_none() && self.endings == Endings::Any && self.cache_kept;
        let world = self.stage.world();
        let chance = Chance::PerMillion(250_000);
        if !drawn
            || !session.goes_on()
            || world.choose(faults::Concern::Workload, &labels::ACCOUNT_CACHE, 2, chance) == 0
        {
            return;
        }
        let accounted = accounting::account(session);
        let accounted =
            accounted.and_then(|()| spare::account(&session.scene(), MAIN_TASK, Moment::InUse, 500_000));
        if let Err(failure) = accounted {
            session.broken(failure);
        }
    }

    /// Now and then the file is checked when the clients have gone, too: what memory has lost, no later opening tells.
    fn look_for_lost_places(&self, session: &Arc<Session>) {
        let drawn = self.act.is_none() && self.endings == Endings::Any && session.goes_on();
        let drawn = drawn && session.database.writable().is_ok();
        let world = self.stage.world();
        let chance = Chance::PerMillion(330_000);
        if !drawn || world.choose(faults::Concern::Workload, &labels::CHECK, 2, chance) == 0 {
            return;
        }
        match session.database.check() {
            Ok(findings) => {
                if let Some(trouble) = self.judge_findings(&findings) {
                    session.trouble(MAIN_TASK, trouble);
                }
            }
            Err(refusal) => {
                session.refused(MAIN_TASK, &refusal);
            }
        }
    }

    fn close(&self, session: &Arc<Session>) {
        let chance = if self.restless { PRESSED_RESTLESS } else { PRESSED };
        let closed = self.pressed(chance, || session.database.close());
        if closed.is_ok()
            && let Err(failure) = spare::account(&session.scene(), MAIN_TASK, Moment::Closed, 500_000)
        {
            self.broken(failure);
            return self.ends(Verdict::Left);
        }
        match closed {
            // What closing has removed must not be needed, however soon the power fails.
            Ok(()) if self.power_fails_at_once(Chance::Even) => {
                self.stage.world().crash_now(&labels::ENDING, true);
            }
            Ok(()) => self.ends(Verdict::Closed),
            Err(refusal) => {
                session.refused(MAIN_TASK, &refusal);
                self.ends(Verdict::Left);
            }
        }
    }

    /// Does something that changes the disk by a handful of calls; so many times in a million the power fails more often at
    /// these.
    fn pressed<R>(&self, per_million: u32, body: impl FnOnce() -> R) -> R {
        let world = self.stage.world();
        let drawn = self.act.is_none() && self.clients > 0;
        let chance = Chance::PerMillion(per_million);
        if !drawn || world.choose(faults::Concern::Workload, &labels::PRESS, 2, chance) == 0 {
            return body();
        }
        world.press(Some(POWER_LOSSES_PRESSED));
        let done = body();
        world.press(None);
        done
    }

    /// Whether the power fails where hardly any call is left for it to strike. Not in a told life, nor in bare cycles.
    fn power_fails_at_once(&self, chance: Chance<'_>) -> bool {
        let drawn = self.act.is_none() && self.endings == Endings::Any;
        drawn && self.stage.world().choose(faults::Concern::Workload, &labels::POWER, 2, chance) == 1
    }

    /// Runs the clients, with what stands between them and the database.
    fn serve_clients(&self, session: &Arc<Session>) {
        // Whoever was refused has told the books.
        let Ok(service) = self.workload.serve(session) else { return };
        self.run_clients(session);
        if let Some(service) = service
            && let Err(failure) = service.stop()
        {
            session.broken(failure);
        }
    }

    fn run_clients(&self, session: &Arc<Session>) {
        let world = self.stage.world();
        let count = 1 + world.choose(faults::Concern::Workload, &labels::CLIENTS, self.clients, Chance::Even);
        let transactions = self.intensity.transactions.of_each();
        let mut handles: Vec<Box<dyn TaskHandle>> = Vec::new();
        for number in 1..=count as u8 {
            let session_of_client = session.clone();
            let name = crate::workload::client::client_name(number);
            let body = Box::new(move || {
                let workload = &session_of_client.workload;
                workload.run_client(&session_of_client, number, count as u8, transactions);
            });
            handles.extend(self.spawn(session, &name, body));
        }
        join(session, handles);
    }

    /// The clients of a story do what it says, and nothing else.
    fn play(&self, session: &Arc<Session>, act: &Act) {
        let mut handles = Vec::new();
        for (number, (name, lines)) in (1..).zip(&act.clients) {
            let (session_of_client, own_name, lines) = (session.clone(), name.clone(), lines.clone());
            let body = Box::new(move || {
                let workload = &session_of_client.workload;
                workload.run_script(&session_of_client, &own_name, number, &lines);
            });
            handles.extend(self.spawn(session, name, body));
        }
        join(session, handles);
    }

    fn spawn(&self, session: &Arc<Session>, name: &str, body: TaskBody) -> Option<Box<dyn TaskHandle>> {
        match self.stage.world().env().spawn(&labels::CLIENT_TASK, name, body) {
            Ok(handle) => Some(handle),
            // A fault of the plan; the others do the work.
            Err(error) => {
                let refusal = Refusal::call(&error, error.to_string());
                session.refused(MAIN_TASK, &refusal);
                None
            }
        }
    }
}

fn join(session: &Session, handles: Vec<Box<dyn TaskHandle>>) {
    for handle in handles {
        if let Err(message) = handle.join() {
            session.broken(Failure::new(Promise::NoPanic, message));
        }
    }
}
