//! Virtual time: one count of nanoseconds that only the simulator moves, and a wall clock that may lie.

use std::time::Duration;

/// The clocks of a world.
#[derive(Debug)]
pub(crate) struct Clock {
    now: u64,
    wall_start: i64,
    /// What the jumps of the wall clock add up to, in microseconds.
    wall_shift: i64,
    /// While standing: the time until which both clocks answer the same, and that answer.
    stands: Option<(u64, u64)>,
}

impl Clock {
    pub(crate) fn new(wall_start: i64) -> Clock {
        // Not 0, so that code which subtracts a little from "now" does not underflow only in simulation.
        Clock { now: 1_000_000_000, wall_start, wall_shift: 0, stands: None }
    }

    /// Nanoseconds, true time.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// True time as a duration.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_nanos(self.now)
    }

    #[inline]
    pub(crate) fn advance(&mut self, nanoseconds: u64) {
        self.now += nanoseconds;
    }

    #[inline]
    pub(crate) fn advance_to(&mut self, time: u64) {
        self.now = self.now.max(time);
    }

    /// What a monotonic clock shows; never runs back.
    pub(crate) fn shown(&mut self) -> u64 {
        match self.stands {
            Some((until, shown)) if self.now < until => shown,
            Some(_) => {
                self.stands = None;
                self.now
            }
            None => self.now,
        }
    }

    /// What a wall clock shows, in microseconds since 1970.
    pub(crate) fn wall(&mut self) -> i64 {
        self.wall_start + (self.shown() / 1_000) as i64 + self.wall_shift
    }

    /// The wall clock jumps, either way.
    pub(crate) fn jump(&mut self, microseconds: i64) {
        self.wall_shift = self.wall_shift.saturating_add(microseconds);
    }

    /// Both clocks answer the same for `nanoseconds`.
    pub(crate) fn stand(&mut self, nanoseconds: u64) {
        let shown = self.shown();
        self.stands = Some((self.now + nanoseconds, shown));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_goes_on_without_running_back() {
        let mut clock = Clock::new(0);
        let before = clock.shown();
        clock.stand(500);
        clock.advance(499);
        assert_eq!(clock.shown(), before);
        clock.advance(1);
        assert_eq!(clock.shown(), before + 500);
    }

    #[test]
    fn jumps_move_the_wall_clock_only() {
        let mut clock = Clock::new(7);
        let (shown, wall) = (clock.shown(), clock.wall());
        clock.jump(-3_600_000_000);
        assert_eq!((clock.shown(), clock.wall()), (shown, wall - 3_600_000_000));
    }
}
