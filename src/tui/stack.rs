//! Overwrites the part of a thread's stack that finished calls have left behind. Not a substitute for
//! types that wipe themselves: it catches what ciphers and formatting keep in their own frames.

use zeroize::Zeroize;

/// Deeper than any call of a worker was measured to reach with a value at hand.
const DEPTH: usize = 128 * 1024;

/// Overwrites the stack below the caller.
///
/// Called from a loop after each piece of work, at the depth from which that work was called.
#[inline(never)]
pub fn wipe() {
    let mut below = [0_u8; DEPTH];
    below.zeroize();
    std::hint::black_box(&mut below);
}
