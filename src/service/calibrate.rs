//! What one guess of a new passphrase costs: measured on this machine when the passphrase is chosen.
//! Derives no key of any vault.

use std::time::{Duration, Instant};

use crate::vault::{NewSlot, PassphraseCost, SensitiveBytes};

/// About how long a passphrase may take to open a vault (DESIGN, section 3).
const TARGET: Duration = Duration::from_millis(500);
/// The most memory that is asked for by itself: what a small machine still has, should the vault move
/// there.
const MOST_MEMORY_KIB: u32 = 256 * 1024;
/// With that memory the most that every reader of the format accepts: 4 GiB of work.
const MOST_PASSES: u32 = 16;
/// Memory is asked for in whole MiB.
const STEP_KIB: u32 = 1024;

/// How the cost of a new passphrase is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Calibration {
    /// By the time that the least takes here, which is waited for.
    #[default]
    Measured,
    /// The least that is ever used, without measuring.
    Least,
}

impl Calibration {
    /// The cost of a guess. Measuring takes about as long as an unlock.
    pub fn cost(self) -> PassphraseCost {
        let begun = Instant::now();
        match self {
            Self::Measured if PassphraseCost::LEAST.spend().is_ok() => scaled(begun.elapsed()),
            // Where there is no memory for the least, the passphrase itself will tell.
            Self::Measured | Self::Least => PassphraseCost::LEAST,
        }
    }

    /// A slot for a new passphrase at that cost.
    pub fn slot(self, passphrase: SensitiveBytes) -> NewSlot {
        NewSlot::PassphraseAt(passphrase, self.cost())
    }
}

/// What takes about as long as it should where the least takes `took`: more memory first, which is what
/// a guesser lacks, then more passes; never less than the least.
fn scaled(took: Duration) -> PassphraseCost {
    let least = PassphraseCost::LEAST;
    let (target, took) = (TARGET.as_micros(), took.as_micros().max(1));
    let bounded = |wanted: u128, least: u32, most: u32| {
        u32::try_from(wanted).unwrap_or(most).clamp(least, most)
    };
    let memory = u128::from(least.memory_kib()) * target / took;
    let memory = bounded(memory, least.memory_kib(), MOST_MEMORY_KIB) / STEP_KIB * STEP_KIB;
    let work = u128::from(least.memory_kib()) * u128::from(least.iterations()) * target / took;
    let passes = bounded(work / u128::from(memory), least.iterations(), MOST_PASSES);
    PassphraseCost::new(memory, passes).unwrap_or(least)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Memory in MiB and passes where the least takes so many milliseconds.
    fn at(took: u64) -> (u32, u32) {
        let cost = scaled(Duration::from_millis(took));
        (cost.memory_kib() / 1024, cost.iterations())
    }

    #[test]
    fn a_slow_machine_gets_the_least_and_never_less() {
        for took in [400, 500, 600, 10_000, u64::MAX / 1_000_000] {
            let (memory, passes) = at(took);
            assert!((64..=80).contains(&memory) && passes == 3, "{took}: {memory}, {passes}");
        }
        assert_eq!(at(500), (64, 3));
        assert_eq!(at(2_000), (64, 3));
    }

    #[test]
    fn a_faster_machine_spends_memory_first_and_then_passes() {
        assert_eq!(at(250), (128, 3));
        assert_eq!(at(130), (246, 3));
        assert_eq!(at(125), (256, 3));
        assert_eq!(at(62), (256, 6));
        assert_eq!(at(1), (256, 16));
        assert_eq!(scaled(Duration::ZERO), scaled(Duration::from_nanos(1)));
    }

    #[test]
    fn whatever_is_measured_opens_again() {
        for took in (0..700).chain([5_000, 60_000]) {
            let cost = scaled(Duration::from_millis(took));
            let again = PassphraseCost::new(cost.memory_kib(), cost.iterations());
            assert_eq!(again.unwrap(), cost);
            assert!(!cost.is_below_the_least());
        }
        assert_eq!(Calibration::Least.cost(), PassphraseCost::LEAST);
        assert!(!Calibration::Measured.cost().is_below_the_least());
    }
}
