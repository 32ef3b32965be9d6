//! The loop's time: a clock that also counts while the machine sleeps, which `Instant` does not.

use std::time::{Duration, Instant};

use crate::vault::{Clock, SystemClock, Timestamp};

/// A jump of the wall clock against the monotonic one by more than this many seconds is a sleep (or a
/// clock that was set, and then locking early does no harm).
const JUMP: i64 = 5;

/// Monotonic time plus the time slept.
pub struct LoopClock {
    start: Instant,
    wall_at_start: Timestamp,
    slept: Duration,
}

impl LoopClock {
    /// A clock that has not slept.
    pub fn new() -> Self {
        Self { start: Instant::now(), wall_at_start: SystemClock.now(), slept: Duration::ZERO }
    }

    /// Now, the time slept included.
    pub fn now(&self) -> Instant {
        Instant::now() + self.slept
    }

    /// The date now.
    pub fn wall(&self) -> Timestamp {
        SystemClock.now()
    }

    /// How long to wait until `deadline`, a moment of this clock.
    pub fn until(&self, deadline: Instant) -> Duration {
        deadline.saturating_duration_since(self.now())
    }

    /// Whether the machine has slept since this was last asked; from then on [`Self::now`] counts it.
    pub fn has_slept(&mut self) -> bool {
        let passed = self.start.elapsed() + self.slept;
        let slept = jump(self.wall().since(self.wall_at_start), passed);
        self.slept += slept.unwrap_or_default();
        slept.is_some()
    }
}

/// By how much the wall clock ran ahead of `passed`, if that is a sleep.
fn jump(wall_seconds: i64, passed: Duration) -> Option<Duration> {
    let passed = i64::try_from(passed.as_secs()).unwrap_or(i64::MAX);
    let ahead = wall_seconds.saturating_sub(passed);
    (ahead > JUMP).then(|| Duration::from_secs(ahead.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wall_clock_far_ahead_is_a_sleep() {
        assert_eq!(jump(100, Duration::from_secs(100)), None);
        assert_eq!(jump(105, Duration::from_secs(100)), None);
        assert_eq!(jump(3700, Duration::from_secs(100)), Some(Duration::from_secs(3600)));
        assert_eq!(jump(-3600, Duration::from_secs(100)), None, "a clock set back is no sleep");
    }

    #[test]
    fn a_sleep_is_told_once_and_counted() {
        let mut clock = LoopClock::new();
        assert!(!clock.has_slept());
        clock.wall_at_start = clock.wall_at_start.plus(-600);
        let before = Instant::now();
        assert!(clock.has_slept());
        assert!(!clock.has_slept());
        assert!(clock.now().duration_since(before) >= Duration::from_secs(590));
    }
}
