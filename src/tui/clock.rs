//! The loop's time: a clock that also counts while the machine sleeps, which `Instant` does not.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::vault::{Clock, SystemClock, Timestamp};

/// A jump of the wall clock against the monotonic one by more than this many seconds is no mere
/// correction: the clock was set, a virtual machine was paused, or, where the system cannot tell, the
/// machine slept.
const JUMP: i64 = 5;
/// The shortest sleep that counts. The two clocks it is told by cannot be read in the same instant.
const NAP: Duration = Duration::from_millis(500);

/// What the loop did not live through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// The machine was suspended.
    Slept,
    /// The date ran ahead for another reason.
    Jumped,
}

/// Monotonic time plus the time slept.
pub struct LoopClock {
    start: Instant,
    wall_at_start: Timestamp,
    /// How long the machine slept since it was started.
    asleep: fn() -> Duration,
    /// What that was when it was last looked at.
    was_asleep: Duration,
    slept: Duration,
}

impl LoopClock {
    /// A clock that has not slept.
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            wall_at_start: SystemClock.now(),
            asleep,
            was_asleep: asleep(),
            slept: Duration::ZERO,
        }
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

    /// What happened to time since this was last asked; from then on [`Self::now`] counts it.
    pub fn gap(&mut self) -> Option<Gap> {
        let asleep = (self.asleep)().saturating_sub(self.was_asleep);
        let slept = asleep >= NAP;
        if slept {
            self.was_asleep += asleep;
            self.slept += asleep;
        }
        let passed = self.start.elapsed() + self.slept;
        let jumped = jump(self.wall().since(self.wall_at_start), passed);
        self.slept += jumped.unwrap_or_default();
        match (slept, jumped) {
            (true, _) => Some(Gap::Slept),
            // Only Linux tells a sleep from a clock that was set; locking early does no harm.
            (false, Some(_)) if !TELLS => Some(Gap::Slept),
            (false, Some(_)) => Some(Gap::Jumped),
            (false, None) => None,
        }
    }

    /// The same clock over another source of how long the machine slept.
    #[cfg(all(test, unix))]
    pub fn with_sleep(self, asleep: fn() -> Duration) -> Self {
        Self { asleep, was_asleep: asleep(), ..self }
    }
}

/// How much of the second of the date has passed.
pub fn into_second() -> Duration {
    let date = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_nanos(date.subsec_nanos().into())
}

/// Whether the system tells how long the machine slept.
const TELLS: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// How long the machine slept since it was started: `CLOCK_BOOTTIME` counts that, `CLOCK_MONOTONIC` does
/// not (clock_gettime(2)).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn asleep() -> Duration {
    use rustix::time::{ClockId, Timespec, clock_gettime};
    let read = |clock| {
        let Timespec { tv_sec, tv_nsec } = clock_gettime(clock);
        let (seconds, nanos) = (u64::try_from(tv_sec), u32::try_from(tv_nsec));
        Duration::new(seconds.unwrap_or_default(), nanos.unwrap_or_default())
    };
    let once = || {
        // In this order a pause between the two makes it less, never more.
        let booted = read(ClockId::Boottime);
        booted.saturating_sub(read(ClockId::Monotonic))
    };
    (0..3).map(|_| once()).max().unwrap_or_default()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn asleep() -> Duration {
    Duration::ZERO
}

/// By how much the wall clock ran ahead of `passed`, if that is no correction.
fn jump(wall_seconds: i64, passed: Duration) -> Option<Duration> {
    let passed = i64::try_from(passed.as_secs()).unwrap_or(i64::MAX);
    let ahead = wall_seconds.saturating_sub(passed);
    (ahead > JUMP).then(|| Duration::from_secs(ahead.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wall_clock_far_ahead_has_jumped() {
        assert_eq!(jump(100, Duration::from_secs(100)), None);
        assert_eq!(jump(105, Duration::from_secs(100)), None);
        assert_eq!(jump(3700, Duration::from_secs(100)), Some(Duration::from_secs(3600)));
        assert_eq!(jump(-3600, Duration::from_secs(100)), None, "a clock set back is no sleep");
    }

    #[test]
    fn a_sleep_is_told_once_and_counted() {
        let mut clock = LoopClock::new();
        assert_eq!(clock.gap(), None);
        let before = Instant::now();
        clock.asleep = || asleep() + Duration::from_secs(3600);
        // The date counts a sleep as well.
        clock.wall_at_start = clock.wall_at_start.plus(-3600);
        assert_eq!(clock.gap(), Some(Gap::Slept));
        assert_eq!(clock.gap(), None);
        let passed = clock.now().duration_since(before).as_secs();
        assert!((3599..3660).contains(&passed), "counted once, not twice: {passed}");
    }

    #[test]
    fn a_clock_that_was_set_is_no_sleep_where_the_system_can_tell() {
        let mut clock = LoopClock::new();
        clock.wall_at_start = clock.wall_at_start.plus(-600);
        let before = Instant::now();
        assert_eq!(clock.gap(), Some(if TELLS { Gap::Jumped } else { Gap::Slept }));
        assert_eq!(clock.gap(), None);
        assert!(clock.now().duration_since(before) >= Duration::from_secs(590));
    }
}
