//! Runs a loop compiled for AVX2 where the machine has it.
//!
//! The build targets the oldest x86-64, whose registers hold four f32. The same
//! Rust compiled for AVX2 holds eight and does the same operations on each, in
//! the same order: Rust never fuses a multiplication with an addition, so the
//! results are equal bit by bit. Tests compare the two, loop by loop and from text to
//! probability.

/// Defines `fn $name(args)` that picks the widest compiled form of `$body`.
macro_rules! widest {
    ($(#[$doc:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) = $body:ident) => {
        $(#[$doc])*
        $visibility fn $name($($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide($($argument: $type),*) {
                    $body($($argument),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") && !$crate::wide::is_portable() {
                    // SAFETY: the only requirement of `wide` is AVX2, tested above.
                    #[allow(unsafe_code)]
                    unsafe {
                        wide($($argument),*);
                    }
                    return;
                }
            }
            $body($($argument),*);
        }
    };
}

pub(crate) use widest;

/// Whether a test asks for the form that every machine has; never outside tests.
#[inline(always)]
pub(crate) fn is_portable() -> bool {
    #[cfg(test)]
    return portable::is_asked_for();
    #[cfg(not(test))]
    false
}

/// Lets tests run every loop in its plain form.
#[cfg(test)]
pub(crate) mod portable {
    use std::cell::Cell;

    thread_local! {
        static ASKED_FOR: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn is_asked_for() -> bool {
        ASKED_FOR.get()
    }

    /// Runs `work` on this thread as on the oldest machine.
    pub(crate) fn on<T>(work: impl FnOnce() -> T) -> T {
        ASKED_FOR.set(true);
        let result = work();
        ASKED_FOR.set(false);
        result
    }
}

#[cfg(test)]
mod tests;
