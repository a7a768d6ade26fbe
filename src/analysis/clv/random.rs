//! A small seeded generator of random numbers and of customers, for tests alone.

use super::data::History;

/// `SplitMix64` (Steele, Lea & Flood 2014): enough for simulation, the same on every machine.
pub(super) struct Random {
    state: u64,
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random { state: seed.wrapping_mul(0x2545_F491_4F6C_DD1D).wrapping_add(1) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// In (0, 1), never an end.
    pub(super) fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(super) fn exponential(&mut self, rate: f64) -> f64 {
        -self.uniform().ln() / rate
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Marsaglia & Tsang (2000); shapes below one by the power of a uniform.
    pub(super) fn gamma(&mut self, shape: f64, rate: f64) -> f64 {
        if shape < 1.0 {
            let power = self.uniform().powf(1.0 / shape);
            return power * self.gamma(shape + 1.0, rate);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let cube = (1.0 + c * x).powi(3);
            if cube > 0.0 && self.uniform().ln() < 0.5 * x * x + d - d * cube + d * cube.ln() {
                return d * cube / rate;
            }
        }
    }

    pub(super) fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.gamma(a, 1.0), self.gamma(b, 1.0));
        // Both underflow for tiny shapes only: the one that is larger in logarithms is not known then.
        if x + y > 0.0 { x / (x + y) } else { 0.5 }
    }

    /// A customer of BG/NBD (r, alpha, a, b) observed for `age`.
    pub(super) fn bg_nbd(&mut self, parameters: &[f64], age: f64) -> History {
        self.dropping_out(parameters, age, false)
    }

    /// A customer of MBG/NBD (r, alpha, a, b) observed for `age`.
    pub(super) fn mbg_nbd(&mut self, parameters: &[f64], age: f64) -> History {
        self.dropping_out(parameters, age, true)
    }

    fn dropping_out(&mut self, parameters: &[f64], age: f64, at_once: bool) -> History {
        let &[r, alpha, a, b] = parameters else { panic!("four parameters") };
        let rate = self.gamma(r, alpha);
        let leave = self.beta(a, b);
        let (mut frequency, mut last, mut now) = (0, 0.0, 0.0);
        let mut gone = at_once && self.uniform() < leave;
        while !gone {
            now += self.exponential(rate);
            if now > age {
                break;
            }
            frequency += 1;
            last = now;
            gone = self.uniform() < leave;
        }
        History::new(frequency, last, age).expect("a simulated history is one")
    }

    /// A customer of Pareto/NBD (r, alpha, s, beta) observed for `age`.
    pub(super) fn pareto_nbd(&mut self, parameters: &[f64], age: f64) -> History {
        let &[r, alpha, s, beta] = parameters else { panic!("four parameters") };
        let rate = self.gamma(r, alpha);
        let leave = self.gamma(s, beta);
        let end = age.min(self.exponential(leave));
        let (mut frequency, mut last) = (0, 0.0);
        let mut now = self.exponential(rate);
        while now < end {
            frequency += 1;
            last = now;
            now += self.exponential(rate);
        }
        History::new(frequency, last, age).expect("a simulated history is one")
    }

    /// Purchases and their mean value of a customer of Gamma-Gamma (p, q, v).
    pub(super) fn gamma_gamma(&mut self, parameters: &[f64]) -> (u32, f64) {
        let &[p, q, v] = parameters else { panic!("three parameters") };
        let mut purchases = 1;
        while purchases < 12 && self.uniform() < 0.6 {
            purchases += 1;
        }
        let rate = self.gamma(q, v);
        let count = f64::from(purchases);
        (purchases, self.gamma(p * count, count * rate))
    }
}
