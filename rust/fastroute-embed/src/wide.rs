//! Runs a loop compiled for AVX2 where the machine has it.
//!
//! The build targets the oldest x86-64, whose registers hold four f32. The same
//! Rust compiled for AVX2 holds eight and does the same operations on each, in
//! the same order: Rust never fuses a multiplication with an addition, so the
//! results are equal bit by bit. A test compares the two.

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
                if std::arch::is_x86_feature_detected!("avx2") {
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
