//! Permutations, step by step: each session is a task of its own; one step after another is begun, and is waited for until it is
//! complete or waits for another session.

use super::print;
use super::spec::{Blocker, Spec, Turn};
use env::sync::mpsc::{self, Receiver, Sender};
use env::{Env, TaskHandle};
use session::client::{Client, ClientGone, CopyBroken, CopyShape, Report, ResultColumn, ValueFormat};
use session::{Engine, Session};
use shell::collect::Collect;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use store::Canceller;
use types::vector::Chunk;

env::labels! {
    ASKED: "suite.isolation.asked", Lock, "a session runs nothing";
    TOLD: "suite.isolation.told", Lock, "nobody learns what a step has given";
    ACTOR: "suite.isolation.actor", Task, "a session runs nothing";
    LOOK: "suite.isolation.look", Clock, "who waits for a step does nothing else";
    CLOCK: "suite.isolation.clock", Clock, "a step that never ends is waited for";
}

/// Between two looks.
const PAUSE: Duration = Duration::from_micros(500);
/// Longer no step is waited for that waits for nobody.
const PATIENCE: Duration = Duration::from_secs(60);

/// So long all may wait for one another: whoever looks for deadlocks only after a while has looked by then.
const DEADLOCK_PATIENCE: Duration = Duration::from_secs(3);

/// What is told of sessions that wait for one another and are not refused.
pub const UNDETECTED: &str = "a deadlock is not found";

/// What a session has to tell of a step.
enum Told {
    /// A notice, at once.
    Notice(String),
    /// It is complete: what is printed of it.
    Results(String),
}

/// Takes what a step gives, and tells its notices at once.
struct Speaking<'t> {
    collected: Collect<'t>,
    tells: Option<&'t Sender<Told>>,
}

impl Client for Speaking<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.collected.columns(columns);
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        Client::rows(&mut self.collected, chunk, format)
    }

    fn complete(&mut self, tag: &str) {
        self.collected.complete(tag);
    }

    fn notice(&mut self, report: Report) {
        if let Some(tells) = self.tells {
            // Whoever does not listen any more is at the end.
            let _ = tells.send(Told::Notice(format!("{}:  {}", report.severity.name(), report.message)));
        }
    }

    fn copy_in(&mut self, shape: CopyShape) {
        self.collected.copy_in(shape);
    }

    fn copy_read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CopyBroken> {
        self.collected.copy_read(bytes)
    }

    fn copy_out(&mut self, shape: CopyShape) {
        self.collected.copy_out(shape);
    }

    fn copy_write(&mut self, bytes: &[u8], ends: &[usize]) -> Result<(), ClientGone> {
        self.collected.copy_write(bytes, ends)
    }
}

/// What a session was asked, and what it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Its number among the script's.
    pub session: usize,
    /// What it was asked.
    pub text: String,
    /// What is printed of it.
    pub results: String,
}

/// A session, and the task that runs its steps.
struct Actor {
    asked: Sender<String>,
    task: Box<dyn TaskHandle>,
    told: Receiver<Told>,
    canceller: Canceller,
    /// Its number, as locks name it.
    number: u64,
    name: String,
    /// The step that it is at.
    active: Option<String>,
    /// What is to be printed of its step, which is complete.
    done: Option<String>,
    /// Notices that nobody has printed yet.
    pending: Vec<String>,
    /// How many notices it has got.
    notices: usize,
}

impl Actor {
    /// Takes what has been told.
    fn listen(&mut self) {
        while let Ok(told) = self.told.try_receive() {
            self.take(told);
        }
    }

    fn take(&mut self, told: Told) {
        match told {
            Told::Notice(notice) => self.pending.push(notice),
            Told::Results(results) => self.done = Some(results),
        }
    }

    /// Waits until its step is complete, or its task at an end.
    fn await_results(&mut self) {
        while self.done.is_none() {
            let Ok(told) = self.told.receive() else { return };
            self.take(told);
        }
    }
}

/// How a step is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// For the first time.
    First,
    /// Again, and not for long.
    Again,
    /// Again, until it is complete.
    Last,
}

/// A step that was begun, and how many notices each of its blockers needs.
#[derive(Clone)]
struct Begun {
    turn: Turn,
    needed: Vec<usize>,
}

/// A script that is being run.
pub struct Play<'p> {
    spec: &'p Spec,
    world: Arc<dyn Env>,
    engine: Engine,
    control: Session,
    actors: Vec<Actor>,
    heard: Vec<Heard>,
}

impl<'p> Play<'p> {
    /// Opens its sessions.
    ///
    /// # Panics
    /// When a session cannot be opened.
    #[allow(clippy::expect_used)] // as is said
    pub fn new(spec: &'p Spec, world: Arc<dyn Env>, engine: &Engine) -> Play<'p> {
        let actors = spec.sessions.iter().map(|part| actor(&part.name, &*world, engine)).collect();
        let mut control = Session::new(engine).expect("a session");
        prepare(&mut control);
        Play { spec, world, engine: engine.clone(), control, actors, heard: Vec::new() }
    }

    /// Closes its sessions, which give back all that they have. Answers what each gave, step by step, setups left out.
    ///
    /// # Panics
    /// When a session's task has panicked.
    #[allow(clippy::expect_used)] // as is said
    pub fn end(self) -> Vec<Heard> {
        for Actor { asked, task, .. } in self.actors {
            drop(asked);
            task.join().expect("a session that comes to its end");
        }
        self.heard
    }

    /// Whether sessions wait for one another, all in a circle, and none of them is refused.
    pub fn has_deadlock(&self) -> bool {
        let mut kept: Vec<usize> = (0..self.actors.len()).collect();
        loop {
            let before = kept.len();
            let numbers: Vec<u64> = kept.iter().map(|session| self.actors[*session].number).collect();
            kept.retain(|session| self.blockers(*session).iter().any(|other| numbers.contains(other)));
            if kept.is_empty() || kept.len() == before {
                return !kept.is_empty();
            }
        }
    }

    /// Runs the steps in this order. Answers whether all came to their ends: if not nothing can follow.
    pub fn permutation(&mut self, turns: &[Turn], printed: &mut String) -> bool {
        let names: Vec<&str> = turns.iter().map(|turn| turn.name.as_str()).collect();
        let _ = writeln!(printed, "\nstarting permutation: {}", names.join(" "));
        for setup in &self.spec.setup {
            run(&mut self.control, setup, printed);
        }
        for session in 0..self.actors.len() {
            if let Some(setup) = &self.spec.sessions[session].setup {
                self.whole(session, setup, printed);
            }
        }
        if !self.steps(turns, printed) {
            // Transactions that are still open hold what a teardown would need.
            return false;
        }
        for session in 0..self.actors.len() {
            if let Some(teardown) = &self.spec.sessions[session].teardown {
                let results = self.whole(session, teardown, printed);
                self.heard.push(Heard { session, text: teardown.clone(), results });
            }
        }
        if let Some(teardown) = &self.spec.teardown {
            let results = run(&mut self.control, teardown, printed);
            self.heard.push(Heard { session: self.actors.len(), text: teardown.clone(), results });
        }
        true
    }

    fn steps(&mut self, turns: &[Turn], printed: &mut String) -> bool {
        let mut waiting: Vec<Begun> = Vec::new();
        for turn in turns {
            // A session that still waits must come to its end before it is asked for more.
            while let Some(name) = self.actors[turn.session].active.clone() {
                let place = waiting.iter().position(|begun| begun.turn.name == name);
                let Some(place) = place else { break };
                if self.complete(&waiting[place], Look::Last, printed) {
                    waiting.remove(place);
                }
                self.complete_all(&mut waiting, Look::Again, printed);
                if self.actors[turn.session].active.is_some() && self.stays_stuck(turn.session) {
                    return self.give_up(printed);
                }
            }
            let begun = self.begin(turn);
            let is_complete = self.complete(&begun, Look::First, printed);
            self.complete_all(&mut waiting, Look::Again, printed);
            if !is_complete {
                waiting.push(begun);
            }
        }
        self.complete_all(&mut waiting, Look::Last, printed);
        waiting.is_empty() || self.give_up(printed)
    }

    /// Ends what waits for ever.
    fn give_up(&mut self, printed: &mut String) -> bool {
        let _ = writeln!(printed, "failed to complete permutation due to mutually-blocking steps");
        if self.has_deadlock() {
            let _ = writeln!(printed, "{UNDETECTED}");
        }
        for actor in &mut self.actors {
            if actor.active.take().is_some() && actor.done.take().is_none() {
                actor.canceller.cancel();
                actor.await_results();
                actor.done = None;
            }
        }
        false
    }

    fn begin(&mut self, turn: &Turn) -> Begun {
        let places = self.spec.places();
        let needed = |blocker: &Blocker| match blocker {
            Blocker::Notices(step, count) => self.actors[places[step.as_str()].0].notices + count,
            Blocker::Once | Blocker::Step(_) => 0,
        };
        let needed = turn.blockers.iter().map(needed).collect();
        let actor = &mut self.actors[turn.session];
        actor.active = Some(turn.name.clone());
        // The task lives as long as this end of its channel.
        let _ = actor.asked.send(turn.text.clone());
        Begun { turn: turn.clone(), needed }
    }

    /// Looks at steps that waited, again and again as long as one that is complete may release another.
    fn complete_all(&mut self, waiting: &mut Vec<Begun>, look: Look, printed: &mut String) {
        loop {
            let before = waiting.len();
            let mut place = 0;
            while place < waiting.len() {
                if self.complete(&waiting[place], look, printed) {
                    waiting.remove(place);
                } else {
                    place += 1;
                }
            }
            if waiting.len() == before || !waiting.iter().any(|begun| !begun.turn.blockers.is_empty()) {
                return;
            }
        }
    }

    /// Looks at a step; whether it is complete.
    fn complete(&mut self, begun: &Begun, look: Look, printed: &mut String) -> bool {
        let (name, text) = (&begun.turn.name, &begun.turn.text);
        let told_waiting = |printed: &mut String| {
            if look == Look::First {
                let _ = writeln!(printed, "step {name}: {text} <waiting ...>");
            }
            false
        };
        if look == Look::First && begun.turn.blockers.contains(&Blocker::Once) {
            return told_waiting(printed);
        }
        let is_done = self.is_done(begun.turn.session, look);
        self.tell_notices(begun.turn.session, printed);
        if !is_done {
            return told_waiting(printed);
        }
        if self.is_kept(begun) {
            return told_waiting(printed);
        }
        let actor = &mut self.actors[begun.turn.session];
        let Some(done) = actor.done.take() else { return false };
        actor.active = None;
        let _ = match look {
            Look::First => writeln!(printed, "step {name}: {text}"),
            Look::Again | Look::Last => writeln!(printed, "step {name}: <... completed>"),
        };
        printed.push_str(&done);
        self.heard.push(Heard { session: begun.turn.session, text: text.clone(), results: done });
        true
    }

    fn tell_notices(&mut self, session: usize, printed: &mut String) {
        let actor = &mut self.actors[session];
        for notice in actor.pending.drain(..) {
            actor.notices += 1;
            let _ = writeln!(printed, "{}: {notice}", actor.name);
        }
    }

    /// Waits until a session's step is done; not if it waits for others, unless it is looked at for the last time.
    fn is_done(&mut self, session: usize, look: Look) -> bool {
        let begun = self.world.monotonic(&CLOCK);
        loop {
            let actor = &mut self.actors[session];
            actor.listen();
            if actor.done.is_some() {
                return true;
            }
            let waited = self.world.monotonic(&CLOCK).saturating_sub(begun);
            if waited > PATIENCE || (look != Look::Last && self.waits(session)) {
                // What it has said before it waited.
                self.actors[session].listen();
                return self.actors[session].done.is_some();
            }
            // Whoever is looked at for the last time may wait for somebody whose step is complete and not told yet.
            if look == Look::Last && waited > DEADLOCK_PATIENCE && self.is_stuck(session) {
                return false;
            }
            self.world.sleep(&LOOK, PAUSE);
        }
    }

    /// Whether a session waits for a lock that another one of the script's has.
    fn waits(&self, session: usize) -> bool {
        !self.blockers(session).is_empty()
    }

    /// The numbers of the script's other sessions that have a lock for which this one waits.
    fn blockers(&self, session: usize) -> Vec<u64> {
        let number = self.actors[session].number;
        let is_ours =
            |other: &u64| *other != number && self.actors.iter().any(|actor| actor.number == *other);
        let locks = self.engine.store().locks();
        let waiting = locks.iter().filter(|line| !line.granted && line.holder.session.0 == number);
        waiting
            .flat_map(|line| line.blocked_by.iter().map(|holder| holder.session.0))
            .filter(is_ours)
            .collect()
    }

    /// Whether a session waits, and whoever it waits for has nothing more to do: only another step could help.
    fn is_stuck(&self, session: usize) -> bool {
        self.waits(session)
            && (0..self.actors.len()).all(|other| {
                let actor = &self.actors[other];
                actor.active.is_none() || actor.done.is_some() || self.waits(other)
            })
    }

    /// Whether a session is stuck for longer than anybody waits before looking for deadlocks.
    fn stays_stuck(&self, session: usize) -> bool {
        let begun = self.world.monotonic(&CLOCK);
        while self.is_stuck(session) {
            if self.world.monotonic(&CLOCK).saturating_sub(begun) > DEADLOCK_PATIENCE {
                return true;
            }
            self.world.sleep(&LOOK, PAUSE);
        }
        false
    }

    /// Whether something else than locks keeps a step from being told as complete.
    fn is_kept(&self, begun: &Begun) -> bool {
        let places = self.spec.places();
        begun.turn.blockers.iter().zip(&begun.needed).any(|(blocker, needed)| match blocker {
            Blocker::Once => false,
            Blocker::Step(step) => self.actors[places[step.as_str()].0].active.as_ref() == Some(step),
            Blocker::Notices(step, _) => self.actors[places[step.as_str()].0].notices < *needed,
        })
    }

    /// Runs something in a session from beginning to end.
    fn whole(&mut self, session: usize, text: &str, printed: &mut String) -> String {
        let actor = &mut self.actors[session];
        // The task lives as long as this end of its channel.
        let _ = actor.asked.send(text.to_owned());
        actor.await_results();
        self.tell_notices(session, printed);
        let results = self.actors[session].done.take().unwrap_or_default();
        printed.push_str(&results);
        results
    }
}

#[allow(clippy::expect_used)] // as Play::new says
fn actor(name: &str, world: &dyn Env, engine: &Engine) -> Actor {
    let (asked, asks) = mpsc::channel::<String>(&ASKED);
    let (tells, told) = mpsc::channel(&TOLD);
    let (introduces, introduced) = mpsc::channel(&TOLD);
    let engine = engine.clone();
    let body = move || {
        // A session stays with its task.
        let mut session = Session::new(&engine).expect("a session");
        prepare(&mut session);
        let _ = introduces.send((session.canceller(), session.process()));
        while let Ok(text) = asks.receive() {
            let results = answer(&mut session, &text, Some(&tells));
            if tells.send(Told::Results(results)).is_err() {
                break;
            }
        }
    };
    let task = world.spawn(&ACTOR, name, Box::new(body)).expect("a task");
    let (canceller, number) = introduced.receive().expect("a session");
    let name = name.to_owned();
    Actor {
        asked,
        task,
        told,
        canceller,
        number,
        name,
        active: None,
        done: None,
        pending: Vec::new(),
        notices: 0,
    }
}

/// The settings with which PostgreSQL's outputs were made.
fn prepare(session: &mut Session) {
    run(session, "SET datestyle = 'Postgres, MDY'; SET timezone = 'PST8PDT'", &mut String::new());
}

fn answer(session: &mut Session, text: &str, tells: Option<&Sender<Told>>) -> String {
    let mut client = Speaking { collected: Collect::default(), tells };
    let done = session.execute(text, &mut client);
    if done.is_err() {
        client.collected.forget_unfinished();
    }
    let mut results = String::new();
    print::results(&client.collected.events, &mut results);
    if let Err(report) = done {
        let _ = writeln!(results, "{}:  {}", report.severity.name(), report.message);
    }
    results
}

fn run(session: &mut Session, text: &str, printed: &mut String) -> String {
    let results = answer(session, text, None);
    printed.push_str(&results);
    results
}
