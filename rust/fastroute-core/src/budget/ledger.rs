//! One ledger: what one value of a scope has spent and reserved in its current window.

/// Sums of one window. Neither overflows: they stop at the largest number.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Amount {
    pub nano: u64,
    pub tokens: u64,
}

impl Amount {
    pub fn plus(self, other: Self) -> Self {
        Self {
            nano: self.nano.saturating_add(other.nano),
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            nano: self.nano.saturating_sub(other.nano),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }

    /// The smaller of each.
    pub fn at_most(self, other: Self) -> Self {
        Self {
            nano: self.nano.min(other.nano),
            tokens: self.tokens.min(other.tokens),
        }
    }

    /// Whether neither is above its limit.
    pub fn is_within(self, limit: Self) -> bool {
        self.nano <= limit.nano && self.tokens <= limit.tokens
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ledger {
    /// Another one for each window, so that what was reserved in an earlier one finds nothing here.
    pub period: u64,
    /// Number of the window since 1970.
    pub window: u64,
    pub spent: Amount,
    pub reserved: Amount,
}

impl Ledger {
    pub const fn new(period: u64, window: u64) -> Self {
        Self {
            period,
            window,
            spent: Amount { nano: 0, tokens: 0 },
            reserved: Amount { nano: 0, tokens: 0 },
        }
    }

    /// Begins a new window, if it is time for one; `period` is the number it takes.
    ///
    /// A clock that is set back never gives spent room back: by one window at most, the ledger stays
    /// where it is; by more, it comes along with all that it holds.
    pub fn move_to(&mut self, window: u64, period: u64) {
        if window > self.window {
            *self = Self::new(period, window);
        } else if self.window - window > 1 {
            self.window = window;
        }
    }

    /// What counts against the limits.
    pub fn taken(&self) -> Amount {
        self.spent.plus(self.reserved)
    }

    pub fn reserve(&mut self, amount: Amount) {
        self.reserved = self.reserved.plus(amount);
    }

    pub fn free(&mut self, amount: Amount) {
        self.reserved = self.reserved.minus(amount);
    }

    pub fn spend(&mut self, amount: Amount) {
        self.spent = self.spent.plus(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Amount = Amount {
        nano: 10,
        tokens: 10,
    };

    #[test]
    fn a_new_window_starts_empty() {
        let mut ledger = Ledger::new(1, 7);
        ledger.spend(TEN);
        ledger.reserve(TEN);
        ledger.move_to(8, 2);
        assert_eq!(ledger.taken(), Amount::default());
        assert_eq!((ledger.window, ledger.period), (8, 2));
    }

    #[test]
    fn a_clock_set_back_gives_nothing_back() {
        for (window, stays_at) in [(6, 7), (5, 5), (0, 0)] {
            let mut ledger = Ledger::new(1, 7);
            ledger.spend(TEN);
            ledger.move_to(window, 2);
            assert_eq!(ledger.taken(), TEN, "{window}");
            assert_eq!(ledger.window, stays_at);
            assert_eq!(ledger.period, 1);
        }
    }

    #[test]
    fn sums_stop_at_the_largest_number_and_at_zero() {
        let most = Amount {
            nano: u64::MAX,
            tokens: u64::MAX,
        };
        let mut ledger = Ledger::new(1, 0);
        ledger.spend(most);
        ledger.reserve(TEN);
        assert_eq!(ledger.taken(), most);
        ledger.free(most);
        assert_eq!(ledger.reserved, Amount::default());
    }
}
