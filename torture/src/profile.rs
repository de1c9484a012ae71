//! Profiles: what a run is about. A profile is a family of fault plans together with how the workload is used.

use crate::life::Endings;
use faults::{Concern, Decisions, FaultKind, Plan};
use rand_core::Rng as _;
use std::fmt;

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// A family of fault plans, crashes between and within them.
    Faults(faults::Profile),
    /// Few crashes, but every acknowledgement is held against a recovery from only the synced bytes.
    Accounting,
    /// A service that is started again and again while its machine is in trouble: many short lives, and the power and the
    /// syncs fail mostly while the database is being opened or closed.
    Restless,
    /// Bare cycles: work, power loss, recovery, full comparison, as fast as they go.
    Cycles,
    /// Statements of the language on top of the engine, under a family of fault plans that the seed draws.
    Sql,
    /// Clients of a server of the language, over connections that break, under crashes.
    Server,
}

/// What `--profile mixed` draws from, and how often, in a hundred.
const MIX: &[(Profile, u32)] = &[
    (Profile::Faults(faults::Profile::Storm), 26),
    (Profile::Faults(faults::Profile::Power), 15),
    (Profile::Cycles, 11),
    (Profile::Restless, 6),
    (Profile::Accounting, 8),
    (Profile::Faults(faults::Profile::Rot), 8),
    (Profile::Faults(faults::Profile::Fsyncgate), 6),
    (Profile::Faults(faults::Profile::FullDisk), 5),
    (Profile::Faults(faults::Profile::Liar), 3),
    (Profile::Faults(faults::Profile::Calm), 3),
    (Profile::Faults(faults::Profile::Clock), 2),
    (Profile::Faults(faults::Profile::Starve), 2),
    (Profile::Faults(faults::Profile::Meddler), 2),
    (Profile::Faults(faults::Profile::Adversary), 3),
];

impl Profile {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Faults(profile) => profile.name(),
            Profile::Accounting => "accounting",
            Profile::Restless => "restless",
            Profile::Cycles => "cycles",
            Profile::Sql => "sql",
            Profile::Server => "server",
        }
    }

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Profile> {
        match name {
            "accounting" => Some(Profile::Accounting),
            "restless" => Some(Profile::Restless),
            "cycles" => Some(Profile::Cycles),
            "sql" => Some(Profile::Sql),
            "server" => Some(Profile::Server),
            _ => families().find(|profile| profile.name() == name),
        }
    }

    /// Every profile.
    pub fn all() -> impl Iterator<Item = Profile> {
        families().chain([
            Profile::Accounting,
            Profile::Restless,
            Profile::Cycles,
            Profile::Sql,
            Profile::Server,
        ])
    }

    /// The profile that a seed has when the profiles are mixed: one of the key-value ones. Where there is a language, a mixed
    /// seed has a run of [`Profile::Sql`] and one of [`Profile::Server`] besides.
    pub fn of_seed(seed: u64) -> Profile {
        let total: u32 = MIX.iter().map(|(_, share)| share).sum();
        let mut draw = (crate::model::value::mix(seed ^ 0x70_726f_6669_6c65) % u64::from(total)) as u32;
        for (profile, share) in MIX {
            match draw.checked_sub(*share) {
                Some(rest) => draw = rest,
                None => return *profile,
            }
        }
        Profile::Cycles
    }

    /// Whether its runs are of the language on top of the engine.
    pub fn has_language(self) -> bool {
        match self {
            Profile::Sql | Profile::Server => true,
            Profile::Faults(_) | Profile::Accounting | Profile::Restless | Profile::Cycles => false,
        }
    }

    /// How its lives end, if nothing ends them before.
    pub fn endings(self) -> Endings {
        match self {
            Profile::Cycles => Endings::Crash,
            Profile::Faults(_) | Profile::Accounting | Profile::Restless | Profile::Sql | Profile::Server => {
                Endings::Any
            }
        }
    }

    /// The plan of faults of a run.
    pub fn plan(self, decisions: &Decisions) -> Plan {
        match self {
            Profile::Faults(profile) => Plan::draw(profile, decisions),
            Profile::Accounting | Profile::Cycles => Plan::of(&[(FaultKind::PowerLoss, 200)]),
            Profile::Restless => Plan::draw(drawn_family(decisions, TROUBLED), decisions),
            Profile::Server => Plan::draw(drawn_family(decisions, SERVER_FAULTS), decisions),
            Profile::Sql => Plan::draw(drawn_family(decisions, STATEMENT_FAULTS), decisions),
        }
    }

    /// How often an acknowledgement is held against the synced bytes, in a million.
    pub fn accounting(self) -> u32 {
        match self {
            Profile::Accounting => 1_000_000,
            Profile::Cycles => 0,
            Profile::Faults(_) | Profile::Restless | Profile::Sql | Profile::Server => 30_000,
        }
    }
}

/// Which families of faults a run of statements may have: mostly calm water, where statements are held against each other,
/// and crashes.
const STATEMENT_FAULTS: &[faults::Profile] = &[
    faults::Profile::Calm,
    faults::Profile::Calm,
    faults::Profile::Calm,
    faults::Profile::Power,
    faults::Profile::Power,
    faults::Profile::Storm,
    faults::Profile::Storm,
    faults::Profile::Fsyncgate,
    faults::Profile::FullDisk,
    faults::Profile::Starve,
];

/// What happens to a server: connections break and come to nothing, and with some seeds that is all.
const SERVER_FAULTS: &[faults::Profile] =
    &[faults::Profile::Network, faults::Profile::Network, faults::Profile::Network, faults::Profile::Power];

/// The families of faults under which the engine itself is worked: it has no connections.
fn families() -> impl Iterator<Item = Profile> {
    let families = faults::Profile::ALL.iter().filter(|family| **family != faults::Profile::Network);
    families.copied().map(Profile::Faults)
}

/// What a machine in trouble does.
const TROUBLED: &[faults::Profile] =
    &[faults::Profile::Power, faults::Profile::Storm, faults::Profile::Fsyncgate, faults::Profile::Fsyncgate];

/// One of these families.
fn drawn_family(decisions: &Decisions, families: &[faults::Profile]) -> faults::Profile {
    let drawn = decisions.split(Concern::Workload, "families", 0).next_u32();
    families[drawn as usize % families.len()]
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_lead_back_to_their_profile() {
        let names: BTreeSet<&str> = Profile::all().map(Profile::name).collect();
        assert_eq!(names.len(), Profile::all().count());
        for profile in Profile::all() {
            assert_eq!(Profile::from_name(profile.name()), Some(profile));
        }
        assert_eq!(Profile::from_name("mixed"), None);
    }

    #[test]
    fn a_few_hundred_seeds_meet_every_profile() {
        let met: BTreeSet<Profile> = (0..400).map(Profile::of_seed).collect();
        assert_eq!(met, Profile::all().filter(|profile| !profile.has_language()).collect());
    }
}
