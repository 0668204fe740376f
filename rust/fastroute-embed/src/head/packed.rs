//! The rows of a head laid out so that one instruction scores sixteen classes.
//!
//! A dot product by itself ends with a sum across a register and costs a call for each class. Here
//! sixteen rows lie beside each other, four numbers of each at a time: every lane sums its own
//! class and nothing is summed across. Several queries share each load of the rows, which do not
//! fit the nearest cache.
//!
//! Only for x86-64 with AVX-512 VNNI; elsewhere [`Packed::of`] gives nothing and the head takes
//! its dot products one by one. Both are exact integers, so both give the same scores.

/// Classes that are summed side by side.
const LANES: usize = 16;

/// Numbers of one class that are multiplied together.
const DEPTH: usize = 4;

/// Sixteen classes, four numbers of each.
type Block = [i8; LANES * DEPTH];

/// The most queries that share a load.
pub(super) const QUERIES: usize = 4;

/// Rows in the layout that the head of this file tells.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Packed {
    /// All blocks of the first sixteen classes, then of the next.
    blocks: Box<[Block]>,
    /// For each class 128 times the sum of its row: the instruction multiplies unsigned numbers,
    /// so 128 is added to those of the query, and this taken off again.
    surplus: Box<[[i32; LANES]]>,
    depth: usize,
}

impl Packed {
    /// Packs rows of `dimensions` numbers; none where the machine cannot use them.
    pub(super) fn of(rows: &[i8], dimensions: usize) -> Option<Self> {
        if !is_supported() || dimensions == 0 || !dimensions.is_multiple_of(DEPTH) {
            return None;
        }
        let depth = dimensions / DEPTH;
        let mut blocks = Vec::new();
        let mut surplus = Vec::new();
        for sixteen in rows.chunks(LANES * dimensions) {
            let mut sums = [0; LANES];
            let start = blocks.len();
            blocks.resize(start + depth, [0; LANES * DEPTH]);
            for (lane, row) in sixteen.chunks_exact(dimensions).enumerate() {
                sums[lane] = 128 * row.iter().map(|&value| i32::from(value)).sum::<i32>();
                for (block, four) in blocks[start..].iter_mut().zip(row.chunks_exact(DEPTH)) {
                    block[lane * DEPTH..(lane + 1) * DEPTH].copy_from_slice(four);
                }
            }
            surplus.push(sums);
        }
        Some(Self {
            blocks: blocks.into(),
            surplus: surplus.into(),
            depth,
        })
    }

    /// Calls `take` with each query's place, the first class and the dot products of sixteen
    /// classes with it; the last sixteen may be more than there are.
    ///
    /// At most [`QUERIES`]; each of the rows' length, or nothing happens.
    pub(super) fn dots(&self, queries: &[&[i8]], take: impl FnMut(usize, usize, &[i32; LANES])) {
        #[cfg(target_arch = "x86_64")]
        {
            let fits = |query: &&[i8]| query.len() == self.depth * DEPTH;
            if !queries.iter().all(fits) || !is_supported() {
                return;
            }
            // SAFETY: the only requirement is the instruction set, tested above.
            #[allow(unsafe_code)]
            unsafe {
                match *queries {
                    [a] => x86::dots(self, [a], take),
                    [a, b] => x86::dots(self, [a, b], take),
                    [a, b, c] => x86::dots(self, [a, b, c], take),
                    [a, b, c, d] => x86::dots(self, [a, b, c, d], take),
                    _ => {}
                }
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (queries, take);
    }
}

fn is_supported() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512vnni")
        && !crate::wide::is_portable();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_set1_epi32, _mm512_setzero_si512,
        _mm512_storeu_si512, _mm512_sub_epi32,
    };

    use super::{DEPTH, LANES, Packed};

    /// Groups of sixteen classes that are summed at a time, so that sums do not wait for each other.
    const GROUPS: usize = 4;

    /// Dot products of every class with `Q` queries, whose lengths were tested.
    #[target_feature(enable = "avx512f,avx512vnni")]
    pub(super) fn dots<const Q: usize>(
        packed: &Packed,
        queries: [&[i8]; Q],
        mut take: impl FnMut(usize, usize, &[i32; LANES]),
    ) {
        let queries = queries.map(|query| query.as_chunks::<DEPTH>().0);
        let groups = packed.surplus.len();
        let mut group = 0;
        while group + GROUPS <= groups {
            some::<Q, GROUPS>(packed, queries, group, &mut take);
            group += GROUPS;
        }
        while group < groups {
            some::<Q, 1>(packed, queries, group, &mut take);
            group += 1;
        }
    }

    #[target_feature(enable = "avx512f,avx512vnni")]
    #[inline]
    fn some<const Q: usize, const G: usize>(
        packed: &Packed,
        queries: [&[[i8; DEPTH]]; Q],
        first: usize,
        take: &mut impl FnMut(usize, usize, &[i32; LANES]),
    ) {
        let depth = packed.depth;
        let rows: [&[super::Block]; G] = std::array::from_fn(|group| {
            &packed.blocks[(first + group) * depth..(first + group + 1) * depth]
        });
        let queries = queries.map(|query| &query[..depth]);
        let mut sums = [[_mm512_setzero_si512(); G]; Q];
        for step in 0..depth {
            let blocks: [__m512i; G] = std::array::from_fn(|group| load(&rows[group][step]));
            for (sums, query) in sums.iter_mut().zip(queries) {
                // Flipping the high bit of a byte adds 128 to it, as an unsigned one.
                let four = i32::from_le_bytes(query[step].map(|value| (value as u8) ^ 0x80));
                let four = _mm512_set1_epi32(four);
                for (sum, block) in sums.iter_mut().zip(blocks) {
                    *sum = _mm512_dpbusd_epi32(*sum, four, block);
                }
            }
        }
        for (query, sums) in sums.iter().enumerate() {
            for (group, sum) in sums.iter().enumerate() {
                let surplus = load(&packed.surplus[first + group]);
                let mut out = [0_i32; LANES];
                // SAFETY: `out` has the 64 bytes that are written.
                #[allow(unsafe_code)]
                unsafe {
                    _mm512_storeu_si512(out.as_mut_ptr().cast(), _mm512_sub_epi32(*sum, surplus));
                }
                take(query, (first + group) * LANES, &out);
            }
        }
    }

    /// Loads 64 bytes.
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn load<T: Copy, const N: usize>(from: &[T; N]) -> __m512i {
        const { assert!(size_of::<[T; N]>() == 64) };
        // SAFETY: 64 bytes lie there, as asserted, and any bytes are a valid register.
        #[allow(unsafe_code)]
        unsafe {
            _mm512_loadu_si512(from.as_ptr().cast())
        }
    }
}
